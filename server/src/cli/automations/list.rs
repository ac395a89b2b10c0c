//! `assize automations list`.

use serde_json::Value;

use crate::{
    api::automations,
    cli::{
        CliError, Global,
        door::Door,
        output::{rows, show, table, word},
    },
};

pub async fn run(global: &Global) -> Result<(), CliError> {
    match Door::open(global).await? {
        Door::Here(services, caller) => {
            show(global.format, &automations::listed(&services, caller).await?, text)
        }
        Door::There(server) => show(global.format, &server.get("/automations").await?, text),
    }
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
