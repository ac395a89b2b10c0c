//! Time stamps by an authority made with `openssl`, as an independent one would give them.

use std::{fs, path::Path, process::Command};

use ledger::{
    timestamp::{Stamp, TimestampError, request, verify},
    verify::{State, Verdict},
};
use tempfile::TempDir;

use crate::support::{Log, Making, bundle, key, pinned, verify as verify_bundle};

const CONTENT: &[u8] = b"origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

const CONFIG: &str = "\
[tsa]
default_tsa = a
[a]
serial = serial
signer_digest = DIGEST
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = ESS
[ext]
extendedKeyUsage = critical,timeStamping
";

/// An authority with a certificate of its own, and one above it.
struct Authority(TempDir);

impl Authority {
    fn with(new_key: &[&str], digest: &str, ess: &str) -> Self {
        let it = Self(tempfile::tempdir().unwrap());
        let config = CONFIG.replace("DIGEST", digest).replace("ESS", ess);
        fs::write(it.path().join("tsa.cnf"), config).unwrap();
        fs::write(it.path().join("serial"), "01\n").unwrap();
        let root =
            ["req", "-x509", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root"];
        it.openssl(&[&root[..], &["-days", "3000", "-newkey"], new_key].concat());
        let leaf =
            ["req", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps"];
        it.openssl(&[&leaf[..], &["-newkey"], new_key].concat());
        it.certify("-days 3000");
        it
    }

    /// Gives the signer another certificate, made with these options more.
    fn certify(&self, more: &str) {
        let sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem \
                    -extfile tsa.cnf -extensions ext ";
        self.openssl(&(sign.to_owned() + more).split_whitespace().collect::<Vec<_>>());
    }

    fn rsa() -> Self {
        Self::with(&["rsa:2048"], "sha256", "sha256")
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn openssl(&self, args: &[&str]) {
        let output = Command::new("openssl")
            .args(args)
            .current_dir(self.path())
            .output()
            .expect("this test needs the program `openssl`");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {args:?}: {said}");
    }

    fn certificate(&self) -> Vec<u8> {
        fs::read(self.path().join("ca.pem")).unwrap()
    }

    /// A token over `content` signed by the program for mail, which asks for no purpose.
    fn sign_as_mail(&self, content: &[u8], cades: &str) -> Vec<u8> {
        self.certify("-days 3000");
        self.stamp(content, 1);
        for line in [
            "ts -reply -in reply -token_out -out token",
            "cms -verify -noverify -inform DER -in token -out info",
        ] {
            self.openssl(&line.split_whitespace().collect::<Vec<_>>());
        }
        self.openssl_for_mail(cades);
        fs::read(self.path().join("mail")).unwrap()
    }

    fn openssl_for_mail(&self, cades: &str) {
        let sign = "cms -sign -binary -nodetach -outform DER -in info -out mail -signer tsa.pem \
                    -inkey tsa.key -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 ";
        self.openssl(&(sign.to_owned() + cades).split_whitespace().collect::<Vec<_>>());
    }

    /// Answers to a request; the certificate of the signer comes along, as we ask for it.
    fn stamp(&self, content: &[u8], nonce: u64) -> Vec<u8> {
        fs::write(self.path().join("query"), request(content, nonce)).unwrap();
        let reply = "ts -reply -config tsa.cnf -section a -queryfile query -signer tsa.pem -inkey \
                     tsa.key -out reply";
        self.openssl(&reply.split_whitespace().collect::<Vec<_>>());
        fs::read(self.path().join("reply")).unwrap()
    }
}

#[test]
fn stamps_by_rsa_and_both_curves_are_verified() {
    let curve = |name: &'static str| vec!["ec", "-pkeyopt", name];
    for (key, digest, ess) in [
        (vec!["rsa:2048"], "sha256", "sha256"),
        (vec!["rsa:3072"], "sha512", "sha1"),
        (curve("ec_paramgen_curve:P-256"), "sha256", "sha256"),
        (curve("ec_paramgen_curve:P-384"), "sha384", "sha384"),
    ] {
        let authority = Authority::with(&key, digest, ess);
        let stamp = verify(&authority.stamp(CONTENT, 0xfe00), CONTENT, &authority.certificate());
        let Stamp { time, nonce } = stamp.unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z') && time.len() >= 20, "{time}");
        assert_eq!(nonce, Some(0xfe00));
    }
}

#[test]
fn a_stamp_proves_nothing_about_other_bytes_or_from_another_authority() {
    let (authority, other) = (Authority::rsa(), Authority::rsa());
    let token = authority.stamp(CONTENT, 1);
    let ca = authority.certificate();
    assert_eq!(verify(&token, b"other", &ca), Err(TimestampError::OtherContent));
    assert_eq!(verify(&token, CONTENT, &other.certificate()), Err(TimestampError::Untrusted));
    assert!(verify(&token, CONTENT, b"no certificate").is_err());
    // The signer's own certificate can be pinned as well.
    let signer = fs::read(authority.path().join("tsa.pem")).unwrap();
    verify(&token, CONTENT, &signer).unwrap();
}

#[test]
fn a_certificate_that_had_expired_stamps_nothing() {
    let authority = Authority::rsa();
    authority.certify("-days -1");
    let token = authority.stamp(CONTENT, 1);
    let found = verify(&token, CONTENT, &authority.certificate());
    assert_eq!(found, Err(TimestampError::Untrusted));
}

#[test]
fn a_certificate_for_other_purposes_or_not_named_in_the_token_stamps_nothing() {
    let authority = Authority::rsa();
    let check = |token: &[u8]| verify(token, CONTENT, &authority.certificate()).map(drop);
    assert_eq!(check(&authority.sign_as_mail(CONTENT, "-cades")), Ok(()));
    assert_eq!(check(&authority.sign_as_mail(CONTENT, "")), Err(TimestampError::Untrusted));
    let plain =
        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 9";
    authority.openssl(&plain.split_whitespace().collect::<Vec<_>>());
    authority.openssl_for_mail("-cades");
    let token = fs::read(authority.path().join("mail")).unwrap();
    assert_eq!(check(&token), Err(TimestampError::Untrusted));
}

#[test]
fn no_changed_byte_changes_what_a_stamp_says() {
    let authority = Authority::rsa();
    let (token, ca) = (authority.stamp(CONTENT, 1), authority.certificate());
    let good = verify(&token, CONTENT, &ca).unwrap();
    let mut refused = 0;
    for at in 0..token.len() {
        let mut changed = token.clone();
        changed[at] ^= 0x11;
        match verify(&changed, CONTENT, &ca) {
            // What no signature covers, such as the text of the status, may change.
            Ok(stamp) => assert_eq!(stamp, good, "byte {at}"),
            Err(_) => refused += 1,
        }
        assert!(verify(&token[..at], CONTENT, &ca).is_err());
    }
    println!("{refused} of {} changed bytes refused, the others without effect", token.len());
    assert!(refused > token.len() * 9 / 10);
}

#[test]
fn a_bundle_with_a_stamp_says_when_it_was_witnessed() {
    let (log, key, authority) = (Log::of(6, 0), key(3), Authority::rsa());
    let checkpoint = log.checkpoint(6, &key);
    let mut making = Making::plain(3);
    let mut trust = pinned(&key);
    let mut stamped = |token: Option<Vec<u8>>, ca: Option<Vec<u8>>| {
        making.timestamp = token;
        trust.authority = ca;
        let report = verify_bundle(&bundle(&log, &making, &key), &trust);
        let check = report.checks.iter().find(|check| check.title.contains("authority")).unwrap();
        (report.verdict, check.state)
    };
    let good = Some(authority.stamp(checkpoint.as_bytes(), 5));
    let ca = Some(authority.certificate());
    assert_eq!(stamped(good.clone(), ca.clone()), (Verdict::Valid, State::Passed));
    assert_eq!(stamped(good, None), (Verdict::Valid, State::NotApplicable));
    assert_eq!(stamped(None, ca.clone()), (Verdict::Signature, State::Failed));
    let other = Some(authority.stamp(b"another checkpoint", 6));
    assert_eq!(stamped(other, ca), (Verdict::Signature, State::Failed));
}
