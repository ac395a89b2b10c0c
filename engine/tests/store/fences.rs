//! What is written once stays, whoever asks and however: tried with SQL, behind the engine's back.

use domain::{
    approval::{Decision, Verdict},
    audit::{Draft, Object, Verb},
    id::{AttemptId, DecisionId, DeliveryAttemptId, IncidentId, MemberId, ReportId, WebhookId},
    incident::{Raised, Settlement},
    member::{Principal, Role},
    period::Period,
    problem::Failure,
    report::RunReport,
    retention::{Policy, PolicyVersion},
    run::{Run, RunStatus},
    webhook::{DeliveryAttempt, EventKind, Notice, Webhook},
};
use engine::{
    both_databases,
    services::Caller,
    store::{Effect, SignedCheckpoint, SigningRefusal},
    testing::TestStore,
};
use ledger::node::Address;
use serde_json::json;

use crate::{
    approvals,
    bare::Bare,
    house::{House, at},
    policies,
};

/// A table that is written once: its key, and a column somebody might want to change.
struct Fenced {
    table: &'static str,
    key: &'static str,
    column: &'static str,
}

const TABLES: [Fenced; 16] = [
    Fenced { table: "automation_version", key: "automation_id, number", column: "source" },
    Fenced { table: "attempt", key: "item_id, number, ended_as", column: "worker" },
    Fenced { table: "effect", key: "workspace_id, effect_key", column: "attempt_id" },
    Fenced { table: "approval_decision", key: "id", column: "reason" },
    Fenced { table: "audit_entry", key: "workspace_id, seq", column: "leaf" },
    Fenced { table: "audit_tile", key: "workspace_id, first_seq", column: "hashes" },
    Fenced { table: "log_origin", key: "workspace_id", column: "origin" },
    Fenced { table: "signing_key", key: "workspace_id, number", column: "vkey" },
    Fenced { table: "audit_node", key: "workspace_id, epoch, level, position", column: "hash" },
    Fenced { table: "checkpoint", key: "workspace_id, number", column: "note" },
    Fenced { table: "retention_policy", key: "workspace_id, number", column: "policy" },
    Fenced { table: "run_report", key: "run_id, revision", column: "summary" },
    Fenced { table: "incident", key: "workspace_id, occurrence, cause", column: "facts" },
    Fenced { table: "policy_version", key: "policy_id, number", column: "terms" },
    Fenced { table: "incident_settlement", key: "incident_id", column: "note" },
    Fenced { table: "delivery_attempt", key: "delivery_id, number", column: "response" },
];

/// A house with a row in every table, and a member who asked for the one open approval.
async fn lived_in(db: &TestStore) -> (House, MemberId) {
    let house = House::new(db).await;
    let (asks, decides) = (house.member(Role::Operator).await, house.member(Role::Approver).await);
    let item = house.items(1).await.remove(0);
    let mut approval = approvals::open(&house, &item, 5);
    approval.requested_by = Some(asks.id);
    let attempt = house.attempt(&item, 1);
    let effect =
        Effect { key: "key-1".into(), item: item.id, attempt: attempt.id, record: None, at: at(4) };
    let decision = Decision {
        id: DecisionId::new(house.uuid()),
        approval: approval.id,
        member: decides.id,
        verdict: Verdict::Approve,
        reason: "because".into(),
        decided_at: at(6),
    };
    let (workspace, ids) = (house.workspace, house.ids.clone());
    house
        .write(move |tx| {
            Box::pin(async move {
                tx.insert_attempts(workspace, &[attempt]).await?;
                tx.insert_effects(workspace, &[effect]).await?;
                tx.insert_approvals(&[approval]).await?;
                tx.insert_decision(workspace, &decision).await?;
                let draft = Draft::new(
                    Principal::System,
                    Verb::ItemSucceeded,
                    Object::new("item", item.id),
                );
                tx.append_audit(workspace, &ids, at(6), &[draft.with(json!({"a": 1}))]).await
            })
        })
        .await
        .unwrap();
    sign(&house).await;
    let (run, failure) = (house.pending(0), Failure::transient("http-503", "Away."));
    house.store_runs(std::slice::from_ref(&run)).await;
    let ended = Run { status: RunStatus::Completed, completed_at: Some(at(9)), ..run };
    let report = RunReport::new(ReportId::new(house.uuid()), &ended, None, at(9)).unwrap();
    let raised = Raised::item_failed(&item, &failure);
    let version = PolicyVersion {
        number: 1,
        automation: None,
        policy: Some(Policy::default()),
        set_by: None,
        set_at: at(9),
    };
    let incident = raised.enter(IncidentId::new(house.uuid()), house.workspace, at(9));
    let stored = house.write(move |tx| {
        Box::pin(async move {
            tx.insert_reports(&[report]).await?;
            let settlement = Settlement {
                incident: incident.id,
                workspace: incident.workspace,
                note: "mended".into(),
                settled_by: None,
                settled_at: at(9),
            };
            tx.insert_retention_policy(workspace, &version).await?;
            tx.insert_incidents(&[incident]).await?;
            tx.insert_settlements(settlement.workspace, std::slice::from_ref(&settlement)).await
        })
    });
    stored.await.unwrap();
    deliver(&house).await;
    policies::write(&house).await;
    // That a hash stays of an entry does not make it go.
    let tile = "INSERT INTO audit_tile (workspace_id, first_seq, hashes) \
                SELECT workspace_id, 0, leaf_hash FROM audit_entry WHERE seq = 0";
    Bare::open(db).await.run(tile).await.unwrap();
    (house, asks.id)
}

