//! `assize destination`: where outbound requests of a workspace may go, and whether they are signed.

use std::collections::BTreeMap;

use domain::{Timestamp, destination::AllowedDestination};
use engine::services::SecretInfo;
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

#[derive(Serialize)]
struct Destinations {
    destinations: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    destination: AllowedDestination,
    signed: bool,
}

impl Report for Destinations {
    fn text(&self) -> String {
        let reach = |private: bool| if private { "private networks too" } else { "public" };
        let row = |Listed { destination, signed }: &Listed| {
            let signed = if *signed { "signed" } else { "" };
            [
                destination.to_string(),
                reach(destination.allow_private).to_owned(),
                signed.to_owned(),
            ]
        };
        table(["destination", "may lead to", "requests"], self.destinations.iter().map(row))
    }
}

#[derive(Serialize)]
struct Told {
    destination: AllowedDestination,
    secret: String,
    /// Until when the secret before signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl Report for Told {
    fn text(&self) -> String {
        let both = self.until.map(|until| {
            format!("Until {} the old secret signs, too. ", until.format("%Y-%m-%d %H:%M UTC"))
        });
        format!(
            "Requests to {} are signed. {}The secret, shown this once:\n{}",
            self.destination,
            both.unwrap_or_default(),
            self.secret
        )
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
        Command::Sign { address } => {
            let made = services.sign_destination(caller, &address).await?;
            let (destination, until) = (made.destination, made.until);
            let secret = made.secret.expose().to_owned();
            return print(global.format, &Told { destination, secret, until });
        }
        Command::Unsign { address } => services.unsign_destination(caller, &address).await?,
        Command::List => {}
    }
    let destinations = services.destinations(caller).await?;
    let secrets: BTreeMap<String, Vec<SecretInfo>> = services.destination_secrets(caller).await?;
    let listed = |destination: AllowedDestination| Listed {
        signed: secrets.contains_key(&destination.to_string()),
        destination,
    };
    let destinations = destinations.into_iter().map(listed).collect();
    print(global.format, &Destinations { destinations })
}
