//! Input that nobody should send: each gives an error that says where, and nothing is lost.

use domain::{
    approval::Verdict, filter::RunFilter, item::ItemState, member::Role, page::Seek,
    problem::FailureKind, record::RecordRef, run::RunStatus,
};
use engine::{
    both_databases,
    services::{DecisionRequest, RecordFile, RecordFormat, RetryRequest, RunRequest, ServiceError},
    store::RecordFilter,
};

use crate::house::{House, on_request};

const LOOKS: &str = "actioner: findings.create, with: { title: Look, severity: low }";

/// The fields an error names.
fn fields<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> Vec<String> {
    match answer {
        Err(ServiceError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        answer => panic!("{answer:?}"),
    }
}

/// Whether a service gave a proper answer: whatever it is, the database was not asked for what it
/// cannot understand.
fn proper<T>(answer: &Result<T, ServiceError>) -> bool {
    answer.as_ref().err().is_none_or(|error| error.code() != "internal")
}

both_databases! {
    async fn a_broken_definition_is_refused_with_line_column_and_field(db: TestStore) {
        let house = House::new(&db).await;
        let good = on_request("good", LOOKS, "");
        let size = house.log_size(house.host.workspace).await;
        for (from, to, place) in [
            ("name: good", "name: good\ncolour: red", "a.yaml:3:1 colour"),
            ("kind: manual-request", "kind: by-hand", "a.yaml:3:18 trigger.kind"),
            ("from: event", "from: nowhere", "a.yaml:4:19 subjects.from"),
            ("kind: account", "kind: An Account", "a.yaml:4:32 subjects.kind"),
            ("findings.create", "findings.craete", "a.yaml:5:21 action.actioner"),
            ("key: good", "key: Not Good", "a.yaml:1:6 key"),
            ("action:", "condition: subject.\naction:", "a.yaml:5:20 condition"),
        ] {
            let broken = good.replace(from, to);
            assert_ne!(broken, good);
            let answer = house.services.apply_definition(house.host, "a.yaml", &broken).await;
            assert_eq!(fields(answer), [place], "{to}");
        }
        let torn = house.services.apply_definition(house.host, "a.yaml", "key: [\n").await;
        assert!(fields(torn)[0].starts_with("a.yaml:"));
        assert_eq!(house.log_size(house.host.workspace).await, size);
        let found = house.services.automation_by_key(house.host, "good").await;
        assert!(matches!(found, Err(ServiceError::NotFound(_))));
    }

    async fn a_condition_that_no_longer_evaluates_fails_the_item_with_its_cause(db: TestStore) {
        let house = House::new(&db).await;
        house.import(house.host, "key,risk\nACC-0002,5\n").await.unwrap();
        let asks = "condition: subject.risk > 1\napproval: { before-action: \
            { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }";
        house.apply(&on_request("risky", LOOKS, asks)).await;
        let run = house.request_about("risky", "ACC-0002").await;
        // While it waits for its approval, the record loses what the condition asks about.
        house.import(house.host, "key,status\nACC-0002,active\n").await.unwrap();
        let item = house.items(run).await.remove(0);
        let approval =
            house.services.approvals_of_item(house.host, item.id).await.unwrap().remove(0);
        let request = DecisionRequest {
            approval: approval.id,
            verdict: Verdict::Approve,
            reason: String::new(),
            action_digest: approval.action_digest,
        };
        let approver = house.acting(Role::Approver);
        house.services.decide(approver, request).await.unwrap();
        house.engine.run_until_idle().await.unwrap();
        let item = house.items(run).await.remove(0);
        let failure = item.failure.unwrap();
        assert_eq!((item.state, failure.kind), (ItemState::Failed, FailureKind::Deterministic));
        assert_eq!(failure.code, "condition-does-not-evaluate");
        assert!(failure.message.contains("risk"), "{failure}");
        assert!(!item.invoked);
        let run = house.services.run(house.host, run).await.unwrap().run;
        assert_eq!((run.status, run.counts.failed), (RunStatus::CompletedWithFailures, 1));
    }

    async fn a_hostile_address_is_never_requested_and_says_why(db: TestStore) {
        let house = House::new(&db).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for listed in [
            "https://hooks.example.org".to_owned(),
            format!("http://localhost:{port}"),
            format!("http://127.0.0.1:{port}"),
            "http://169.254.169.254".to_owned(),
        ] {
            // None of them may lead into a private network.
            house.services.allow_destination(house.host, &listed, false).await.unwrap();
        }
        house.services.allow_destination(house.host, "http://169.254.169.254", true).await.unwrap();
        let action = "actioner: notify.http, with: { url: '{{ subject.url }}' }";
        house.apply(&on_request("tell", action, "retry: { max-attempts: 1 }")).await;
        let hostile = [
            (format!("http://127.0.0.1:{port}/"), "net-address-not-allowed"),
            (format!("http://localhost:{port}/"), "net-address-not-allowed"),
            (format!("http://2130706433:{port}/"), "net-address-not-allowed"),
            (format!("http://[::ffff:127.0.0.1]:{port}/"), "net-scheme-not-allowed"),
            (format!("http://user:secret@localhost:{port}/"), "net-userinfo"),
            ("http://169.254.169.254/latest/meta-data".to_owned(), "net-address-not-allowed"),
            ("https://hooks.example.org.evil.example/".to_owned(), "net-destination-not-listed"),
            ("https://hooks.example.org@evil.example/".to_owned(), "net-userinfo"),
            ("https://hooks.example.org:8443/".to_owned(), "net-destination-not-listed"),
            ("http://hooks.example.org:443/".to_owned(), "net-destination-not-listed"),
            ("https://evil.example\\@hooks.example.org/".to_owned(), "net-invalid-url"),
            ("file:///etc/passwd".to_owned(), "net-scheme-not-allowed"),
            ("gopher://hooks.example.org/".to_owned(), "net-scheme-not-allowed"),
            ("not an address".to_owned(), "net-invalid-url"),
            (format!("https://hooks.example.org/{}", "x".repeat(3_000)), "net-invalid-url"),
        ];
        let rows: Vec<_> =
            hostile.iter().enumerate().map(|(n, (url, _))| format!("BAD-{n},{url}")).collect();
        house.import(house.host, &format!("key,url\n{}\n", rows.join("\n"))).await.unwrap();
        for (n, (url, code)) in hostile.iter().enumerate() {
            let run = house.request_about("tell", &format!("BAD-{n}")).await;
            let item = house.items(run).await.remove(0);
            let failure = item.failure.clone().unwrap();
            assert_eq!((failure.code.as_str(), failure.kind), (*code, FailureKind::Deterministic), "{url}");
            assert!(!failure.message.contains("secret"), "{failure}");
            let detail = house.services.item(house.host, run, item.id).await.unwrap();
            assert_eq!(detail.attempts.len(), 1, "{url}: the try is kept");
            assert_eq!(detail.run.status, RunStatus::CompletedWithFailures);
        }
        let knocked = futures::poll!(Box::pin(listener.accept()));
        assert!(knocked.is_pending(), "somebody connected");
    }

    async fn a_key_that_no_record_can_have_fails_its_item_and_no_other(db: TestStore) {
        let house = House::new(&db).await;
        let rows = [r#"{"key":"K-1","name":"a\u0000b"}"#, r#"{"key":"K-2","name":"a/b"}"#,
            r#"{"key":"K-3","name":"good"}"#];
        let file = RecordFile {
            name: "k.ndjson".into(),
            format: RecordFormat::Ndjson,
            kind: Some("thing".into()),
        };
        let reader = std::io::Cursor::new(rows.join("\n"));
        house.services.import_records(house.host, file, reader).await.unwrap();
        let action = "actioner: findings.create, with: { title: '{{ subject.name }}', \
            key: 'F-{{ subject.name }}' }";
        let yaml = on_request("things", action, "");
        house.apply(&yaml.replace("from: event, kind: account", "from: register, kind: thing")).await;
        let run = house.request("things").await;
        let items = house.items(run).await;
        let states: Vec<_> = items.iter().map(|item| item.state).collect();
        assert_eq!(states, [ItemState::Failed, ItemState::Failed, ItemState::Succeeded]);
        let failure = items[0].failure.as_ref().unwrap();
        assert_eq!(failure.kind, FailureKind::Deterministic);
        assert!(failure.message.contains("with.key"), "{failure}");
    }

    async fn texts_that_no_database_can_hold_give_a_proper_answer(db: TestStore) {
        let house = House::new(&db).await;
        let scene = house.scene().await;
        let (services, host) = (&house.services, house.host);
        let approver = house.acting(Role::Approver);
        for text in ["a\u{0}b", "\u{0}", "\u{FFFF}", "\u{1F980}'\"\\ %_", &"x".repeat(5_000)] {
            let reference = RecordRef { kind: "account".into(), key: text.into() };
            assert!(proper(&services.record_by_ref(host, &reference).await), "{text:?}");
            let reference = RecordRef { kind: text.into(), key: "x".into() };
            assert!(proper(&services.record_by_ref(host, &reference).await), "{text:?}");
            assert!(proper(&services.automation_by_key(host, text).await), "{text:?}");
            assert!(proper(&services.set_enabled(host, text, true).await), "{text:?}");
            let filter = RunFilter { definitions: vec![text.into()], ..RunFilter::default() };
            assert_eq!(fields(services.runs(host, &filter, Seek::First, 5).await), ["definition"]);
            let filter = RecordFilter { kind: "account".into(), key_contains: Some(text.into()) };
            assert!(proper(&services.list_records(host, &filter, Seek::First, 5).await), "{text:?}");
            let filter = RecordFilter { kind: text.into(), key_contains: None };
            assert!(proper(&services.list_records(host, &filter, Seek::First, 5).await), "{text:?}");
            let reference = RecordRef { kind: "account".into(), key: text.into() };
            let request = RunRequest { subject: Some(reference), ..RunRequest::default() };
            assert!(proper(&services.request_run(host, "looks", request).await), "{text:?}");
            assert!(proper(&services.request_run(host, text, RunRequest::default()).await), "{text:?}");
            assert!(proper(&services.workspace_by_slug(text).await), "{text:?}");
            // Last, because a text that can be kept is kept.
            assert!(proper(&services.cancel(host, scene.waiting, text).await), "{text:?}");
            assert!(proper(&services.close_run(host, scene.held_too, text).await), "{text:?}");
            let request = DecisionRequest {
                approval: scene.approval.id,
                verdict: Verdict::Dismiss,
                reason: text.into(),
                action_digest: scene.approval.action_digest.clone(),
            };
            assert!(proper(&services.decide(approver, request).await), "{text:?}");
            let request = RetryRequest {
                run: scene.held,
                plan_digest: text.into(),
                acknowledged: Vec::new(),
                reason: text.into(),
            };
            assert!(proper(&services.retry(host, request).await), "{text:?}");
        }
    }
}