/// A webhook, a delivery to it, and an attempt at that.
async fn deliver(house: &House) {
    let (workspace, ids) = (house.workspace, house.ids.clone());
    let webhook = Webhook {
        id: WebhookId::new(house.uuid()),
        workspace,
        url: "https://hooks.example".into(),
        name: "Hooks".into(),
        events: vec![EventKind::RunFailed],
        site: String::new(),
        created_at: at(9),
        disabled: None,
    };
    let attempt = DeliveryAttemptId::new(house.uuid());
    let stored = house.write(move |tx| {
        Box::pin(async move {
            tx.insert_webhook(&webhook).await?;
            let notice = Notice::test(webhook.id);
            let told = tx.announce_to(workspace, webhook.id, &ids, at(9), &notice).await?;
            let attempt = DeliveryAttempt {
                id: attempt,
                delivery: told.unwrap(),
                number: 1,
                started_at: at(9),
                ended_at: at(9),
                signature: None,
                status: Some(204),
                response: Some("taken".into()),
                failure: None,
            };
            tx.insert_delivery_attempts(workspace, &[attempt]).await
        })
    });
    stored.await.unwrap();
}

/// Rows in the tables of the signer.
async fn sign(house: &House) {
    let workspace = house.workspace;
    let note = "house.example\n1\nAAAA\n";
    let signed = SignedCheckpoint {
        workspace,
        number: 1,
        epoch: 0,
        size: 1,
        root: [1; 32],
        note: note.into(),
        signed_at: at(7),
    };
    let refusal = SigningRefusal {
        number: 0,
        code: "log-shorter".into(),
        message: "It is shorter.".into(),
        first_wrong: Some(1),
        signed_size: 2,
        found_size: 1,
        refused_at: at(8),
    };
    let node = (Address { level: 8, index: 0 }, [2; 32]);
    let stored = house.write(move |tx| {
        Box::pin(async move {
            tx.fix_log_origin(workspace, "house.example", at(7)).await?;
            tx.insert_signing_key(workspace, "house.example+1+A", "file", at(7)).await?;
            tx.insert_audit_nodes(workspace, 0, &[node]).await?;
            tx.insert_checkpoint(&signed).await?;
            tx.insert_signing_refusal(workspace, &refusal).await
        })
    });
    stored.await.unwrap();
}

/// The rows of a table, as text.
async fn rows(bare: &mut Bare, table: &str) -> Vec<String> {
    let query = if bare.is_postgres() {
        format!("SELECT t::text FROM {table} t ORDER BY 1")
    } else {
        let columns = columns(bare, table).await.join("), quote(");
        format!("SELECT concat_ws('|', quote({columns})) FROM {table} ORDER BY 1")
    };
    let rows = bare.texts(&query).await;
    assert!(!rows.is_empty(), "{table}");
    rows
}

