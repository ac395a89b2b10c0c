//! What each check of a bundle finds, and how it says so.

use ledger::{
    Leaf,
    leaf::{Policy, action},
    note::SignedNote,
    verify::{Report, State, Trust, Verdict},
};

use crate::support::{
    Files, Log, Making, bundle, key, leaf, pack, pack_as_is, pinned, run, unpack, verify,
    verify_sh, verify_sh_with,
};

fn files(log: &Log) -> Files {
    unpack(&bundle(log, &Making::plain(log.size() / 2), &key(1)))
}

fn change(files: &mut Files, name: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[name].clone()).unwrap();
    let changed = text.replacen(from, to, 1);
    assert_ne!(text, changed);
    files.insert(name.to_owned(), changed.into_bytes());
}

/// The verdict, and the detail of the check that gave it.
fn finding(report: &Report) -> (Verdict, String) {
    let failed = report.checks.iter().find(|check| check.state == State::Failed);
    (report.verdict, failed.map(|check| check.detail.clone()).unwrap_or_default())
}

fn check(files: &mut Files) -> (Verdict, String) {
    finding(&verify(&pack(files), &pinned(&key(1))))
}

fn check_log(log: &Log) -> (Verdict, String) {
    finding(&verify(&bundle(log, &Making::plain(0), &key(1)), &pinned(&key(1))))
}

#[test]
fn missing_files_make_a_bundle_malformed() {
    for name in [
        "checkpoint",
        "entries.jsonl",
        "manifest.json",
        "MANIFEST.sha256",
        "vkey",
        "consistency.txt",
    ] {
        let mut files = files(&Log::of(3, 0));
        pack(&mut files);
        files.remove(name);
        let report = verify(&pack_as_is(&files), &pinned(&key(1)));
        assert_eq!(report.verdict, Verdict::Malformed, "{name}");
    }
}

#[test]
fn files_that_differ_from_the_manifest_are_found_and_named() {
    let mut files = files(&Log::of(3, 0));
    pack(&mut files);
    let trust = pinned(&key(1));
    let mut changed = files.clone();
    change(&mut changed, "VERIFY.md", "without", "wihtout");
    let found = finding(&verify(&pack_as_is(&changed), &trust));
    assert_eq!(found, (Verdict::Payload, "VERIFY.md was changed".to_owned()));
    assert_eq!(verify_sh(&changed, key(1).verifier(), None).0, 50);
    let mut added = files.clone();
    added.insert("extra.csv".to_owned(), Vec::new());
    let found = finding(&verify(&pack_as_is(&added), &trust));
    assert_eq!(found, (Verdict::Payload, "extra.csv is not listed".to_owned()));
    assert_eq!(verify_sh(&added, key(1).verifier(), None).0, 50);
    files.remove("runs.jsonl");
    let found = finding(&verify(&pack_as_is(&files), &trust));
    assert_eq!(found, (Verdict::Payload, "runs.jsonl is listed but missing".to_owned()));
}

#[test]
fn a_row_that_is_not_what_the_log_speaks_of_is_named() {
    let mut files = files(&Log::of(12, 0));
    change(
        &mut files,
        "runs.jsonl",
        r#""run_1","status":"completed""#,
        r#""run_1","status":"failed""#,
    );
    let (verdict, detail) = check(&mut files);
    assert_eq!(verdict, Verdict::Payload);
    assert!(detail.contains("run_1 in runs.jsonl"), "{detail}");
}

#[test]
fn the_first_wrong_entry_is_named() {
    let mut making = Making::plain(0);
    making.all_hashes = true;
    let mut files = unpack(&bundle(&Log::of(20, 0), &making, &key(1)));
    change(&mut files, "entries.jsonl", "T09:30:00.000013Z", "T09:30:00.000014Z");
    assert_eq!(
        check(&mut files),
        (Verdict::Root, "entry 13 is not the one that hashes.bin recorded".to_owned())
    );
    let (code, said) = verify_sh(&files, key(1).verifier(), None);
    assert!(code == 30 && said.contains("entry 13 "), "{code}: {said}");

    let mut files = self::files(&Log::of(20, 0));
    let mut lines: Vec<String> = String::from_utf8(files["entries.jsonl"].clone())
        .unwrap()
        .lines()
        .map(|line| format!("{line}\n"))
        .collect();
    lines.remove(7);
    files.insert("entries.jsonl".to_owned(), lines.concat().into_bytes());
    let (verdict, detail) = check(&mut files);
    assert_eq!(verdict, Verdict::Root);
    assert!(
        detail.contains("entry 7 is wrong: in its place is entry 8; 19 entries, not 20"),
        "{detail}"
    );
}

