//! `assize automations check`.

use domain::{problem::Failure, record::RecordRef};
use engine::services::{Foreseen, Supposed, Would};
use serde::Serialize;
use serde_json::Value;

use crate::cli::{
    CliError, Global, event, open,
    output::{Report, print, printable, table},
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

#[derive(Serialize)]
struct Checked {
    automation: String,
    version: i64,
    actioner: String,
    /// A person would be asked before the actioner is called.
    asks_first: bool,
    looked_at: usize,
    matched: usize,
    /// The first of those that match.
    would: Vec<Act>,
}

#[derive(Serialize)]
struct Act {
    subject: RecordRef,
    parameters: Option<Value>,
    failure: Option<Failure>,
}

impl From<Would> for Act {
    fn from(Would { subject, parameters }: Would) -> Self {
        match parameters {
            Ok(parameters) => Self { subject, parameters: Some(parameters), failure: None },
            Err(failure) => Self { subject, parameters: None, failure: Some(failure) },
        }
    }
}

impl Report for Checked {
    fn text(&self) -> String {
        let Self { automation, version, actioner, looked_at, matched, .. } = self;
        let asks = if self.asks_first { ", once approved" } else { "" };
        let mut text = format!(
            "{automation} v{version} would call {actioner} for {matched} of {looked_at} records{asks}\n"
        );
        if !self.would.is_empty() {
            text += "\n";
            text += &table(["subject", "parameters"], self.would.iter().map(cells));
        }
        let untold = matched - self.would.len();
        if untold > 0 {
            text += &format!("\nand {untold} more\n");
        }
        text
    }
}

fn cells(act: &Act) -> [String; 2] {
    let what = match (&act.parameters, &act.failure) {
        (Some(parameters), _) => parameters.to_string(),
        (None, Some(failure)) => format!("would fail: {failure}"),
        (None, None) => String::new(),
    };
    [printable(&act.subject.to_string()), what]
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let found = services.automation_by_key(caller, &arguments.automation).await?;
    let subject = arguments.subject.as_deref().map(event::subject).transpose()?;
    let Value::Object(payload) = event::payload(&arguments.payload)? else {
        return Err(CliError::Usage("--payload: expected a JSON object".to_owned()));
    };
    let supposed = Supposed { subject, payload };
    let foreseen = services.foresee(caller, found.definition, supposed).await?;
    let Foreseen { actioner, asks_first, looked_at, matched, would } = foreseen;
    let (automation, version) = (found.automation.key, found.automation.version);
    let would = would.into_iter().map(Act::from).collect();
    let checked = Checked { automation, version, actioner, asks_first, looked_at, matched, would };
    print(global.format, &checked)
}
