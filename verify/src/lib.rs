//! Checking an auditor's bundle on any machine: the program `assize-verify`, and what `assize verify`
//! calls. Opens the files it is told to, and nothing else.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use ledger::{
    VerifierKey,
    verify::{Trust, verify_bundle},
};

/// The exit code when it did not come to a check: wrong options, or a file that cannot be opened.
pub const USAGE: u8 = 2;

/// What to check, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The zip file.
    pub bundle: PathBuf,
    /// The log's keys: each the key itself, or a file that holds keys, one a line.
    pub keys: Vec<String>,
    /// A signed checkpoint kept from an earlier bundle.
    pub previous: Option<PathBuf>,
    /// Accept the bundle's own key if none is given.
    pub allow_unpinned: bool,
    /// Certificates of the time-stamp authority, PEM or DER.
    pub authority: Option<PathBuf>,
    /// Answer in JSON.
    pub json: bool,
}

/// What to show, and the exit code to end with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub text: String,
    pub code: u8,
}

/// Makes every check.
pub fn run(options: &Options) -> Outcome {
    match checked(options) {
        Ok(outcome) => outcome,
        Err(text) => Outcome { text: format!("{text}\n"), code: USAGE },
    }
}

fn checked(options: &Options) -> Result<Outcome, String> {
    let mut trust = Trust { allow_unpinned: options.allow_unpinned, ..Trust::default() };
    for key in &options.keys {
        trust.keys.extend(keys(key)?);
    }
    trust.previous = options.previous.as_deref().map(read).transpose()?;
    trust.authority = options.authority.as_deref().map(read).transpose()?;
    let file = File::open(&options.bundle).map_err(|error| unopened(&options.bundle, &error))?;
    let report = verify_bundle(file, &trust);
    let text = if options.json { report.to_json() + "\n" } else { report.to_string() };
    Ok(Outcome { text, code: report.exit_code })
}

/// A key as it stands, or those in a file. A file's name could hold a plus too, but is no key then.
fn keys(given: &str) -> Result<Vec<VerifierKey>, String> {
    let path = Path::new(given);
    let text = match VerifierKey::parse(given) {
        Ok(key) => return Ok(vec![key]),
        Err(error) if !path.exists() => return Err(format!("--vkey {given}: {error}")),
        Err(_) => String::from_utf8_lossy(&read(path)?).into_owned(),
    };
    let keys: Vec<_> =
        text.lines().filter(|line| !line.is_empty()).map(VerifierKey::parse).collect();
    if keys.is_empty() {
        return Err(format!("--vkey {given}: the file is empty"));
    }
    keys.into_iter().collect::<Result<_, _>>().map_err(|error| format!("--vkey {given}: {error}"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| unopened(path, &error))
}

fn unopened(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be opened: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use ledger::{
        Checkpoint, SignerKey,
        bundle::{BundleWriter, Cover, FORMAT, Manifest},
        tree::empty_root,
    };

    use super::*;

    /// A bundle of a log without entries, in a file.
    fn bundle(directory: &Path, key: &SignerKey) -> PathBuf {
        let origin = key.verifier().name().to_owned();
        let checkpoint = Checkpoint { origin: origin.clone(), size: 0, root: empty_root() };
        let checkpoint = checkpoint.sign(&[key]).unwrap();
        let manifest = Manifest {
            automations: Vec::new(),
            custody: "file".into(),
            end_seq: 0,
            entries_from: 0,
            first_seq: 0,
            format: FORMAT.into(),
            from: "2026-07-01T00:00:00Z".into(),
            origin,
            until: "2026-10-01T00:00:00Z".into(),
        };
        let keys = [key.verifier().clone()];
        let cover = Cover {
            manifest: &manifest,
            keys: &keys,
            checkpoint: &checkpoint,
            previous: None,
            timestamp: None,
        };
        let mut out = BundleWriter::new(Cursor::new(Vec::new()), &cover).unwrap();
        out.start("entries.jsonl").unwrap();
        let path = directory.join("bundle.zip");
        fs::write(&path, out.finish().unwrap().into_inner()).unwrap();
        fs::write(directory.join("vkey"), format!("{}\n", key.verifier())).unwrap();
        path
    }

    #[test]
    fn the_key_may_be_given_as_text_or_in_a_file_and_must_be_given() {
        let directory = tempfile::tempdir().unwrap();
        let key = SignerKey::from_seed("assize.example/ws/wsp_1", &[1; 32]).unwrap();
        let bundle = bundle(directory.path(), &key);
        let with = |keys: &[&str], allow_unpinned| {
            let keys = keys.iter().map(|key| (*key).to_owned()).collect();
            run(&Options { bundle: bundle.clone(), keys, allow_unpinned, ..Options::default() })
        };
        let text = key.verifier().to_string();
        assert_eq!(with(&[&text], false).code, 0, "{}", with(&[&text], false).text);
        assert_eq!(with(&[directory.path().join("vkey").to_str().unwrap()], false).code, 0);
        assert_eq!(with(&[], false).code, 5);
        assert_eq!(with(&[], true).code, 0);
        assert_eq!(with(&["no key"], false).code, USAGE);
        let other = SignerKey::from_seed("assize.example/ws/wsp_1", &[2; 32]).unwrap();
        assert_eq!(with(&[&other.verifier().to_string()], false).code, 20);
    }
}
