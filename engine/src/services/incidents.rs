//! Reading incidents.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::{AutomationId, IncidentId},
    incident::{Incident, IncidentFilter, Settlement, Severity},
    item::Item,
    page::{Page, Seek},
    permission::Permission,
    run::Run,
};

use super::{Caller, ServiceError, Services, runs::chosen};

/// A page of incidents and what is needed to show them.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentList {
    pub page: Page<Incident>,
    pub automations: HashMap<AutomationId, Automation>,
    /// Of those on the page that were settled.
    pub settled: HashMap<IncidentId, Settlement>,
}

/// An incident and what it is about, as that stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentDetail {
    pub incident: Incident,
    pub settlement: Option<Settlement>,
    pub automation: Option<Automation>,
    pub run: Option<Run>,
    pub item: Option<Item>,
}

impl Services {
    /// One page of the incidents a filter finds, newest first.
    pub async fn incidents(
        &self,
        caller: Caller,
        filter: &IncidentFilter,
        seek: Seek,
        size: i64,
    ) -> Result<IncidentList, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let automations = session.automation_heads(caller.workspace).await?;
        let chosen = chosen(&filter.definitions, &automations)?;
        let page = session.incident_page(caller.workspace, filter, &chosen, seek, size).await?;
        let shown: Vec<_> = page.rows.iter().map(|incident| incident.id).collect();
        let settled = session.settlements(caller.workspace, &shown).await?;
        let automations = automations.into_iter().map(|a| (a.id, a)).collect();
        Ok(IncidentList { page, automations, settled })
    }

    /// How many incidents of each severity a filter without definitions finds, the lowest first.
    pub async fn incident_counts(
        &self,
        caller: Caller,
        filter: &IncidentFilter,
    ) -> Result<Vec<(Severity, i64)>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.incident_counts(caller.workspace, filter).await?)
    }

    /// One incident.
    pub async fn incident(
        &self,
        caller: Caller,
        id: IncidentId,
    ) -> Result<IncidentDetail, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.incident(caller.workspace, id).await?;
        let incident = found.ok_or(ServiceError::NotFound("incident"))?;
        let settlement = session.settlements(caller.workspace, &[id]).await?.remove(&id);
        let run = match incident.run {
            Some(run) => session.run(caller.workspace, run).await?,
            None => None,
        };
        let item = match incident.item {
            Some(item) => session.item(caller.workspace, item).await?,
            None => None,
        };
        let heads = session.automation_heads(caller.workspace).await?;
        let automation = heads.into_iter().find(|head| Some(head.id) == incident.automation);
        Ok(IncidentDetail { incident, settlement, automation, run, item })
    }
}
