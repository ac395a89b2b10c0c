//! `assize member window`: the periods that auditors may look into.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{id::WindowId, period::Period, window::Window};
use engine::services::{Caller, ServiceError, Services};
use serde::Serialize;

use super::find;
use crate::cli::{
    CliError, Global,
    output::{Report, print, table},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Let an auditor look into a period
    Grant {
        /// E-mail address or id of the auditor
        member: String,
        /// First day, in UTC
        #[arg(long)]
        from: NaiveDate,
        /// Last day, in UTC, included
        #[arg(long)]
        to: NaiveDate,
    },
    /// Take a window back; it holds from the auditor's next request on
    Revoke {
        /// Id of the window, as the list shows it
        window: WindowId,
    },
    /// List the windows, the revoked ones too
    List {
        /// Only those of this member: e-mail address or id
        member: Option<String>,
    },
}

#[derive(Serialize)]
struct Windows {
    windows: Vec<Line>,
}

/// A window and whose it is.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    window: Window,
    email: String,
}

impl Report for Windows {
    fn text(&self) -> String {
        let row = |Line { window, email }: &Line| {
            let (from, to) = (window.period.from.to_string(), window.period.last_day().to_string());
            let standing = match window.revoked_at {
                None => "open".to_owned(),
                Some(at) => format!("revoked {}", at.format("%Y-%m-%d")),
            };
            [email.clone(), from, to, standing, window.id.to_string()]
        };
        table(["auditor", "first day", "last day", "standing", "id"], self.windows.iter().map(row))
    }
}

pub(super) async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    command: Command,
) -> Result<(), CliError> {
    let windows = match command {
        Command::Grant { member, from, to } => {
            let period =
                Period::of_days(from, to).map_err(|error| ServiceError::invalid("to", error))?;
            let member = find(services, caller, &member).await?;
            vec![services.grant_window(caller, member.id, period).await?]
        }
        Command::Revoke { window } => vec![services.revoke_window(caller, window).await?],
        Command::List { member: None } => services.windows(caller).await?,
        Command::List { member: Some(member) } => {
            let member = find(services, caller, &member).await?;
            let mut windows = services.windows(caller).await?;
            windows.retain(|window| window.member == member.id);
            windows
        }
    };
    let members = services.members(caller).await?.into_iter();
    let emails: HashMap<_, _> = members.map(|member| (member.id, member.email)).collect();
    let line = |window: Window| {
        let email = emails.get(&window.member).cloned().unwrap_or_default();
        Line { window, email }
    };
    print(global.format, &Windows { windows: windows.into_iter().map(line).collect() })
}
