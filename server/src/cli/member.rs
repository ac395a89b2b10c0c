//! `assize member`: who may do what in a workspace, and a way back in for those locked out.

mod window;

use domain::{
    Timestamp,
    member::{Member, Role},
};
use engine::services::{Caller, NewMember, ServiceError, Services, SignInLink};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, printable, table},
};
use crate::config::Origin;

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
    /// The address people open
    #[arg(long, env = "ASSIZE_ORIGIN", default_value = "http://127.0.0.1:8480")]
    origin: Origin,
}

#[derive(Serialize)]
struct Members {
    members: Vec<Member>,
}

impl Report for Members {
    fn text(&self) -> String {
        let row = |member: &Member| {
            let removed = if member.removed_at.is_some() { " (removed)" } else { "" };
            let name = format!("{}{removed}", member.name);
            [name, member.email.clone(), member.role.to_string(), member.id.to_string()]
        };
        table(["name", "e-mail", "role", "id"], self.members.iter().map(row))
    }
}

#[derive(Serialize)]
struct Link {
    email: String,
    link: String,
    expires_at: Timestamp,
}

impl Link {
    fn new(link: &SignInLink, site: &Site) -> Self {
        let link_text = format!("{}/accept-link?token={}", site.origin, link.token.expose());
        Self { email: link.email.clone(), link: link_text, expires_at: link.expires_at }
    }
}

impl Report for Link {
    fn text(&self) -> String {
        let until = self.expires_at.format("%Y-%m-%d %H:%M UTC");
        format!(
            "Hand this link to {}. It works once, until {until}:\n{}",
            printable(&self.email),
            self.link
        )
    }
}

#[derive(Serialize)]
struct Added {
    member: Member,
    link: Option<Link>,
}

impl Report for Added {
    fn text(&self) -> String {
        let Member { name, role, .. } = &self.member;
        let way_in = match &self.link {
            Some(link) => link.text(),
            None => "They sign in as they do already.".to_owned(),
        };
        format!("{} is now {role}.\n{way_in}", printable(name))
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    if let Command::Link { email, site } = &command {
        let link = services.link_for(email).await?;
        return print(global.format, &Link::new(&link, site));
    }
    let caller = open::caller(global, &services).await?;
    let members = match command {
        Command::Add { email, name, role, site } => {
            let added = services.add_member(caller, NewMember { email, name, role }).await?;
            let link = added.link.as_ref().map(|link| Link::new(link, &site));
            return print(global.format, &Added { member: added.member, link });
        }
        Command::Role { member, role } => {
            let member = find(&services, caller, &member).await?;
            vec![services.change_role(caller, member.id, role).await?]
        }
        Command::Remove { member } => {
            let member = find(&services, caller, &member).await?;
            services.remove_member(caller, member.id).await?;
            vec![Member { removed_at: Some(services.clock().now()), ..member }]
        }
        Command::Window(command) => return window::run(global, &services, caller, command).await,
        Command::List | Command::Link { .. } => services.members(caller).await?,
    };
    print(global.format, &Members { members })
}

/// A present member by e-mail address or id.
async fn find(services: &Services, caller: Caller, text: &str) -> Result<Member, CliError> {
    let wanted = |member: &Member| {
        member.removed_at.is_none()
            && (member.email.eq_ignore_ascii_case(text.trim()) || text.parse() == Ok(member.id))
    };
    let found = services.members(caller).await?.into_iter().find(wanted);
    found.ok_or(CliError::Service(ServiceError::NotFound("member")))
}
