//! What `scenario.yaml` says.

use anyhow::{Context as _, anyhow, ensure};
use domain::{
    Timestamp, approval::Verdict, incident::Cause, member::Role, policy::Terms, record::RecordRef,
    trigger::TriggerKind,
};
use engine::definition;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::Example;

/// The whole of an example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub workspace: Workspace,
    /// When definitions and first records are put in place.
    pub begins: Timestamp,
    /// Up to when whatever is due is carried out.
    pub ends: Timestamp,
    /// The automation that delivers to the receiver, and whose failures are retried last of all.
    pub delivering: String,
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
    /// Something happens to a second process, at this very instant.
    Worker(Mishap),
    /// A member presses the kill switch of an automation.
    Kill(Kill),
    /// A member releases the kill switch that is pressed.
    Release(Release),
    /// A member writes a policy and switches it on.
    Policy(Govern),
    /// A member settles the open incidents of a cause.
    Settle(Settle),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kill {
    pub by: Role,
    pub automation: String,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub by: Role,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Govern {
    pub by: Role,
    pub reason: String,
    pub terms: Terms,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    pub by: Role,
    pub cause: Cause,
    pub note: String,
}

/// What happens to a second process while it waits for the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mishap {
    /// The receiver hangs, and it stops waiting.
    GivesUp,
    /// It ends.
    Vanishes,
    /// It stands still until its lease has ended and others have done its work.
    StandsStill,
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
    /// Answers every request with this status.
    Refuses(u16),
    /// Takes requests again.
    Up,
}

impl Scenario {
    /// Reads the scenario in the binary.
    pub fn read(example: Example) -> anyhow::Result<Self> {
        let value =
            definition::plain("scenario.yaml", example.files().scenario).map_err(|errors| {
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
        let scenario = Scenario::read(Example::CreditUnion).unwrap();
        let days = (scenario.ends - scenario.begins).num_days();
        assert_eq!(days, 92);
        assert!(scenario.steps.len() > 50, "{}", scenario.steps.len());
    }
}
