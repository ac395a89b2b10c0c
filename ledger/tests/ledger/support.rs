//! Logs and bundles to test with, and the tools an auditor has.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use ledger::{
    Checkpoint, Frontier, Hash, Leaf, SignerKey, VerifierKey,
    bundle::{BundleWriter, Cover, Manifest, Previous},
    leaf::{Actor, Object, Policy},
    node::{Address, HashReader},
    payload::commitment,
    proof::Plan,
    removed::{RemovedLine, line_hash},
    text::hex,
    tlog_proof::TlogProof,
    verify::{Report, Trust, verify_bundle},
};
use sha2::{Digest, Sha256};

pub const ORIGIN: &str = "assize.example/ws/wsp_01";

pub fn key(seed: u8) -> SignerKey {
    SignerKey::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

/// All nodes of a tree, and its frontier.
#[derive(Default, Clone)]
pub struct Tree {
    pub frontier: Frontier,
    pub nodes: HashMap<Address, Hash>,
}

impl Tree {
    pub fn push(&mut self, leaf: Hash) {
        let nodes = &mut self.nodes;
        self.frontier.push_noting(leaf, |place, hash| {
            assert!(nodes.insert(place, hash).is_none(), "{place:?} is complete once");
        });
    }

    pub fn of(leaves: &[Hash]) -> Self {
        let mut tree = Self::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        tree
    }

    pub fn proof(&self, plan: &Plan) -> Vec<Hash> {
        plan.assemble(self).unwrap()
    }
}

impl HashReader for Tree {
    fn hash(&self, address: Address) -> Option<Hash> {
        self.nodes.get(&address).copied()
    }
}

/// A leaf that says something, for a test to change.
pub fn leaf(seq: u64, verb: &str) -> Leaf {
    Leaf {
        actor: Actor {
            id: Some(format!("mem_{}", seq % 3)),
            kind: "member".to_owned(),
            token: None,
        },
        attempt: None,
        object: Object { id: format!("itm_{seq}"), kind: "item".to_owned() },
        payload: None,
        policy: None,
        request: None,
        run: Some(run(seq)),
        seq,
        trace: None,
        ts: format!("2026-07-{:02}T09:30:00.{:06}Z", 1 + seq % 28, seq),
        v: 1,
        verb: verb.to_owned(),
        ws: "wsp_1".to_owned(),
    }
}

pub fn run(seq: u64) -> String {
    format!("run_{}", seq / 5)
}

pub fn row(run: &str) -> String {
    format!(r#"{{"id":"{run}","status":"completed"}}"#)
}

fn salt(seed: u64, seq: u64) -> [u8; 32] {
    Sha256::digest(format!("salt {seed} {seq}")).into()
}

/// A log: leaves as lines, payloads beside them.
#[derive(Clone)]
pub struct Log {
    pub seed: u64,
    pub lines: Vec<String>,
    pub payloads: Vec<Option<String>>,
}

impl Log {
    /// A log like those that are kept: every entry with a payload, runs of five entries.
    pub fn of(size: u64, seed: u64) -> Self {
        let mut log = Self { seed, lines: Vec::new(), payloads: Vec::new() };
        for seq in 0..size {
            let verbs =
                ["run.created", "item.started", "item.succeeded", "item.failed", "run.completed"];
            let mut leaf = leaf(seq, verbs[(seq % 5) as usize]);
            leaf.policy =
                Some(Policy { digest: "a".repeat(64), id: format!("aut_{}", seq % 2), version: 1 });
            let digest = hex(&Sha256::digest(row(&run(seq))));
            let payload = format!(
                r#"{{"note":"“Zoë” \\ {seed} {seq}","digests":{{"runs/{}":"{digest}"}}}}"#,
                run(seq)
            );
            log.push(leaf, Some(payload));
        }
        log
    }

    pub fn push(&mut self, mut leaf: Leaf, payload: Option<String>) {
        leaf.seq = self.size();
        leaf.payload = payload
            .as_ref()
            .map(|payload| hex(&commitment(&salt(self.seed, leaf.seq), payload.as_bytes())));
        self.lines.push(leaf.to_line().unwrap());
        self.payloads.push(payload);
    }

    /// Leaves of an entry only its hash.
    pub fn remove(&mut self, seq: u64) {
        let line = &mut self.lines[seq as usize];
        let removed = RemovedLine::new(seq, &line_hash(line.as_bytes()));
        *line = serde_json::to_string(&removed).unwrap();
        self.payloads[seq as usize] = None;
    }

    pub fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    pub fn tree(&self, size: u64) -> Tree {
        let leaves = self.lines[..size as usize].iter().map(|line| line_hash(line.as_bytes()));
        Tree::of(&leaves.collect::<Vec<_>>())
    }

    pub fn checkpoint(&self, size: u64, key: &SignerKey) -> String {
        let root = self.tree(size).frontier.root();
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&[key]).unwrap()
    }
}

/// How a bundle is to be made.
#[derive(Clone)]
pub struct Making {
    pub previous: Option<u64>,
    pub entries_from: u64,
    pub first: u64,
    /// Leaf hashes of all entries, not only of those before `entries_from`.
    pub all_hashes: bool,
    pub automations: Vec<String>,
    pub timestamp: Option<Vec<u8>>,
}

impl Making {
    pub fn plain(previous: u64) -> Self {
        let (entries_from, first) = (0, 0);
        let (automations, timestamp) = (Vec::new(), None);
        Self {
            previous: Some(previous),
            entries_from,
            first,
            all_hashes: false,
            automations,
            timestamp,
        }
    }
}

pub fn bundle(log: &Log, making: &Making, key: &SignerKey) -> Vec<u8> {
    let size = log.size();
    let tree = log.tree(size);
    let checkpoint = log.checkpoint(size, key);
    let before = making
        .previous
        .map(|old| (log.checkpoint(old, key), tree.proof(&Plan::consistency(old, size).unwrap())));
    let previous = before.as_ref().map(|(checkpoint, proof)| Previous { checkpoint, proof });
    let manifest = Manifest {
        automations: making.automations.clone(),
        custody: "file".to_owned(),
        end_seq: size,
        entries_from: making.entries_from,
        first_seq: making.first,
        format: ledger::bundle::FORMAT.to_owned(),
        // Entries before the first of the period are left out of it.
        from: if making.first == 0 { "2026-07-01T00:00:00Z" } else { "2026-09-01T00:00:00Z" }
            .into(),
        origin: ORIGIN.to_owned(),
        until: "2026-10-01T00:00:00Z".to_owned(),
    };
    let cover = Cover {
        manifest: &manifest,
        keys: &[key.verifier().clone()],
        checkpoint: &checkpoint,
        previous,
        timestamp: making.timestamp.as_deref(),
    };
    let mut out = BundleWriter::new(Cursor::new(Vec::new()), &cover).unwrap();
    out.start("entries.jsonl").unwrap();
    for line in &log.lines[making.entries_from as usize..] {
        writeln!(out, "{line}").unwrap();
    }
    let hashes = if making.all_hashes { size } else { making.entries_from };
    if hashes > 0 {
        out.start("hashes.bin").unwrap();
        for index in 0..hashes {
            out.write_all(&tree.nodes[&Address { level: 0, index }]).unwrap();
        }
    }
    out.start("payloads.jsonl").unwrap();
    for (seq, payload) in log.payloads.iter().enumerate().skip(making.first as usize) {
        if let Some(payload) = payload {
            out.payload(seq as u64, &salt(log.seed, seq as u64), payload).unwrap();
        }
    }
    // The proof of the last entry of some runs.
    let mut proven: Vec<(String, u64)> =
        (0..size).step_by(5).map(|first| (run(first), (first + 4).min(size - 1))).take(3).collect();
    proven.sort();
    for (run, index) in proven {
        let hashes = tree.proof(&Plan::inclusion(index, size).unwrap());
        let proof = TlogProof { extra: None, index, hashes, checkpoint: checkpoint.clone() };
        out.start(&format!("proofs/{run}.tlog-proof")).unwrap();
        write!(out, "{proof}").unwrap();
    }
    out.start("runs.jsonl").unwrap();
    for first in (0..size).step_by(5) {
        writeln!(out, "{}", row(&run(first))).unwrap();
    }
    out.finish().unwrap().into_inner()
}

pub type Files = BTreeMap<String, Vec<u8>>;

pub fn unpack(zip: &[u8]) -> Files {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut files = Files::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// Packs files, with a list of digests that fits them, as a forger would.
pub fn pack(files: &mut Files) -> Vec<u8> {
    files.remove("MANIFEST.sha256");
    let lines: String = files
        .iter()
        .map(|(name, bytes)| format!("{}  {name}\n", hex(&Sha256::digest(bytes))))
        .collect();
    files.insert("MANIFEST.sha256".to_owned(), lines.into_bytes());
    pack_as_is(files)
}

pub fn pack_as_is(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn pinned(key: &SignerKey) -> Trust {
    Trust { keys: vec![key.verifier().clone()], ..Trust::default() }
}

pub fn verify(zip: &[u8], trust: &Trust) -> Report {
    verify_bundle(Cursor::new(zip), trust)
}

/// Where the scripts find `python3`: the program itself, not a wrapper that takes its time.
fn path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let asked =
            Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
        let program = PathBuf::from(String::from_utf8(asked.unwrap().stdout).unwrap().trim());
        let old = std::env::var("PATH").unwrap();
        format!("{}:{old}", program.parent().unwrap().display())
    })
}

/// What `verify.sh` says of these files to someone who has the key: its exit code and its words.
pub fn verify_sh(files: &Files, key: &VerifierKey, previous: Option<&[u8]>) -> (u8, String) {
    verify_sh_with(files, &["--vkey", &key.to_string()], previous)
}

pub fn verify_sh_with(files: &Files, args: &[&str], previous: Option<&[u8]>) -> (u8, String) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("bundle");
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let product = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundle");
    for name in ["verify.sh", "leaves.py", "root.py", "payloads.py", "proofs.py"] {
        assert_eq!(files[name], fs::read(product.join(name)).unwrap(), "{name} is shipped");
    }
    let mut command = Command::new("sh");
    command.arg(root.join("verify.sh")).args(args).env("PATH", path());
    if let Some(previous) = previous {
        let path = directory.path().join("previous");
        fs::write(&path, previous).unwrap();
        command.arg("--previous").arg(path);
    }
    let output = command.output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (u8::try_from(output.status.code().unwrap()).unwrap(), said)
}
