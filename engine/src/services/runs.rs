//! Reading runs, items and attempts.

use std::collections::HashMap;

use domain::{
    attempt::Attempt,
    automation::Automation,
    cancel::CancelReceipt,
    filter::RunFilter,
    id::{AutomationId, ItemId, RecordId, RunId},
    item::{Item, ItemState},
    page::{Page, Seek},
    permission::Permission,
    record::Record,
    run::{Run, RunStatus},
    trigger::TriggerEvent,
};

use super::{
    Caller, FieldError, ReportedDetail, ServiceError, Services, reported::reported_detail,
};
use crate::store::{Group, Session};

/// A page of runs and what is needed to show them.
#[derive(Debug, Clone, PartialEq)]
pub struct RunList {
    pub page: Page<Run>,
    pub automations: HashMap<AutomationId, Automation>,
}

/// A run and what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDetail {
    pub run: Run,
    pub automation: Automation,
    pub event: TriggerEvent,
    pub receipt: Option<CancelReceipt>,
    /// What is known of a reported run beyond its head.
    pub reported: Option<ReportedDetail>,
}

/// An item and what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemDetail {
    pub item: Item,
    pub run: Run,
    pub automation: Automation,
    pub subject: Record,
    pub result: Option<Record>,
    pub attempts: Vec<Attempt>,
}

impl Services {
    /// One page of the runs a filter finds.
    pub async fn runs(
        &self,
        caller: Caller,
        filter: &RunFilter,
        seek: Seek,
        size: i64,
    ) -> Result<RunList, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let automations = session.automation_heads(caller.workspace).await?;
        let chosen = chosen(&filter.definitions, &automations)?;
        let page = session.run_page(caller.workspace, filter, &chosen, seek, size).await?;
        let automations = automations.into_iter().map(|a| (a.id, a)).collect();
        Ok(RunList { page, automations })
    }

    /// The ids of all runs a filter finds, in the order of [`Services::runs`], as they are at one
    /// instant: for what goes over the whole set.
    pub(crate) async fn run_ids(
        &self,
        caller: Caller,
        filter: &RunFilter,
    ) -> Result<Vec<RunId>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let automations = session.automation_heads(caller.workspace).await?;
        let chosen = chosen(&filter.definitions, &automations)?;
        Ok(session.run_ids(caller.workspace, filter, &chosen).await?)
    }

    /// The runs a filter finds, grouped by automation, in the order of their names.
    pub async fn run_groups(
        &self,
        caller: Caller,
        filter: &RunFilter,
    ) -> Result<Vec<(Automation, Group)>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let automations = session.automation_heads(caller.workspace).await?;
        let chosen = chosen(&filter.definitions, &automations)?;
        let groups = session.run_groups(caller.workspace, filter, &chosen).await?;
        let mut groups: HashMap<_, _> = groups.into_iter().map(|g| (g.automation, g)).collect();
        let named = |a: Automation| groups.remove(&a.id).map(|group| (a, group));
        let mut named: Vec<_> = automations.into_iter().filter_map(named).collect();
        named.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        Ok(named)
    }

    /// One run.
    pub async fn run(&self, caller: Caller, id: RunId) -> Result<RunDetail, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let run = session.run(caller.workspace, id).await?.ok_or(ServiceError::NotFound("run"))?;
        let (automation, event) = surroundings(&mut session, &run).await?;
        let receipt = session.cancel_receipt(caller.workspace, id).await?;
        let reported = match run.is_reported() {
            true => reported_detail(&mut session, &run).await?,
            false => None,
        };
        Ok(RunDetail { run, automation, event, receipt, reported })
    }

    /// Items of a run by position, with these states or with any. Answers with the position to go on
    /// after, if there are more.
    pub async fn items(
        &self,
        caller: Caller,
        run: RunId,
        states: &[ItemState],
        after: Option<i64>,
        size: i64,
    ) -> Result<(Vec<Item>, Option<i64>), ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        session.run(caller.workspace, run).await?.ok_or(ServiceError::NotFound("run"))?;
        let mut items =
            session.items_of_run(caller.workspace, run, states, after, size + 1).await?;
        let more = items.len() as i64 > size;
        items.truncate(usize::try_from(size).unwrap_or(0));
        let next = items.last().filter(|_| more).map(|item| item.position);
        Ok((items, next))
    }

    /// One item of a run.
    pub async fn item(
        &self,
        caller: Caller,
        run: RunId,
        id: ItemId,
    ) -> Result<ItemDetail, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.item(caller.workspace, id).await?.filter(|item| item.run == run);
        let item = found.ok_or(ServiceError::NotFound("run item"))?;
        let run = session.run(caller.workspace, run).await?.ok_or(ServiceError::NotFound("run"))?;
        let (automation, _) = surroundings(&mut session, &run).await?;
        let subject = session.record(caller.workspace, item.subject).await?;
        let subject = subject.ok_or(ServiceError::NotFound("record"))?;
        let result = match item.result {
            Some(result) => session.record(caller.workspace, result).await?,
            None => None,
        };
        let attempts = session.attempts(caller.workspace, id).await?;
        Ok(ItemDetail { item, run, automation, subject, result, attempts })
    }

    /// What automation did about a record, or what brought it about, newest first.
    pub async fn items_about(
        &self,
        caller: Caller,
        record: RecordId,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Item>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.items_about(caller.workspace, record, seek, size).await?)
    }

    /// The records that resulted from some items, by id: for their links.
    pub async fn records_by_ids(
        &self,
        caller: Caller,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, Record>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let records = session.records_by_ids(caller.workspace, ids).await?;
        Ok(records.into_iter().map(|record| (record.id, record)).collect())
    }

    /// The latest runs of one automation, newest first.
    pub async fn latest_runs(
        &self,
        caller: Caller,
        automation: AutomationId,
        limit: i64,
    ) -> Result<Vec<Run>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.latest_runs(caller.workspace, automation, limit).await?)
    }

    /// The statuses of the latest runs of each of these automations, at most `limit` of each, oldest
    /// first.
    pub async fn recent_statuses(
        &self,
        caller: Caller,
        automations: &[AutomationId],
        limit: i64,
    ) -> Result<HashMap<AutomationId, Vec<RunStatus>>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.recent_statuses(caller.workspace, automations, limit).await?;
        let mut strips: HashMap<AutomationId, Vec<RunStatus>> = HashMap::new();
        for (automation, status) in found {
            strips.entry(automation).or_default().push(status);
        }
        Ok(strips)
    }
}

/// The ids of a filter's definitions. An unknown key is an error: a filter that silently finds
/// nothing looks like an empty quarter.
pub(super) fn chosen(
    definitions: &[String],
    known: &[Automation],
) -> Result<Vec<AutomationId>, ServiceError> {
    let id = |key: &String| {
        known.iter().find(|automation| automation.key == *key).map(|a| a.id).ok_or_else(|| {
            let message = format!("there is no definition with the key '{key}'");
            ServiceError::Invalid(vec![FieldError::new("definition", message)])
        })
    };
    definitions.iter().map(id).collect()
}

async fn surroundings(
    session: &mut Session,
    run: &Run,
) -> Result<(Automation, TriggerEvent), ServiceError> {
    let automation = session.automation(run.workspace, run.automation).await?;
    let event = session.trigger_event(run.workspace, run.trigger_event).await?;
    Ok((
        automation.ok_or(ServiceError::NotFound("automation"))?.automation,
        event.ok_or(ServiceError::NotFound("trigger event"))?,
    ))
}
