//! The figures of a process, and of the database behind it. `docs/OPERATIONS.md` says what each means
//! and what to be woken for.

use domain::{Timestamp, money::Usd};
use engine::store::{BudgetsUnderWay, Guards, LogState, Queue, StoreError};

use super::{
    Watch,
    latency::{BOUNDS, Route, Timing},
    text::{Family, Form, Kind, Text},
};

/// What the database says.
struct Stored {
    queue: Queue,
    outbox: Queue,
    logs: Vec<LogState>,
    guards: Guards,
    budgets: Vec<BudgetsUnderWay>,
}

impl Watch {
    /// All figures as text.
    pub(super) async fn exposition(&self, form: Form) -> String {
        let stored = self.stored().await;
        if let Err(error) = &stored {
            tracing::warn!(%error, "figures of the database cannot be had");
        }
        let mut text = Text::new(form);
        self.process(&mut text);
        text.family(
            Kind::Gauge,
            "assize_database_up",
            "Whether the database answers (1) or not (0)",
        )
        .sample(&[], u8::from(stored.is_ok()));
        if let Ok(stored) = stored {
            let now = self.services().clock().now();
            queue(&mut text, stored.queue, now);
            outbox(&mut text, stored.outbox, now);
            logs(&mut text, &stored.logs, now);
            guards(&mut text, stored.guards);
            budgets(&mut text, &stored.budgets);
        }
        self.engine(&mut text);
        self.http(&mut text);
        text.finish()
    }

    async fn stored(&self) -> Result<Stored, StoreError> {
        let mut session = self.services().store().read().await?;
        Ok(Stored {
            queue: session.queue().await?,
            outbox: session.waiting_deliveries().await?,
            logs: session.log_states().await?,
            guards: session.guards().await?,
            budgets: session.budgets_under_way(self.services().clock().now()).await?,
        })
    }

    fn process(&self, text: &mut Text) {
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        text.family(Kind::Info, "assize_build", "Which build this is").sample(&version, 1);
        let help = "When the process began, in seconds since 1970";
        text.family(Kind::Gauge, "process_start_time_seconds", help)
            .sample(&[], self.started().timestamp());
    }

    /// What this process did.
    fn engine(&self, text: &mut Text) {
        let figures = self.services().store().meter().read();
        let mut runs = text.family(Kind::Counter, "assize_runs_ended", "Runs that ended, by how");
        for (status, count) in figures.runs_ended() {
            runs.sample(&[("status", status.as_str())], count);
        }
        let help = "Outcomes that items came to; a retried item can come to several";
        let mut items = text.family(Kind::Counter, "assize_item_outcomes", help);
        for (outcome, count) in figures.outcomes() {
            items.sample(&[("outcome", outcome.as_str())], count);
        }
        let help = "Incidents that were raised, by type: denials, ceilings and switches among them";
        let mut incidents = text.family(Kind::Counter, "assize_incidents", help);
        for (kind, count) in figures.incidents() {
            incidents.sample(&[("type", kind.as_str())], count);
        }
        let help = "Items taken back from a worker that did not return within its lease";
        text.family(Kind::Counter, "assize_lease_rescues", help).sample(&[], figures.rescued);
        let help = "Answers that came after their lease had ended and changed nothing";
        text.family(Kind::Counter, "assize_fences", help).sample(&[], figures.fenced);
    }

    fn http(&self, text: &mut Text) {
        let routes = self.0.latency.read();
        let mut answers = text.family(Kind::Counter, "assize_http_requests", "Requests answered");
        for (Route { method, template }, timing) in &routes {
            for (status, count) in &timing.statuses {
                let status = status.to_string();
                answers
                    .sample(&[("method", method), ("route", template), ("status", &status)], count);
            }
        }
        let help = "Time until the first byte of an answer";
        let name = "assize_http_request_duration_seconds";
        let mut durations = text.family(Kind::Histogram, name, help);
        for (route, timing) in &routes {
            histogram(&mut durations, route, timing);
        }
    }
}

