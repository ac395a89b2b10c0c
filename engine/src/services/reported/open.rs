//! Making known what is reported for the first time: the automation, the run and the event that stands
//! for its beginning.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    automation::{Automation, OnItemFailure, Version},
    counts::Counts,
    id::{AutomationId, RunId, TriggerEventId},
    member::Principal,
    report::Tally,
    reported::{State, definition},
    run::{Run, RunStatus, Told},
    trigger::{TriggerEvent, TriggerKind},
};
use serde_json::json;

use super::{NONE, NewReport};
use crate::{
    ids::Ids,
    origin,
    services::{Caller, ServiceError},
    store::{ReportedRun, Tx},
};

/// The source of the events that stand for the beginning of reported runs.
const SOURCE: &str = "assize/reported";

/// Who makes something known, and when.
pub(super) struct Opening<'a> {
    pub caller: Caller,
    pub ids: &'a Ids,
    pub now: Timestamp,
}

impl Opening<'_> {
    /// The automation with the report's key.
    pub(super) async fn automation(
        &self,
        tx: &mut Tx,
        report: &NewReport,
        drafts: &mut Vec<Draft>,
    ) -> Result<Automation, ServiceError> {
        let workspace = self.caller.workspace;
        if let Some(known) = tx.automation_by_key(workspace, &report.automation).await? {
            if known.definition.trigger.kind == TriggerKind::Reported {
                return Ok(known.automation);
            }
            let message = "Assize carries this automation out; report under a key of its own";
            return Err(ServiceError::conflict("executed-here", message));
        }
        let name = report.name.as_deref().unwrap_or(&report.automation);
        let automation = Automation {
            id: AutomationId::new(self.ids.uuid(self.now)),
            workspace,
            key: report.automation.clone(),
            name: name.to_owned(),
            version: 1,
            enabled: true,
            created_at: self.now,
            updated_at: self.now,
        };
        let definition = definition(&automation.key, name);
        let version = Version {
            automation: automation.id,
            number: 1,
            source: format!(
                "# Reported by those who run it; nothing of it is carried out here.\nkey: {}\n",
                automation.key
            ),
            digest: definition.digest(),
            definition,
            created_at: self.now,
            created_by: self.caller.principal.member(),
        };
        tx.insert_automation(&automation, TriggerKind::Reported, self.now).await?;
        tx.insert_version(workspace, &version).await?;
        drafts.push(made_known(self.caller.principal, &automation, &version.digest));
        Ok(automation)
    }

    /// A run that was not heard of before, before any statement is taken in. Answers whether it was made
    /// here: somebody else may have made it known while its event was waited for.
    pub(super) async fn run(
        &self,
        tx: &mut Tx,
        automation: &Automation,
        report: &NewReport,
        drafts: &mut Vec<Draft>,
    ) -> Result<(RunId, bool), ServiceError> {
        let event = self.event(automation, report);
        if !tx.insert_trigger_event(&event).await? {
            let made = tx.run_by_external_id(event.workspace, &report.external_id).await?;
            return Ok((made.ok_or(NONE)?, false));
        }
        let run = Run {
            id: RunId::new(self.ids.uuid(self.now)),
            workspace: self.caller.workspace,
            automation: automation.id,
            version: automation.version,
            trigger_event: event.id,
            trigger_kind: TriggerKind::Reported,
            status: RunStatus::Running,
            round: 0,
            counts: Counts::default(),
            tally: Tally::default(),
            cost: None,
            matched: true,
            on_item_failure: OnItemFailure::Close,
            created_at: self.now,
            started_at: None,
            completed_at: None,
            cancel: None,
            killed: None,
            failure: None,
            told: Some(Told::default()),
            pruned: None,
        };
        tx.insert_run(&run).await?;
        let head = ReportedRun {
            run: run.id,
            workspace: run.workspace,
            external_id: report.external_id.clone(),
            state: State::default(),
            heard_at: self.now,
            silent_after: None,
            kept: 0,
        };
        tx.insert_reported_run(&head).await?;
        let object = Object::new("run", run.id);
        let draft = Draft::new(self.caller.principal, Verb::RunCreated, object).in_run(run.id);
        drafts.push(draft.with(json!({
            "automation": run.automation,
            "version": run.version,
            "event": run.trigger_event,
            "kind": run.kind(),
        })));
        Ok((run.id, true))
    }

    fn event(&self, automation: &Automation, report: &NewReport) -> TriggerEvent {
        let occurred_at = report.statements.iter().map(|said| said.at).min().unwrap_or(self.now);
        TriggerEvent {
            id: TriggerEventId::new(self.ids.uuid(self.now)),
            workspace: self.caller.workspace,
            kind: TriggerKind::Reported,
            source: SOURCE.to_owned(),
            external_id: report.external_id.clone(),
            event_type: "run.reported".to_owned(),
            subject: None,
            occurred_at,
            received_at: self.now,
            trace: origin::current().belongs_to(),
            payload: json!({"automation": automation.key}),
        }
    }
}

fn made_known(actor: Principal, automation: &Automation, digest: &str) -> Draft {
    let after = json!({"name": automation.name, "version": automation.version, "digest": digest});
    Draft::new(actor, Verb::DefinitionCreated, Object::new("automation", automation.id))
        .with(json!({"key": automation.key, "file": "reported", "after": after}))
}
