//! Installs Debian packages where the machine lacks a program, and says so.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::host::{command, run, say};

/// Installs packages, because `why` is not there.
pub fn install(why: &str, packages: &[&str]) -> Result<()> {
    say(format!("{why} is missing, installing {}", packages.join(" ")));
    run(apt().args(["update", "-qq"]))
        .and_then(|()| run(apt().args(["install", "-y", "-qq"]).args(packages)))
        .with_context(|| format!("please install {} and try again", packages.join(" ")))
}

/// Puts the files of a package into a folder without installing it, because `why` is not there.
pub fn unpack(why: &str, package: &str, folder: &Path) -> Result<()> {
    say(format!("{why} is missing, unpacking {package}"));
    fs::create_dir_all(folder)?;
    let download = || run(apt().args(["download", "-qq", package]).current_dir(folder));
    // Without lists of packages nothing is found at first.
    download().or_else(|_| run(apt().args(["update", "-qq"])).and_then(|()| download()))?;
    let archive = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|end| end == "deb"))
        .with_context(|| format!("apt-get brought no {package}"))?;
    run(command("dpkg-deb").arg("-x").arg(archive).arg(folder))
}

fn apt() -> std::process::Command {
    let mut apt = command("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
