//! Adds what the Rust toolchain lacks, and says so. Named in `rust-toolchain.toml` instead, a missing
//! part would make rustup update the whole toolchain.

use std::path::Path;

use anyhow::Result;

use crate::host::{cargo, command, output, run, say};

/// What the islands are compiled for.
pub const BROWSER: &str = "wasm32-unknown-unknown";

/// The standard library for the browser.
pub fn ensure_target() -> Result<()> {
    let libdir = output(command("rustc").args(["--print", "target-libdir", "--target", BROWSER]))?;
    if Path::new(&libdir).is_dir() {
        return Ok(());
    }
    say(format!("the toolchain cannot build for the browser yet, adding {BROWSER}"));
    run(command("rustup").args(["target", "add", BROWSER]))
}

/// The formatter and the lints.
pub fn ensure_components() -> Result<()> {
    for (name, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(&mut cargo([subcommand, "--version"])).is_err() {
            say(format!("the toolchain has no {name} yet, adding it"));
            run(command("rustup").args(["component", "add", name]))?;
        }
    }
    Ok(())
}
