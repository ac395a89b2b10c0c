//! C2SP signed notes: a text, a blank line, and signatures over the text, one a line.
//!
//! Only Ed25519 (signature type 0x01) is signed and checked; lines of other keys are kept as they
//! are and ignored, as the specification wants.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::text::{base64, from_base64, from_hex, hex};

/// The type byte of Ed25519 keys.
const ED25519: u8 = 1;

/// More signatures than a note of ours can have.
const MAX_SIGNATURES: usize = 64;

/// Why a note or a key is not one, or does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("it is not a signed note: {0}")]
    Malformed(&'static str),
    #[error("it is not a key: {0}")]
    Key(&'static str),
    #[error("the signature of {0} does not fit the text")]
    BadSignature(String),
    #[error("none of the trusted keys signed it")]
    NotSigned,
}

/// The public half of a key, with the name it signs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key from its parts.
    pub fn new(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key("its name is empty or has a space or a plus in it"));
        }
        let key = VerifyingKey::from_bytes(public)
            .map_err(|_| NoteError::Key("it is no point of the curve"))?;
        if key.is_weak() {
            return Err(NoteError::Key("anybody can sign for it"));
        }
        Ok(Self { id: key_id(name, public), name: name.to_owned(), key })
    }

    /// Reads `name+hex of id+base64 of type and key`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, id, key) = parts(text)?;
        let parsed = Self::new(name, &key)?;
        if parsed.id != id {
            return Err(NoteError::Key("its id is not that of its name and key"));
        }
        Ok(parsed)
    }

    /// Tells keys of one name apart: 8 hexadecimal digits.
    pub fn id(&self) -> String {
        hex(&self.id)
    }

    /// The name, which is the origin of the log.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[ED25519][..], self.key.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id), base64(&key))
    }
}

/// The secret half of a key. Its `Debug` shows the name alone.
#[derive(Clone)]
pub struct SignerKey {
    public: VerifierKey,
    secret: SigningKey,
}

impl SignerKey {
    /// A key from 32 random bytes.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let secret = SigningKey::from_bytes(seed);
        Ok(Self { public: VerifierKey::new(name, secret.verifying_key().as_bytes())?, secret })
    }

    /// Reads what [`SignerKey::to_secret_text`] writes.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let rest = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(NoteError::Key("a secret key begins with PRIVATE+KEY+"))?;
        let (name, id, seed) = parts(rest)?;
        let key = Self::from_seed(name, &seed)?;
        if key.public.id != id {
            return Err(NoteError::Key("its id is not that of its name and key"));
        }
        Ok(key)
    }

    /// `PRIVATE+KEY+name+hex of id+base64 of type and seed`. Whoever has it can sign for the log.
    pub fn to_secret_text(&self) -> String {
        let key = [&[ED25519][..], self.secret.as_bytes()].concat();
        format!("PRIVATE+KEY+{}+{}+{}", self.public.name, hex(&self.public.id), base64(&key))
    }

    /// The same secret under another name: a key of its own, for another log.
    pub fn named(&self, name: &str) -> Result<Self, NoteError> {
        Self::from_seed(name, self.secret.as_bytes())
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.public
    }
}

impl std::fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignerKey({})", self.public.name)
    }
}

/// The name, the id and the 32 bytes of a key's text.
fn parts(text: &str) -> Result<(&str, [u8; 4], [u8; 32]), NoteError> {
    let mut fields = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(NoteError::Key("it should be name+id+key"));
    };
    let id = from_hex(id).ok_or(NoteError::Key("its id should be 8 hexadecimal digits"))?;
    let key = from_base64(key).ok_or(NoteError::Key("it is not Base64"))?;
    match key.split_first() {
        Some((&ED25519, key)) => {
            let key = key.try_into().map_err(|_| NoteError::Key("it should be 32 bytes long"))?;
            Ok((name, id, key))
        }
        _ => Err(NoteError::Key("it is of another type than Ed25519")),
    }
}

fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update([b'\n', ED25519]);
    hash.update(public);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    [a, b, c, d]
}

fn is_name(name: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c == '+' || c < ' ';
    !name.is_empty() && !name.contains(forbidden)
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SignatureLine {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A text and the signatures on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl SignedNote {
    /// Signs a text, which must end with a line feed and have no other control character.
    pub fn sign(text: &str, keys: &[&SignerKey]) -> Result<Self, NoteError> {
        check_text(text)?;
        let signatures = keys
            .iter()
            .map(|key| SignatureLine {
                name: key.public.name.clone(),
                id: key.public.id,
                bytes: key.secret.sign(text.as_bytes()).to_bytes().to_vec(),
            })
            .collect();
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Reads a note; says nothing yet about its signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("not UTF-8"))?;
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed("a blank line ends the text"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        check_text(text)?;
        let lines = lines
            .strip_suffix('\n')
            .ok_or(NoteError::Malformed("the last line ends with a line feed"))?;
        let signatures: Vec<_> = lines.split('\n').map(signature_line).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::Malformed("too many signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The signed text, with its last line feed. Not to be believed before [`SignedNote::verify`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Checks that at least one of these keys signed the text, and that no signature in the name of
    /// one of them is wrong; answers with the keys that did sign, in their order in the note.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signed: Vec<&VerifierKey> = Vec::new();
        for line in &self.signatures {
            let known = keys.iter().find(|key| key.name == line.name && key.id == line.id);
            let Some(key) = known.filter(|key| !signed.contains(key)) else { continue };
            let fits = Signature::from_slice(&line.bytes)
                .and_then(|signature| key.key.verify_strict(self.text.as_bytes(), &signature));
            fits.map_err(|_| NoteError::BadSignature(line.name.clone()))?;
            signed.push(key);
        }
        if signed.is_empty() { Err(NoteError::NotSigned) } else { Ok(signed) }
    }
}

impl std::fmt::Display for SignedNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.signatures {
            writeln!(f, "— {} {}", line.name, base64(&[&line.id[..], &line.bytes].concat()))?;
        }
        Ok(())
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::Malformed("a control character"));
    }
    if text.ends_with('\n') {
        Ok(())
    } else {
        Err(NoteError::Malformed("the text ends with a line feed"))
    }
}

fn signature_line(line: &str) -> Result<SignatureLine, NoteError> {
    let malformed = || NoteError::Malformed("a signature line is “— name signature”");
    let (name, signature) =
        line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or_else(malformed)?;
    let signature = from_base64(signature).ok_or_else(malformed)?;
    match signature.split_first_chunk::<4>() {
        Some((id, bytes)) if is_name(name) && !bytes.is_empty() => {
            Ok(SignatureLine { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
        }
        _ => Err(malformed()),
    }
}
