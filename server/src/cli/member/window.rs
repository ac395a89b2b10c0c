//! `assize member window`: the periods that auditors may look into.

use chrono::NaiveDate;
use domain::id::WindowId;
use http::Method;
use serde_json::{Value, json};

use super::find;
use crate::cli::{
    CliError, Global,
    door::Door,
    output::{is_narrow, rows, show, table, word},
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

pub(super) async fn run(global: &Global, door: &Door, command: Command) -> Result<(), CliError> {
    let found = match command {
        Command::Grant { member, from, to } => {
            let path = format!("/members/{}/windows", find(door, &member).await?);
            door.post(&path, &json!({"from": from, "to": to})).await?
        }
        Command::Revoke { window } => {
            door.act(Method::DELETE, &format!("/windows/{window}")).await?
        }
        Command::List { member: None } => door.get("/windows").await?,
        Command::List { member: Some(member) } => {
            door.get(&format!("/windows?member={}", find(door, &member).await?)).await?
        }
    };
    let members = door.get("/members").await?;
    show(global.format, &found, |found| match found["data"].is_array() {
        true => page(rows(found), &members),
        false => page([found], &members),
    })
}

fn page<'a>(found: impl IntoIterator<Item = &'a Value>, members: &Value) -> String {
    let email = |id: &Value| {
        let found = rows(members).find(|member| member["id"] == *id);
        found.map_or_else(|| word(id), |member| word(&member["email"]))
    };
    let cells = |window: &Value| {
        let standing = match window["revoked_at"].as_str() {
            None => "open".to_owned(),
            Some(at) => format!("revoked {}", at.split('T').next().unwrap_or_default()),
        };
        let [from, to, id] = ["from", "to", "id"].map(|name| word(&window[name]));
        [email(&window["member"]), from, to, standing, id]
    };
    let found = found.into_iter().map(cells);
    if is_narrow() {
        let narrow = |[email, from, to, standing, id]: [String; 5]| {
            [email, format!("{from} to {to}"), standing, id]
        };
        return table(["auditor", "days", "standing", "id"], found.map(narrow));
    }
    table(["auditor", "first day", "last day", "standing", "id"], found)
}