async fn columns(bare: &mut Bare, table: &str) -> Vec<String> {
    bare.texts(&if bare.is_postgres() {
        format!(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' \
             ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")
    })
    .await
}

/// Ways to change rows that both databases know.
fn common(Fenced { table, key, column }: &Fenced) -> Vec<String> {
    vec![
        format!("UPDATE {table} SET {column} = {column}"),
        format!("DELETE FROM {table}"),
        format!(
            "INSERT INTO {table} SELECT * FROM {table} WHERE true \
             ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
        ),
        format!("INSERT INTO {table} SELECT * FROM {table}"),
    ]
}

/// Ways of SQLite: among them replacing a row by its row id, under another key.
async fn ways_of_sqlite(bare: &mut Bare, Fenced { table, column, .. }: &Fenced) -> Vec<String> {
    let columns = columns(bare, table).await;
    let other: Vec<_> = columns
        .iter()
        .map(|column| match column.as_str() {
            "id" | "automation_id" => "randomblob(16)".to_owned(),
            "number" | "seq" | "position" => format!("{column} + 1"),
            "effect_key" => "effect_key || 'x'".to_owned(),
            column => column.to_owned(),
        })
        .collect();
    let (columns, other) = (columns.join(", "), other.join(", "));
    vec![
        format!("REPLACE INTO {table} SELECT * FROM {table}"),
        format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
        format!("UPDATE OR REPLACE {table} SET {column} = {column}"),
        format!("REPLACE INTO {table} (rowid, {columns}) SELECT rowid, {other} FROM {table}"),
    ]
}

fn ways_of_postgres(Fenced { table, column, .. }: &Fenced) -> Vec<String> {
    vec![
        format!("TRUNCATE {table} CASCADE"),
        "TRUNCATE workspace CASCADE".to_owned(),
        format!("MERGE INTO {table} t USING {table} s ON true WHEN MATCHED THEN DELETE"),
        format!(
            "MERGE INTO {table} t USING {table} s ON true WHEN MATCHED THEN \
             UPDATE SET {column} = s.{column}"
        ),
    ]
}

async fn try_all(bare: &mut Bare, statements: &[String]) {
    for statement in statements {
        bare.refused(statement).await;
    }
}

both_databases! {
    async fn a_table_that_is_written_once_cannot_be_changed_by_sql(db: TestStore) {
        let (_house, _) = lived_in(&db).await;
        let mut bare = Bare::open(&db).await;
        for fenced in &TABLES {
            let before = rows(&mut bare, fenced.table).await;
            try_all(&mut bare, &common(fenced)).await;
            if bare.is_postgres() {
                // MERGE came with Postgres 15, which is the oldest that is supported.
                let mut ways = ways_of_postgres(fenced);
                try_all(&mut bare, &ways).await;
                // Ordinary triggers sleep in this mode, and so do foreign keys.
                bare.run("SET session_replication_role = replica").await.unwrap();
                ways.extend(common(fenced));
                try_all(&mut bare, &ways).await;
                bare.run("RESET session_replication_role").await.unwrap();
            } else {
                let ways = ways_of_sqlite(&mut bare, fenced).await;
                bare.run("PRAGMA foreign_keys = OFF").await.unwrap();
                try_all(&mut bare, &ways).await;
                try_all(&mut bare, &common(fenced)).await;
                bare.run("PRAGMA foreign_keys = ON").await.unwrap();
            }
            assert_eq!(rows(&mut bare, fenced.table).await, before, "{}", fenced.table);
        }
    }

    async fn the_log_takes_no_gap_no_second_and_nothing_before_the_first(db: TestStore) {
        let (house, _) = lived_in(&db).await;
        let mut bare = Bare::open(&db).await;
        let uuid = house.workspace.uuid().simple();
        let workspace =
            if bare.is_postgres() { format!("'{uuid}'::uuid") } else { format!("X'{uuid}'") };
        let insert = |seq: &str| format!(
            "INSERT INTO audit_entry SELECT workspace_id, {seq}, at, actor_kind, actor_id, \
             verb, object_kind, object_id, run_id, leaf, leaf_hash FROM audit_entry \
             WHERE workspace_id = {workspace}"
        );
        let last = "seq = (SELECT MAX(seq) FROM audit_entry m WHERE m.workspace_id = \
                    audit_entry.workspace_id)";
        let before = rows(&mut bare, "audit_entry").await;
        let mut wrong = vec![
            format!("{} AND {last}", insert("seq + 2")),
            format!("{} AND {last}", insert("seq")),
            format!("{} AND seq = 0", insert("-1")),
            format!("{} AND seq = 1", insert("0")),
        ];
        // Two at once with a gap between them.
        wrong.push(format!(
            "{} AND seq IN (SELECT MAX(seq) FROM audit_entry UNION SELECT MAX(seq) - 1 \
             FROM audit_entry)",
            insert(&format!("2 * seq - (SELECT MAX(m.seq) - 1 FROM audit_entry m \
                WHERE m.workspace_id = {workspace}) + 2"))
        ));
        try_all(&mut bare, &wrong).await;
        if bare.is_postgres() {
            bare.run("SET session_replication_role = replica").await.unwrap();
            try_all(&mut bare, &wrong).await;
            bare.run("RESET session_replication_role").await.unwrap();
        }
        assert_eq!(rows(&mut bare, "audit_entry").await, before);
        // The very next place is free: the fence does not simply refuse everything.
        bare.run(&format!("{} AND {last}", insert("seq + 1"))).await.unwrap();
    }

    async fn a_payload_can_be_erased_and_not_changed(db: TestStore) {
        let (_house, _) = lived_in(&db).await;
        let mut bare = Bare::open(&db).await;
        let fenced =
            Fenced { table: "audit_payload", key: "workspace_id, seq", column: "payload" };
        let before = rows(&mut bare, "audit_payload").await;
        let mut wrong = common(&fenced);
        wrong.retain(|statement| !statement.starts_with("DELETE"));
        try_all(&mut bare, &wrong).await;
        if bare.is_postgres() {
            try_all(&mut bare, &["TRUNCATE audit_payload".to_owned()]).await;
            bare.run("SET session_replication_role = replica").await.unwrap();
            try_all(&mut bare, &wrong).await;
            bare.run("RESET session_replication_role").await.unwrap();
        } else {
            let ways = ways_of_sqlite(&mut bare, &fenced).await;
            try_all(&mut bare, &ways).await;
        }
        assert_eq!(rows(&mut bare, "audit_payload").await, before);
        bare.run("DELETE FROM audit_payload").await.unwrap();
        assert_eq!(bare.number("SELECT COUNT(*) FROM audit_payload").await, 0);
    }

    async fn a_refusal_to_sign_can_be_resolved_once_and_not_changed(db: TestStore) {
        let (house, _) = lived_in(&db).await;
        let mut bare = Bare::open(&db).await;
        let before = rows(&mut bare, "signing_refusal").await;
        let mut wrong = vec![
            "DELETE FROM signing_refusal".to_owned(),
            "UPDATE signing_refusal SET resolved_at = NULL".to_owned(),
            "INSERT INTO signing_refusal SELECT * FROM signing_refusal".to_owned(),
        ];
        let columns = ["number = number + 1", "code = 'fine'", "message = 'x'", "first_wrong = NULL",
            "signed_size = 1", "found_size = 2", "refused_at = '2026-07-02T00:00:00+00:00'"];
        wrong.extend(columns.map(|change| {
            format!("UPDATE signing_refusal SET resolved_at = refused_at, {change}")
        }));
        try_all(&mut bare, &wrong).await;
        if bare.is_postgres() {
            try_all(&mut bare, &["TRUNCATE signing_refusal".to_owned()]).await;
            bare.run("SET session_replication_role = replica").await.unwrap();
            try_all(&mut bare, &wrong).await;
            bare.run("RESET session_replication_role").await.unwrap();
        } else {
            try_all(&mut bare, &["REPLACE INTO signing_refusal SELECT * FROM signing_refusal".to_owned()]).await;
        }
        assert_eq!(rows(&mut bare, "signing_refusal").await, before);
        let workspace = house.workspace;
        house.write(move |tx| Box::pin(async move {
            tx.resolve_signing_refusal(workspace, at(9)).await
        })).await.unwrap();
        assert_eq!(house.session().await.signing_refusal(workspace).await.unwrap(), None);
        bare.refused("UPDATE signing_refusal SET resolved_at = NULL").await;
        bare.refused("UPDATE signing_refusal SET resolved_at = '2026-07-02T00:00:00+00:00'").await;
    }

    async fn a_window_can_be_revoked_once_and_not_changed(db: TestStore) {
        let house = House::new(&db).await;
        let host = Caller { workspace: house.workspace, principal: Principal::Host };
        let member = house.member(Role::Auditor).await.id;
        let quarter = Period::quarter_of(at(0).date_naive());
        house.services.grant_window(host, member, quarter).await.unwrap();
        let mut bare = Bare::open(&db).await;
        let before = rows(&mut bare, "auditor_window").await;
        let mut wrong = vec![
            "DELETE FROM auditor_window".to_owned(),
            "UPDATE auditor_window SET revoked_at = NULL".to_owned(),
            "INSERT INTO auditor_window SELECT * FROM auditor_window".to_owned(),
        ];
        let columns = ["from_day = '2020-01-01'", "until_day = '2030-01-01'", "granted_by = id",
            "member_id = id", "granted_at = '2026-07-02T00:00:00+00:00'"];
        wrong.extend(columns.map(|change| {
            format!("UPDATE auditor_window SET revoked_at = granted_at, {change}")
        }));
        try_all(&mut bare, &wrong).await;
        if bare.is_postgres() {
            try_all(&mut bare, &["TRUNCATE auditor_window".to_owned()]).await;
            bare.run("SET session_replication_role = replica").await.unwrap();
            try_all(&mut bare, &wrong).await;
            bare.run("RESET session_replication_role").await.unwrap();
        } else {
            try_all(&mut bare, &["REPLACE INTO auditor_window SELECT * FROM auditor_window".to_owned()]).await;
        }
        assert_eq!(rows(&mut bare, "auditor_window").await, before);
        bare.run("UPDATE auditor_window SET revoked_at = granted_at").await.unwrap();
        bare.refused("UPDATE auditor_window SET revoked_at = NULL").await;
        bare.refused("UPDATE auditor_window SET revoked_at = '2026-07-02T00:00:00+00:00'").await;
    }

    async fn the_database_itself_refuses_a_decision_by_whoever_asked(db: TestStore) {
        let (house, asked) = lived_in(&db).await;
        let mut bare = Bare::open(&db).await;
        let (member, id) = (asked.uuid().simple(), bare.new_id());
        let member =
            if bare.is_postgres() { format!("'{member}'::uuid") } else { format!("X'{member}'") };
        let own = format!(
            "INSERT INTO approval_decision (id, workspace_id, approval_id, member_id, verdict, \
             reason, decided_at) SELECT {id}, workspace_id, approval_id, {member}, verdict, reason, \
             decided_at FROM approval_decision"
        );
        let said = bare.refused(&own).await;
        assert!(said.contains("whoever asked for an approval cannot decide it"), "{said}");
        if bare.is_postgres() {
            bare.run("SET session_replication_role = replica").await.unwrap();
            bare.refused(&own).await;
        }
        // Somebody else may.
        let third = house.member(Role::Owner).await.id.uuid().simple();
        let third =
            if bare.is_postgres() { format!("'{third}'::uuid") } else { format!("X'{third}'") };
        bare.run(&own.replace(&member, &third)).await.unwrap();
    }

    async fn a_second_row_with_the_same_key_is_a_conflict(db: TestStore) {
        let (house, _) = lived_in(&db).await;
        let item = house.items(1).await.remove(0);
        let attempt = house.attempt(&item, 1);
        let effect = |attempt| {
            Effect { key: "key-2".into(), item: item.id, attempt, record: None, at: at(4) }
        };
        let (first, second) = (effect(attempt.id), effect(AttemptId::new(house.uuid())));
        let again = [attempt.clone()];
        let workspace = house.workspace;
        house.write(move |tx| Box::pin(async move {
            tx.insert_attempts(workspace, &[attempt]).await?;
            tx.insert_effects(workspace, &[first]).await
        })).await.unwrap();
        let twice = house.write(move |tx| Box::pin(async move {
            tx.insert_effects(workspace, &[second]).await
        })).await;
        assert!(twice.unwrap_err().is_conflict());
        let twice = house.write(move |tx| Box::pin(async move {
            tx.insert_attempts(workspace, &again).await
        })).await;
        assert!(twice.unwrap_err().is_conflict());
    }
}
