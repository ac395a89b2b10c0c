//! `assize-verify`: the smallest program that can check a bundle.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use assize_verify::{Options, USAGE, run};
use lexopt::prelude::*;

const HELP: &str = "\
Checks an auditor's bundle offline: no database, no network.

Usage: assize-verify <bundle.zip> [options]

Options:
  --vkey <key or file>   the log's public key, from outside the bundle; may be repeated
  --previous <file>      a checkpoint kept from an earlier bundle
  --tsa-ca <file>        certificates of the time-stamp authority (PEM or DER)
  --allow-unpinned       accept the key inside the bundle if none is given
  --format <text|json>   how to answer (default: text)
  -h, --help             this text
  -V, --version          the version

Exit codes: 0 valid, 2 wrong use, 5 only the bundle's own key was used, 10 malformed, 20 signature,
30 root or size, 40 consistency, 50 payload, row or file, 60 forbidden order.
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Check(Options),
    Say(String),
}

fn main() -> ExitCode {
    let (text, code) = match command(lexopt::Parser::from_env()) {
        Ok(Command::Say(text)) => (text, 0),
        Ok(Command::Check(options)) => {
            let outcome = run(&options);
            (outcome.text, outcome.code)
        }
        Err(error) => (format!("{error}\n\n{HELP}"), USAGE),
    };
    let shown = if code == USAGE {
        io::stderr().write_all(text.as_bytes())
    } else {
        io::stdout().write_all(text.as_bytes())
    };
    // A verdict that could not be shown must not look like success.
    if shown.is_err() { ExitCode::from(USAGE) } else { ExitCode::from(code) }
}

fn command(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut bundle = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Say(HELP.to_owned())),
            Short('V') | Long("version") => {
                return Ok(Command::Say(format!("assize-verify {}\n", env!("CARGO_PKG_VERSION"))));
            }
            Long("vkey") => options.keys.push(parser.value()?.string()?),
            Long("previous") => options.previous = Some(parser.value()?.into()),
            Long("tsa-ca") => options.authority = Some(parser.value()?.into()),
            Long("allow-unpinned") => options.allow_unpinned = true,
            Long("format") => {
                options.json = match parser.value()?.string()?.as_str() {
                    "json" => true,
                    "text" => false,
                    other => return Err(format!("there is no format {other:?}").into()),
                };
            }
            Value(path) if bundle.is_none() => bundle = Some(path),
            other => return Err(other.unexpected()),
        }
    }
    options.bundle = bundle.ok_or("the bundle is missing")?.into();
    Ok(Command::Check(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Command, String> {
        command(lexopt::Parser::from_args(args)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_may_stand_before_and_after_the_bundle() {
        let expected = Options {
            bundle: "q3.zip".into(),
            keys: vec!["a".into(), "b".into()],
            previous: Some("old".into()),
            allow_unpinned: true,
            authority: Some("ca.pem".into()),
            json: true,
        };
        let args = ["--vkey", "a", "q3.zip", "--vkey=b", "--previous", "old", "--tsa-ca", "ca.pem"];
        let more = ["--allow-unpinned", "--format", "json"];
        let all: Vec<&str> = args.into_iter().chain(more).collect();
        assert_eq!(parsed(&all), Ok(Command::Check(expected)));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for wrong in [&[][..], &["a.zip", "b.zip"], &["a.zip", "--format", "xml"], &["--vkye", "x"]]
        {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_no_verdict() {
        let outcome = run(&Options { bundle: "/nowhere.zip".into(), ..Options::default() });
        assert_eq!(outcome.code, USAGE);
    }
}
