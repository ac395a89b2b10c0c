//! Everything a caller can ask for in a workspace, by the name of its service. What is about people
//! and the log stands in the tests of people.

use chrono::NaiveDate;
use domain::{
    approval::{ApprovalStatus, Verdict},
    export::ExportFormat,
    filter::RunFilter,
    health::HealthQuery,
    incident::IncidentFilter,
    page::Seek,
    period::Period,
    permission::Permission,
    record::ImportMode,
    trigger::{EventFilter, TriggerKind},
};
use engine::{
    services::{
        Caller, DecisionRequest, ExportedList, ItemFilter, NewEvent, RecordFile, RecordFormat,
        RetryRequest, RunRequest, ServiceError, SettleOrder, Supposed,
    },
    store::RecordFilter,
};
use serde_json::json;

use crate::house::{House, Scene, finished, on_request};

/// What an act does with an id of another workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// It takes none.
    TakesNone,
    /// There is no such thing.
    NotFound,
    /// A list of ids; what is unknown is left out.
    LeftOut,
}

use Foreign::{LeftOut, NotFound, TakesNone};

pub const ACTS: &[(&str, Permission, Foreign)] = &[
    ("runs", Permission::ViewRuns, TakesNone),
    ("run_groups", Permission::ViewRuns, TakesNone),
    ("run_summary", Permission::ViewRuns, TakesNone),
    ("health", Permission::ViewRuns, TakesNone),
    ("trigger_events", Permission::ViewRuns, TakesNone),
    ("runs_of_event", Permission::ViewRuns, LeftOut),
    ("runs_of_events", Permission::ViewRuns, LeftOut),
    ("refusals_of_event", Permission::ViewRuns, NotFound),
    ("run", Permission::ViewRuns, NotFound),
    ("item_cost", Permission::ViewRuns, NotFound),
    ("budgets", Permission::ViewRuns, TakesNone),
    ("budget_periods", Permission::ViewRuns, LeftOut),
    ("items", Permission::ViewRuns, NotFound),
    ("item", Permission::ViewRuns, NotFound),
    ("items_about", Permission::ViewRuns, LeftOut),
    ("records_by_ids", Permission::ViewRuns, LeftOut),
    ("latest_runs", Permission::ViewRuns, LeftOut),
    ("recent_statuses", Permission::ViewRuns, LeftOut),
    ("retry_plan", Permission::ViewRuns, NotFound),
    ("cancel_preview", Permission::ViewRuns, NotFound),
    ("approvals", Permission::ViewRuns, TakesNone),
    ("approval", Permission::ViewRuns, NotFound),
    ("approvals_of_item", Permission::ViewRuns, LeftOut),
    ("open_approval_count", Permission::ViewRuns, TakesNone),
    ("approvals_by_ids", Permission::ViewRuns, LeftOut),
    ("decisions_of", Permission::ViewRuns, LeftOut),
    ("items_by_ids", Permission::ViewRuns, LeftOut),
    ("automations_of_runs", Permission::ViewRuns, LeftOut),
    ("automations_by_id", Permission::ViewRuns, TakesNone),
    ("automations", Permission::ViewRuns, TakesNone),
    ("automation", Permission::ViewRuns, NotFound),
    ("automation_by_key", Permission::ViewRuns, NotFound),
    ("automation_versions", Permission::ViewRuns, NotFound),
    ("automation_version", Permission::ViewRuns, NotFound),
    ("registers", Permission::ViewRuns, TakesNone),
    ("list_records", Permission::ViewRuns, TakesNone),
    ("record", Permission::ViewRuns, NotFound),
    ("record_by_ref", Permission::ViewRuns, NotFound),
    ("brief", Permission::ViewRuns, TakesNone),
    ("run_reports", Permission::ViewRuns, NotFound),
    ("run_metrics", Permission::ViewRuns, NotFound),
    ("run_steps", Permission::ViewRuns, NotFound),
    ("incidents", Permission::ViewRuns, TakesNone),
    ("incident_counts", Permission::ViewRuns, TakesNone),
    ("incident", Permission::ViewRuns, NotFound),
    ("open_alike", Permission::ViewRuns, NotFound),
    ("incident_groups", Permission::ViewRuns, TakesNone),
    ("settle_incident", Permission::SettleIncidents, NotFound),
    ("export", Permission::ExportLists, NotFound),
    ("trigger_event", Permission::ViewRuns, NotFound),
    ("retry", Permission::RetryItems, NotFound),
    ("cancel", Permission::CancelRuns, NotFound),
    ("close_run", Permission::CloseRuns, NotFound),
    ("decide", Permission::DecideApprovals, NotFound),
    ("request_run", Permission::RequestRuns, NotFound),
    ("receive_event", Permission::SendTriggerEvents, TakesNone),
    ("receive_untimed_event", Permission::SendTriggerEvents, TakesNone),
    ("report_run", Permission::ReportRuns, TakesNone),
    ("revise_report", Permission::ReportRuns, NotFound),
    ("import_records", Permission::ImportRecords, TakesNone),
    ("import_file", Permission::ImportRecords, TakesNone),
    ("apply_definition", Permission::ApplyDefinitions, TakesNone),
    ("compare_definitions", Permission::ViewRuns, TakesNone),
    ("foresee", Permission::ApplyDefinitions, NotFound),
    ("set_enabled", Permission::ApplyDefinitions, NotFound),
];

