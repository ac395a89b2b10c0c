//! Settings: every argument that an environment variable can give. The same can stand in a file, under
//! the name of the flag. A flag wins over its variable, a variable over the file, the file over the default.

mod file;

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{
    Arg, ArgMatches, Command, CommandFactory as _,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};
use serde::Serialize;

pub use file::File;

use crate::config::DatabaseUrl;

/// The flag that names the file, the one argument with a variable that cannot stand in it; and the
/// command that prints what it comes to.
const FILE: &str = "config";

/// A command line that was read.
#[derive(Debug)]
pub struct Read {
    pub matches: ArgMatches,
    pub file: Option<File>,
}

/// Why a command line cannot be used.
#[derive(Debug)]
pub enum Unreadable {
    /// What the command line itself says; also how help comes about.
    Usage(Box<clap::Error>),
    /// What its surroundings say.
    Setting(String),
}

/// Reads a command line, its environment, and the file that one of them names.
pub fn read(arguments: &[OsString]) -> Result<Read, Unreadable> {
    let command = super::Cli::command();
    let refused = |error| explained(error, arguments);
    let matches = command.clone().try_get_matches_from(arguments).map_err(refused)?;
    let Some(path) = matches.get_one::<PathBuf>(FILE) else {
        return Ok(Read { matches, file: None });
    };
    let file = File::read(path, &of(&command)).map_err(Unreadable::Setting)?;
    let matches = with_defaults(command, &file).try_get_matches_from(arguments).map_err(refused)?;
    Ok(Read { matches, file: Some(file) })
}

/// Everything that can be set, by name.
fn of(command: &Command) -> BTreeMap<String, Arg> {
    let own = command.get_arguments().filter_map(|arg| Some((name(arg)?.to_owned(), arg.clone())));
    let further = command.get_subcommands().flat_map(of);
    further.chain(own).collect()
}

/// The name of an argument that can be set.
fn name(arg: &Arg) -> Option<&str> {
    let settable = arg.get_env().is_some() && !arg.is_hide_set();
    arg.get_long().filter(|name| settable && *name != FILE)
}

/// What the file says takes the place of the defaults.
fn with_defaults(command: Command, file: &File) -> Command {
    let in_file = |arg: &Arg| file.value(name(arg)?).map(str::to_owned);
    let command = command.mut_args(|arg| match in_file(&arg) {
        Some(value) => {
            let hidden = arg.get_action().takes_values();
            arg.default_value(value).hide_default_value(hidden)
        }
        None => arg,
    });
    command.mut_subcommands(|command| with_defaults(command, file))
}

/// Says which variable a value came from that cannot be used; of a flag, the error says it itself.
fn explained(error: clap::Error, arguments: &[OsString]) -> Unreadable {
    let shown = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(shown)) => shown.clone(),
        _ => String::new(),
    };
    let flag = shown.split([' ', '=']).next().unwrap_or_default();
    let given = arguments.iter().filter_map(|argument| argument.to_str());
    let is_given = given.into_iter().any(|given| given.split('=').next() == Some(flag));
    let settings = of(&super::Cli::command());
    let variable = flag.strip_prefix("--").and_then(|name| settings.get(name)?.get_env());
    let set = variable.filter(|variable| std::env::var_os(variable).is_some());
    match set.and_then(OsStr::to_str) {
        Some(variable) if !is_given => {
            Unreadable::Setting(format!("{variable}: {}", first_line(&error)))
        }
        _ => Unreadable::Usage(Box::new(error)),
    }
}

/// What an error says in one line.
fn first_line(error: &clap::Error) -> String {
    let words = error.render().to_string();
    let line = words.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

/// A setting as it is in effect.
#[derive(Debug, Serialize)]
pub struct Effective {
    pub key: String,
    /// `None` where nothing is set and there is no default. Secrets are left out of it.
    pub value: Option<String>,
    /// `flag`, the variable, the file with the line, or `default`.
    pub source: String,
}

/// All settings as they are in effect for `serve`; `matches` are those of `config`, which takes its flags.
pub fn effective(matches: &ArgMatches, file: Option<&File>) -> Vec<Effective> {
    let command = super::Cli::command();
    let own = command.find_subcommand(FILE).into_iter().flat_map(Command::get_arguments);
    let all = command.get_arguments().chain(own);
    let known: BTreeMap<_, _> = all.filter_map(|arg| Some((name(arg)?.to_owned(), arg))).collect();
    known.into_iter().map(|(key, arg)| in_effect(matches, file, key, arg)).collect()
}

fn in_effect(matches: &ArgMatches, file: Option<&File>, key: String, arg: &Arg) -> Effective {
    let id = arg.get_id().as_str();
    let mut values = matches.get_raw(id).into_iter().flatten();
    let value = values.next().map(|value| shown(&key, arg, &value.to_string_lossy()));
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "flag".to_owned(),
        Some(ValueSource::EnvVariable) => {
            arg.get_env().unwrap_or_default().to_string_lossy().into_owned()
        }
        _ => file.and_then(|file| file.place(&key)).unwrap_or_else(|| "default".to_owned()),
    };
    Effective { key, value, source }
}

/// A value without its secret.
fn shown(key: &str, arg: &Arg, value: &str) -> String {
    let is_address = key == "database-url" || (value.contains("://") && value.contains('@'));
    match (is_address, arg.is_hide_env_values_set()) {
        (true, _) => DatabaseUrl::from(value).to_string(),
        (false, true) => "…".to_owned(),
        (false, false) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_variable_can_give_a_file_can_give_except_where_the_file_is() {
        let settings = of(&super::super::Cli::command());
        for name in
            ["database-url", "listen", "origin", "tsa-url", "drain-seconds", "metrics-listen"]
        {
            assert!(settings.contains_key(name), "{name}");
        }
        assert!(!settings.contains_key("config") && !settings.contains_key("format"));
    }

    #[test]
    fn every_setting_is_in_the_handbook_with_its_variable() {
        let handbook = include_str!("../../../docs/OPERATIONS.md");
        for (name, arg) in of(&super::super::Cli::command()) {
            let variable = arg.get_env().unwrap().to_str().unwrap();
            for words in [format!("`--{name}`"), format!("`{variable}`")] {
                assert!(handbook.contains(&words), "{words} is missing");
            }
        }
    }
}
