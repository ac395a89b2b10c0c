//! `cargo xtask dev`: serves a development database, and builds and restarts when a source
//! changes. The page notices the restart and loads itself again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::host::{assize, root, say, target};
use crate::{demo, digest, site};

const SOURCES: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "domain",
    "engine",
    "ledger",
    "migrations",
    "public",
    "server",
    "style",
];

/// What goes into the site but not into the compiler.
const ASSETS: [&str; 2] = ["public", "style"];

type Seen = BTreeMap<PathBuf, SystemTime>;

/// The task; ends only by a signal.
pub fn run(args: &[String]) -> Result<ExitCode> {
    std::fs::create_dir_all(target().join("dev"))?;
    let mut seen = look()?;
    report(site::ensure().and_then(|()| demo::build()));
    let mut server = start(args)?;
    loop {
        pause();
        let now = look()?;
        if now == seen {
            continue;
        }
        let assets_only = changed(&seen, &now).all(is_asset);
        seen = now;
        // A debug build reads its assets from the site folder, so a style sheet needs no compiler.
        let built = site::ensure().and_then(|()| if assets_only { Ok(()) } else { demo::build() });
        if report(built) {
            stop(&mut server)?;
            server = start(args)?;
        }
    }
}

fn start(args: &[String]) -> Result<Child> {
    let database = target().join("dev/assize.sqlite");
    Command::new(assize())
        .arg("serve")
        .args(args)
        .env("ASSIZE_DEV", "1")
        .env("ASSIZE_SITE", site::folder())
        .env("ASSIZE_DATABASE_URL", format!("sqlite://{}", database.display()))
        .spawn()
        .with_context(|| format!("start {}", assize().display()))
}

/// Asks the server to end and waits for it.
fn stop(server: &mut Child) -> Result<()> {
    Command::new("kill").arg(server.id().to_string()).status().context("stop the server")?;
    server.wait()?;
    Ok(())
}

fn look() -> Result<Seen> {
    let files = digest::files(&SOURCES.map(|source| root().join(source)))?;
    // A file that an editor just moved away is seen as changed the next time.
    let dated = |file: PathBuf| Some((file.clone(), file.metadata().ok()?.modified().ok()?));
    Ok(files.into_iter().filter_map(dated).collect())
}

fn changed<'a>(before: &'a Seen, after: &'a Seen) -> impl Iterator<Item = &'a Path> {
    let differs = |file: &&PathBuf| before.get(*file) != after.get(*file);
    before.keys().chain(after.keys()).filter(differs).map(PathBuf::as_path)
}

fn is_asset(file: &Path) -> bool {
    ASSETS.iter().any(|folder| file.starts_with(root().join(folder)))
}

/// Tells what went wrong; the server that still runs is kept until it is mended.
fn report(built: Result<()>) -> bool {
    if let Err(error) = &built {
        say(format!("{error:#}; waiting for the next change"));
    }
    built.is_ok()
}

#[expect(clippy::disallowed_methods, reason = "file changes are polled, there is no event")]
fn pause() {
    std::thread::sleep(Duration::from_millis(400));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_is_an_asset_and_a_source_file_is_not() {
        assert!(is_asset(&root().join("style/components/button.css")));
        assert!(!is_asset(&root().join("app/src/lib.rs")));
    }

    #[test]
    fn new_removed_and_touched_files_have_changed() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let before =
            Seen::from([("same".into(), at(1)), ("old".into(), at(1)), ("hot".into(), at(1))]);
        let after =
            Seen::from([("same".into(), at(1)), ("new".into(), at(1)), ("hot".into(), at(2))]);
        let mut names: Vec<_> = changed(&before, &after).collect();
        names.sort();
        names.dedup();
        assert_eq!(names, [Path::new("hot"), Path::new("new"), Path::new("old")]);
    }
}
