//! `assize automations fire`.

use serde_json::json;

use crate::cli::{CliError, Global, door::Door, event, output::show};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The key of an automation
    automation: String,
    /// The record it is about, as KIND/KEY; needed where the automation acts on that of its event
    #[arg(long)]
    subject: Option<String>,
    /// An id of your own: the same one a second time is the same request
    #[arg(long)]
    id: Option<String>,
    /// A JSON object, or - to read one from the standard input
    #[arg(long, default_value = "{}")]
    parameters: String,
}

pub async fn run(global: &Global, asked: Arguments) -> Result<(), CliError> {
    let subject = asked.subject.as_deref().map(event::subject).transpose()?;
    let parameters = event::payload("--parameters", &asked.parameters)?;
    let wanted = json!({"subject": subject, "external_id": asked.id, "parameters": parameters});
    let key = domain::filter::encode(&asked.automation);
    let door = Door::open(global).await?;
    let received = door.post(&format!("/automations/{key}/requests"), &wanted).await?;
    show(global.format, &received, event::text)
}
