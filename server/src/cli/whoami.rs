//! `assize whoami`: who the command line is, here or at a server.

use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    open,
    output::{show, word},
};

pub async fn run(global: &Global) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    let Some((services, _)) = door.here() else {
        return show(global.format, &door.get("/me").await?, text);
    };
    let workspace = open::workspace(global, services).await?;
    let host = json!({"kind": "host", "workspace": workspace.slug});
    show(global.format, &host, |_| {
        format!("the host of this database, in {}, with an owner's rights", workspace.slug)
    })
}

fn text(me: &Value) -> String {
    let permissions = me["permissions"].as_array().into_iter().flatten().map(word);
    let permissions: Vec<_> = permissions.collect();
    let by =
        if me["token"].is_null() { String::new() } else { format!(", by {}", word(&me["token"])) };
    format!("{}, {}{by}\nmay {}", word(&me["name"]), word(&me["role"]), permissions.join(", "))
}