#[test]
fn a_payload_may_be_missing_only_if_a_later_entry_says_so() {
    let erase = |log: &mut Log, kind: &str, id: String| {
        let mut erasure = leaf(0, action::PAYLOAD_ERASED);
        erasure.run = None;
        (erasure.object.kind, erasure.object.id) = (kind.to_owned(), id);
        log.push(erasure, None);
    };
    for (kind, id) in [("run", run(5)), ("entry", "7".to_owned()), ("entries", "3-7".to_owned())] {
        let mut log = Log::of(12, 0);
        log.payloads[7] = None;
        erase(&mut log, kind, id);
        assert_eq!(check_log(&log).0, Verdict::Valid, "{kind}");
    }
    for (kind, id) in [("run", run(0)), ("entry", "8".to_owned()), ("entries", "8-9".to_owned())] {
        let mut log = Log::of(12, 0);
        log.payloads[7] = None;
        erase(&mut log, kind, id);
        let (verdict, detail) = check_log(&log);
        assert_eq!(verdict, Verdict::Payload, "{kind}");
        assert!(detail.starts_with("the payload of entry 7 is missing"), "{detail}");
    }
    // What was said before the entry does not cover it.
    let mut log = Log::of(6, 0);
    erase(&mut log, "run", run(7));
    log.push(leaf(7, "item.failed"), Some("{}".to_owned()));
    log.payloads[7] = None;
    assert_eq!(check_log(&log).0, Verdict::Payload);
}

