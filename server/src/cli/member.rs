//! `assize member`: who may do what in a workspace, and a way back in for those locked out.

mod window;

use domain::{id::MemberId, member::Role};
use http::Method;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    error::Told,
    open,
    output::{is_narrow, rows, show, table, time, word},
};
use crate::{api::members::Link, config::Origin};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a member; prints the link they come in by
    Add {
        /// E-mail address
        email: String,
        /// What they are called
        #[arg(long)]
        name: String,
        /// owner, operator, approver, auditor or viewer
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        site: Site,
    },
    /// List the members
    List,
    /// Give a member another role
    Role {
        /// E-mail address or id
        member: String,
        /// owner, operator, approver, auditor or viewer
        role: Role,
    },
    /// Remove a member; what they did keeps their name
    Remove {
        /// E-mail address or id
        member: String,
    },
    /// Grant, revoke and list the periods that auditors may look into
    #[command(subcommand)]
    Window(window::Command),
    /// Issue a sign-in link to somebody who is locked out; ends all sessions of the account
    Link {
        /// E-mail address
        email: String,
        #[command(flatten)]
        site: Site,
    },
}

/// Where links lead.
#[derive(Debug, clap::Args)]
pub struct Site {
    /// The address people open; a server knows its own
    #[arg(long, env = "ASSIZE_ORIGIN", default_value = "http://127.0.0.1:8480")]
    origin: Origin,
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add { email, name, role, site } => {
            let door = Door::open_for(global, Some(site.origin)).await?;
            let new = json!({"email": email, "name": name, "role": role});
            show(global.format, &door.post("/members", &new).await?, added)
        }
        Command::Link { email, site } => {
            let link = match global.server {
                // An account may be in several workspaces, of which none has to be named here.
                None => {
                    let link = open::services(global).await?.link_for(&email).await?;
                    let link = Link::told(&link, &site.origin);
                    serde_json::to_value(link).map_err(anyhow::Error::from)?
                }
                Some(_) => {
                    let door = Door::open(global).await?;
                    let member = find(&door, &email).await?;
                    door.act(Method::POST, &format!("/members/{member}/link")).await?
                }
            };
            show(global.format, &link, way_in)
        }
        command => simple(global, &Door::open(global).await?, command).await,
    }
}

/// What needs no address of ours.
async fn simple(global: &Global, door: &Door, command: Command) -> Result<(), CliError> {
    match command {
        Command::Role { member, role } => {
            let path = format!("/members/{}/role", find(door, &member).await?);
            let changed = door.put(&path, &json!({"role": role})).await?;
            show(global.format, &changed, |member| page([member]))
        }
        Command::Remove { member } => {
            let path = format!("/members/{}", find(door, &member).await?);
            let removed = door.act(Method::DELETE, &path).await?;
            show(global.format, &removed, |member| page([member]))
        }
        Command::Window(command) => window::run(global, door, command).await,
        Command::List | Command::Add { .. } | Command::Link { .. } => {
            show(global.format, &door.get("/members").await?, |list| page(rows(list)))
        }
    }
}

fn page<'a>(found: impl IntoIterator<Item = &'a Value>) -> String {
    let cells = |member: &Value| {
        let removed = if member["removed_at"].is_null() { "" } else { " (removed)" };
        let name = format!("{}{removed}", word(&member["name"]));
        [name, word(&member["email"]), word(&member["role"]), word(&member["id"])]
    };
    let found = found.into_iter().map(cells);
    if is_narrow() {
        return table(
            ["e-mail", "role", "id"],
            found.map(|[_, email, role, id]| [email, role, id]),
        );
    }
    table(["name", "e-mail", "role", "id"], found)
}

fn added(added: &Value) -> String {
    let (member, link) = (&added["member"], &added["link"]);
    let way_in = match link.is_null() {
        true => "They sign in as they do already.".to_owned(),
        false => way_in(link),
    };
    format!("{} is now {}.\n{way_in}", word(&member["name"]), word(&member["role"]))
}

fn way_in(link: &Value) -> String {
    let (email, until) = (word(&link["email"]), time(&link["expires_at"]));
    format!("Hand this link to {email}. It works once, until {until}:\n{}", word(&link["link"]))
}

/// The id of a present member, by it or by e-mail address.
async fn find(door: &Door, text: &str) -> Result<MemberId, CliError> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let members = door.get("/members").await?;
    let wanted = |member: &&Value| {
        let email = member["email"].as_str().unwrap_or_default();
        member["removed_at"].is_null() && email.eq_ignore_ascii_case(text.trim())
    };
    let found = rows(&members).find(wanted).and_then(|member| member["id"].as_str()?.parse().ok());
    found.ok_or_else(|| {
        let problem = json!({"detail": "there is no such member", "code": "not-found"});
        CliError::Told(Told::new(404, problem))
    })
}
