//! What is done about runs, approvals, records, automations and bundles.

use domain::member::Role;
use serde_json::json;

use crate::house::{AT, House, LISTENS, text};

#[tokio::test]
async fn a_failed_run_is_retried_as_the_plan_said_and_closed() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let run = house.requested(&operator, "fails").await;
    let at = format!("{AT}/runs/{run}");
    let plan = operator.get(&format!("{at}/retry-plan")).await.ok(200);
    let item = plan["items"][0]["item"].clone();
    let stale = json!({"plan_digest": "0", "acknowledged": [item]});
    let refused = operator.post(&format!("{at}/retry"), stale).await;
    assert_eq!(refused.problem(409)["code"], "plan-changed");
    let retry = json!({"plan_digest": plan["digest"], "acknowledged": [item], "reason": "mended"});
    let retried = operator.post(&format!("{at}/retry"), retry).await.ok(200);
    assert_eq!((retried["round"].clone(), retried["queued"].clone()), (json!(1), json!(1)));
    house.engine.run_until_idle().await.unwrap();
    let item = operator.get(&format!("{at}/items/{}", text(&item))).await.ok(200);
    assert_eq!(item["attempts"].as_array().unwrap().len(), 2);
    let closed = operator.post(&format!("{at}/close"), json!({"reason": "accepted"})).await.ok(200);
    assert_eq!(closed["status"], "completed-with-failures");
    let again = operator.post(&format!("{at}/close"), json!({"reason": "accepted"})).await;
    assert_eq!(again.problem(409)["code"], "illegal-move");
    let reports = operator.get(&format!("{at}/reports")).await.ok(200);
    assert!(!reports["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_held_is_erased_once_the_hold_is_released() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let owner = house.client(Role::Owner).await;
    let run = house.requested(&operator, "fails").await;
    let erase = format!("{AT}/runs/{run}/erase");
    let why = json!({"reason": "too old"});
    assert_eq!(owner.post(&erase, why.clone()).await.problem(409)["code"], "run-not-ended");
    let close = format!("{AT}/runs/{run}/close");
    operator.post(&close, json!({"reason": "accepted"})).await.ok(200);
    let holds = format!("{AT}/holds");
    let new = json!({"run": run, "reason": "a dispute"});
    assert_eq!(operator.post(&holds, new.clone()).await.problem(403)["code"], "not-allowed");
    let hold = owner.post(&holds, new).await.ok(201);
    assert_eq!((hold["run"].clone(), hold["released_at"].clone()), (json!(run), json!(null)));
    assert_eq!(owner.post(&erase, why.clone()).await.problem(409)["code"], "under-hold");
    let release = format!("{holds}/{}/release", text(&hold["id"]));
    let released = owner.post(&release, json!({"reason": "settled"})).await.ok(200);
    assert_eq!(released["release_reason"], "settled");
    assert_eq!(operator.get(&holds).await.ok(200)["data"], json!([released]));
    let erased = owner.post(&erase, why).await.ok(200);
    assert!(erased["payloads"].as_i64().unwrap() > 0);
    let both = json!({"run": run, "definition": "fails", "reason": "a dispute"});
    assert_eq!(owner.post(&holds, both).await.problem(422)["errors"][0]["pointer"], "#/run");
}

#[tokio::test]
async fn the_summary_says_what_failed_last_why_and_how_long_it_takes() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let run = house.requested(&operator, "fails").await;
    let close = format!("{AT}/runs/{run}/close");
    operator.post(&close, json!({"reason": "accepted"})).await.ok(200);
    let summary = operator.get(&format!("{AT}/runs/summary")).await.ok(200);
    assert_eq!(summary["runs"], 1);
    assert_eq!(summary["statuses"], json!({"completed-with-failures": 1}));
    assert_eq!(summary["last_failure"]["run"]["id"], run);
    assert_eq!(summary["last_failure"]["run"]["automation_key"], "fails");
    let cause = &summary["last_failure"]["causes"][0];
    assert!(!text(&cause["failure"]["code"]).is_empty() && cause["items"] == 1, "{summary}");
    assert_eq!(summary["durations"]["runs"], 1);
    let fine = operator.get(&format!("{AT}/runs/summary?status=completed")).await.ok(200);
    assert_eq!((fine["runs"].clone(), fine["last_failure"].clone()), (json!(0), json!(null)));
}

