//! `assize migrate`: the schema of the database.

use engine::store::MigrationState;
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only list the migrations and whether the database has them
    #[arg(long)]
    list: bool,
}

#[derive(Serialize)]
struct Migration {
    number: i64,
    name: String,
    applied: bool,
}

impl From<MigrationState> for Migration {
    fn from(MigrationState { number, name, applied }: MigrationState) -> Self {
        Self { number, name, applied }
    }
}

#[derive(Serialize)]
struct Migrations {
    migrations: Vec<Migration>,
}

impl Report for Migrations {
    fn text(&self) -> String {
        let state = |applied: bool| if applied { "applied" } else { "missing" };
        let row = |migration: &Migration| {
            let number = format!("{:04}", migration.number);
            [number, migration.name.clone(), state(migration.applied).to_owned()]
        };
        table(["number", "name", "state"], self.migrations.iter().map(row))
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let store = open::store(global).await?;
    if !arguments.list {
        store.migrate().await?;
    }
    let migrations = store.migrations().await?.into_iter().map(Migration::from).collect();
    print(global.format, &Migrations { migrations })
}
