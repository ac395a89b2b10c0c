//! What can happen in a scenario, as calls of the services.

use std::io::Cursor;

use anyhow::{Context as _, bail, ensure};
use domain::{
    approval::ApprovalStatus,
    filter::RunFilter,
    incident::{IncidentFilter, Standing},
    page::{MAX_SIZE, Seek},
    retry::PlanVerdict,
    run::RunStatus,
};
use engine::services::{
    DecisionRequest, KillOrder, NewEvent, Presence, RecordFile, RecordFormat, RetryRequest,
    Services, SettleOrder,
};
use serde_json::json;

use super::{
    files::Files,
    player::Player,
    scenario::{Act, Decide, Event, Govern, Kill, Reception, Record, Release, Retry, Settle},
    stage::{self, Cast},
};

impl Act {
    pub(super) async fn perform(&self, player: &Player<'_>, files: &Files) -> anyhow::Result<()> {
        let Player { services, cast, receiver, .. } = player;
        match self {
            Self::Event(event) => tell(services, cast, event).await,
            Self::Import(records) => stage::import(services, cast.host, files, records).await,
            Self::Record(record) => send(services, cast, record).await,
            Self::Decide(decision) => decide(services, cast, decision).await,
            Self::Retry(wish) => retry(services, cast, wish).await,
            Self::Receiver(Reception::StopsAfter(count)) => {
                receiver.stop_after(*count);
                Ok(())
            }
            Self::Receiver(Reception::Refuses(status)) => {
                receiver.refuse(*status);
                Ok(())
            }
            Self::Receiver(Reception::Up) => {
                receiver.recover();
                Ok(())
            }
            Self::Worker(mishap) => mishap.befall(player).await,
            Self::Kill(kill) => press(services, cast, kill).await,
            Self::Release(release) => let_start_again(services, cast, release).await,
            Self::Policy(policy) => govern(services, cast, policy).await,
            Self::Settle(settle) => settle_open(services, cast, settle).await,
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

async fn press(services: &Services, cast: &Cast, kill: &Kill) -> anyhow::Result<()> {
    let order =
        KillOrder { automation: Some(kill.automation.clone()), reason: kill.reason.clone() };
    services.press_kill_switch(cast.member(kill.by)?, order).await?;
    Ok(())
}

async fn let_start_again(
    services: &Services,
    cast: &Cast,
    release: &Release,
) -> anyhow::Result<()> {
    let caller = cast.member(release.by)?;
    let presence = Presence::SignedIn(services.clock().now());
    for switch in services.pressed_switches(caller).await? {
        services.release_kill_switch(caller, switch.id, &release.reason, presence).await?;
    }
    Ok(())
}

async fn govern(services: &Services, cast: &Cast, policy: &Govern) -> anyhow::Result<()> {
    let (caller, terms) = (cast.member(policy.by)?, policy.terms.clone());
    let key = terms.key.clone();
    services.apply_policy(caller, terms).await?;
    services.switch_policy_on(caller, &key, None, &policy.reason).await?;
    Ok(())
}

async fn settle_open(services: &Services, cast: &Cast, settle: &Settle) -> anyhow::Result<()> {
    let caller = cast.member(settle.by)?;
    let filter = IncidentFilter {
        causes: vec![settle.cause],
        standing: Some(Standing::Open),
        ..IncidentFilter::default()
    };
    let open = services.incidents(caller, &filter, Seek::First, MAX_SIZE).await?.page.rows;
    ensure!(!open.is_empty(), "no incident of the cause {} is open", settle.cause);
    for incident in open {
        let note = settle.note.clone();
        let order = SettleOrder { incident: incident.id, note, alike: false };
        services.settle_incident(caller, order).await?;
    }
    Ok(())
}
