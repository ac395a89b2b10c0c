//! Temporary: seeds a varied workspace and serves it on loopback.

use std::net::SocketAddr;

use chrono::TimeDelta;
use domain::{member::Role, record::RecordRef};
use engine::services::{Caller, RetryRequest};
use serde_json::json;

use super::{
    house::{House, signed_in},
    receiver::Plan,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves until it is killed"]
async fn serve_for_looking() {
    let house = House::new().await;
    let day = TimeDelta::days(1);
    house.delivering("kyc", "Weekly KYC review", "approval: { retries: { role: approver } }").await;
    house.delivering("supplier", "Supplier attestation renewal", "").await;
    house.delivering("hold", "Weekly know-your-customer review of accounts with a changed beneficial owner, dormant accounts and everything imported", "on-item-failure: hold").await;
    house.delivering("hostile", "</title><script>alert(1)</script> & <b>bold</b>", "").await;
    house
        .delivering(
            "ask",
            "Regulator rule change intake",
            "approval: { before-action: { role: approver } }",
        )
        .await;
    house.apply("key: broken\nname: Post-incident review check\ntrigger: { kind: governed-event, type: broken }\nsubjects: { from: register, kind: account }\ncondition: subject.nothing.here == 1\naction: { actioner: findings.create, with: { title: x, severity: low } }\n").await;
    house.apply("key: aml\nname: AML monitor failure\ntrigger: { kind: governed-event, type: aml }\nsubjects: { from: event, kind: account }\naction: { actioner: findings.create, with: { title: 'Alert on {{ subject.key }}', severity: high } }\n").await;
    let keys: Vec<String> = (1..=58).map(|n| format!("ACC-{:05}", 20_400 + n * 7)).collect();
    house.accounts(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house
        .accounts(&[
            "<img src=x onerror=alert(1)>",
            "A-1",
            "Fernández & Söhne (Überweisung) 株式会社",
        ])
        .await;
    for week in 0..9 {
        house.event("kyc", &format!("kyc-{week}")).await;
        if week == 4 {
            house.receiver.plan(std::iter::repeat_n(Plan::Refuse(503), 14));
            house.receiver.plan([
                Plan::Refuse(422),
                Plan::Refuse(422),
                Plan::LoseReply,
                Plan::LoseReply,
            ]);
        }
        house.settle().await;
        house.clock.advance(TimeDelta::minutes(7));
        for n in 0..3 {
            let subject = RecordRef { kind: "account".into(), key: keys[n + week].clone() };
            house
                .tell(
                    "aml",
                    &format!("aml-{week}-{n}"),
                    subject,
                    json!({"monitor": "velocity", "score": 0.93, "rule": "R-17"}),
                )
                .await;
        }
        house.settle().await;
        if week % 3 == 0 {
            house.event("supplier", &format!("s-{week}")).await;
            house.settle().await;
        }
        house.clock.advance(day * 7);
    }
    house.event("broken", "b-1").await;
    house.event("hostile", "\"><svg onload=alert(3)>").await;
    house.settle().await;
    house.clock.advance(TimeDelta::hours(5));
    house.receiver.plan([Plan::Refuse(422), Plan::Refuse(503), Plan::LoseReply]);
    let held = house.event("hold", "h-1").await;
    house.settle().await;
    house.clock.advance(TimeDelta::hours(3));
    let asked = house.event("ask", "a-1").await;
    house.settle().await;
    house.receiver.plan(std::iter::repeat_n(Plan::Refuse(503), 18));
    let partial = house.event("kyc", "kyc-last").await;
    house.settle().await;
    let plan = house.plan(partial).await;
    let members = house.services.members(house.host).await.unwrap();
    let operator = members.iter().find(|m| m.role == Role::Operator).unwrap();
    let caller = Caller {
        principal: domain::member::Principal::Member { id: operator.id, role: Role::Operator },
        ..house.host
    };
    let request = RetryRequest {
        run: partial,
        plan_digest: plan,
        acknowledged: vec![],
        reason: "Outage is over".into(),
    };
    house.services.retry(caller, request).await.unwrap();
    house.settle().await;
    // A replay.
    house.receiver.plan([Plan::LoseReply]);
    let replay = house.event("supplier", "s-replay").await;
    house.settle().await;
    let plan = house.plan(replay).await;
    let request = RetryRequest {
        run: replay,
        plan_digest: plan,
        acknowledged: vec![],
        reason: "Reply was lost".into(),
    };
    house.services.retry(caller, request).await.unwrap();
    house.settle().await;
    let cancelled = house.event("supplier", "s-cancel").await;
    house.engine.take_in().await.unwrap();
    house.services.cancel(caller, cancelled, "The list of suppliers was imported from the wrong quarter; a corrected run follows tomorrow.").await.unwrap();
    house.clock.advance(TimeDelta::minutes(40));
    let open = house.event("supplier", "s-open").await;
    house.engine.take_in().await.unwrap();
    house.event("aml", "aml-pending").await;
    let old = house
        .services
        .runs(house.host, &Default::default(), Default::default(), 100)
        .await
        .unwrap();
    let with = old
        .page
        .rows
        .iter()
        .find(|run| run.counts.failed > 10 && run.status.as_str() == "completed-with-failures")
        .unwrap()
        .id;
    let mut text = String::new();
    for &role in Role::ALL {
        let member = members.iter().find(|m| m.role == role).unwrap();
        let link = house.services.issue_link(house.host, member.id).await.unwrap();
        let browser = signed_in(&house.routes, link.token.expose()).await;
        text.push_str(&format!("{role} {}\n", browser.cookie.unwrap()));
    }
    for (name, id) in [
        ("held", held),
        ("asked", asked),
        ("partial", partial),
        ("replay", replay),
        ("cancelled", cancelled),
        ("open", open),
        ("failed", with),
    ] {
        let items = house.items(id).await;
        let pick = items
            .iter()
            .find(|i| i.state.as_str() == "failed" || i.state.as_str() == "idempotent-replay")
            .or(items.first());
        text.push_str(&format!(
            "{name} {id} {}\n",
            pick.map(|i| i.id.to_string()).unwrap_or_default()
        ));
    }
    std::fs::write("/tmp/looking.txt", &text).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8499").await.unwrap();
    let service = house.routes.clone().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await.unwrap();
}
