//! `assize policy`: rules that deny actions or have them approved first.

mod text;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::{filter::encode, policy::Terms};
use engine::{
    definition,
    services::{FieldError, ServiceError},
};
use serde_json::{Value, json};

use super::{CliError, Global, apply::expand, door::Door, output::show};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the policies
    List,
    /// Show a version of a policy as a file that can be applied, and what is on
    Show {
        /// The policy's key
        policy: String,
        /// The latest unless stated
        #[arg(long)]
        version: Option<i64>,
    },
    /// Write the policies of files: new ones are off, and one that is on stays so in its version
    Apply {
        /// Files of policies, or folders of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Say what a policy would have done to what ran before; changes nothing
    Test {
        /// The policy's key, or a file with one policy
        policy: String,
        /// The latest unless stated
        #[arg(long)]
        version: Option<i64>,
        /// The first day, such as 2026-07-01
        #[arg(long)]
        from: NaiveDate,
        /// The last day
        #[arg(long)]
        to: NaiveDate,
    },
    /// Switch a policy on: nothing starts any more that was not judged under it
    On {
        /// The policy's key
        policy: String,
        /// The latest unless stated
        #[arg(long)]
        version: Option<i64>,
        /// Why; kept with the policy and in the log
        #[arg(long)]
        reason: String,
    },
    /// Switch a policy off; what it denied stays denied
    Off {
        /// The policy's key
        policy: String,
        /// Why; kept with the policy and in the log
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List => show(global.format, &list(&door).await?, text::list),
        Command::Show { policy, version } => {
            let detail = one(&door, &policy).await?;
            let shown = text::of_version(&detail, version)?;
            show(global.format, &detail, |_| shown)
        }
        Command::Apply { files } => apply(global, &door, &expand(&files)?).await,
        Command::Test { policy, version, from, to } => {
            let found = test(&door, &policy, version, from, to).await?;
            show(global.format, &found, text::tested)
        }
        Command::On { policy, version, reason } => {
            show(global.format, &on(&door, &policy, version, &reason).await?, text::one)
        }
        Command::Off { policy, reason } => {
            show(global.format, &off(&door, &policy, &reason).await?, text::one)
        }
    }
}

fn address(policy: &str, act: &str) -> String {
    format!("/policies/{}{act}", encode(policy))
}

async fn list(door: &Door) -> Result<Value, CliError> {
    door.get("/policies").await
}

async fn one(door: &Door, policy: &str) -> Result<Value, CliError> {
    door.get(&address(policy, "")).await
}

async fn on(
    door: &Door,
    policy: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<Value, CliError> {
    door.post(&address(policy, "/on"), &json!({"version": version, "reason": reason})).await
}

async fn off(door: &Door, policy: &str, reason: &str) -> Result<Value, CliError> {
    door.post(&address(policy, "/off"), &json!({"reason": reason})).await
}

/// The policies of a file; what is wrong is said with line and column, before anybody is asked.
fn read(path: &Path) -> Result<Vec<Terms>, CliError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let wrong =
        |errors: Vec<_>| ServiceError::Invalid(errors.into_iter().map(FieldError::from).collect());
    Ok(definition::policies(&file, &text).map_err(wrong)?)
}

async fn apply(global: &Global, door: &Door, files: &[PathBuf]) -> Result<(), CliError> {
    let mut found = Vec::new();
    for file in files {
        found.append(&mut read(file)?);
    }
    let mut written = Vec::new();
    for terms in found {
        written.push(write(door, terms).await?);
    }
    show(global.format, &json!({"data": written}), text::written)
}

async fn write(door: &Door, terms: Terms) -> Result<Value, CliError> {
    door.post("/policies", &json!(terms)).await
}

async fn test(
    door: &Door,
    policy: &str,
    version: Option<i64>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Value, CliError> {
    let path = Path::new(policy);
    let draft = if path.is_file() { Some(only_one(read(path)?)?) } else { None };
    let body = match draft {
        Some(terms) => json!({"terms": terms, "from": from, "to": to}),
        None => json!({"policy": policy, "version": version, "from": from, "to": to}),
    };
    door.post("/policy-tests", &body).await
}

fn only_one(mut found: Vec<Terms>) -> Result<Terms, CliError> {
    match (found.pop(), found.is_empty()) {
        (Some(terms), true) => Ok(terms),
        _ => Err(CliError::Usage("a test is of one policy; the file holds several".to_owned())),
    }
}
