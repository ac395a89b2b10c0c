//! A file of settings: TOML, one setting a line.

use std::{collections::BTreeMap, path::Path};

use clap::{Arg, Command};
use toml::de::{DeTable, DeValue};

use super::first_line;

/// What a file says.
#[derive(Debug)]
pub struct File {
    path: String,
    values: BTreeMap<String, Value>,
}

#[derive(Debug)]
struct Value {
    text: String,
    /// From 1.
    line: usize,
}

impl File {
    /// Reads a file in which only these can be set.
    ///
    /// # Errors
    /// In words, with file and line.
    pub fn read(path: &Path, known: &BTreeMap<String, Arg>) -> Result<Self, String> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{shown}: {error}"))?;
        Ok(Self { values: parse(&shown, &text, known)?, path: shown })
    }

    /// What a setting is set to.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.text.as_str())
    }

    /// Where a setting is set: `assize.toml:3`.
    pub fn place(&self, key: &str) -> Option<String> {
        self.values.get(key).map(|value| format!("{}:{}", self.path, value.line))
    }
}

fn parse(
    path: &str,
    text: &str,
    known: &BTreeMap<String, Arg>,
) -> Result<BTreeMap<String, Value>, String> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("{path}:{}: {}", line(at), error.message())
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table.into_inner() {
        let line = line(key.span().start);
        let wrong = |words: String| format!("{path}:{line}: {words}");
        let key = key.into_inner().into_owned();
        let Some(arg) = known.get(&key) else {
            let known: Vec<_> = known.keys().map(String::as_str).collect();
            return Err(wrong(format!(
                "there is no setting `{key}`; there are {}",
                known.join(", ")
            )));
        };
        let text = match value.into_inner() {
            DeValue::String(text) => text.into_owned(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Boolean(flag) => flag.to_string(),
            other => return Err(wrong(format!("{key}: {} cannot be used", other.type_str()))),
        };
        check(&key, arg, &text).map_err(wrong)?;
        values.insert(key, Value { text, line });
    }
    Ok(values)
}

/// Whether the setting can have this value.
fn check(key: &str, arg: &Arg, value: &str) -> Result<(), String> {
    if !arg.get_action().takes_values() {
        return match value {
            "true" | "false" => Ok(()),
            _ => Err(format!("{key}: expected true or false")),
        };
    }
    let alone = arg.clone().env(None::<&str>).global(false);
    let probe = Command::new("probe").no_binary_name(true).arg(alone);
    let read = probe.try_get_matches_from([format!("--{key}={value}")]);
    read.map(drop).map_err(|error| format!("{key}: {}", first_line(&error)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::{Cli, settings::of};

    fn read(text: &str) -> Result<BTreeMap<String, Value>, String> {
        parse("a.toml", text, &of(&Cli::command()))
    }

    #[test]
    fn settings_are_texts_numbers_and_flags_with_their_lines() {
        let values =
            read("# ours\nlisten = '[::1]:80'\ntrusted-proxies = 1\n\nno-worker = true\n").unwrap();
        let found: Vec<_> = values
            .iter()
            .map(|(key, value)| (key.as_str(), value.text.as_str(), value.line))
            .collect();
        let expected =
            [("listen", "[::1]:80", 2), ("no-worker", "true", 5), ("trusted-proxies", "1", 3)];
        assert_eq!(found, expected);
    }

    #[test]
    fn whatever_cannot_be_used_is_named_with_its_line() {
        for (text, words) in [
            ("listen = '127.0.0.1:1'\nlistne = 1", "a.toml:2: there is no setting `listne`"),
            ("config = 'b.toml'", "a.toml:1: there is no setting `config`"),
            ("format = 'json'", "a.toml:1: there is no setting `format`"),
            ("\nlisten = 'nowhere'", "a.toml:2: listen: invalid value 'nowhere'"),
            ("trusted-proxies = -1", "a.toml:1: trusted-proxies: "),
            ("no-worker = 'maybe'", "a.toml:1: no-worker: expected true or false"),
            ("[listen]", "a.toml:1: listen: "),
            ("listen = 1\nlisten = 2", "a.toml:2: "),
            ("listen", "a.toml:1: "),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.starts_with(words), "{text}: {said}");
        }
    }
}