/// What came back, as text: `"[]"`, `"{}"` or `"0"` where nothing did.
type Answer = Result<String, ServiceError>;

fn text(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// Asks for one act on what the scene names.
pub async fn act(house: &House, caller: Caller, name: &str, scene: &Scene) -> Answer {
    match look(house, caller, name, scene).await {
        Some(answer) => answer,
        None => change(house, caller, name, scene).await,
    }
}

/// Acts that only read.
async fn look(house: &House, caller: Caller, name: &str, scene: &Scene) -> Option<Answer> {
    let services = &house.services;
    let (all, first) = (RunFilter::default(), Seek::First);
    let (run, item, record) = (scene.held, scene.item, scene.record);
    let (automation, approval) = (scene.automation, scene.approval.id);
    Some(match name {
        "runs" => services.runs(caller, &all, first, 9).await.map(|found| text(&found.page.rows)),
        "run_groups" => services.run_groups(caller, &all).await.map(|found| text(&found)),
        "run_summary" => services.run_summary(caller, &all).await.map(|found| text(&found)),
        "health" => {
            let quarter = HealthQuery {
                from: NaiveDate::from_ymd_opt(2026, 6, 30),
                to: NaiveDate::from_ymd_opt(2026, 7, 1),
                ..HealthQuery::default()
            };
            services.health(caller, &quarter).await.map(|found| match found.now.total().runs() {
                0 => "0".to_owned(),
                _ => text(&found.now),
            })
        }
        "trigger_events" => {
            let all = EventFilter::default();
            services.trigger_events(caller, &all, first, 9).await.map(|found| text(&found.rows))
        }
        "runs_of_event" => {
            services.runs_of_event(caller, scene.event).await.map(|found| text(&found))
        }
        "refusals_of_event" => {
            services.refusals_of_event(caller, scene.event).await.map(|found| text(&found))
        }
        "runs_of_events" => {
            services.runs_of_events(caller, &[scene.event]).await.map(|found| text(&found))
        }
        "run" => services.run(caller, run).await.map(|found| text(&found)),
        "item_cost" => services.item_cost(caller, run, item).await.map(|found| text(&found)),
        "budgets" => services.budgets(caller).await.map(|found| text(&found)),
        "budget_periods" => {
            services.budget_periods(caller, automation).await.map(|found| text(&found))
        }
        "items" => services.items(caller, run, &[], None, 9).await.map(|found| text(&found)),
        "item" => services.item(caller, run, item).await.map(|found| text(&found)),
        "items_about" => {
            services.items_about(caller, record, first, 9).await.map(|found| text(&found.rows))
        }
        "records_by_ids" => {
            services.records_by_ids(caller, &[record]).await.map(|found| text(&found))
        }
        "latest_runs" => {
            services.latest_runs(caller, automation, 9).await.map(|found| text(&found))
        }
        "recent_statuses" => services
            .recent_statuses(caller, &[automation], 9)
            .await
            .map(|found| text(&found.into_values().flatten().collect::<Vec<_>>())),
        "retry_plan" => services.retry_plan(caller, run).await.map(|found| text(&found)),
        "cancel_preview" => services.cancel_preview(caller, run).await.map(|found| text(&found)),
        "approvals" => {
            let found = services.approvals(caller, ApprovalStatus::Open, first, 9).await;
            found.map(|found| text(&found.rows))
        }
        "approval" => services.approval(caller, approval).await.map(|found| text(&found)),
        "approvals_of_item" => {
            let found = services.approvals_of_item(caller, scene.approval.item).await;
            found.map(|found| text(&found))
        }
        "open_approval_count" => {
            services.open_approval_count(caller).await.map(|found| text(&found))
        }
        "approvals_by_ids" => {
            services.approvals_by_ids(caller, &[approval]).await.map(|found| text(&found))
        }
        "decisions_of" => {
            services.decisions_of(caller, &[approval]).await.map(|found| text(&found))
        }
        "items_by_ids" => services.items_by_ids(caller, &[item]).await.map(|found| text(&found)),
        "automations_of_runs" => {
            services.automations_of_runs(caller, &[run]).await.map(|found| text(&found))
        }
        "automations_by_id" => services.automations_by_id(caller).await.map(|found| text(&found)),
        "automations" => services.automations(caller).await.map(|found| text(&found)),
        "automation" => services.automation(caller, automation).await.map(|found| text(&found)),
        "automation_by_key" => {
            services.automation_by_key(caller, &scene.key).await.map(|found| text(&found))
        }
        "automation_versions" => {
            services.automation_versions(caller, automation).await.map(|found| text(&found))
        }
        "automation_version" => {
            services.automation_version(caller, automation, 1).await.map(|found| text(&found))
        }
        "registers" => services.registers(caller).await.map(|found| text(&found)),
        "list_records" => {
            let filter = RecordFilter { kind: "account".into(), key_contains: None };
            services.list_records(caller, &filter, first, 9).await.map(|found| text(&found.rows))
        }
        "record" => services.record(caller, record).await.map(|found| text(&found)),
        "record_by_ref" => {
            services.record_by_ref(caller, &scene.reference).await.map(|found| text(&found))
        }
        "brief" => {
            let period = Period::quarter_of(services.clock().now().date_naive());
            services.brief(caller, period).await.map(|brief| text(&brief.groups))
        }
        "export" => {
            let items = ExportedList::Items(ItemFilter { run, outcome: None });
            let exported = services.export(caller, items, ExportFormat::Jsonl).await;
            exported.map(|exported| text(&exported))
        }
        "run_reports" => services.run_reports(caller, run).await.map(|found| text(&found)),
        "run_metrics" => services.run_metrics(caller, run).await.map(|found| text(&found)),
        "run_steps" => {
            services.run_steps(caller, scene.told, None, 9).await.map(|found| text(&found))
        }
        "incidents" => {
            let found = services.incidents(caller, &IncidentFilter::default(), first, 9).await;
            found.map(|found| text(&found.page.rows))
        }
        "incident_counts" => {
            let found = services.incident_counts(caller, &IncidentFilter::default()).await;
            found.map(|found| text(&found))
        }
        "incident" => services.incident(caller, scene.incident).await.map(|found| text(&found)),
        "open_alike" => services.open_alike(caller, scene.incident).await.map(|found| text(&found)),
        "incident_groups" => {
            let found = services.incident_groups(caller, &IncidentFilter::default()).await;
            found.map(|found| text(&found))
        }
        "trigger_event" => {
            services.trigger_event(caller, scene.event).await.map(|found| text(&found))
        }
        _ => return None,
    })
}

/// Acts that change something.
async fn change(house: &House, caller: Caller, name: &str, scene: &Scene) -> Answer {
    let services = &house.services;
    match name {
        "retry" => {
            let request = RetryRequest {
                run: scene.held,
                plan_digest: scene.digest.clone(),
                acknowledged: vec![scene.item],
                reason: "the cause is mended".into(),
            };
            services.retry(caller, request).await.map(|done| text(&done))
        }
        "cancel" => services.cancel(caller, scene.waiting, "wrong").await.map(|done| text(&done)),
        "close_run" => {
            services.close_run(caller, scene.held_too, "accepted").await.map(|done| text(&done))
        }
        "settle_incident" => {
            let note = "looked into".to_owned();
            let order = SettleOrder { incident: scene.incident, note, alike: false };
            services.settle_incident(caller, order).await.map(|done| text(&done))
        }
        "decide" => {
            let request = DecisionRequest {
                approval: scene.approval.id,
                verdict: Verdict::Approve,
                reason: String::new(),
                action_digest: scene.approval.action_digest.clone(),
            };
            services.decide(caller, request).await.map(|done| text(&done))
        }
        "request_run" => {
            let subject = Some(scene.reference.clone());
            let request = RunRequest { subject, ..RunRequest::default() };
            services.request_run(caller, &scene.key, request).await.map(|done| text(&done))
        }
        "receive_event" | "receive_untimed_event" => {
            let event = NewEvent {
                kind: TriggerKind::GovernedEvent,
                source: "test".into(),
                external_id: format!("{name}-{}", scene.held),
                event_type: "checked".into(),
                subject: None,
                occurred_at: services.clock().now(),
                payload: json!({}),
            };
            let received = match name {
                "receive_event" => services.receive_event(caller, event).await,
                _ => services.receive_untimed_event(caller, event).await,
            };
            received.map(|done| text(&done))
        }
        "report_run" => {
            let report = finished(&format!("more-{}", scene.held), services.clock().now());
            services.report_run(caller, report).await.map(|done| text(&done))
        }
        "revise_report" => {
            let done = services.revise_report(caller, scene.told, None, None).await;
            done.map(|done| text(&done))
        }
        "import_records" => {
            let row = format!("key,status\nNEW-{},active\n", scene.held);
            house.import(caller, &row).await.map(|done| text(&done))
        }
        "import_file" => {
            let rows = std::io::Cursor::new(format!("key\nFILE-{}\n", scene.held));
            let (format, kind) = (RecordFormat::Csv, Some("account".into()));
            let file = RecordFile { name: "a.csv".into(), format, kind };
            let mode = ImportMode::BestEffort;
            services.import_file(caller, file, mode, rows).await.map(|done| text(&done))
        }
        "apply_definition" => {
            let action = "actioner: findings.create, with: { title: New, severity: low }";
            // Another text each time, so that it is never the same version.
            let yaml = on_request("applied", action, &format!("description: {}", scene.held));
            services.apply_definition(caller, "a.yaml", &yaml).await.map(|done| text(&done))
        }
        "compare_definitions" => {
            let yaml = on_request(
                "applied",
                "actioner: findings.create, with: { title: New, severity: low }",
                "",
            );
            let compared = services.compare_definitions(caller, "a.yaml", &yaml).await;
            compared.map(|found| format!("{found:?}"))
        }
        "foresee" => {
            let known = services.automation_by_key(house.host, &scene.key).await?;
            let supposed =
                Supposed { subject: Some(scene.reference.clone()), ..Supposed::default() };
            let foreseen = services.foresee(caller, known, supposed).await;
            foreseen.map(|found| format!("{found:?}"))
        }
        "set_enabled" => {
            services.set_enabled(caller, &scene.key, true).await.map(|done| text(&done))
        }
        unknown => panic!("{unknown}"),
    }
}
