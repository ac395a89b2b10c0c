//! The islands: `app-wasm` compiled for the browser, and the script that loads it.

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::host::{cargo, run, say, target};
use crate::toolchain::{self, BROWSER};

/// The two files a page loads for its islands.
pub struct Islands {
    pub script: String,
    pub module: Vec<u8>,
}

/// Compiles the islands and generates their script.
pub fn build() -> Result<Islands> {
    toolchain::ensure_target()?;
    say("compiling the islands");
    run(&mut cargo(["build", "-p", "app-wasm", "--target", BROWSER, "--profile", "wasm-release"]))?;
    bind(&target().join(BROWSER).join("wasm-release/app_wasm.wasm"))
}

fn bind(compiled: &std::path::Path) -> Result<Islands> {
    // The page names the module's URL itself, so the script can do without it and its digest
    // does not depend on a file name.
    let mut bindings = Bindgen::new()
        .input_path(compiled)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("generate the script of the islands")?;
    ensure!(bindings.local_modules().is_empty(), "the islands may not bring script files along");
    let inline = bindings.snippets().iter().find(|(_, scripts)| !scripts.is_empty());
    if let Some((origin, _)) = inline {
        bail!("{origin} brings inline scripts along, which are not served");
    }
    Ok(Islands { script: bindings.js().to_owned(), module: bindings.wasm_mut().emit_wasm() })
}
