//! Settings from a file, from variables and from flags.

use std::fs;

use serde_json::Value;

use crate::terminal::{Done, Terminal};

/// `assize config` with these variables and arguments.
fn config(terminal: &Terminal, variables: &[(&str, &str)], arguments: &[&str]) -> Done {
    let mut command = terminal.command(&[&["config", "--format", "json"], arguments].concat());
    Done::of(command.envs(variables.iter().copied()).output().unwrap())
}

/// Value and source of a setting.
fn setting(done: &Done, key: &str) -> (Value, Value) {
    assert_eq!(done.code, 0, "{}", done.err);
    let all = done.json();
    let found = all["settings"].as_array().unwrap().iter().find(|setting| setting["key"] == key);
    let found = found.unwrap_or_else(|| panic!("{key}: {all}"));
    (found["value"].clone(), found["source"].clone())
}

#[test]
fn a_flag_wins_over_its_variable_and_the_variable_over_the_file() {
    let terminal = Terminal::new();
    let file = "# ours\nlisten = '127.0.0.1:1'\nno-worker = true\ndrain-seconds = 7\n";
    fs::write(terminal.folder().join("assize.toml"), file).unwrap();
    let named = ("ASSIZE_CONFIG", "assize.toml");
    let says = |value: &str, source: &str| (Value::from(value), Value::from(source));

    let file = config(&terminal, &[named], &[]);
    assert_eq!(setting(&file, "listen"), says("127.0.0.1:1", "assize.toml:2"));
    assert_eq!(setting(&file, "no-worker"), says("true", "assize.toml:3"));
    assert_eq!(setting(&file, "drain-seconds"), says("7", "assize.toml:4"));
    assert_eq!(setting(&file, "trusted-proxies"), says("0", "default"));
    assert_eq!(setting(&file, "origin"), (Value::Null, "default".into()));

    let variable = ("ASSIZE_LISTEN", "127.0.0.1:2");
    let both = config(&terminal, &[named, variable], &[]);
    assert_eq!(setting(&both, "listen"), says("127.0.0.1:2", "ASSIZE_LISTEN"));

    let flag = ["--listen", "127.0.0.1:3", "--config", "assize.toml"];
    let all = config(&terminal, &[variable], &flag);
    assert_eq!(setting(&all, "listen"), says("127.0.0.1:3", "flag"));
    assert_eq!(setting(&all, "drain-seconds"), says("7", "assize.toml:4"));
}

#[test]
fn no_secret_is_printed() {
    let terminal = Terminal::new();
    fs::write(terminal.folder().join("a.toml"), "token = 'asz_hunter2'\n").unwrap();
    let database = "postgres://assize:hunter2@db.example/assize";
    let variables = [("ASSIZE_DATABASE_URL", database), ("ASSIZE_CONFIG", "a.toml")];
    let done = config(&terminal, &variables, &[]);
    assert!(!done.out.contains("hunter2"), "{}", done.out);
    let (value, source) = setting(&done, "database-url");
    assert_eq!(
        (value, source),
        ("postgres://…@db.example/assize".into(), "ASSIZE_DATABASE_URL".into())
    );
    assert_eq!(setting(&done, "token"), ("…".into(), "a.toml:1".into()));
    let help = terminal.run(&["serve", "--help", "--config", "a.toml"]);
    assert!(help.code == 0 && !help.out.contains("hunter2"), "{}", help.out);
}

#[test]
fn what_cannot_be_used_is_named_with_where_it_comes_from() {
    let terminal = Terminal::new();
    let in_file = |text: &str| {
        fs::write(terminal.folder().join("a.toml"), text).unwrap();
        config(&terminal, &[], &["--config", "a.toml"])
    };
    for (done, words) in [
        (
            in_file("listen = '127.0.0.1:1'\nlistne = 'x'\n"),
            "a.toml:2: there is no setting `listne`",
        ),
        (in_file("\n\nlisten = 'nowhere'\n"), "a.toml:3: listen: invalid value 'nowhere'"),
        (in_file("origin = 'http://assize.example'\n"), "a.toml:1: origin: "),
        (config(&terminal, &[], &["--config", "none.toml"]), "none.toml: "),
        (
            config(&terminal, &[("ASSIZE_TRUSTED_PROXIES", "many")], &[]),
            "ASSIZE_TRUSTED_PROXIES: invalid value 'many'",
        ),
        (config(&terminal, &[], &["--trusted-proxies", "many"]), "--trusted-proxies"),
        (config(&terminal, &[], &["--log", "server=loud"]), "--log"),
    ] {
        assert_eq!(done.code, 2, "{words}: {}", done.err);
        assert!(done.err.contains(words), "{words}: {}", done.err);
    }
}

#[test]
fn completions_and_manual_are_made_from_the_command_line() {
    let terminal = Terminal::new();
    for shell in ["bash", "zsh", "fish"] {
        let done = terminal.run(&["completions", shell]);
        assert!(done.code == 0 && done.out.contains("retry"), "{shell}: {}", done.err);
    }
    assert_eq!(terminal.run(&["man", "--dir", "pages"]).code, 0);
    let page = fs::read_to_string(terminal.folder().join("pages/assize-serve.1")).unwrap();
    assert!(page.contains("drain"), "{page}");
}
