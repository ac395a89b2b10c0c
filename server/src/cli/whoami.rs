//! `assize whoami`: who the command line is, here or at a server.

use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    open,
    output::{show, word},
};

pub async fn run(global: &Global) -> Result<(), CliError> {
    match Door::open(global).await? {
        Door::Here(services, _) => {
            let workspace = open::workspace(global, &services).await?;
            let host = json!({"kind": "host", "workspace": workspace.slug});
            show(global.format, &host, |_| {
                format!("the host of this database, in {}, with an owner's rights", workspace.slug)
            })
        }
        Door::There(server) => show(global.format, &server.get("/me").await?, text),
    }
}

fn text(me: &Value) -> String {
    let permissions = me["permissions"].as_array().into_iter().flatten().map(word);
    let permissions: Vec<_> = permissions.collect();
    let by =
        if me["token"].is_null() { String::new() } else { format!(", by {}", word(&me["token"])) };
    format!("{}, {}{by}\nmay {}", word(&me["name"]), word(&me["role"]), permissions.join(", "))
}
