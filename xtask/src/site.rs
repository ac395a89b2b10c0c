//! `cargo xtask site`: everything a browser loads besides pages, in `target/site`, ready to be
//! put into the binary. Names in `/pkg` carry a digest of the content and may be cached forever.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json;

use crate::host::{command, output, root, say};
use crate::{compress, css, digest, wasm};

/// The task: makes the site and says where.
pub fn run() -> Result<ExitCode> {
    ensure()?;
    say(format!("assets are in {}", folder().display()));
    Ok(ExitCode::SUCCESS)
}

/// Where the site is; beside the sources, since the server's build script looks there.
pub fn folder() -> PathBuf {
    root().join("target/site")
}

/// Makes the site unless nothing it is made of has changed.
pub fn ensure() -> Result<()> {
    let folder = folder();
    fs::create_dir_all(&folder)?;
    // Two tasks at once would pull the files from under each other.
    let lock = File::create(root().join("target/site.lock"))?;
    lock.lock()?;
    let stamp = root().join("target/site.stamp");
    let inputs = inputs()?;
    let fresh = fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == inputs);
    if fresh && folder.join("manifest.json").is_file() {
        return Ok(());
    }
    make(&folder)?;
    Ok(fs::write(stamp, inputs)?)
}

fn inputs() -> Result<String> {
    let sources = ["Cargo.toml", "Cargo.lock", "app", "domain", "public", "style", "xtask/src"];
    let files = digest::of_files(&sources.map(|source| root().join(source)))?;
    let compiler = output(command("rustc").arg("-V"))?;
    Ok(format!("{files} {compiler}"))
}

/// One file of the site: its path under `/` and what is in it.
type Asset = (String, Vec<u8>);

fn make(folder: &Path) -> Result<()> {
    let islands = wasm::build()?;
    let sheet = css::bundle(&root().join("style/main.css"))?;

    // Script and module only work with each other, hence one digest for both.
    let code = digest::short([islands.script.as_bytes(), islands.module.as_slice()]);
    let css = format!("pkg/assize-{}.css", digest::short([sheet.as_bytes()]));
    let js = format!("pkg/assize-{code}.js");
    let wasm = format!("pkg/assize-{code}.wasm");

    let mut assets = vec![
        (css.clone(), sheet.into_bytes()),
        (js.clone(), islands.script.into_bytes()),
        (wasm.clone(), islands.module),
    ];
    assets.extend(public()?);

    let build = digest::short(assets.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes]));
    let manifest = json!({
        "build": build,
        "css": format!("/{css}"),
        "js": format!("/{js}"),
        "wasm": format!("/{wasm}"),
    });
    write(folder, &assets, &format!("{manifest:#}\n"))
}

fn public() -> Result<Vec<Asset>> {
    let folder = root().join("public");
    let read = |file: PathBuf| {
        let name = file.strip_prefix(&folder)?.to_string_lossy().into_owned();
        Ok((name, fs::read(&file)?))
    };
    digest::files(std::slice::from_ref(&folder))?.into_iter().map(read).collect()
}

/// Writes the assets with their compressed twins, and last the manifest, which the server's build
/// script watches. The same assets again leave everything untouched, so that nothing is rebuilt.
fn write(folder: &Path, assets: &[Asset], manifest: &str) -> Result<()> {
    let watched = folder.join("manifest.json");
    if fs::read_to_string(&watched).is_ok_and(|written| written == manifest) {
        return Ok(());
    }
    fs::remove_dir_all(folder)?;
    for (path, plain) in assets {
        let (brotli, gzip) = (compress::brotli(plain)?, compress::gzip(plain)?);
        say(format!("{path}: {} bytes, {} with brotli", plain.len(), brotli.len()));
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(&file, plain).with_context(|| format!("write {}", file.display()))?;
        fs::write(with_ending(&file, ".br"), brotli)?;
        fs::write(with_ending(&file, ".gz"), gzip)?;
    }
    Ok(fs::write(watched, manifest)?)
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
