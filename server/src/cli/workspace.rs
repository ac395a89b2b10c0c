//! `assize workspace`: tenants, made on the host.

use domain::member::{Principal, Workspace};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a workspace
    Add {
        /// Its short name in addresses: lower-case letters, digits and hyphens
        slug: String,
        /// Its name
        name: String,
    },
    /// List the workspaces
    List,
}

#[derive(Serialize)]
struct Workspaces {
    workspaces: Vec<Workspace>,
}

impl Report for Workspaces {
    fn text(&self) -> String {
        let row = |workspace: &Workspace| {
            [workspace.slug.clone(), workspace.name.clone(), workspace.id.to_string()]
        };
        table(["short name", "name", "id"], self.workspaces.iter().map(row))
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let workspaces = match command {
        Command::Add { slug, name } => {
            vec![services.create_workspace(Principal::Host, &slug, &name).await?]
        }
        Command::List => services.workspaces().await?,
    };
    print(global.format, &Workspaces { workspaces })
}
