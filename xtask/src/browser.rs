//! What browser tests need from the machine: Chromium and node; Debian's, if there is none.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::apt;
use crate::host::which;

/// Chromium's program.
pub fn chromium() -> Result<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    if which(&names).is_none() {
        apt::install("a browser", &["chromium"])?;
    }
    which(&names).context("chromium is installed but not on the PATH")
}

/// Node's program; npm is there too.
pub fn node() -> Result<PathBuf> {
    if which(&["node"]).is_none() || which(&["npm"]).is_none() {
        apt::install("node", &["nodejs", "npm"])?;
    }
    which(&["node"]).context("node is installed but not on the PATH")
}
