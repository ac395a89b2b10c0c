//! `assize destination`: where outbound requests of a workspace may go, and whether they are signed.

use domain::filter::query;
use http::Method;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Allow requests to an address, such as https://hooks.example.org
    Allow {
        /// Scheme, host and port
        address: String,
        /// The host may lead into a private network or to this machine
        #[arg(long)]
        private: bool,
    },
    /// List what is allowed
    List,
    /// Take an address off the list
    Remove {
        /// Scheme, host and port
        address: String,
    },
    /// Have requests of actioners to an address signed, by Standard Webhooks; prints the secret, this
    /// once. Where they were signed before, the old secret signs, too, for a day
    Sign {
        /// Scheme, host and port
        address: String,
    },
    /// Have requests to an address no longer signed
    Unsign {
        /// Scheme, host and port
        address: String,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    const ALL: &str = "/destinations";
    let door = Door::open(global).await?;
    match command {
        Command::Allow { address, private } => {
            let new = json!({"address": address, "allow_private": private});
            show(global.format, &door.post(ALL, &new).await?, |allowed| page([allowed]))
        }
        Command::List => show(global.format, &door.get(ALL).await?, |list| page(rows(list))),
        Command::Remove { address } => {
            let path = format!("{ALL}?{}", query([("address", &*address)]));
            let left = door.act(Method::DELETE, &path).await?;
            show(global.format, &left, |list| page(rows(list)))
        }
        Command::Sign { address } => {
            let path = format!("{ALL}/sign");
            show(global.format, &door.post(&path, &json!({"address": address})).await?, told)
        }
        Command::Unsign { address } => {
            let path = format!("{ALL}/unsign");
            let unsigned = door.post(&path, &json!({"address": address})).await?;
            show(global.format, &unsigned, |unsigned| page([unsigned]))
        }
    }
}

fn page<'a>(found: impl IntoIterator<Item = &'a Value>) -> String {
    let cells = |row: &Value| {
        let reach = if row["allow_private"] == true { "private networks too" } else { "public" };
        let secrets = row["secrets"].as_array().is_some_and(|secrets| !secrets.is_empty());
        let signed = if secrets { "signed" } else { "" };
        [word(&row["address"]), reach.to_owned(), signed.to_owned()]
    };
    table(["destination", "may lead to", "requests"], found.into_iter().map(cells))
}

fn told(made: &Value) -> String {
    let both = match made["until"].is_null() {
        true => String::new(),
        false => format!("Until {} the old secret signs, too. ", time(&made["until"])),
    };
    format!(
        "Requests to {} are signed. {both}The secret, shown this once:\n{}",
        word(&made["destination"]["address"]),
        word(&made["secret"])
    )
}
