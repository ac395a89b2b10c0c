//! Governance → Automation → Health: empty, with a quarter of runs, and with something unusual.

use chrono::TimeDelta;
use domain::member::Role;
use engine::services::NewMember;
use serde_json::json;

use crate::runs::{
    house::{House, lacks, shows, signed_in},
    receiver::Plan,
};

const HEALTH: &str = "/w/main/governance/automation/health";

/// Ten days with two runs each; on the last day one of them fails.
async fn ten_days() -> House {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    for day in 0..10 {
        for n in 0..2 {
            if (day, n) == (9, 1) {
                house.receiver.plan([Plan::Refuse(422)]);
            }
            house.event("kyc", &format!("{day}-{n}")).await;
            house.settle().await;
        }
        if day < 9 {
            house.clock.advance(TimeDelta::days(1));
        }
    }
    house
}

#[tokio::test]
async fn without_runs_it_says_what_is_to_come_and_a_wrong_question_is_refused() {
    let house = House::new().await;
    let mut browser = house.browser(Role::Viewer).await;
    let answer = browser.get(HEALTH).await;
    assert_eq!(answer.status, 200);
    shows(&answer, &["No runs in this period", "Not enough known yet", "aria-current=\"page\""]);
    for wrong in ["since=soon", "from=2026-09-30&to=2026-07-01", "colour=red", "compare=next"] {
        assert_eq!(browser.get(&format!("{HEALTH}?{wrong}")).await.status, 400, "{wrong}");
    }
    assert_eq!(browser.get(&format!("{HEALTH}/nobody")).await.status, 404);
}

#[tokio::test]
async fn charts_have_their_figures_and_what_is_unusual_leads_to_its_runs() {
    let house = ten_days().await;
    // Links of the first day are no longer good.
    let (email, name) = ("late@main.example".to_owned(), "Late".to_owned());
    let new = NewMember { email, name, role: Role::Viewer };
    let link = house.services.add_member(house.host, new).await.unwrap().link.unwrap();
    let mut browser = signed_in(&house.routes, link.token.expose()).await;
    let page = browser.get(&format!("{HEALTH}?since=30d&compare=previous")).await;
    shows(
        &page,
        &[
            "Needs attention",
            "Runs fail more often than usual",
            "50 % of the runs failed",
            "governance/automation/runs?definition=kyc&amp;status=failed&amp;status=completed-with-failures",
            "Runs and how they ended",
            "All runs of the period before",
            "How long runs took",
            "By automation",
            "What it is put down to",
            "role=\"img\"",
            "Show the figures",
            "Stop comparing",
            "<input type=\"hidden\" name=\"compare\" value=\"previous\"",
        ],
    );
    let one = browser.get(&format!("{HEALTH}/kyc?since=7d")).await;
    shows(&one, &["Health of Weekly KYC review", "14 runs from", "Compare with the period before"]);
    lacks(&one, &["By automation", "All runs of the period before"]);
    // Whoever comes by the overview or the definition is led there.
    let overview = browser.get("/w/main/governance/automation").await;
    shows(&overview, &["What is unusual", "Runs fail more often than usual"]);
    let definition = browser.get("/w/main/governance/automation/definitions/kyc").await;
    shows(&definition, &["governance/automation/health/kyc"]);
    // A program is told the same without prose.
    let told = browser.get("/api/v1/workspaces/main/health?since=30d").await;
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let (anomaly, of) = (&told["anomalies"][0], &told["automations"][0]);
    assert_eq!((&told["status"], &of["status"]), (&json!("attention"), &json!("attention")));
    assert_eq!(
        (&anomaly["type"], &anomaly["automation_key"]),
        (&json!("failure-rate"), &json!("kyc"))
    );
    assert_eq!((&anomaly["observed"], &anomaly["unit"]), (&json!(500), &json!("per-mille")));
    assert_eq!(told["period"]["total"]["failed"], 1);
    let behind = browser.get(anomaly["runs"].as_str().unwrap()).await;
    let behind: serde_json::Value = serde_json::from_str(&behind.body).unwrap();
    assert_eq!(behind["data"].as_array().map(Vec::len), Some(1));
}