#[test]
fn an_entry_may_be_a_hash_only_if_a_later_entry_says_so() {
    let removed = |places: &[u64], said: &[&str]| {
        let mut log = Log::of(12, 0);
        let whole = log.tree(12).frontier.root();
        places.iter().for_each(|seq| log.remove(*seq));
        assert_eq!(log.tree(12).frontier.root(), whole);
        for id in said {
            let mut removal = leaf(0, action::ENTRIES_REMOVED);
            removal.run = None;
            (removal.object.kind, removal.object.id) = ("entries".to_owned(), (*id).to_owned());
            log.push(removal, None);
        }
        log
    };
    let both = |log: &Log| {
        let mut files = files(log);
        let (verdict, detail) = check(&mut files);
        (verdict, verify_sh(&files, key(1).verifier(), None).0, detail)
    };
    for said in [&["5-9"][..], &["8-9", "5-7"], &["0-6", "3-9"], &["2,5,6-9"]] {
        let log = removed(&[5, 6, 7, 8, 9], said);
        assert_eq!(both(&log), (Verdict::Valid, 0, String::new()), "{said:?}");
    }
    for (places, said) in [
        (&[5, 6][..], &["5-5"][..]),
        (&[5, 6], &["6-9"]),
        (&[2, 5, 6], &["4-9"]),
        (&[5, 7], &["5,8"]),
        (&[5], &[]),
        (&[5], &["5 "]),
        (&[5], &["4-"]),
        // Nobody removes what is not there yet.
        (&[11], &["3-12"]),
    ] {
        let (verdict, code, detail) = both(&removed(places, said));
        assert_eq!((verdict, code), (Verdict::Malformed, 10), "{places:?} {said:?}");
        assert!(detail.contains("only hashes are left"), "{detail}");
    }
    // Where a hash stands is where it is in the file, not where it says that it is.
    let both = |files: &mut Files| {
        let verdict = check(files).0;
        (verdict, verify_sh(files, key(1).verifier(), None).0)
    };
    for said in ["5", "6"] {
        let mut moved = files(&removed(&[5], &[said]));
        change(&mut moved, "entries.jsonl", "\"seq\":5}\n", "\"seq\":6}\n");
        assert_eq!(both(&mut moved), (Verdict::Malformed, 10), "{said}");
    }
    // Whoever writes such a line in another way wrote an entry.
    for other in ["\"seq\": 5}\n", "\"seq\":5 }\n", "\"seq\":05}\n", "\"run\":1,\"seq\":5}\n"] {
        let mut files = files(&removed(&[5], &["5"]));
        change(&mut files, "entries.jsonl", "\"seq\":5}\n", other);
        assert_eq!(both(&mut files), (Verdict::Root, 30), "{other}");
    }
    // The hash is part of the root like the leaf it stands for.
    let mut changed = files(&removed(&[5], &["5-5"]));
    change(&mut changed, "entries.jsonl", r#"{"hash":""#, r#"{"hash":"00"#);
    let text = String::from_utf8(changed["entries.jsonl"].clone()).unwrap();
    let line = text.lines().nth(5).unwrap();
    let shorter = format!("{}\",\"seq\":5}}", &line[..9 + 64]);
    change(&mut changed, "entries.jsonl", line, &shorter);
    assert_eq!(check(&mut changed).0, Verdict::Root);
    assert_eq!(verify_sh(&changed, key(1).verifier(), None).0, 30);
}

fn in_automation(mut leaf: Leaf, automation: &str) -> Leaf {
    leaf.policy = Some(Policy { digest: "a".repeat(64), id: automation.to_owned(), version: 1 });
    leaf
}

fn on(mut leaf: Leaf, kind: &str, id: &str, actor: &str) -> Leaf {
    (leaf.object.kind, leaf.object.id) = (kind.to_owned(), id.to_owned());
    leaf.actor.id = Some(actor.to_owned());
    leaf
}

fn log_of(leaves: Vec<Leaf>) -> Log {
    let mut log = Log::of(0, 0);
    leaves.into_iter().for_each(|leaf| log.push(leaf, None));
    log
}

#[test]
fn a_start_under_a_kill_switch_is_found() {
    let kill = |kind, id| on(leaf(0, action::KILL_ACTIVATED), kind, id, "mem_1");
    let release = |kind, id| on(leaf(0, action::KILL_RELEASED), kind, id, "mem_1");
    let start = |automation| in_automation(leaf(0, action::ITEM_STARTED), automation);
    let verdict = |leaves| check_log(&log_of(leaves));
    let (ws, aut) = (("workspace", "wsp_1"), ("automation", "aut_1"));
    let bad = verdict(vec![start("aut_1"), kill(ws.0, ws.1), start("aut_1")]);
    assert_eq!(bad.0, Verdict::Policy);
    assert!(bad.1.contains("entry 2: itm_0 was started although entry 1 had stopped"), "{}", bad.1);
    assert_eq!(verdict(vec![kill(aut.0, aut.1), start("aut_1")]).0, Verdict::Policy);
    assert_eq!(verdict(vec![kill(aut.0, aut.1), start("aut_2")]).0, Verdict::Valid);
    let released = vec![kill(ws.0, ws.1), release(ws.0, ws.1), start("aut_1")];
    assert_eq!(verdict(released).0, Verdict::Valid);
    let half = vec![kill(ws.0, ws.1), kill(aut.0, aut.1), release(ws.0, ws.1), start("aut_1")];
    assert_eq!(verdict(half).0, Verdict::Policy);
}

#[test]
fn an_approval_by_its_requester_is_found() {
    let entry = |verb, id, actor| on(leaf(0, verb), "approval", id, actor);
    let asked = entry(action::APPROVAL_REQUESTED, "apr_1", "mem_1");
    let own = entry(action::APPROVAL_APPROVED, "apr_1", "mem_1");
    let other = entry(action::APPROVAL_APPROVED, "apr_1", "mem_2");
    let elsewhere = entry(action::APPROVAL_APPROVED, "apr_2", "mem_1");
    let (verdict, detail) = check_log(&log_of(vec![asked.clone(), own]));
    assert_eq!(verdict, Verdict::Policy);
    assert_eq!(detail, "entry 1: apr_1 was approved by its requester");
    assert_eq!(check_log(&log_of(vec![asked, other, elsewhere])).0, Verdict::Valid);
}

#[test]
fn a_key_from_the_bundle_alone_is_not_silently_trusted() {
    let zip = bundle(&Log::of(5, 0), &Making::plain(2), &key(1));
    let report = verify(&zip, &Trust::default());
    assert_eq!(report.verdict, Verdict::Unpinned);
    assert!(report.to_string().contains("UNPINNED"));
    let allowed = Trust { allow_unpinned: true, ..Trust::default() };
    let report = verify(&zip, &allowed);
    assert_eq!(report.exit_code, 0);
    assert!(report.to_string().contains("UNPINNED"), "{report}");
    assert_eq!(verify(&zip, &pinned(&key(2))).verdict, Verdict::Signature);
    let files = unpack(&zip);
    assert_eq!(verify_sh_with(&files, &[], None).0, 5);
    assert_eq!(verify_sh_with(&files, &["--allow-unpinned"], None).0, 0);
    assert_eq!(verify_sh(&files, key(2).verifier(), None).0, 20);
}

#[test]
fn after_a_rotation_either_key_is_enough() {
    let (log, old, new) = (Log::of(5, 0), key(1), key(2));
    let mut files = files(&log);
    let text = SignedNote::parse(&files["checkpoint"]).unwrap().text().to_owned();
    let both = SignedNote::sign(&text, &[&new, &old]).unwrap().to_string();
    for name in files.keys().cloned().collect::<Vec<_>>() {
        if name.starts_with("proofs/") {
            let proof = String::from_utf8(files[&name].clone()).unwrap();
            let head = proof.split_once("\n\n").unwrap().0;
            files.insert(name, format!("{head}\n\n{both}").into_bytes());
        }
    }
    files.insert("checkpoint".to_owned(), both.into_bytes());
    let previous = files["checkpoint.prev"].clone();
    let zip = pack(&mut files);
    assert_eq!(verify(&zip, &pinned(&old)).exit_code, 0);
    let keys = vec![new.verifier().clone(), old.verifier().clone()];
    let trust = Trust { keys, previous: Some(previous), ..Trust::default() };
    assert_eq!(verify(&zip, &trust).exit_code, 0);
    // The earlier checkpoint was signed before the rotation.
    assert_eq!(verify(&zip, &pinned(&new)).verdict, Verdict::Signature);
    for key in [old.verifier(), new.verifier()] {
        let expected = if key == old.verifier() { 0 } else { 20 };
        assert_eq!(verify_sh(&files, key, None).0, expected);
    }
}

#[test]
fn a_log_that_shrank_or_an_entry_left_out_of_its_period_is_found() {
    let log = Log::of(9, 0);
    let zip = bundle(&Log::of(5, 0), &Making::plain(2), &key(1));
    let mut trust = pinned(&key(1));
    trust.previous = Some(log.checkpoint(9, &key(1)).into_bytes());
    let (verdict, detail) = finding(&verify(&zip, &trust));
    assert_eq!(verdict, Verdict::Consistency);
    assert!(detail.contains("has 9 entries, this one only 5"), "{detail}");

    let mut files = files(&log);
    change(&mut files, "manifest.json", r#""first_seq": 0"#, r#""first_seq": 3"#);
    let (verdict, detail) = check(&mut files);
    assert_eq!((verdict, detail.contains("leaves entry 0 out")), (Verdict::Malformed, true));
}

#[test]
fn a_signed_line_that_is_no_entry_is_malformed() {
    let mut log = Log::of(4, 0);
    log.lines[2] = log.lines[2].replace(r#""v":1"#, r#""v": 1"#);
    let (verdict, detail) = check_log(&log);
    assert_eq!(verdict, Verdict::Malformed);
    assert!(detail.starts_with("entry 2: "), "{detail}");
}

#[test]
fn a_forged_proof_of_a_run_is_found_by_both_verifiers() {
    let mut files = files(&Log::of(12, 0));
    let proof = String::from_utf8(files["proofs/run_1.tlog-proof"].clone()).unwrap();
    let forged = proof.replacen("index 9", "index 8", 1);
    assert_ne!(proof, forged);
    files.insert("proofs/run_1.tlog-proof".to_owned(), forged.into_bytes());
    let (verdict, detail) = check(&mut files);
    assert_eq!(
        (verdict, detail.as_str()),
        (Verdict::Root, "the proof of run_1 does not lead to the signed root")
    );
    assert_eq!(verify_sh(&files, key(1).verifier(), None).0, 30);
}

#[test]
fn the_report_for_programs_says_the_same() {
    let report = verify(&bundle(&Log::of(5, 0), &Making::plain(2), &key(1)), &pinned(&key(1)));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!((json["verdict"].as_str(), json["exit_code"].as_u64()), (Some("valid"), Some(0)));
    assert_eq!(json["bundle"]["size"], 5);
    assert_eq!(json["bundle"]["keys"][0], key(1).verifier().to_string());
    assert_eq!(json["checks"].as_array().unwrap().len(), report.checks.len());
}
