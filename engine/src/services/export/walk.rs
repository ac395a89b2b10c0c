//! Walking through a list, a page at a time, in its own order.
//!
//! Pages come from the services that the lists themselves ask, so that whoever exports sees no more
//! than the list shows.

use std::{collections::HashMap, vec};

use domain::{
    Timestamp,
    approval::{Approval, ApprovalStatus},
    audit::AuditFilter,
    automation::Automation,
    id::{AutomationId, RunId},
    incident::IncidentFilter,
    item::ItemState,
    page::{Place, Seek},
    permission::Permission,
    record::check_kind,
    run::Run,
    time::LATEST,
    trigger::EventFilter,
    webhook::DeliveryFilter,
    window::Sight,
};
use uuid::Uuid;

use super::{
    Caller, ExportedList, ServiceError, Services,
    rows::{ApprovalRow, Page},
};
use crate::store::RecordFilter;

/// Rows that are in memory at once.
const PAGE: i64 = 500;

/// A place in a list that is being exported.
#[derive(Clone)]
pub(super) struct Walk {
    services: Services,
    caller: Caller,
    /// What the caller saw when the export began.
    sight: Sight,
    way: Way,
}

/// What is left of the list.
#[derive(Clone)]
enum Way {
    Runs {
        left: vec::IntoIter<RunId>,
        automations: HashMap<AutomationId, Automation>,
    },
    /// `below` is the first position that nothing stood at yet, while subjects were still matched.
    Items {
        run: RunId,
        states: Vec<ItemState>,
        after: Option<i64>,
        below: Option<i64>,
    },
    /// `last` is where the list ended.
    Approvals {
        status: ApprovalStatus,
        seek: Seek,
        last: Option<Place>,
    },
    /// What is new comes before the newest.
    Records {
        filter: RecordFilter,
        seek: Seek,
    },
    Audit {
        filter: AuditFilter,
    },
    Incidents {
        filter: IncidentFilter,
        seek: Seek,
    },
    Events {
        filter: EventFilter,
        seek: Seek,
    },
    Deliveries {
        filter: DeliveryFilter,
        seek: Seek,
    },
    Ended,
}

impl Walk {
    /// Looks whether there is such a list, and fixes what is in it.
    pub(super) async fn begin(
        services: &Services,
        caller: Caller,
        list: &ExportedList,
    ) -> Result<Self, ServiceError> {
        let sight = services.sight_now(caller).await?;
        let way = match list {
            ExportedList::Runs(filter) => {
                let left = services.run_ids(caller, filter).await?.into_iter();
                Way::Runs { left, automations: services.automations_by_id(caller).await? }
            }
            ExportedList::Items(filter) => {
                let run = services.run(caller, filter.run).await?.run;
                let below = (!run.matched).then_some(run.counts.subjects_matched);
                let states = filter.states().ok_or_else(|| {
                    ServiceError::invalid("outcome", "expected open or the word of an outcome")
                })?;
                Way::Items { run: run.id, states, after: None, below }
            }
            ExportedList::Approvals(status) => {
                let end = Seek::Before(Place { at: LATEST, id: Uuid::max() });
                let end = services.approvals(caller, *status, end, 1).await?.rows.pop();
                let last = end.as_ref().map(place);
                Way::Approvals { status: *status, seek: Seek::First, last }
            }
            ExportedList::Incidents(filter) => {
                Way::Incidents { filter: filter.clone(), seek: Seek::First }
            }
            ExportedList::Events(filter) => {
                Way::Events { filter: filter.clone(), seek: Seek::First }
            }
            ExportedList::Deliveries(filter) => {
                Way::Deliveries { filter: filter.clone(), seek: Seek::First }
            }
            ExportedList::Records(filter) => {
                check_kind(&filter.kind).map_err(|_| ServiceError::NotFound("register"))?;
                Way::Records { filter: filter.clone(), seek: Seek::First }
            }
            ExportedList::Audit(filter) => {
                let size = services.audit_root(caller).await?.size;
                let before = Some(i64::try_from(size).unwrap_or(i64::MAX));
                let filter = AuditFilter { before, after: None, ..filter.clone() };
                Way::Audit { filter }
            }
        };
        Ok(Self { services: services.clone(), caller, sight, way })
    }

