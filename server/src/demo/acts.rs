//! What can happen in a scenario, as calls of the services.

use std::io::Cursor;

use anyhow::{Context as _, bail, ensure};
use domain::{
    approval::ApprovalStatus, filter::RunFilter, page::MAX_SIZE, page::Seek, retry::PlanVerdict,
    run::RunStatus,
};
use engine::services::{
    DecisionRequest, NewEvent, RecordFile, RecordFormat, RetryRequest, Services,
};
use serde_json::json;

use super::{
    Receiver,
    scenario::{Act, Decide, Event, Reception, Record, Retry},
    stage::{self, Cast},
};

impl Act {
    pub(super) async fn perform(
        &self,
        services: &Services,
        cast: &Cast,
        receiver: &Receiver,
    ) -> anyhow::Result<()> {
        match self {
            Self::Event(event) => tell(services, cast, event).await,
            Self::Import(records) => stage::import(services, cast.host, records).await,
            Self::Record(record) => send(services, cast, record).await,
            Self::Decide(decision) => decide(services, cast, decision).await,
            Self::Retry(wish) => retry(services, cast, wish).await,
            Self::Receiver(Reception::StopsAfter(count)) => {
                receiver.stop_after(*count);
                Ok(())
            }
            Self::Receiver(Reception::Up) => {
                receiver.recover();
                Ok(())
            }
        }
    }
}

async fn tell(services: &Services, cast: &Cast, event: &Event) -> anyhow::Result<()> {
    let event = NewEvent {
        kind: event.kind,
        source: event.source.clone(),
        external_id: event.id.clone(),
        event_type: event.event_type.clone(),
        subject: Some(event.subject.clone()),
        occurred_at: event.occurred_at.unwrap_or_else(|| services.clock().now()),
        payload: event.payload.clone(),
    };
    services.receive_event(cast.host, event).await?;
    Ok(())
}

async fn send(services: &Services, cast: &Cast, record: &Record) -> anyhow::Result<()> {
    let mut line = record.attributes.clone();
    line.insert("key".to_owned(), json!(record.key));
    let file = RecordFile {
        name: format!("{}.ndjson", record.key),
        format: RecordFormat::Ndjson,
        kind: Some(record.kind.clone()),
    };
    let text = serde_json::to_string(&line)?;
    services.import_records(cast.host, file, Cursor::new(text)).await?;
    Ok(())
}

async fn decide(services: &Services, cast: &Cast, decision: &Decide) -> anyhow::Result<()> {
    let caller = cast.member(decision.by)?;
    let open = services.approvals(caller, ApprovalStatus::Open, Seek::First, MAX_SIZE).await?;
    for approval in open.rows {
        let item = services.item(caller, approval.run, approval.item).await?;
        if item.automation.key == decision.automation
            && item.subject.reference() == decision.subject
        {
            let request = DecisionRequest {
                approval: approval.id,
                verdict: decision.verdict,
                reason: decision.reason.clone(),
                action_digest: approval.action_digest,
            };
            services.decide(caller, request).await?;
            return Ok(());
        }
    }
    bail!("{} waits for no approval about {}", decision.automation, decision.subject)
}

async fn retry(services: &Services, cast: &Cast, wish: &Retry) -> anyhow::Result<()> {
    let caller = cast.member(wish.by)?;
    let filter = RunFilter {
        definitions: vec![wish.automation.clone()],
        statuses: vec![RunStatus::CompletedWithFailures],
        ..RunFilter::default()
    };
    let runs = services.runs(caller, &filter, Seek::First, 1).await?;
    let run =
        runs.page.rows.first().with_context(|| format!("{} did not fail", wish.automation))?;
    let plan = services.retry_plan(caller, run.id).await?;
    ensure!(
        plan.items.iter().all(|item| item.verdict == PlanVerdict::Safe),
        "not every retry of {} is safe",
        wish.automation
    );
    let request = RetryRequest {
        run: run.id,
        plan_digest: plan.digest,
        acknowledged: Vec::new(),
        reason: wish.reason.clone(),
    };
    services.retry(caller, request).await?;
    Ok(())
}
