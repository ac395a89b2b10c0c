//! Facts, statuses, numbers, code and time.

use domain::{attempt::AttemptEnd, counts::Counts, item::ItemState, run::RunStatus};
use leptos::prelude::*;
use serde_json::json;

use super::{LONG, ago, now};
use crate::components::{
    button::{Button, LinkButton, Size, Variant},
    code_block::CodeBlock,
    counts_bar::CountsBar,
    digest::Digest,
    icon::{Glyph, Icon},
    json_view::JsonView,
    key_value::{Entry, KeyValue},
    link_card::{LinkCard, LinkCards},
    panel::Panel,
    stat::{Stat, Stats},
    status_badge::{Status, StatusBadge},
    tag::Tag,
    timeline::{Step, Timeline},
    timestamp::{Precision, Timestamp},
    tone::Tone,
};

const DIGEST: &str = "sha256:3f2a9c0177aa41e0b6d1c2f35d7ab0e9c4a1d2e3f40516273849aabbccddeeff";

fn badges(statuses: Vec<Status>, size: Size) -> impl IntoView {
    let all = statuses.into_iter().map(move |status| view! { <StatusBadge status size /> });
    view! { <div class="cluster">{all.collect_view()}</div> }
}

#[component]
fn Statuses() -> impl IntoView {
    let runs = || RunStatus::ALL.iter().map(|&s| s.into()).collect::<Vec<Status>>();
    let items = ItemState::ALL.iter().map(|&s| s.into()).collect();
    let ends = AttemptEnd::ALL.iter().map(|&s| s.into()).collect();
    view! {
        <Panel title="Status" note="shape, text, colour" boxed=true>
            <KeyValue>
                <Entry term="Runs">{badges(runs(), Size::Medium)}</Entry>
                <Entry term="Runs, in a title">{badges(runs(), Size::Large)}</Entry>
                <Entry term="Items">{badges(items, Size::Medium)}</Entry>
                <Entry term="Attempts">{badges(ends, Size::Medium)}</Entry>
                <Entry term="Tags">
                    <div class="cluster">
                        <Tag>"schedule"</Tag>
                        <Tag>"keyed remote"</Tag>
                        <Tag>"v12"</Tag>
                    </div>
                </Entry>
                <Entry term="Icons">
                    <div class="cluster">
                        {Glyph::ALL.iter().map(|&glyph| view! { <Icon glyph /> }).collect_view()}
                    </div>
                </Entry>
                <Entry term="Buttons">
                    <div class="cluster">
                        <Button variant=Variant::Primary>"Primary"</Button>
                        <Button>"Secondary"</Button>
                        <Button variant=Variant::Danger>"Danger"</Button>
                        <Button variant=Variant::Quiet>"Quiet"</Button>
                        <Button disabled=true>"Disabled"</Button>
                        <Button size=Size::Small icon=Glyph::Replay>
                            "Small"
                        </Button>
                        <LinkButton href="#" icon=Glyph::Download>
                            "Link"
                        </LinkButton>
                    </div>
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

#[component]
fn Numbers() -> impl IntoView {
    let counts = Counts {
        subjects_matched: 80,
        actions_invoked: 71,
        open: 2,
        succeeded: 62,
        failed: 3,
        skipped: 2,
        awaiting_approval: 7,
        idempotent_replay: 4,
    };
    view! {
        <div class="stack">
            <Stats>
                <Stat label="Subjects matched" value="80" />
                <Stat label="Actions invoked" value="71" note="9 never called".to_owned() />
                <Stat label="Failed" value="3" tone=Tone::Danger note="2 safe to retry".to_owned() />
                <Stat label="Awaiting approval" value="7" tone=Tone::Warning />
                <Stat label="Duration" value="3 min 4 s" />
            </Stats>
            <Panel title="Outcomes" boxed=true>
                <CountsBar counts />
            </Panel>
        </div>
    }
    .into_any()
}

#[component]
fn Facts() -> impl IntoView {
    view! {
        <Panel title="Facts" boxed=true>
            <KeyValue>
                <Entry term="Definition">
                    <a href="#">{LONG}</a>
                </Entry>
                <Entry term="Trigger"><Tag>"schedule"</Tag> " every Monday at 06:00, Europe/Dublin"</Entry>
                <Entry term="Started"><Timestamp at=ago(184) now=now() relative=true /></Entry>
                <Entry term="Run"><Digest value="run_01k5hx7d2me4t8v0q9r3s6w1zy" whole=true /></Entry>
                <Entry term="Input digest"><Digest value=DIGEST /></Entry>
                <Entry term="Effect key"><Digest value=DIGEST whole=true /></Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

#[component]
fn Attempts() -> impl IntoView {
    let meta = |minutes, rest: &'static str| {
        let at = ago(minutes);
        view! {
            <Timestamp at now=now() precision=Precision::Second />
            {rest}
        }
        .into_any()
    };
    view! {
        <Panel title="Attempts" note="round 1" boxed=true>
            <Timeline>
                <Step status=AttemptEnd::Failed title="Attempt 1 failed" meta=meta(60, " · 30 s · transient")>
                    <p>
                        <code>"http.timeout"</code>
                        " The receiver gave no answer within 30 s."
                    </p>
                </Step>
                <Step
                    status=AttemptEnd::Interrupted
                    title="Attempt 2 was interrupted"
                    meta=meta(58, " · its worker stopped")
                />
                <Step
                    status=AttemptEnd::IdempotentReplay
                    title="Attempt 3 got the original answer"
                    meta=meta(3, " · 240 ms")
                >
                    <p>"The receiver had done it in attempt 1 and said so by its replay header."</p>
                </Step>
            </Timeline>
        </Panel>
    }
    .into_any()
}

#[component]
fn Code() -> impl IntoView {
    let value = json!({
        "claim": "beneficial-owner",
        "due": "2026-07-20",
        "amount": 1250.5,
        "notify": [true, null],
        "options": {},
        "note": "</code><script>alert(\"not run\")</script>",
        "long": LONG,
    });
    let yaml = "key: weekly-kyc-review\ntrigger:\n  kind: schedule\n  cron: \"0 6 * * 1\"\ncondition: \
                subject.status == 'active' && subject.next_review <= now";
    view! {
        <div class="columns">
            <JsonView label="Parameters, as sent" value />
            <CodeBlock label="Definition, version 4" text=yaml />
        </div>
    }
    .into_any()
}

/// Everything that shows a thing.
#[component]
pub fn Parts() -> impl IntoView {
    view! {
        <Numbers />
        <Statuses />
        <div class="columns">
            <Facts />
            <Attempts />
        </div>
        <Code />
        <LinkCards>
            <LinkCard href="#" title="Findings" figure="26">
                "What was found to be wrong, and what became of it."
            </LinkCard>
            <LinkCard href="#" title="Evidence requests" figure="590">
                "What others were asked to show."
            </LinkCard>
            <LinkCard href="#" title="Suppliers">"Who works for us, and until when it is attested."</LinkCard>
        </LinkCards>
    }
    .into_any()
}
