//! Writing bundles, and reading those that were made to do harm.

use std::io::{Cursor, Seek, SeekFrom, Write};

use ledger::bundle::{BundleError, BundleWriter, Cover, FORMAT, Manifest};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{Files, Log, Making, ORIGIN, bundle, key, leaf, pack, pinned, unpack, verify};

fn files(log: &Log) -> Files {
    unpack(&bundle(log, &Making::plain(log.size() / 2), &key(1)))
}

#[test]
fn the_same_contents_give_the_same_bytes() {
    let (log, making) = (Log::of(40, 0), Making::plain(10));
    assert_eq!(bundle(&log, &making, &key(1)), bundle(&log, &making, &key(1)));
}

#[test]
fn a_bundle_tells_the_auditor_what_it_is() {
    let files = files(&Log::of(12, 0));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = [
        "MANIFEST.sha256",
        "VERIFY.md",
        "checkpoint",
        "checkpoint.prev",
        "consistency.txt",
        "entries.jsonl",
        "leaves.py",
        "manifest.json",
        "payloads.jsonl",
        "payloads.py",
        "proofs.py",
        "proofs/run_0.tlog-proof",
        "proofs/run_1.tlog-proof",
        "proofs/run_2.tlog-proof",
        "root.py",
        "runs.jsonl",
        "verify.sh",
        "vkey",
    ];
    assert_eq!(names, expected);
    let text = String::from_utf8(files["VERIFY.md"].clone()).unwrap();
    assert!(text.contains(ORIGIN) && text.contains("number 12") && !text.contains('{'), "{text}");
}

/// A bundle of a log with one entry, about to be written.
fn writer<W: Write + Seek>(out: W) -> BundleWriter<W> {
    let manifest = Manifest {
        automations: Vec::new(),
        custody: "file".into(),
        end_seq: 1,
        entries_from: 0,
        first_seq: 0,
        format: FORMAT.into(),
        from: "2026-07-01T00:00:00Z".into(),
        origin: ORIGIN.into(),
        until: "2026-10-01T00:00:00Z".into(),
    };
    let cover = Cover {
        manifest: &manifest,
        keys: &[key(1).verifier().clone()],
        checkpoint: &Log::of(1, 0).checkpoint(1, &key(1)),
        previous: None,
        timestamp: None,
    };
    BundleWriter::new(out, &cover).unwrap()
}

type Zip = ZipWriter<Cursor<Vec<u8>>>;

const TRICKS: [&str; 14] = [
    "../evil",
    "/etc/evil",
    "a/../b",
    "a//b",
    "a/",
    "",
    ".hidden",
    "a\\b",
    "C:evil",
    "a\0b",
    "-rf",
    "ünder",
    "a b",
    "nul.",
];

#[test]
fn a_writer_refuses_names_that_are_no_plain_path_or_out_of_order() {
    for name in TRICKS {
        assert!(
            matches!(writer(Cursor::<Vec<u8>>::default()).start(name), Err(BundleError::Name(_))),
            "{name:?}"
        );
    }
    let mut out = writer(Cursor::<Vec<u8>>::default());
    out.start("items.jsonl").unwrap();
    for late in ["items.jsonl", "approvals.jsonl", "checkpoint", "MANIFEST.sha256"] {
        assert!(matches!(out.start(late), Err(BundleError::Order(_))), "{late:?}");
    }
    assert!(writer(Cursor::<Vec<u8>>::default()).write(b"x").is_err(), "no file was started");
}

#[test]
fn a_reader_refuses_zip_tricks() {
    let good = files(&Log::of(3, 0));
    let refused = |zip: &[u8], what: &str| {
        let report = verify(zip, &pinned(&key(1)));
        assert_eq!(report.exit_code, 10, "{what}: {report}");
    };
    for name in TRICKS.into_iter().chain(["VKEY", "Reports/x"]) {
        let mut files = good.clone();
        files.insert("reports/X".to_owned(), Vec::new());
        files.insert(name.to_owned(), b"evil".to_vec());
        refused(&pack(&mut files), name);
    }
    let with = |add: &dyn Fn(&mut Zip)| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &good {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        add(&mut zip);
        zip.finish().unwrap().into_inner()
    };
    let plain = SimpleFileOptions::default();
    refused(&with(&|zip| zip.add_symlink("link", "/etc/passwd", plain).unwrap()), "a link");
    refused(&with(&|zip| zip.add_directory("empty", plain).unwrap()), "a directory");
    refused(&with(&|zip| zip.set_comment("hello").unwrap()), "a comment");
    refused(&[b"MZ", &with(&|_| ())[..]].concat(), "bytes before");
    refused(&with(&|_| ())[..1_000], "a half");
    refused(b"", "nothing");
    let twice = with(&|zip| {
        zip.start_file("vkez", plain).unwrap();
    });
    let twice: Vec<u8> = replaced(&twice, b"vkez", b"vkey");
    refused(&twice, "a name twice");
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + from.len()].copy_from_slice(to);
        }
    }
    bytes
}

/// A place to write to that keeps nothing.
#[derive(Default)]
struct Nowhere(u64, u64);

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        self.1 = self.1.max(self.0);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Nowhere {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0 = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::Current(by) => self.0.saturating_add_signed(by),
            SeekFrom::End(by) => self.1.saturating_add_signed(by),
        };
        Ok(self.0)
    }
}

/// Prints the peak memory of the process: run it alone.
#[test]
#[ignore = "writes a million items; for measuring"]
fn a_million_items_are_written_in_constant_memory() {
    let mut out = writer(Nowhere::default());
    out.start("entries.jsonl").unwrap();
    for seq in 0..1_000_000 {
        writeln!(out, "{}", leaf(seq, "item.succeeded").to_line().unwrap()).unwrap();
    }
    out.start("items.jsonl").unwrap();
    for n in 0..1_000_000 {
        writeln!(out, r#"{{"id":"itm_{n}","subject":"account {n}","outcome":"succeeded"}}"#)
            .unwrap();
    }
    out.start("payloads.jsonl").unwrap();
    for seq in 0..1_000_000 {
        out.payload(seq, &[7; 32], r#"{"parameters":{"due":"2026-09-30"}}"#).unwrap();
    }
    let written = out.finish().unwrap().1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    println!("{written} bytes written; {peak}");
}
