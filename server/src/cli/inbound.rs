//! `assize inbound`: endpoints for tools that cannot show a token.

use domain::{
    id::InboundId,
    inbound::{IdFrom, InboundCheck, Pointer, SubjectFrom},
    trigger::TriggerKind,
};
use http::Method;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{is_narrow, rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the endpoints
    List,
    /// Make an endpoint; prints its secret, this once
    Add {
        /// What people call it
        name: String,
        /// standard-webhooks, github, or secret: for tools that can sign nothing
        #[arg(long)]
        check: InboundCheck,
        /// What its requests become, such as governed-event or monitor-result
        #[arg(long)]
        kind: TriggerKind,
        /// Who tells, as events will say
        #[arg(long)]
        source: String,
        /// What happened, such as scan.finished
        #[arg(long = "type")]
        event_type: String,
        /// Where the id of an event is: header:NAME, pointer:/PLACE or digest
        #[arg(long)]
        id_from: IdFrom,
        /// The kind of the record an event is about and the place of its key in the body, such as
        /// account:/data/account
        #[arg(long)]
        subject_from: Option<SubjectFrom>,
        /// The place in the body where it stands when it happened, such as /data/at
        #[arg(long)]
        time_from: Option<Pointer>,
    },
    /// Show an endpoint and its secrets, without what they are
    Show { endpoint: InboundId },
    /// Give it another secret, and print that this once; for a day the old one is good, too
    Rotate { endpoint: InboundId },
    /// Remove an endpoint; what it was told stays
    Remove { endpoint: InboundId },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List => show(global.format, &door.get("/inbound").await?, page),
        Command::Add {
            name,
            check,
            kind,
            source,
            event_type,
            id_from,
            subject_from,
            time_from,
        } => {
            let new = json!({
                "name": name, "check": check, "kind": kind, "source": source, "type": event_type,
                "id_from": id_from, "subject_from": subject_from, "time_from": time_from,
            });
            show(global.format, &door.post("/inbound", &new).await?, told)
        }
        Command::Show { endpoint } => {
            let detail = door.get(&format!("/inbound/{endpoint}")).await?;
            show(global.format, &detail, |detail| one(&detail["endpoint"]))
        }
        Command::Rotate { endpoint } => {
            let path = format!("/inbound/{endpoint}/rotate");
            show(global.format, &door.act(Method::POST, &path).await?, told)
        }
        Command::Remove { endpoint } => {
            let path = format!("/inbound/{endpoint}");
            show(global.format, &door.act(Method::DELETE, &path).await?, one)
        }
    }
}

fn page(list: &Value) -> String {
    if is_narrow() {
        let cells = |row: &Value| [&row["name"], &row["refused"], &row["path"]].map(word);
        return table(["name", "refused", "path"], rows(list).map(cells));
    }
    let names = ["name", "check", "source", "type", "refused", "path"];
    table(names, rows(list).map(|row| names.map(|name| word(&row[name]))))
}

fn one(endpoint: &Value) -> String {
    let mut text = format!("{} {}\n", word(&endpoint["name"]), word(&endpoint["path"]));
    for name in
        ["check", "kind", "source", "type", "id_from", "subject_from", "time_from", "refused"]
    {
        text += &format!("{name:<14}{}\n", word(&endpoint[name]));
    }
    text
}

fn told(made: &Value) -> String {
    let endpoint = &made["endpoint"];
    let both = match made["until"].is_null() {
        true => String::new(),
        false => format!("Until {} the old secret is good, too. ", time(&made["until"])),
    };
    format!(
        "{} takes requests at {}\n{both}Its secret, shown this once:\n{}",
        word(&endpoint["name"]),
        word(&endpoint["path"]),
        word(&made["secret"]),
    )
}
