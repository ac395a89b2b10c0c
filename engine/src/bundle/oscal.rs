//! `oscal/assessment-results.json`: the period as OSCAL assessment results, so that tools for
//! compliance read it. One observation a run, one finding an automation.
//!
//! All ids are UUIDs of version 5 over what they stand for, so that the same period gives the same
//! bytes. OSCAL wants an assessment plan, which there is none of; a resource of the document says so.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use domain::{
    Timestamp,
    id::{AutomationId, RunId},
    run::{Run, RunStatus},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Maker, fault::Fault};

/// The version of OSCAL whose schema the document follows.
const VERSION: &str = "1.1.3";

/// The name space of our properties.
const NAMES: &str = "urn:assize:oscal";

/// What the runs of an automation came to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    runs: u64,
    /// Runs in which something was not carried out, or not yet.
    open: u64,
}

impl Tally {
    fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.open += u64::from(!is_in_order(run));
    }
}

/// Every action of the run was carried out, replayed, or skipped for a stated reason.
fn is_in_order(run: &Run) -> bool {
    let counts = run.counts;
    run.status == RunStatus::Completed
        && counts.failed + counts.awaiting_approval + counts.open == 0
}

fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The ids of a document.
struct Names {
    document: Uuid,
}

impl Names {
    fn of(&self, what: &str) -> String {
        Uuid::new_v5(&self.document, what.as_bytes()).to_string()
    }

    fn observation(&self, run: RunId) -> String {
        self.of(&format!("observation/{run}"))
    }
}

impl Maker {
    /// `oscal/assessment-results.json`, of which only the rows in hand are in memory.
    pub(super) async fn oscal(&mut self, signed_at: Timestamp, size: u64) -> Result<(), Fault> {
        self.sink.start("oscal/assessment-results.json").await?;
        let (period, keys) = (self.scope.period, &self.progress.bundle.automations);
        let title = format!("bundle/{}/{}/{}/{size}", period.from, period.until, keys.join(","));
        let workspace = self.scope.workspace.uuid();
        let names = Names { document: Uuid::new_v5(&workspace, title.as_bytes()) };
        self.write(&json!(names.document.to_string()), "{\"assessment-results\":{\"uuid\":");
        self.write(&metadata(&period.to_string(), signed_at, size), ",\"metadata\":");
        let plan = format!("#{}", names.of("plan"));
        self.write(&json!({"href": plan}), ",\"import-ap\":");
        self.write(&json!(names.of("result")), ",\"results\":[{\"uuid\":");
        self.write(&json!(format!("Governed automation, {period}")), ",\"title\":");
        self.write(&json!(RESULT), ",\"description\":");
        self.write(&json!(instant(period.begin())), ",\"start\":");
        self.write(&json!(instant(period.end())), ",\"end\":");
        self.write(&reviewed(), ",\"reviewed-controls\":");
        let tallies = self.observations(&names).await?;
        self.findings(&names, &tallies).await?;
        let resource = json!({"resources": [{
            "uuid": names.of("plan"),
            "title": "Definitions of the automations",
            "description": PLAN,
            "rlinks": [{"href": "../definitions/"}],
        }]});
        self.write(&resource, "}],\"back-matter\":");
        self.sink.bytes(b"}}\n");
        Ok(())
    }

    fn write(&mut self, value: &Value, before: &str) {
        self.sink.bytes(before.as_bytes());
        self.sink.bytes(value.to_string().as_bytes());
    }

    async fn observations(
        &mut self,
        names: &Names,
    ) -> Result<BTreeMap<AutomationId, Tally>, Fault> {
        let scope = self.scope.clone();
        let (mut walk, mut tallies) = (scope.runs(), BTreeMap::<_, Tally>::new());
        let mut before = ",\"observations\":[";
        while let Some(page) = walk.next(self.store()).await? {
            for run in &page {
                tallies.entry(run.automation).or_default().add(run);
                let observation = observation(names, run, scope.key(run.automation));
                self.write(&observation, before);
                before = ",";
            }
            self.page(page.len()).await?;
        }
        // A list that is there must not be empty.
        if before == "," {
            self.sink.bytes(b"]");
        }
        Ok(tallies)
    }