#[tokio::test]
async fn an_approver_decides_exactly_what_was_shown() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let run = house.requested(&operator, "asks").await;
    let approver = house.client(Role::Approver).await;
    let open = approver.get(&format!("{AT}/approvals")).await.ok(200);
    let approval = &open["data"][0];
    assert_eq!(approval["run"], run);
    let path = format!("{AT}/approvals/{}/decisions", text(&approval["id"]));
    let other = json!({"verdict": "approve", "action_digest": "0"});
    assert_eq!(approver.post(&path, other).await.problem(409)["code"], "action-changed");
    let silent = json!({"verdict": "dismiss", "action_digest": approval["action_digest"]});
    let problem = approver.post(&path, silent).await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "#/reason");
    let yes = json!({"verdict": "approve", "action_digest": approval["action_digest"]});
    let decided = approver.post(&path, yes.clone()).await.ok(201);
    assert_eq!(decided["approval"]["status"], "approved");
    assert_eq!(decided["decisions"][0]["member"], house.member(Role::Approver).id.to_string());
    assert_eq!(approver.post(&path, yes).await.problem(409)["code"], "approval-not-open");
    house.engine.run_until_idle().await.unwrap();
    let ended = operator.get(&format!("{AT}/runs/{run}")).await.ok(200);
    assert_eq!(ended["run"]["status"], "completed");
}

#[tokio::test]
async fn a_cancelled_run_leaves_a_receipt() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let run = house.requested(&operator, "asks").await;
    let at = format!("{AT}/runs/{run}");
    assert_eq!(operator.get(&format!("{at}/cancel-preview")).await.ok(200)["skipped"], 1);
    let problem = operator.post(&format!("{at}/cancel"), json!({"reason": " "})).await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "#/reason");
    let receipt = operator.post(&format!("{at}/cancel"), json!({"reason": "wrong"})).await.ok(200);
    assert_eq!(receipt["skipped"], 1);
    let detail = operator.get(&at).await.ok(200);
    assert_eq!(detail["receipt"], receipt);
    assert_eq!(detail["run"]["cancel"]["by"], house.member(Role::Operator).id.to_string());
}