fn histogram(family: &mut Family<'_>, Route { method, template }: &Route, timing: &Timing) {
    let labels = [("method", *method), ("route", template.as_str())];
    let mut below = 0;
    for (bound, more) in BOUNDS.iter().zip(timing.buckets) {
        below += more;
        family.part("_bucket", &[labels[0], labels[1], ("le", &format!("{bound:?}"))], below);
    }
    family.part("_bucket", &[labels[0], labels[1], ("le", "+Inf")], timing.answers);
    family.part("_sum", &labels, timing.seconds).part("_count", &labels, timing.answers);
}

/// The work that waits.
fn queue(text: &mut Text, queue: Queue, now: Timestamp) {
    text.family(Kind::Gauge, "assize_queue_items", "Items that wait to be carried out")
        .sample(&[], queue.items);
    let help = "How long the item waits that could have been begun first; 0 where none could";
    text.family(Kind::Gauge, "assize_queue_oldest_seconds", help)
        .sample(&[], queue.due_since.map_or(0, |since| seconds(since, now)));
}

/// What is to be told to the outside.
fn outbox(text: &mut Text, outbox: Queue, now: Timestamp) {
    text.family(Kind::Gauge, "assize_outbox_deliveries", "Deliveries to webhooks that wait")
        .sample(&[], outbox.items);
    let help = "How long the delivery waits that is due the longest; 0 where none is due";
    text.family(Kind::Gauge, "assize_outbox_oldest_seconds", help)
        .sample(&[], outbox.due_since.map_or(0, |since| seconds(since, now)));
}

/// The audit logs and their signatures.
fn logs(text: &mut Text, logs: &[LogState], now: Timestamp) {
    let refused = logs.iter().filter(|log| log.refused).count();
    let sound = || logs.iter().filter(|log| !log.refused);
    let signed = sound().filter(|log| log.signed.is_some()).count();
    let help =
        "Audit logs: signed, not signed yet, or refused because they are not what was signed";
    let mut family = text.family(Kind::Gauge, "assize_audit_logs", help);
    for (state, count) in
        [("signed", signed), ("unsigned", sound().count() - signed), ("refused", refused)]
    {
        family.sample(&[("state", state)], count);
    }
    let oldest = sound().filter_map(|log| log.signed).map(|(_, at)| seconds(at, now)).max();
    let help = "Age of the last checkpoint, of the log where it is oldest; 0 where none is signed";
    text.family(Kind::Gauge, "assize_checkpoint_oldest_seconds", help)
        .sample(&[], oldest.unwrap_or(0));
}

/// What holds automations back.
fn guards(text: &mut Text, guards: Guards) {
    text.family(Kind::Gauge, "assize_kill_switches_pressed", "Kill switches that are pressed")
        .sample(&[], guards.switches_pressed);
    text.family(Kind::Gauge, "assize_policies_on", "Policies that are switched on")
        .sample(&[], guards.policies_on);
}

/// What the periods that are under way may spend, and what is gone of it.
fn budgets(text: &mut Text, budgets: &[BudgetsUnderWay]) {
    type Read = fn(&BudgetsUnderWay) -> Usd;
    let families: [(&str, &str, Read); 3] = [
        ("assize_budget_ceiling_usd", "What may be spent in the periods under way", |one| {
            one.ceiling
        }),
        ("assize_budget_spent_usd", "What was spent in them", |one| one.spending.total()),
        ("assize_budget_reserved_usd", "What is reserved in them", |one| one.spending.reserved),
    ];
    for (name, help, read) in families {
        let mut family = text.family(Kind::Gauge, name, help);
        for one in budgets {
            family.sample(&[("every", one.every.as_str())], read(one));
        }
    }
}

/// From then until now; clocks of several machines differ a little.
fn seconds(since: Timestamp, now: Timestamp) -> i64 {
    (now - since).num_seconds().max(0)
}