    async fn findings(
        &mut self,
        names: &Names,
        tallies: &BTreeMap<AutomationId, Tally>,
    ) -> Result<(), Fault> {
        let scope = self.scope.clone();
        let mut before = ",\"findings\":[";
        for (&automation, tally) in tallies {
            let finding = finding(names, scope.key(automation), *tally).to_string();
            self.sink.bytes(before.as_bytes());
            // The observations go inside, one by one.
            self.sink.bytes(finding.strip_suffix('}').unwrap_or(&finding).as_bytes());
            self.sink.bytes(b",\"related-observations\":[");
            let (mut walk, mut comma) = (scope.runs_of(automation), "");
            while let Some(page) = walk.next(self.store()).await? {
                for run in &page {
                    self.write(&json!({"observation-uuid": names.observation(run.id)}), comma);
                    comma = ",";
                }
                self.page(page.len()).await?;
            }
            self.sink.bytes(b"]}");
            before = ",";
        }
        if before == "," {
            self.sink.bytes(b"]");
        }
        Ok(())
    }
}

const RESULT: &str = "What automations did in the period: each run is an observation, each automation \
                      a finding. The audit log beside this document proves when it was recorded.";

const PLAN: &str = "There is no separate assessment plan: what is assessed, when and how stands in the \
                    versioned definitions of the automations, which are in the same bundle.";

fn metadata(period: &str, signed_at: Timestamp, size: u64) -> Value {
    json!({
        "title": format!("Assessment results of governed automation, {period}"),
        "last-modified": instant(signed_at),
        "version": size.to_string(),
        "oscal-version": VERSION,
        "remarks": "The version is the number of entries under the checkpoint of the bundle; the \
                    document is as old as that checkpoint.",
    })
}

fn reviewed() -> Value {
    json!({"control-selections": [{
        "description": "Assize keeps no catalogue of controls: findings name automations.",
        "include-all": {},
    }]})
}

fn observation(names: &Names, run: &Run, key: &str) -> Value {
    let counts = run.counts;
    let prop = |name: &str, value: String| json!({"name": name, "ns": NAMES, "value": value});
    let text = format!(
        "{} subjects: {} succeeded, {} replayed, {} skipped, {} failed, {} await approval. The run is \
         {}.",
        counts.subjects_matched,
        counts.succeeded,
        counts.idempotent_replay,
        counts.skipped,
        counts.failed,
        counts.awaiting_approval,
        run.status.as_str().replace('-', " "),
    );
    json!({
        "uuid": names.observation(run.id),
        "title": format!("Run {} of {key}", run.id),
        "description": text,
        "props": [
            prop("automation", key.to_owned()),
            prop("definition-version", run.version.to_string()),
            prop("run", run.id.to_string()),
            prop("status", run.status.to_string()),
            prop("trigger", run.trigger_kind.to_string()),
        ],
        "methods": ["TEST"],
        "collected": instant(run.started_at.unwrap_or(run.created_at)),
        "relevant-evidence": [
            {"href": "../runs.jsonl", "description": "The run"},
            {"href": "../items.jsonl", "description": "Its items, with their outcomes"},
            {"href": "../incidents.jsonl", "description": "What went wrong in it"},
            {"href": "../reports.jsonl", "description": "What it amounted to, round by round"},
        ],
    })
}

/// All of it but the observations it rests on.
fn finding(names: &Names, key: &str, tally: Tally) -> Value {
    let (state, reason) = match tally.open {
        0 => ("satisfied", "pass"),
        _ => ("not-satisfied", "fail"),
    };
    let text = match tally.open {
        0 => "In every run each action was carried out, replayed, or skipped for a stated reason.",
        _ => "In some runs an action failed, was cancelled, or is not decided yet.",
    };
    json!({
        "uuid": names.of(&format!("finding/{key}")),
        "title": key,
        "description": format!("{text} Runs: {}, not in order: {}.", tally.runs, tally.open),
        "target": {
            "type": "objective-id",
            "target-id": key,
            "status": {"state": state, "reason": reason},
        },
    })
}
