//! `cargo xtask`: builds, runs and tests Assize with nothing but cargo on the machine.
//! Progress goes to standard error, so that standard output carries only what was asked for.

mod apt;
mod bench;
mod browser;
mod check;
mod compress;
mod css;
mod demo;
mod dev;
mod digest;
mod end2end;
mod host;
mod postgres;
mod python;
mod release;
mod shots;
mod site;
mod stages;
mod tally;
mod test;
mod toolchain;
mod wasm;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  demo [args…]     build and run `assize demo` with these arguments
  dev [args…]      run `assize serve`, rebuild and restart when a source changes
  build            a release build: one binary with its pages' assets inside
  check            the fast subset: format, lints, domain, ledger, engine on SQLite
  test [--long] [filter…]
                   everything, on both databases, with what others wrote of the same
                   standards, and in a browser
  bench [--format json] [--items N] [--runs N,N]
                   measures a release build against bare loops, as ratios in one run
  site             only the assets: script, style sheet and what is in public/
  shots <dir> --base <url> [--link <url>] [--cookie name=value]
        [--widths 1440,768,390] [--schemes light,dark] <path…>
                   pictures of pages, signed in by a link or a cookie
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match args.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let done = match task {
        "bench" => bench::run(rest),
        "build" => release::run(),
        "check" => check::run(),
        "demo" => demo::run(rest),
        "dev" => dev::run(rest),
        "shots" => shots::run(rest),
        "site" => site::run(),
        "test" => test::run(rest),
        "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprintln!("no task is called `{other}`\n\n{HELP}");
            Ok(ExitCode::from(2))
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