#[tokio::test]
async fn definitions_are_applied_versioned_and_switched_off() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let path = format!("{AT}/automations");
    let again = operator.text(&path, "application/yaml", LISTENS).await.ok(200);
    assert_eq!(again["data"][0]["applied"], "unchanged");
    let changed = LISTENS.replace("severity: low", "severity: high");
    let applied = operator.text(&path, "text/yaml", &changed).await.ok(200);
    assert_eq!(applied["data"][0]["applied"], "new-version");
    let versions = operator.get(&format!("{path}/listens/versions")).await.ok(200);
    assert_eq!(versions["data"].as_array().unwrap().len(), 2);
    let second = operator.get(&format!("{path}/listens/versions/2")).await.ok(200);
    assert!(text(&second["source"]).contains("severity: high"));
    let id = text(&applied["data"][0]["automation"]);
    assert_eq!(operator.get(&format!("{path}/{id}")).await.ok(200)["key"], "listens");
    let off = operator.put(&format!("{path}/listens/enabled"), json!({"enabled": false})).await;
    assert_eq!(off.ok(200)["enabled"], false);
    let broken =
        operator.text(&path, "application/yaml", "key: x\nnonsense: 1\n").await.problem(422);
    assert!(broken["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "{broken}");
    operator.text(&path, "application/json", "{}").await.problem(415);
}

#[tokio::test]
async fn records_are_imported_whole_or_not_at_all() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let path = format!("{AT}/registers/account/import");
    let lines = "{\"key\": \"ACC-1\", \"status\": \"closed\"}\n{\"key\": \"ACC-9\"}\n";
    let done = operator.text(&path, "application/x-ndjson", lines).await.ok(200);
    assert_eq!((done["created"].clone(), done["updated"].clone()), (json!(1), json!(1)));
    let broken = operator.text(&path, "text/csv", "key,status\nACC-10,active\n,active\n").await;
    let problem = broken.problem(422);
    assert!(text(&problem["errors"][0]["detail"]).contains(":3"), "{problem}");
    operator.get(&format!("{AT}/registers/account/ACC-10")).await.problem(404);
    let found = operator.get(&format!("{AT}/registers/account?key=ACC-9")).await.ok(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn members_are_added_changed_and_removed() {
    let house = House::new().await;
    let owner = house.client(Role::Owner).await;
    let path = format!("{AT}/members");
    let new = json!({"email": "ada@example.org", "name": "Ada", "role": "viewer"});
    let added = owner.post(&path, new.clone()).await.ok(201);
    assert!(text(&added["link"]["link"]).contains("/accept-link?token="));
    assert_eq!(owner.post(&path, new).await.problem(409)["code"], "already-member");
    let one = format!("{path}/{}", text(&added["member"]["id"]));
    let changed = owner.put(&format!("{one}/role"), json!({"role": "operator"})).await.ok(200);
    assert_eq!(changed["role"], "operator");
    assert!(owner.delete(&one).await.ok(200)["removed_at"].is_string());
    let last = format!("{path}/{}", house.member(Role::Owner).id);
    assert_eq!(owner.delete(&last).await.problem(409)["code"], "last-owner");
}

#[tokio::test]
async fn lists_go_out_as_files_and_the_log_with_its_entries() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    house.requested(&owner, "asks").await;
    let file = owner.get(&format!("{AT}/exports/lists/items?format=csv&run=x")).await;
    assert_eq!(file.problem(400)["errors"][0]["parameter"], "run");
    let file = owner.get(&format!("{AT}/exports/lists/runs?format=jsonl")).await;
    assert_eq!(file.header("content-type"), "application/jsonl; charset=utf-8");
    assert_eq!(file.text.lines().count(), 3, "{}", file.text);
    let entries = owner.get(&format!("{AT}/audit/entries?verb=list.exported")).await.ok(200);
    let entry = &entries["data"][0];
    assert_eq!(entry["actor"]["kind"], "token");
    assert_eq!(entry["actor"]["member"], house.member(Role::Owner).id.to_string());
    assert!(text(&entry["actor"]["token"]).starts_with("tok_"));
    owner.get(&format!("{AT}/audit/checkpoint")).await.problem(404);
    let early = owner.get(&format!("{AT}/audit/entries/0/proof")).await;
    assert_eq!(early.problem(409)["code"], "not-signed-yet");
    let order = json!({"from": "2026-07-01", "to": "2026-07-31"});
    let refused = owner.post(&format!("{AT}/exports/bundles"), order).await;
    assert_eq!(refused.problem(409)["code"], "no-bundle-directory");
}

#[tokio::test]
async fn a_program_may_press_the_kill_switch_and_only_a_person_releases_it() {
    let house = House::furnished().await;
    let (operator, owner) = (house.client(Role::Operator).await, house.client(Role::Owner).await);
    let run = house.requested(&operator, "fails").await;
    let switches = format!("{AT}/kill-switches");
    let viewer = house.client(Role::Viewer).await;
    let why = json!({"reason": "it errs"});
    assert_eq!(viewer.post(&switches, why.clone()).await.problem(403)["code"], "not-allowed");
    let stopped = operator.post(&switches, why.clone()).await.ok(201);
    assert_eq!(
        (stopped["runs"].clone(), stopped["kill_switch"]["pressed"].clone()),
        (json!(1), json!(true))
    );
    let again = operator.post(&switches, why.clone()).await;
    assert_eq!(again.problem(409)["code"], "kill-switch-pressed");
    let killed = operator.get(&format!("{AT}/runs/{run}")).await.ok(200);
    assert_eq!(killed["run"]["status"], "killed");
    assert_eq!(killed["run"]["killed_by"], stopped["kill_switch"]["id"]);
    let release = format!("{switches}/{}/release", text(&stopped["kill_switch"]["id"]));
    let refused = owner.post(&release, json!({"reason": "mended"})).await;
    assert_eq!(refused.problem(409)["code"], "fresh-sign-in-needed");
    let listed = viewer.get(&switches).await.ok(200);
    assert_eq!(
        (listed["data"][0]["runs_killed"].clone(), listed["data"][0]["pressed"].clone()),
        (json!(1), json!(true))
    );
    assert_eq!(viewer.get(&format!("{AT}/budgets")).await.ok(200)["data"], json!([]));
}

#[tokio::test]
async fn an_incident_is_settled_once_and_counted_with_those_of_its_cause() {
    let house = House::furnished().await;
    let (operator, viewer) = (house.client(Role::Operator).await, house.client(Role::Viewer).await);
    house.requested(&operator, "fails").await;
    let listed = viewer.get(&format!("{AT}/incidents?standing=open")).await.ok(200);
    let incident = listed["data"][0].clone();
    assert_eq!(incident["settlement"], json!(null));
    let at = format!("{AT}/incidents/{}", text(&incident["id"]));
    let note = json!({"note": "nobody is to be told"});
    assert_eq!(
        viewer.post(&format!("{at}/settle"), note.clone()).await.problem(403)["code"],
        "not-allowed"
    );
    let empty = operator.post(&format!("{at}/settle"), json!({"note": ""})).await;
    assert_eq!(empty.problem(422)["errors"][0]["pointer"], "#/note");
    let alike = json!({"note": "nobody is to be told", "alike": true});
    let settled = operator.post(&format!("{at}/settle"), alike).await.ok(200);
    assert_eq!(settled["data"][0]["incident"], incident["id"]);
    assert_eq!(
        operator.post(&format!("{at}/settle"), note).await.problem(409)["code"],
        "incident-settled"
    );
    let mut after = viewer.get(&at).await.ok(200);
    assert_eq!(after["settlement"], settled["data"][0]);
    after["settlement"] = json!(null);
    assert_eq!(after, incident, "the incident is as it was");
    let groups = viewer.get(&format!("{AT}/incidents/groups?phase=invoke")).await.ok(200);
    let group = &groups["data"][0];
    assert_eq!(group["cause"], incident["cause"]);
    assert_eq!(group["last_at"], incident["occurred_at"]);
    let (all, open) = (group["incidents"].as_i64().unwrap(), group["open"].as_i64().unwrap());
    assert_eq!(all - open, settled["data"].as_array().unwrap().len() as i64);
    assert_eq!(viewer.get(&format!("{AT}/incidents/groups?standing=often")).await.status, 400);
}

#[tokio::test]
async fn a_policy_is_set_foreseen_and_taken_back() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let at = format!("{AT}/retention");
    let held = owner.get(&at).await.ok(200);
    assert_eq!(held["data"][0]["policy"]["executed"]["detail"], json!({"days": 400, "runs": null}));
    let terms = |days| json!({"detail": {"days": days}});
    let new = json!({"policy": {"executed": terms(9), "reported": terms(9)}});
    let operator = house.client(Role::Operator).await;
    assert_eq!(operator.post(&at, new.clone()).await.problem(403)["code"], "not-allowed");
    assert_eq!(owner.post(&at, new.clone()).await.ok(201)["number"], 1);
    assert_eq!(owner.post(&at, new).await.problem(409)["code"], "retention-unchanged");
    let preview = owner.get(&format!("{at}/preview")).await.ok(200);
    assert_eq!(preview["due_runs"], 0);
    assert!(preview["bytes_in_365_days"].as_i64().unwrap() > 0);
    let storage = owner.get(&format!("{AT}/storage")).await.ok(200);
    assert!(storage["tables"].as_array().unwrap().iter().any(|table| table["name"] == "run"));
    let back = owner.post(&at, json!({"policy": null})).await.ok(201);
    assert_eq!((back["number"].clone(), back["policy"].clone()), (json!(2), json!(null)));
}
