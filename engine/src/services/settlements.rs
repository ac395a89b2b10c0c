//! Settling incidents: somebody looked into it and says what became of it. The incident itself stays as
//! it was written.

use domain::{
    audit::{Draft, Object, Verb},
    id::IncidentId,
    incident::{Incident, IncidentFilter, IncidentGroup, Settlement},
    permission::Permission,
};
use serde_json::json;

use super::{Caller, ServiceError, Services, cancel::check_reason, runs::chosen};
use crate::store::{Session, StoreError, Tx};

/// An incident that is to be settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleOrder {
    pub incident: IncidentId,
    /// What became of it, for whoever reads it later.
    pub note: String,
    /// The open incidents of the same cause in the same run, too.
    pub alike: bool,
}

impl Services {
    /// Says what became of an incident. Answers with what was settled, this one first.
    pub async fn settle_incident(
        &self,
        caller: Caller,
        order: SettleOrder,
    ) -> Result<Vec<Settlement>, ServiceError> {
        self.require(caller, Permission::SettleIncidents).await?;
        let note = checked(&order.note)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let incidents = open(tx, caller, &order).await?;
                let settle = |incident: &Incident| Settlement {
                    incident: incident.id,
                    workspace: caller.workspace,
                    note: note.clone(),
                    settled_by: caller.principal.member(),
                    settled_at: now,
                };
                let settled: Vec<Settlement> = incidents.iter().map(settle).collect();
                match tx.insert_settlements(caller.workspace, &settled).await {
                    // Somebody else was faster.
                    Err(StoreError::Conflict(_)) => return Err(settled_before()),
                    written => written?,
                }
                let drafts: Vec<_> =
                    incidents.iter().map(|one| entry(caller, one, &note)).collect();
                tx.append_audit(caller.workspace, &ids, now, &drafts).await?;
                Ok(settled)
            })
        })
        .await
    }

    /// How many other incidents of the same cause in the same run are open, too.
    pub async fn open_alike(&self, caller: Caller, id: IncidentId) -> Result<i64, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let incident = found(&mut session, caller, id).await?;
        let alike = session.open_alike(&incident).await?;
        Ok(alike.iter().filter(|other| other.id != id).count() as i64)
    }

    /// The incidents a filter finds, by their cause: how many, how many of them are open, the first and
    /// the last. The cause that was seen last comes first.
    pub async fn incident_groups(
        &self,
        caller: Caller,
        filter: &IncidentFilter,
    ) -> Result<Vec<IncidentGroup>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let automations = session.automation_heads(caller.workspace).await?;
        let chosen = chosen(&filter.definitions, &automations)?;
        Ok(session.incident_groups(caller.workspace, filter, &chosen).await?)
    }
}

async fn found(
    session: &mut Session,
    caller: Caller,
    id: IncidentId,
) -> Result<Incident, ServiceError> {
    let incident = session.incident(caller.workspace, id).await?;
    incident.ok_or(ServiceError::NotFound("incident"))
}

/// What the order is about, if it is open: the incident that was named, then those like it.
async fn open(
    tx: &mut Tx,
    caller: Caller,
    order: &SettleOrder,
) -> Result<Vec<Incident>, ServiceError> {
    let named = found(tx, caller, order.incident).await?;
    if !tx.settlements(caller.workspace, &[named.id]).await?.is_empty() {
        return Err(settled_before());
    }
    let mut incidents = match order.alike {
        true => tx.open_alike(&named).await?,
        false => Vec::new(),
    };
    incidents.retain(|other| other.id != named.id);
    incidents.insert(0, named);
    Ok(incidents)
}

fn settled_before() -> ServiceError {
    ServiceError::conflict("incident-settled", "This incident was settled before.")
}

fn checked(note: &str) -> Result<String, ServiceError> {
    if note.trim().is_empty() {
        let message = "say what became of it; it is kept with the incident";
        return Err(ServiceError::invalid("note", message));
    }
    check_reason(note).map_err(|error| match error {
        ServiceError::Invalid(mut errors) => {
            errors.iter_mut().for_each(|error| "note".clone_into(&mut error.field));
            ServiceError::Invalid(errors)
        }
        other => other,
    })
}

fn entry(caller: Caller, incident: &Incident, note: &str) -> Draft {
    let object = Object::new("incident", incident.id);
    let draft = Draft::new(caller.principal, Verb::IncidentSettled, object)
        .with(json!({"note": note, "cause": incident.cause, "severity": incident.severity}));
    match incident.run {
        Some(run) => draft.in_run(run),
        None => draft,
    }
}
