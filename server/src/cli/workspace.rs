//! `assize workspace`: tenants, made on the host.

use domain::member::Principal;
use serde_json::Value;

use super::{
    CliError, Global,
    door::Door,
    open,
    output::{rows, show, table, word},
};
use crate::api::workspaces::Workspace;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a workspace; on the host alone
    Add {
        /// Its short name in addresses: lower-case letters, digits and hyphens
        slug: String,
        /// Its name
        name: String,
    },
    /// List the workspaces; at a server the one of the token
    List,
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add { slug, name } => {
            let services = open::services(global).await?;
            let made = services.create_workspace(Principal::Host, &slug, &name).await?;
            let made = Workspace::from(made);
            show(global.format, &made, |made| page([made]))
        }
        Command::List => {
            show(global.format, &Door::workspaces(global).await?, |list| page(rows(list)))
        }
    }
}

fn page<'a>(found: impl IntoIterator<Item = &'a Value>) -> String {
    let cells = |row: &Value| [&row["slug"], &row["name"], &row["id"]].map(word);
    table(["short name", "name", "id"], found.into_iter().map(cells))
}
