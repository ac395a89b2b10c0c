//! What `scenario.yaml` says.

use anyhow::{Context as _, anyhow, ensure};
use domain::{Timestamp, approval::Verdict, member::Role, record::RecordRef, trigger::TriggerKind};
use engine::definition;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::files;

/// The whole quarter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub workspace: Workspace,
    /// When definitions and first records are put in place.
    pub begins: Timestamp,
    /// Up to when whatever is due is carried out.
    pub ends: Timestamp,
    pub members: Vec<Member>,
    pub records: Vec<Records>,
    /// In the order of their instants.
    pub steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    pub slug: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub role: Role,
    pub name: String,
    pub email: String,
}

/// A file of records and the register it belongs to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    pub kind: String,
    pub file: String,
}

/// Something that happens.
#[derive(Debug, Deserialize)]
pub struct Step {
    pub at: Timestamp,
    #[serde(flatten)]
    pub act: Act,
}

/// What happens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A source tells of something.
    Event(Event),
    /// A source sends a file of records.
    Import(Records),
    /// A source sends one record.
    Record(Record),
    /// A member decides an approval.
    Decide(Decide),
    /// A member retries the run that closed with failures.
    Retry(Retry),
    /// The receiver of requests goes or comes back.
    Receiver(Reception),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub kind: TriggerKind,
    #[serde(rename = "type")]
    pub event_type: String,
    pub source: String,
    pub id: String,
    /// When it happened, if that is not when it is told.
    pub occurred_at: Option<Timestamp>,
    #[serde(deserialize_with = "reference")]
    pub subject: RecordRef,
    pub payload: Value,
}

#[derive(Debug, Deserialize)]
pub struct Record {
    pub kind: String,
    pub key: String,
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    pub by: Role,
    pub automation: String,
    #[serde(deserialize_with = "reference")]
    pub subject: RecordRef,
    pub verdict: Verdict,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    pub by: Role,
    pub automation: String,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reception {
    /// Takes so many more requests, then none.
    StopsAfter(u32),
    /// Takes requests again.
    Up,
}

impl Scenario {
    /// Reads the scenario in the binary.
    pub fn read() -> anyhow::Result<Self> {
        let value = definition::plain("scenario.yaml", files::SCENARIO).map_err(|errors| {
            anyhow!(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        let scenario: Self = serde_json::from_value(value).context("scenario.yaml")?;
        let instants = scenario.steps.iter().map(|step| step.at);
        ensure!(
            instants.clone().is_sorted()
                && instants.clone().all(|at| (scenario.begins..=scenario.ends).contains(&at)),
            "scenario.yaml: steps come in the order of their instants, between begin and end"
        );
        Ok(scenario)
    }
}

/// `kind/key`.
fn reference<'de, D: Deserializer<'de>>(source: D) -> Result<RecordRef, D::Error> {
    let text = String::deserialize(source)?;
    let (kind, key) = text.split_once('/').ok_or_else(|| D::Error::custom("kind/key"))?;
    Ok(RecordRef { kind: kind.to_owned(), key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_covers_thirteen_mondays() {
        let scenario = Scenario::read().unwrap();
        let days = (scenario.ends - scenario.begins).num_days();
        assert_eq!(days, 92);
        assert!(scenario.steps.len() > 50, "{}", scenario.steps.len());
    }
}
