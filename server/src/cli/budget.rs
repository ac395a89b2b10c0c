//! `assize budget`: what automations may spend, and what they have spent.

use serde_json::Value;

use super::{
    CliError, Global,
    door::Door,
    output::{rows, show, table, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the budgets of the versions in effect, and how their present periods stand
    List,
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let Command::List = command;
    let door = Door::open(global).await?;
    show(global.format, &door.get("/budgets").await?, text)
}

fn text(list: &Value) -> String {
    let head = ["definition", "per run", "every", "ceiling", "spent", "reserved", "left"];
    table(head, rows(list).map(cells))
}

fn cells(budget: &Value) -> [String; 7] {
    let period = &budget["per_period"];
    let spending = &period["spending"];
    [
        word(&budget["definition"]),
        dollars(&budget["per_run"]),
        period["every"].as_str().unwrap_or("none").to_owned(),
        dollars(&period["ceiling"]),
        dollars(&spending["spent"]),
        dollars(&spending["reserved"]),
        dollars(&period["left"]),
    ]
}

fn dollars(amount: &Value) -> String {
    amount.as_str().map_or_else(|| "none".to_owned(), |amount| format!("${amount}"))
}
