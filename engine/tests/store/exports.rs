//! What is taken home is what the list shows: the list walked page by page, its count, and its files.

use std::io::{Cursor, Read as _};

use domain::{
    audit::{AuditFilter, Verb},
    counts::Counts,
    export::ExportFormat,
    filter::RunFilter,
    id::{IncidentId, RunId},
    incident::{Cause, Facts, Incident, IncidentFilter, Raised, Severity},
    item::ItemState,
    page::Seek,
    run::RunStatus,
    trigger::{EventFilter, TriggerKind},
};
use engine::{
    both_databases,
    ids::Ids,
    services::{Caller, ExportedList, ItemFilter, ServiceError},
    store::RecordFilter,
};
use futures::StreamExt as _;
use serde_json::Value;
use zip::ZipArchive;

use crate::{
    house::{House, KEYED, at, fenced},
    pages::{Dice, populated},
};

/// Filters tried on each database.
const FILTERS: usize = 50;

pub fn host(house: &House) -> Caller {
    Caller { workspace: house.workspace, principal: domain::member::Principal::Host }
}

async fn export(
    house: &House,
    caller: Caller,
    list: ExportedList,
    format: ExportFormat,
) -> Vec<u8> {
    let mut export = house.services.export(caller, list, format).await.unwrap();
    let mut file = Vec::new();
    while let Some(bytes) = export.bytes.next().await {
        file.append(&mut bytes.unwrap());
    }
    file
}

/// The rows of a CSV file, each with its head.
pub async fn csv(house: &House, caller: Caller, list: ExportedList) -> Vec<csv::StringRecord> {
    let file = export(house, caller, list, ExportFormat::Csv).await;
    csv::Reader::from_reader(&file[..]).records().map(Result::unwrap).collect()
}

/// The rows of a JSONL file, whose last line has counted them.
pub async fn jsonl(house: &House, caller: Caller, list: ExportedList) -> Vec<Value> {
    let file = export(house, caller, list, ExportFormat::Jsonl).await;
    let text = String::from_utf8(file).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let end = lines.pop().unwrap();
    assert!(lines.remove(0)["export"]["exported_at"].is_string());
    assert_eq!(end["end"]["rows"], lines.len());
    lines
}

/// The first sheet of an XLSX file.
async fn sheet(house: &House, list: ExportedList) -> String {
    let file = export(house, host(house), list, ExportFormat::Xlsx).await;
    let mut archive = ZipArchive::new(Cursor::new(file)).unwrap();
    let mut text = String::new();
    let mut part = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
    part.read_to_string(&mut text).unwrap();
    text
}

/// The list as somebody sees it who goes from page to page.
pub async fn walked(
    house: &House,
    caller: Caller,
    filter: &RunFilter,
    size: i64,
) -> (Vec<RunId>, Counts) {
    let (mut ids, mut counts, mut seek) = (Vec::new(), Counts::default(), Some(Seek::First));
    while let Some(here) = seek {
        let page = house.services.runs(caller, filter, here, size).await.unwrap().page;
        ids.extend(page.rows.iter().map(|run| run.id));
        page.rows.iter().for_each(|run| counts += run.counts);
        seek = page.next;
    }
    (ids, counts)
}

/// One of many incidents, with every cause in turn.
fn incident(house: &House, n: usize) -> Incident {
    let raised = Raised {
        run: None,
        automation: None,
        item: None,
        occurrence: format!("occurrence {n}"),
        cause: Cause::ALL[n % Cause::ALL.len()],
        facts: Facts::default(),
    };
    raised.enter(IncidentId::new(house.uuid()), house.workspace, at(n as i64))
}

