//! A terminal with a database of its own.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

pub struct Terminal(TempDir);

/// What a command left behind.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn of(output: Output) -> Self {
        let Output { status, stdout, stderr } = output;
        Self {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Terminal {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// With a schema and a workspace `north`.
    pub fn with_workspace() -> Self {
        let terminal = Self::new();
        assert_eq!(terminal.run(&["migrate"]).code, 0);
        assert_eq!(terminal.run(&["workspace", "add", "north", "North Branch"]).code, 0);
        terminal
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assize"));
        let database = format!("sqlite:{}", self.0.path().join("test.sqlite").display());
        command.args(arguments).current_dir(self.0.path());
        command.env("ASSIZE_DATABASE_URL", database);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }
}
