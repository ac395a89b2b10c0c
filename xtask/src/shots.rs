//! `cargo xtask shots`: pictures of pages at several widths, light and dark.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::browser;
use crate::end2end;
use crate::host::{command, run as run_command};

/// The task; everything about the pictures is decided in the script.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let wanted = parse(args)?;
    let chromium = end2end::prepare()?;
    let mut node = command(browser::node()?);
    node.arg(end2end::folder().join("support/shots.mjs")).arg(wanted.to_string());
    node.env("ASSIZE_CHROMIUM", chromium);
    if let Ok(here) = std::env::current_dir() {
        node.current_dir(here);
    }
    run_command(&mut node)?;
    Ok(ExitCode::SUCCESS)
}

fn parse(args: &[String]) -> Result<Value> {
    let mut wanted = json!({"widths": "1440,768,390", "schemes": "light,dark"});
    let mut plain = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--") {
            Some(option @ ("base" | "link" | "cookie" | "widths" | "schemes")) => {
                let value = args.next().with_context(|| format!("{arg} needs a value"))?;
                wanted[option] = json!(value);
            }
            Some(_) => bail!("`shots` has no option {arg}"),
            None => plain.push(arg),
        }
    }
    let Some((folder, paths)) = plain.split_first() else { bail!("a folder for the pictures?") };
    if paths.is_empty() || wanted["base"].is_null() {
        bail!("--base <url> and at least one path are needed");
    }
    wanted["folder"] = json!(folder);
    wanted["paths"] = json!(paths);
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_folder_an_address_and_a_path_are_enough() {
        let args = ["out", "--base", "http://127.0.0.1:1", "/a", "/b"].map(String::from);
        let wanted = parse(&args).unwrap();
        assert_eq!(wanted["folder"], "out");
        assert_eq!(wanted["paths"][1], "/b");
        assert!(parse(&args[..1]).is_err());
    }
}
