//! The audit log on the host: its checkpoint, proofs, and a backup that was restored.

use std::fs;

use chrono::TimeDelta;
use domain::Timestamp;
use engine::{
    clock::Clock, ids::Ids, services::Services, signing::SigningDir, store::Store, work::Signer,
};
use ledger::{Checkpoint, VerifierKey, leaf_hash, tlog_proof::TlogProof};
use serde_json::Value;

use crate::terminal::Terminal;

/// Signs what there is, as a process that runs automations would, and ends.
async fn sign(terminal: &Terminal, at: Timestamp) -> usize {
    let address = format!("sqlite:{}", terminal.folder().join("test.sqlite").display());
    let store = Store::connect(&address).await.unwrap();
    let services = Services::new(store.clone(), Clock::manual(at), Ids::random());
    let dir = SigningDir::new(terminal.folder().join("signing"));
    let signer = Signer::new(services, dir, Some("assize.example"));
    let signed = signer.tick(at).await.unwrap();
    signer.end_term().await.unwrap();
    store.close().await;
    signed
}

fn add_member(terminal: &Terminal, name: &str) {
    let email = format!("{name}@example.org");
    let done = terminal.run(&["member", "add", &email, "--name", name, "--role", "viewer"]);
    assert_eq!(done.code, 0, "{}", done.err);
}

fn json(terminal: &Terminal, arguments: &[&str]) -> Value {
    let done = terminal.run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    done.json()
}

/// A moment after all that the commands enter, which go by the clock of the machine.
fn soon() -> Timestamp {
    Clock::system().now() + TimeDelta::minutes(1)
}

#[tokio::test]
async fn a_checkpoint_and_a_proof_are_read_and_checked() {
    let terminal = Terminal::with_workspace();
    assert_eq!(json(&terminal, &["audit", "checkpoint"])["standing"], "unsigned");
    assert_eq!(terminal.run(&["audit", "checkpoint", "--note"]).code, 4);
    assert_eq!(terminal.run(&["audit", "proof", "0"]).code, 5);
    add_member(&terminal, "ada");
    assert_eq!(sign(&terminal, soon()).await, 1);
    let state = json(&terminal, &["audit", "checkpoint"]);
    assert_eq!(
        (&state["standing"], &state["checkpoint"]["size"]),
        (&"fits".into(), &state["entries"])
    );
    let keys = [VerifierKey::parse(state["keys"][0].as_str().unwrap()).unwrap()];
    let note = terminal.run(&["audit", "checkpoint", "--note"]).out;
    assert_eq!(note, state["checkpoint"]["note"].as_str().unwrap());
    assert!(
        Checkpoint::open(note.as_bytes(), &keys)
            .unwrap()
            .origin
            .starts_with("assize.example/ws/wsp_")
    );
    let words = terminal.run(&["audit", "checkpoint"]).out;
    assert!(words.contains("signed entries") && words.contains("fits"), "{words}");
    let entries = json(&terminal, &["audit", "list", "--limit", "200"]);
    let first = entries["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&first["seq"], &first["verb"]), (&0.into(), &"workspace.created".into()));
    let proof = terminal.run(&["audit", "proof", "0"]).out;
    let proof = TlogProof::parse(proof.as_bytes()).unwrap();
    proof.verify(&leaf_hash(first["leaf"].as_str().unwrap().as_bytes()), &keys).unwrap();
    let few = json(&terminal, &["audit", "list", "--verb", "member.added", "--limit", "1"]);
    assert_eq!(few["data"].as_array().unwrap().len(), 1);
    let listed = terminal.run(&["audit", "list"]).out;
    assert!(listed.contains("workspace.created") && listed.contains("host"), "{listed}");
    assert_eq!(terminal.run(&["audit", "proof", "999"]).code, 4);
}

#[tokio::test]
async fn a_key_is_put_in_the_place_of_another() {
    let terminal = Terminal::with_workspace();
    assert_eq!(terminal.run(&["audit", "rotate-key"]).code, 5, "nothing was signed");
    sign(&terminal, soon()).await;
    let rotated = json(&terminal, &["audit", "rotate-key"]);
    let state = json(&terminal, &["audit", "checkpoint"]);
    assert_eq!(state["keys"].as_array().unwrap().len(), 2);
    assert_eq!((&state["keys"][0], &state["standing"]), (&rotated["keys"][0], &"fits".into()));
    assert_eq!(terminal.run(&["doctor"]).code, 0);
}

#[tokio::test]
async fn yesterdays_database_beside_todays_checkpoint_is_found_and_can_be_accepted() {
    let terminal = Terminal::with_workspace();
    sign(&terminal, soon()).await;
    let (file, backup) = (terminal.folder().join("test.sqlite"), terminal.folder().join("backup"));
    fs::copy(&file, &backup).unwrap();
    add_member(&terminal, "ada");
    assert_eq!(sign(&terminal, soon() + TimeDelta::minutes(5)).await, 1);
    let doctor = terminal.run(&["doctor"]);
    assert!(doctor.code == 0 && doctor.out.contains("still the same"), "{}", doctor.out);
    assert_eq!(terminal.run(&["audit", "accept-rollback", "--reason", "none"]).code, 5);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(terminal.folder().join(format!("test.sqlite{end}")));
    }
    fs::copy(&backup, &file).unwrap();
    let doctor = terminal.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    assert!(doctor.out.contains("but the log has only"), "{}", doctor.out);
    assert_eq!(sign(&terminal, soon() + TimeDelta::minutes(10)).await, 0);
    let state = json(&terminal, &["audit", "checkpoint"]);
    assert_eq!(state["refusal"]["code"], "log-shorter");
    let words = terminal.run(&["audit", "checkpoint"]).out;
    assert!(words.contains("NOT SIGNED since"), "{words}");
    assert_eq!(terminal.run(&["audit", "accept-rollback", "--reason", " "]).code, 2);
    let accepted = json(&terminal, &["audit", "accept-rollback", "--reason", "The disk broke."]);
    let state = json(&terminal, &["audit", "checkpoint"]);
    assert_eq!((&state["refusal"], &state["standing"]), (&Value::Null, &"fits".into()));
    assert_eq!(state["checkpoint"]["size"], accepted["size"]);
    assert_eq!(terminal.run(&["doctor"]).code, 0);
}