both_databases! {
    async fn the_list_its_count_its_csv_and_its_jsonl_agree_for_50_random_filters(db: TestStore) {
        let dice = Dice(Ids::seeded(22));
        let (house, _) = populated(&db, &dice).await;
        let (mut longest, mut empty) = (0, 0);
        for n in 0..FILTERS {
            let (mut filter, _) = dice.filter(&house);
            filter.definitions = dice.some(&["aa", "bb", "cc"]).into_iter().map(str::to_owned).collect();
            let list = ExportedList::Runs(filter.clone());
            let (ids, counts) = walked(&house, host(&house), &filter, 1 + (n as i64 * 7) % 40).await;
            let ids: Vec<_> = ids.iter().map(RunId::to_string).collect();

            let groups = house.services.run_groups(host(&house), &filter).await.unwrap();
            let total: i64 = groups.iter().map(|(_, group)| group.total.runs).sum();
            assert_eq!(total, ids.len() as i64, "{filter:?}");

            let rows = csv(&house, host(&house), list.clone()).await;
            let found: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
            assert_eq!(found, ids, "{filter:?}");
            let items: i64 = rows.iter().map(|row| row[12].parse::<i64>().unwrap()).sum();
            assert_eq!(items, counts.subjects_matched, "{filter:?}");

            let rows = jsonl(&house, host(&house), list.clone()).await;
            let found: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!(found, ids, "{filter:?}");
            let failed: i64 = rows.iter().map(|row| row["failed"].as_i64().unwrap()).sum();
            assert_eq!(failed, counts.failed, "{filter:?}");

            let sheet = sheet(&house, list).await;
            assert_eq!(sheet.matches("<row ").count(), ids.len() + 1, "{filter:?}");
            assert!(ids.iter().all(|id| sheet.contains(id)), "{filter:?}");
            longest = longest.max(ids.len());
            empty += usize::from(ids.is_empty());
        }
        assert!(longest > 50 && empty < FILTERS / 2, "{longest} {empty}");
    }

    async fn a_list_longer_than_a_page_is_whole_and_what_comes_later_is_not_in_it(db: TestStore) {
        let house = House::new(&db).await;
        let runs: Vec<_> = (0..1_203).map(|_| house.pending(0)).collect();
        house.store_runs(&runs).await;
        let list = ExportedList::Runs(RunFilter::default());
        let mut export =
            house.services.export(host(&house), list, ExportFormat::Jsonl).await.unwrap();
        let mut file = export.bytes.next().await.unwrap().unwrap();
        // While the file is written, a run is created and another one ends.
        let late = house.pending(0);
        let ended = domain::run::Run {
            status: RunStatus::Completed,
            started_at: Some(at(5)),
            completed_at: Some(at(6)),
            matched: true,
            ..runs[700].clone()
        };
        house.store_runs(std::slice::from_ref(&late)).await;
        let before = runs[700].clone();
        house.write(move |tx| Box::pin(async move { tx.update_run(&before, &ended).await }))
            .await.unwrap();
        while let Some(bytes) = export.bytes.next().await {
            file.append(&mut bytes.unwrap());
        }
        let text = String::from_utf8(file).unwrap();
        assert_eq!(text.lines().count(), 1_203 + 2);
        assert!(runs.iter().all(|run| text.contains(&run.id.to_string())));
        assert!(!text.contains(&late.id.to_string()));
    }

    async fn items_are_those_of_the_run_with_the_outcome(db: TestStore) {
        let house = House::new(&db).await;
        let run = domain::run::Run { matched: true, ..house.pending(0) };
        house.store_runs(std::slice::from_ref(&run)).await;
        let items: Vec<_> = (0..9).map(|n| house.item(run.id, n, KEYED)).collect();
        house.store_items(&items).await;
        let mut skipped = items[4].clone();
        skipped.state = ItemState::Skipped;
        house.update(vec![fenced(&items[4], skipped)]).await.unwrap();
        let of = |outcome: Option<&str>| {
            ExportedList::Items(ItemFilter { run: run.id, outcome: outcome.map(str::to_owned) })
        };
        let keys = |rows: Vec<Value>| -> Vec<String> {
            rows.iter().map(|row| row["subject_key"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(keys(jsonl(&house, host(&house), of(None)).await).len(), 9);
        assert_eq!(keys(jsonl(&house, host(&house), of(Some("skipped"))).await), ["ACC-0004"]);
        assert_eq!(keys(jsonl(&house, host(&house), of(Some("open"))).await).len(), 8);
        let error = house
            .services
            .export(host(&house), of(Some("done")), ExportFormat::Csv)
            .await
            .unwrap_err();
        assert!(matches!(error, ServiceError::Invalid(_)), "{error}");
    }

    async fn records_and_entries_are_those_of_their_lists(db: TestStore) {
        let house = House::new(&db).await;
        let filter = RecordFilter { kind: "account".into(), key_contains: Some("acc-000".into()) };
        let listed = house.services.list_records(host(&house), &filter, Seek::First, 50).await;
        let listed: Vec<_> = listed.unwrap().rows.into_iter().map(|record| record.key).collect();
        let rows = csv(&house, host(&house), ExportedList::Records(filter)).await;
        let found: Vec<_> = rows.iter().map(|row| row[2].to_owned()).collect();
        assert_eq!((found.len(), found), (10, listed));

        // The log without its newest entries, which the exports themselves make.
        let filter = AuditFilter::default();
        let shown = house.services.audit_entries(host(&house), &filter, 500).await.unwrap();
        let rows = jsonl(&house, host(&house), ExportedList::Audit(filter)).await;
        assert_eq!(rows.len(), shown.len());
        for (row, entry) in rows.iter().zip(&shown) {
            assert_eq!(row["seq"], entry.seq);
            assert_eq!(row["leaf"], entry.leaf.as_str());
        }
    }

    async fn events_and_incidents_are_those_of_their_lists_over_many_pages(db: TestStore) {
        let house = House::new(&db).await;
        let source = |n: usize| if n.is_multiple_of(3) { "tower" } else { "register" };
        let events: Vec<_> = (0..601).map(|n| house.event(source(n), &format!("e-{n}"))).collect();
        let incidents: Vec<_> = (0..601).map(|n| incident(&house, n)).collect();
        let (stored, raised) = (events.clone(), incidents.clone());
        house
            .write(move |tx| {
                Box::pin(async move {
                    for event in &stored {
                        assert!(tx.insert_trigger_event(event).await?);
                    }
                    tx.insert_incidents(&raised).await
                })
            })
            .await
            .unwrap();

        let filter = EventFilter { source: Some("tower".into()), ..EventFilter::default() };
        let rows = jsonl(&house, host(&house), ExportedList::Events(filter)).await;
        let wanted = events.iter().rev().filter(|event| event.source == "tower");
        let wanted: Vec<_> = wanted.map(|event| event.external_id.as_str()).collect();
        let found: Vec<_> = rows.iter().map(|row| row["external_id"].as_str().unwrap()).collect();
        assert_eq!((found.len(), found), (201, wanted));
        let every = csv(&house, host(&house), ExportedList::Events(EventFilter::default())).await;
        assert!(every.len() >= events.len(), "{}", every.len());

        let filter = IncidentFilter { severities: vec![Severity::High], ..IncidentFilter::default() };
        let rows = csv(&house, host(&house), ExportedList::Incidents(filter)).await;
        let mut wanted: Vec<_> =
            incidents.iter().filter(|one| one.severity == Severity::High).collect();
        wanted.sort_by_key(|one| std::cmp::Reverse((one.occurred_at, one.id.uuid())));
        let wanted: Vec<_> = wanted.iter().map(|one| one.id.to_string()).collect();
        let found: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
        assert_eq!((found.len(), found), (wanted.len(), wanted));
        let every = jsonl(&house, host(&house), ExportedList::Incidents(IncidentFilter::default())).await;
        assert_eq!(every.len(), incidents.len());
        assert_eq!(every[0]["title"], incidents[600].presentation.title);
    }

    async fn an_export_is_in_the_log_before_its_first_byte(db: TestStore) {
        let house = House::new(&db).await;
        let filter = RunFilter {
            statuses: vec![RunStatus::Failed],
            triggers: vec![TriggerKind::Schedule],
            ..RunFilter::default()
        };
        let asked = ExportedList::Runs(filter);
        let export = house.services.export(host(&house), asked, ExportFormat::Csv).await.unwrap();
        drop(export);
        let last = AuditFilter::default();
        let entries = house.services.audit_entries(host(&house), &last, 1).await.unwrap();
        assert_eq!(entries[0].verb, Verb::ListExported);
        let payload = entries[0].payload.clone().unwrap();
        let expected = serde_json::json!({
            "list": "runs", "filter": "status=failed&trigger=schedule", "format": "csv",
        });
        assert_eq!(payload, expected);
    }

    async fn nothing_of_another_workspace_is_taken_home(db: TestStore) {
        let house = House::new(&db).await;
        let run = house.run().await;
        house.store_items(&[house.item(run.id, 0, KEYED)]).await;
        let stranger = Caller { workspace: house.other, ..host(&house) };
        let items = ExportedList::Items(ItemFilter { run: run.id, outcome: None });
        let error = house.services.export(stranger, items, ExportFormat::Csv).await.unwrap_err();
        assert!(matches!(error, ServiceError::NotFound("run")), "{error}");
        let lists = [
            ExportedList::Runs(RunFilter::default()),
            ExportedList::Records(RecordFilter { kind: "account".into(), key_contains: None }),
        ];
        for list in lists {
            let mut export =
                house.services.export(stranger, list, ExportFormat::Jsonl).await.unwrap();
            let mut file = Vec::new();
            while let Some(bytes) = export.bytes.next().await {
                file.append(&mut bytes.unwrap());
            }
            assert_eq!(String::from_utf8(file).unwrap().lines().count(), 2);
        }
    }
}
