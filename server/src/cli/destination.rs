//! `assize destination`: where outbound requests of a workspace may go.

use domain::destination::AllowedDestination;
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
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
}

#[derive(Serialize)]
struct Destinations {
    destinations: Vec<AllowedDestination>,
}

impl Report for Destinations {
    fn text(&self) -> String {
        let reach = |private: bool| if private { "private networks too" } else { "public" };
        let row = |one: &AllowedDestination| [one.to_string(), reach(one.allow_private).to_owned()];
        table(["destination", "may lead to"], self.destinations.iter().map(row))
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    match command {
        Command::Allow { address, private } => {
            services.allow_destination(caller, &address, private).await?;
        }
        Command::Remove { address } => services.remove_destination(caller, &address).await?,
        Command::List => {}
    }
    let destinations = services.destinations(caller).await?;
    print(global.format, &Destinations { destinations })
}
