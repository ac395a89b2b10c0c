//! `assize automations list`.

use serde_json::Value;

use crate::cli::{
    CliError, Global,
    door::Door,
    output::{rows, show, table, word},
};

pub async fn run(global: &Global) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    show(global.format, &door.get("/automations").await?, text)
}

fn text(list: &Value) -> String {
    table(["automation", "name", "version", "trigger", "enabled"], rows(list).map(cells))
}

fn cells(automation: &Value) -> [String; 5] {
    let enabled = if automation["enabled"] == true { "yes" } else { "no" };
    [
        word(&automation["key"]),
        word(&automation["name"]),
        word(&automation["version"]),
        word(&automation["trigger"]),
        enabled.to_owned(),
    ]
}
