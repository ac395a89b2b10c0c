//! Puts the site that `cargo xtask site` made into the binary: writes `site.rs`, a list of all its
//! files, for `src/web/assets.rs` to include. Without a site the list is empty and everything still
//! compiles, so that a fresh clone can be checked.

use std::error::Error;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

fn main() -> Result<(), Box<dyn Error>> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    let manifest = site.join("manifest.json");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", manifest.display());
    println!("cargo::rerun-if-changed=build.rs");
    if !manifest.is_file() {
        leave_blank(&manifest)?;
    }
    // Copies, so that a site made anew while this build goes on takes nothing away from it.
    let copy = out.join("site");
    let _ = fs::remove_dir_all(&copy);
    let mut list = String::from("&[\n");
    embed(&site, &site, &copy, &mut list)?;
    list.push_str("]\n");
    fs::write(out.join("site.rs"), list)?;
    Ok(())
}

/// A manifest that names nothing, dated so that cargo does not take it for a change.
fn leave_blank(manifest: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(manifest.parent().unwrap_or(manifest))?;
    fs::write(manifest, "{}\n")?;
    File::options().write(true).open(manifest)?.set_modified(SystemTime::UNIX_EPOCH)?;
    Ok(())
}

/// Adds every file below `folder` to the list as `("path", include_bytes!("copy"))`.
fn embed(site: &Path, folder: &Path, copy: &Path, list: &mut String) -> Result<(), Box<dyn Error>> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file = entry.path();
        if file.is_dir() {
            embed(site, &file, copy, list)?;
            continue;
        }
        let path = file.strip_prefix(site)?;
        let kept = copy.join(path);
        fs::create_dir_all(kept.parent().unwrap_or(copy))?;
        fs::copy(&file, &kept)?;
        writeln!(list, "    ({path:?}, include_bytes!({kept:?}).as_slice()),")?;
    }
    Ok(())
}