    /// Whether the list has at most so many rows. It is walked through only where nothing less tells.
    pub(super) async fn has_at_most(&self, most: usize) -> Result<bool, ServiceError> {
        match &self.way {
            Way::Runs { left, .. } => return Ok(left.len() <= most),
            Way::Audit { filter } => {
                let bound = filter.before.and_then(|seq| usize::try_from(seq).ok());
                if bound.is_some_and(|bound| bound <= most) {
                    return Ok(true);
                }
            }
            _ => {}
        }
        let mut ahead = self.clone();
        let mut rows = 0;
        while let Some(page) = ahead.page().await? {
            rows += page.len();
            if rows > most {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next rows, which may be none; `None` at the end.
    pub(super) async fn page(&mut self) -> Result<Option<Page>, ServiceError> {
        let (services, caller) = (self.services.clone(), self.caller);
        // A file that lacks what can no longer be seen would pass for a whole one.
        if services.sight_now(caller).await? != self.sight {
            let message = "your windows were changed while the file was written; export it again";
            return Err(ServiceError::conflict("windows-changed", message));
        }
        let (page, more) = match &mut self.way {
            Way::Ended => return Ok(None),
            Way::Runs { left, automations } => {
                let ids: Vec<_> = left.take(PAGE as usize).collect();
                let rows = runs(&services, caller, &ids, automations).await?;
                (Page::Runs(rows), left.len() > 0)
            }
            Way::Items { run, states, after, below } => {
                let (mut items, next) = services.items(caller, *run, states, *after, PAGE).await?;
                *after = next;
                items.retain(|item| below.is_none_or(|below| item.position < below));
                (Page::Items(items), next.is_some())
            }
            Way::Approvals { status, seek, last } => {
                let page = services.approvals(caller, *status, *seek, PAGE).await?;
                *seek = page.next.unwrap_or_default();
                let mut rows = page.rows;
                rows.retain(|row| last.is_some_and(|last| key(place(row)) <= key(last)));
                let rows = approvals(&services, caller, rows).await?;
                (Page::Approvals(rows), page.next.is_some())
            }
            Way::Records { filter, seek } => {
                let page = services.list_records(caller, filter, *seek, PAGE).await?;
                *seek = page.next.unwrap_or_default();
                (Page::Records(page.rows), page.next.is_some())
            }
            Way::Incidents { filter, seek } => {
                let list = services.incidents(caller, filter, *seek, PAGE).await?;
                let next = list.page.next;
                *seek = next.unwrap_or_default();
                (Page::Incidents(list), next.is_some())
            }
            Way::Events { filter, seek } => {
                let page = services.trigger_events(caller, filter, *seek, PAGE).await?;
                *seek = page.next.unwrap_or_default();
                (Page::Events(page.rows), page.next.is_some())
            }
            Way::Deliveries { filter, seek } => {
                let page = services.deliveries(caller, filter, *seek, PAGE).await?;
                *seek = page.next.unwrap_or_default();
                (Page::Deliveries(page.rows), page.next.is_some())
            }
            Way::Audit { filter } => {
                let entries = services.audit_entries(caller, filter, PAGE).await?;
                filter.before = entries.last().map(|entry| entry.seq);
                let more = entries.len() as i64 == PAGE;
                (Page::Entries(entries), more)
            }
        };
        if !more {
            self.way = Way::Ended;
        }
        Ok(Some(page))
    }
}

fn place(approval: &Approval) -> Place {
    Place { at: approval.requested_at, id: approval.id.uuid() }
}

fn key(Place { at, id }: Place) -> (Timestamp, Uuid) {
    (at, id)
}

/// The runs with these ids, in this order.
async fn runs(
    services: &Services,
    caller: Caller,
    ids: &[RunId],
    automations: &HashMap<AutomationId, Automation>,
) -> Result<Vec<(Run, Option<Automation>)>, ServiceError> {
    let mut session = services.reading(caller, Permission::ViewRuns).await?;
    let found = session.runs_by_ids(caller.workspace, ids).await?;
    drop(session);
    let mut found: HashMap<_, _> = found.into_iter().map(|run| (run.id, run)).collect();
    let row = |run: Run| (automations.get(&run.automation).cloned(), run);
    let rows = ids.iter().filter_map(|id| found.remove(id)).map(row);
    Ok(rows.map(|(automation, run)| (run, automation)).collect())
}

/// Approvals with the decisions on them.
async fn approvals(
    services: &Services,
    caller: Caller,
    approvals: Vec<Approval>,
) -> Result<Vec<ApprovalRow>, ServiceError> {
    let ids: Vec<_> = approvals.iter().map(|approval| approval.id).collect();
    let mut decisions = services.decisions_of(caller, &ids).await?;
    let row = |approval: Approval| ApprovalRow {
        decisions: decisions.remove(&approval.id).unwrap_or_default(),
        approval,
    };
    Ok(approvals.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use domain::member::Principal;

    use super::*;
    use crate::{
        both_databases,
        clock::Clock,
        ids::Ids,
        services::{RecordFile, RecordFormat},
    };

    both_databases! {
        async fn whether_a_sheet_holds_a_list_is_known_before_it_begins(db: TestStore) {
            let clock = Clock::manual("2026-07-01T08:00:00Z".parse().unwrap());
            let services = Services::new(db.store.clone(), clock, Ids::random());
            let main = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
            let caller = Caller { workspace: main.id, principal: Principal::Host };
            let keys: String = (0..PAGE + 1).map(|n| format!("A-{n}\n")).collect();
            let file = RecordFile {
                name: "accounts.csv".to_owned(),
                format: RecordFormat::Csv,
                kind: Some("account".to_owned()),
            };
            let text = std::io::Cursor::new(format!("key\n{keys}").into_bytes());
            services.import_records(caller, file, text).await.unwrap();
            let records = ExportedList::Records(RecordFilter::new("account", None).unwrap());
            let entries = ExportedList::Audit(AuditFilter::default());
            let rows = usize::try_from(PAGE).unwrap() + 1;
            for (list, rows) in [(records, rows), (entries, 2)] {
                let walk = Walk::begin(&services, caller, &list).await.unwrap();
                assert!(walk.has_at_most(rows).await.unwrap(), "{list:?}");
                assert!(!walk.has_at_most(rows - 1).await.unwrap(), "{list:?}");
            }
        }
    }
}
