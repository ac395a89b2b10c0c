//! The quarter as a bundle: made by the engine, checked by everybody who can.

use std::{
    fs,
    io::{Cursor, Read as _},
    path::{Path, PathBuf},
    process::Command,
};

use assize_verify::Options;
use chrono::Duration;
use domain::{
    Timestamp,
    bundle::{Bundle, BundleStatus},
    filter::RunFilter,
    id::BundleId,
    member::Role,
    page::Seek,
    period::Period,
    reported::{Fact, Outcome, Statement, StepStatus},
    retention::{Policy, Term, Terms},
};
use engine::{
    both_databases,
    clock::Clock,
    definition,
    ids::Ids,
    services::{Caller, NewBundle, NewHold, NewReport, NewRetention, Services},
    work::{Signer, bundler, retention},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::house::House;

const WEEKENDS: &str = "
key: no-weekends
name: No weekends
statement: Nobody is there to look.
effect: deny
rule: now.getDayOfWeek() == 0
";

/// A run that took place elsewhere.
fn nightly(at: Timestamp) -> NewReport {
    let step = Fact::Step {
        name: "load".into(),
        status: StepStatus::Succeeded,
        began: None,
        duration_ms: Some(5),
        failure: None,
    };
    let finish = Fact::Finish { outcome: Outcome::Success, summary: None, failure: None };
    let facts = [Fact::Start { parent: None, heartbeat_seconds: None }, step, finish];
    let said = |(seq, fact)| Statement { seq, at, phase: None, fact, detail: None };
    NewReport {
        external_id: "night-1".into(),
        automation: "nightly".into(),
        name: None,
        statements: (0..).zip(facts).map(said).collect(),
    }
}

/// What makes and checks bundles of the quarter.
pub struct Desk {
    services: Services,
    signer: Signer,
    auditor: Caller,
    folder: TempDir,
}

impl Desk {
    pub async fn at(house: &House) -> Self {
        let folder = TempDir::new().unwrap();
        let services = house.services.clone().with_bundles(&folder.path().join("bundles"));
        let signer = Signer::new(services.clone(), house.signing(), None);
        let auditor = house.acting(Role::Auditor).await;
        Self { services, signer, auditor, folder }
    }

    async fn order(&self, automations: &[&str]) -> Bundle {
        let automations = automations.iter().map(|key| (*key).to_owned()).collect();
        self.order_of(quarter(), automations).await
    }

    pub async fn order_of(&self, period: Period, automations: Vec<String>) -> Bundle {
        let order = NewBundle { period, automations };
        self.services.order_bundle(self.auditor, order).await.unwrap()
    }

    /// Has everything made that was ordered.
    pub async fn make(&self) {
        while bundler::tick(&self.services, Some(&self.signer), self.services.clock().now())
            .await
            .unwrap()
            > 0
        {}
    }

    pub async fn ready(&self, id: BundleId) -> PathBuf {
        let bundle = self.services.bundle(self.auditor, id).await.unwrap();
        assert_eq!(bundle.status, BundleStatus::Ready, "{:?}", bundle.failure);
        assert_eq!(bundle.percent(), Some(100));
        self.services.download_bundle(self.auditor, id).await.unwrap().path
    }

    async fn key(&self) -> String {
        self.services.verifier_keys(self.auditor).await.unwrap().remove(0)
    }

    pub async fn verify(&self, bundle: &Path) -> assize_verify::Outcome {
        let keys = vec![self.key().await];
        assize_verify::run(&Options { bundle: bundle.to_owned(), keys, ..Options::default() })
    }
}

fn quarter() -> Period {
    Period::of_days("2026-07-01".parse().unwrap(), "2026-09-30".parse().unwrap()).unwrap()
}

pub fn unpack(bundle: &Path, folder: &Path) {
    let mut zip = zip::ZipArchive::new(Cursor::new(fs::read(bundle).unwrap())).unwrap();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let path = folder.join(file.name().unwrap().as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

pub fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn verify_sh(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let ended = Command::new("sh").arg(folder.join("verify.sh")).args(arguments).output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// A run is reported that failed in the quarter; then a sweep takes what it may.
async fn keep_nothing(desk: &Desk, owner: Caller) {
    let said = |seq, fact| {
        let at = "2026-07-02T10:00:00Z".parse().unwrap();
        Statement { seq, at, phase: None, fact, detail: None }
    };
    let finish = Fact::Finish { outcome: Outcome::Failed, summary: None, failure: None };
    let start = Fact::Start { parent: None, heartbeat_seconds: None };
    let report = NewReport {
        external_id: "job-1".into(),
        automation: "nightly-agent".into(),
        name: None,
        statements: vec![said(0, start), said(1, finish)],
    };
    desk.services.report_run(owner, report).await.unwrap();
    let terms = Terms { detail: Term::days(1), failed: None };
    let policy = Policy { executed: terms, reported: terms, reported_stub_days: Some(1) };
    let new = NewRetention { definition: None, policy: Some(policy) };
    desk.services.set_retention(owner, new).await.unwrap();
    let late = desk.services.clock().now() + Duration::days(2);
    let swept = retention::run(&desk.services, late).await.unwrap();
    assert_eq!((swept.pruned, swept.removed), (59, 1), "{swept:?}");
}

both_databases! {
    async fn every_verifier_accepts_the_quarter_with_the_key_and_none_without(db: TestStore) {
        let house = House::new(&db).await;
        let desk = Desk::at(&house).await;
        let (first, second) = (desk.order(&[]).await, desk.order(&[]).await);
        desk.make().await;
        let bundle = desk.ready(first.id).await;
        let checked = desk.verify(&bundle).await;
        assert_eq!(checked.code, 0, "{}", checked.text);
        let bare = Options { bundle: bundle.clone(), ..Options::default() };
        let unpinned = assize_verify::run(&bare);
        assert_eq!(unpinned.code, 5, "{}", unpinned.text);

        let folder = desk.folder.path().join("unpacked");
        unpack(&bundle, &folder);
        let (code, said) = verify_sh(&folder, &["--vkey", &desk.key().await]);
        assert_eq!(code, 0, "{said}");
        assert_eq!(verify_sh(&folder, &[]).0, 5);
        let root = Command::new("python3")
            .arg(folder.join("root.py")).arg(folder.join("entries.jsonl")).output().unwrap();
        let checkpoint = fs::read_to_string(folder.join("checkpoint")).unwrap();
        let promised: Vec<&str> = checkpoint.lines().skip(1).take(2).collect();
        assert_eq!(String::from_utf8(root.stdout).unwrap().trim(), promised.join(" "));

        holds_the_quarter(&folder);
        is_oscal(&folder);
        // The other order, made after the first was entered into the log, is the same file.
        let other = desk.ready(second.id).await;
        assert_eq!(fs::read(&bundle).unwrap(), fs::read(other).unwrap());
    }

    async fn a_quarter_whose_payloads_were_erased_is_still_proven(db: TestStore) {
        let house = House::new(&db).await;
        let desk = Desk::at(&house).await;
        let owner = house.acting(Role::Owner).await;
        let filter = RunFilter { definitions: vec!["aml-monitor-failure".into()], ..RunFilter::default() };
        let runs = desk.services.runs(owner, &filter, Seek::First, 50).await.unwrap().page.rows;
        let hold = NewHold { run: Some(runs[0].id), reason: "a dispute".into(), ..NewHold::default() };
        let hold = desk.services.place_hold(owner, hold).await.unwrap();
        let held = desk.services.erase_payloads(owner, runs[0].id, "too old").await.unwrap_err();
        assert_eq!(held.code(), "under-hold");
        let mut erased = 0;
        for run in &runs[1..] {
            erased += desk.services.erase_payloads(owner, run.id, "too old").await.unwrap();
        }
        assert!(erased > 22, "{erased}");
        desk.services.release_hold(owner, hold.id, "settled").await.unwrap();
        desk.services.erase_payloads(owner, runs[0].id, "too old").await.unwrap();
        let ordered = desk.order(&[]).await;
        desk.make().await;
        let bundle = desk.ready(ordered.id).await;
        let checked = desk.verify(&bundle).await;
        assert_eq!(checked.code, 0, "{}", checked.text);
        let folder = desk.folder.path().join("unpacked");
        unpack(&bundle, &folder);
        assert_eq!(verify_sh(&folder, &["--vkey", &desk.key().await]).0, 0);
        assert_eq!(lines(&folder.join("runs.jsonl")).len(), 59);
        // The same when everything that ended is a stub, and the stub of a reported run went.
        keep_nothing(&desk, owner).await;
        let ordered = desk.order(&[]).await;
        desk.make().await;
        let bundle = desk.ready(ordered.id).await;
        let checked = desk.verify(&bundle).await;
        assert_eq!(checked.code, 0, "{}", checked.text);
        let folder = desk.folder.path().join("stubs");
        unpack(&bundle, &folder);
        let (code, said) = verify_sh(&folder, &["--vkey", &desk.key().await]);
        assert_eq!(code, 0, "{said}");
        let runs = lines(&folder.join("runs.jsonl"));
        assert_eq!(runs.iter().filter(|run| !run["pruned"].is_null()).count(), 58);
    }

    async fn a_bundle_of_one_definition_holds_that_one_only(db: TestStore) {
        let house = House::new(&db).await;
        let desk = Desk::at(&house).await;
        let ordered = desk.order(&["supplier-attestation-renewal"]).await;
        desk.make().await;
        let bundle = desk.ready(ordered.id).await;
        let checked = desk.verify(&bundle).await;
        assert_eq!(checked.code, 0, "{}", checked.text);
        let folder = desk.folder.path().join("unpacked");
        unpack(&bundle, &folder);
        assert_eq!((lines(&folder.join("runs.jsonl")).len(), lines(&folder.join("items.jsonl")).len()), (3, 28));
        assert!(folder.join("definitions/supplier-attestation-renewal/1.yaml").exists());
        assert!(!folder.join("definitions/weekly-kyc-review").exists());
    }

    async fn what_a_lost_worker_began_is_made_anew_and_the_lost_one_changes_nothing(db: TestStore) {
        let house = House::new(&db).await;
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
        let folder = TempDir::new().unwrap();
        let services = Services::new(house.db.store.clone(), clock.clone(), Ids::random())
            .with_bundles(&folder.path().join("bundles"));
        let signer = Signer::new(services.clone(), house.signing(), None);
        let auditor = house.acting(Role::Auditor).await;
        let order = NewBundle { period: quarter(), automations: Vec::new() };
        let ordered = services.order_bundle(auditor, order).await.unwrap();
        let lost = bundler::claim(&services, clock.now()).await.unwrap().unwrap();
        assert_eq!((lost.id, lost.attempt), (ordered.id, 1));
        // While it may be alive, nobody else begins.
        assert_eq!(bundler::tick(&services, Some(&signer), clock.now()).await.unwrap(), 0);
        clock.advance(Duration::seconds(61));
        assert_eq!(bundler::tick(&services, Some(&signer), clock.now()).await.unwrap(), 1);
        let made = services.bundle(auditor, ordered.id).await.unwrap();
        assert_eq!((made.status, made.attempt), (BundleStatus::Ready, 2), "{:?}", made.failure);
        let stale = house.db.store.write(move |tx| Box::pin(async move {
            tx.advance_bundle(&lost, lost.lease_until.unwrap()).await
        }));
        assert!(stale.await.is_err());
        assert!(services.download_bundle(auditor, ordered.id).await.is_ok());
        let names: Vec<_> = fs::read_dir(folder.path().join("bundles")).unwrap().collect();
        assert_eq!(names.len(), 1);
    }

    async fn a_bundle_waits_for_a_signer(db: TestStore) {
        let house = House::new(&db).await;
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
        let folder = TempDir::new().unwrap();
        let services = Services::new(house.db.store.clone(), clock.clone(), Ids::random())
            .with_bundles(folder.path());
        let owner = house.acting(Role::Owner).await;
        let today = clock.now().date_naive();
        let order = || NewBundle {
            period: Period::of_days(today, today).unwrap(),
            automations: Vec::new(),
        };
        let terms = definition::policies("weekends.yaml", WEEKENDS).unwrap().remove(0);
        services.apply_policy(owner, terms.clone()).await.unwrap();
        let told = services.report_run(owner, nightly(clock.now())).await.unwrap();
        let signed = services.order_bundle(owner, order()).await.unwrap();
        let signer = Signer::new(services.clone(), house.signing(), None);
        assert_eq!(bundler::tick(&services, Some(&signer), clock.now()).await.unwrap(), 1);
        let ready = services.bundle(owner, signed.id).await.unwrap();
        assert_eq!(ready.status, BundleStatus::Ready, "{:?}", ready.failure);
        let unpacked = TempDir::new().unwrap();
        let file = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        unpack(&file, unpacked.path());
        let kept = fs::read_to_string(unpacked.path().join("policies/no-weekends/1.yaml")).unwrap();
        assert_eq!(definition::policies("kept.yaml", &kept).unwrap(), [terms]);
        let reported = lines(&unpacked.path().join("reported.jsonl"));
        assert_eq!((reported.len(), reported[0]["external_id"].as_str()), (1, Some("night-1")));
        assert_eq!(reported[0]["id"], told.run.id.to_string());
        let steps = reported[0]["steps"].as_array().unwrap();
        assert!(steps.iter().any(|step| step["name"] == "load") && reported[0]["dropped"] == 0);
        assert!(reported[0]["metrics"].is_object());

        let ordered = services.order_bundle(owner, order()).await.unwrap();
        assert_eq!(bundler::tick(&services, None, clock.now()).await.unwrap(), 1);
        let waiting = services.bundle(owner, ordered.id).await.unwrap();
        assert_eq!(waiting.status, BundleStatus::Pending);
        assert_eq!(bundler::tick(&services, None, clock.now()).await.unwrap(), 0);
        clock.advance(Duration::hours(1));
        assert_eq!(bundler::tick(&services, None, clock.now()).await.unwrap(), 1);
        let given_up = services.bundle(owner, ordered.id).await.unwrap();
        assert_eq!(given_up.failure.unwrap().code, "not-signed");
    }
}

fn holds_the_quarter(folder: &Path) {
    let count = |file: &str| lines(&folder.join(file)).len();
    assert_eq!((count("runs.jsonl"), count("items.jsonl")), (59, 691));
    assert_eq!((count("reports.jsonl"), count("incidents.jsonl")), (59, 19));
    for incident in lines(&folder.join("incidents.jsonl")) {
        let layers = ["facts", "cause", "phase", "policy", "presentation"];
        assert!(layers.iter().all(|layer| !incident[layer].is_null()), "{incident}");
    }
    let approvals = lines(&folder.join("approvals.jsonl"));
    let decided =
        approvals.iter().filter(|approval| approval["decisions"][0]["verdict"].is_string());
    assert_eq!((approvals.len(), decided.count()), (24, 6));
    let invoked = |item: &&Value| item["invoked"] == true;
    assert_eq!(lines(&folder.join("items.jsonl")).iter().filter(invoked).count(), 678);
    assert!(count("attempts.jsonl") >= 678);
    assert_eq!(fs::read_dir(folder.join("proofs")).unwrap().count(), 59);
    assert!(folder.join("definitions/weekly-kyc-review/1.yaml").exists());
    for event in lines(&folder.join("ocsf.jsonl")) {
        let number = |name: &str| event[name].as_u64().unwrap();
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert!((1_782_864_000_000..1_790_812_800_000).contains(&number("time")));
    }
    for file in ["runs", "items", "attempts", "approvals", "incidents", "reports", "ocsf"] {
        let text = fs::read_to_string(folder.join(format!("{file}.jsonl"))).unwrap();
        assert!(!text.contains("@"), "{file} names an address");
    }
}

/// What NIST's schema asks for, of what we write.
fn is_oscal(folder: &Path) {
    let text = fs::read_to_string(folder.join("oscal/assessment-results.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let results = &document["assessment-results"];
    let result = &results["results"][0];
    for (value, names) in [
        (results, &["uuid", "metadata", "import-ap", "results", "back-matter"][..]),
        (&results["metadata"], &["title", "last-modified", "version", "oscal-version"]),
        (result, &["uuid", "title", "description", "start", "end", "reviewed-controls"]),
    ] {
        assert!(names.iter().all(|name| !value[*name].is_null()), "{value}");
    }
    let plan = results["import-ap"]["href"].as_str().unwrap().trim_start_matches('#');
    assert_eq!(results["back-matter"]["resources"][0]["uuid"], plan);
    let observations = result["observations"].as_array().unwrap();
    let findings = result["findings"].as_array().unwrap();
    assert_eq!((observations.len(), findings.len()), (59, 6));
    let ids: Vec<_> = observations.iter().map(|observation| &observation["uuid"]).collect();
    for finding in findings {
        let related = finding["related-observations"].as_array().unwrap();
        assert!(!related.is_empty());
        assert!(related.iter().all(|one| ids.contains(&&one["observation-uuid"])), "{finding}");
        let state = &finding["target"]["status"]["state"];
        let expected = finding["title"] == "weekly-kyc-review";
        assert_eq!(state, if expected { "not-satisfied" } else { "satisfied" }, "{finding}");
    }
    for prop in observations.iter().flat_map(|one| one["props"].as_array().unwrap()) {
        let value = prop["value"].as_str().unwrap();
        assert!(!value.is_empty() && !value.contains('\n') && value.trim() == value, "{prop}");
    }
    let is_v5 = |id: &&&Value| id.as_str().unwrap().as_bytes()[14] == b'5';
    assert_eq!(ids.iter().filter(is_v5).count(), 59);
}
