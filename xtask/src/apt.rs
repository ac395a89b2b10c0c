//! Installs Debian packages where the machine lacks a program, and says so.

use anyhow::{Context, Result};

use crate::host::{command, run, say};

/// Installs packages, because `why` is not there.
pub fn install(why: &str, packages: &[&str]) -> Result<()> {
    say(format!("{why} is missing, installing {}", packages.join(" ")));
    run(apt().args(["update", "-qq"]))
        .and_then(|()| run(apt().args(["install", "-y", "-qq"]).args(packages)))
        .with_context(|| format!("please install {} and try again", packages.join(" ")))
}

fn apt() -> std::process::Command {
    let mut apt = command("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
