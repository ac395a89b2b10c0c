//! `assize automations check`.

use serde_json::{Value, json};

use crate::cli::{
    CliError, Global,
    door::Door,
    event,
    output::{printable, show, table, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The key of an automation
    automation: String,
    /// The record that its event is about, as KIND/KEY
    #[arg(long)]
    subject: Option<String>,
    /// What its event says: a JSON object, or - to read one from the standard input
    #[arg(long, default_value = "{}")]
    payload: String,
}

pub async fn run(global: &Global, asked: Arguments) -> Result<(), CliError> {
    let subject = asked.subject.as_deref().map(event::subject).transpose()?;
    let payload = event::payload("--payload", &asked.payload)?;
    let supposed = json!({"subject": subject, "payload": payload});
    let key = domain::filter::encode(&asked.automation);
    let door = Door::open(global).await?;
    let foreseen = door.post(&format!("/automations/{key}/check"), &supposed).await?;
    show(global.format, &foreseen, text)
}

fn text(foreseen: &Value) -> String {
    let asks = if foreseen["asks_first"] == true { ", once approved" } else { "" };
    let matched = foreseen["matched"].as_u64().unwrap_or_default();
    let mut text = format!(
        "{} v{} would call {} for {matched} of {} records{asks}\n",
        word(&foreseen["automation"]),
        foreseen["version"],
        word(&foreseen["actioner"]),
        foreseen["looked_at"],
    );
    for (count, what) in
        [("denied", "denied by policies"), ("held", "held for approval by policies")]
    {
        if foreseen[count] != 0 {
            text += &format!("{} of them {what}\n", foreseen[count]);
        }
    }
    if let Some(why) = foreseen["blocked"].as_str() {
        text += &format!("now nothing would be started: {}\n", printable(why));
    }
    let acts = foreseen["would"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !acts.is_empty() {
        text += "\n";
        text += &table(["subject", "parameters"], acts.iter().map(cells));
    }
    let untold = matched.saturating_sub(acts.len() as u64);
    if untold > 0 {
        text += &format!("\nand {untold} more\n");
    }
    text
}

fn cells(act: &Value) -> [String; 2] {
    let (failure, stopped) = (&act["failure"], &act["stopped"]);
    let what = if !failure.is_null() {
        format!("would fail: {}: {}", word(&failure["code"]), word(&failure["message"]))
    } else if !stopped.is_null() {
        let (policy, version) = (word(&stopped["policy"]), &stopped["version"]);
        let does = if stopped["effect"] == "deny" { "denied" } else { "held" };
        format!("{does} by {policy} v{version}: {}", word(&stopped["reason"]))
    } else {
        act["parameters"].to_string()
    };
    [format!("{}/{}", word(&act["subject"]["kind"]), word(&act["subject"]["key"])), what]
}
