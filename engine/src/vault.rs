//! Keeps secrets in the database so that the database alone gives none of them away: they are sealed
//! with a key that lies in a file beside it, or is a credential of systemd.
//!
//! Sealing is ChaCha20-Poly1305. What is sealed is bound to its workspace and its row, so that it opens
//! nowhere else; which key it was sealed with stands beside it, so that a key can be replaced.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    canonical,
    id::{SigningSecretId, WorkspaceId},
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{
    ids::Ids,
    secret_file::{self, SecretFileError},
};

/// The name of the keys' file beside the signing key.
const FILE: &str = "secrets-key";

/// Their name among the credentials systemd hands over.
const CREDENTIAL: &str = "assize-secrets-key";

/// What is wrong with the key, or with something that was sealed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(transparent)]
    File(#[from] SecretFileError),
    #[error("{} holds no key for secrets", .0.display())]
    NotAKey(PathBuf),
    #[error("the key for secrets {} is gone; put it back, for without it they cannot be read", .0.display())]
    Missing(PathBuf),
    #[error("a secret was sealed with the key {id}, which is not in {}", path.display())]
    OtherKey { id: String, path: PathBuf },
    #[error("a secret in the database is not what was put there")]
    Damaged,
    #[error(
        "the key for secrets is a credential of systemd; this command changes only keys in files"
    )]
    IsCredential,
}

/// Where the keys are. Cheap to clone; they are read each time, so that a key that was replaced is
/// known to every process at once.
#[derive(Debug, Clone)]
pub struct Vault(Arc<Place>);

#[derive(Debug)]
struct Place {
    path: PathBuf,
    is_credential: bool,
    /// Held while the file changes.
    changing: Mutex<()>,
}

/// The keys: the first seals, all of them open.
pub struct Keyring {
    keys: Vec<Key>,
    path: PathBuf,
}

struct Key {
    id: String,
    bytes: [u8; 32],
}

/// Something sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key it was sealed with.
    pub key_id: String,
    /// The nonce, then what was sealed and its tag.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(sealed with {})", self.key_id)
    }
}

impl Vault {
    /// Keys in the folder of the signing key, or among the credentials of systemd if there is one.
    pub fn new(folder: &Path, credentials: Option<&Path>) -> Self {
        let credential = credentials.map(|folder| folder.join(CREDENTIAL));
        let credential = credential.filter(|path| path.exists());
        let is_credential = credential.is_some();
        let path = credential.unwrap_or_else(|| folder.join(FILE));
        Self(Arc::new(Place { path, is_credential, changing: Mutex::default() }))
    }

    /// Where the keys lie.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The keys; `None` before there is one.
    pub fn keys(&self) -> Result<Option<Keyring>, VaultError> {
        let path = &self.0.path;
        let Some(text) = secret_file::read(path)? else { return Ok(None) };
        let keys: Option<Vec<Key>> = text.lines().map(Key::parse).collect();
        match keys.filter(|keys| !keys.is_empty()) {
            Some(keys) => Ok(Some(Keyring { keys, path: path.clone() })),
            None => Err(VaultError::NotAKey(path.clone())),
        }
    }

    /// The keys that are needed to read what was sealed.
    pub fn keys_there(&self) -> Result<Keyring, VaultError> {
        self.keys()?.ok_or_else(|| VaultError::Missing(self.0.path.clone()))
    }

    /// The keys, with a new one if there was none.
    pub fn keys_or_new(&self, ids: &Ids) -> Result<Keyring, VaultError> {
        let _changing = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = self.keys()? {
            return Ok(keys);
        }
        secret_file::create(&self.0.path, &Key::new(ids.key_seed()).line())?;
        self.keys_there()
    }

    /// Puts a new key before the others: it seals from now on, and they still open.
    pub fn add_key(&self, ids: &Ids) -> Result<Keyring, VaultError> {
        if self.0.is_credential {
            return Err(VaultError::IsCredential);
        }
        let _changing = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.keys_there()?;
        let keys = std::iter::once(Key::new(ids.key_seed())).chain(old.keys);
        let text: String = keys.map(|key| key.line()).collect();
        secret_file::replace(&self.0.path, &text)?;
        self.keys_there()
    }
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        let mut named = b"assize/secrets-key/v1\n".to_vec();
        named.extend_from_slice(&bytes);
        let mut id = canonical::digest(&named);
        id.truncate(16);
        Self { id, bytes }
    }

    /// As it stands in the file: `ID KEY`.
    fn line(&self) -> String {
        format!("{} {}\n", self.id, STANDARD.encode(self.bytes))
    }

    fn parse(line: &str) -> Option<Self> {
        let (id, key) = line.trim().split_once(' ')?;
        let key = Self::new(STANDARD.decode(key.trim()).ok()?.try_into().ok()?);
        (key.id == id).then_some(key)
    }

    fn aead(&self) -> Result<LessSafeKey, VaultError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.bytes);
        key.map(LessSafeKey::new).map_err(|_| VaultError::Damaged)
    }
}

impl Keyring {
    /// Which key seals.
    pub fn current(&self) -> &str {
        self.keys.first().map(|key| key.id.as_str()).unwrap_or_default()
    }

    /// Whether what was sealed with this key can be opened.
    pub fn knows(&self, key_id: &str) -> bool {
        self.keys.iter().any(|key| key.id == key_id)
    }

    /// Seals something for one row of a workspace.
    pub(crate) fn seal(
        &self,
        ids: &Ids,
        workspace: WorkspaceId,
        row: SigningSecretId,
        secret: &[u8],
    ) -> Result<Sealed, VaultError> {
        let key = self.keys.first().ok_or_else(|| VaultError::NotAKey(self.path.clone()))?;
        let nonce = ids.nonce();
        let mut text = secret.to_vec();
        let aad = Aad::from(place(workspace, row));
        key.aead()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text)
            .map_err(|_| VaultError::Damaged)?;
        let bytes = nonce.into_iter().chain(text).collect();
        Ok(Sealed { key_id: key.id.clone(), bytes })
    }

    /// Opens what was sealed for this row.
    pub(crate) fn open(
        &self,
        workspace: WorkspaceId,
        row: SigningSecretId,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.iter().find(|key| key.id == sealed.key_id).ok_or_else(|| {
            VaultError::OtherKey { id: sealed.key_id.clone(), path: self.path.clone() }
        })?;
        let (nonce, text) =
            sealed.bytes.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Damaged)?;
        let (nonce, mut text) = (Nonce::assume_unique_for_key(*nonce), text.to_vec());
        let aad = Aad::from(place(workspace, row));
        let opened = key.aead()?.open_in_place(nonce, aad, &mut text);
        opened.map(|secret| secret.to_vec()).map_err(|_| VaultError::Damaged)
    }
}

/// What binds a secret to its place.
fn place(workspace: WorkspaceId, row: SigningSecretId) -> Vec<u8> {
    format!("assize/secret/v1\n{workspace}\n{row}").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use uuid::Uuid;

    use super::*;

    fn vault(home: &Path) -> Vault {
        Vault::new(&home.join("signing"), None)
    }

    fn row(number: u128) -> (WorkspaceId, SigningSecretId) {
        (WorkspaceId::new(Uuid::from_u128(1)), SigningSecretId::new(Uuid::from_u128(number)))
    }

    #[test]
    fn what_is_sealed_opens_in_its_own_place_only() {
        let home = tempfile::tempdir().unwrap();
        let keys = vault(home.path()).keys_or_new(&Ids::seeded(1)).unwrap();
        let (workspace, id) = row(7);
        let sealed = keys.seal(&Ids::seeded(2), workspace, id, b"secret").unwrap();
        assert!(!sealed.bytes.windows(6).any(|part| part == b"secret"));
        assert_eq!(keys.open(workspace, id, &sealed).unwrap(), b"secret");
        let elsewhere = [row(8), (WorkspaceId::new(Uuid::from_u128(2)), id)];
        for (workspace, id) in elsewhere {
            assert!(matches!(keys.open(workspace, id, &sealed), Err(VaultError::Damaged)));
        }
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert!(keys.open(workspace, id, &changed).is_err(), "{at}");
        }
        let short = Sealed { bytes: vec![0; 5], ..sealed };
        assert!(matches!(keys.open(workspace, id, &short), Err(VaultError::Damaged)));
    }

    #[test]
    fn a_key_that_was_replaced_still_opens_what_it_sealed() {
        let home = tempfile::tempdir().unwrap();
        let vault = vault(home.path());
        let (ids, (workspace, id)) = (Ids::seeded(1), row(7));
        assert!(vault.keys().unwrap().is_none());
        assert!(matches!(vault.add_key(&ids), Err(VaultError::Missing(_))));
        let old = vault.keys_or_new(&ids).unwrap();
        let sealed = old.seal(&ids, workspace, id, b"secret").unwrap();
        let new = vault.add_key(&ids).unwrap();
        assert_ne!(new.current(), old.current());
        assert!(new.knows(old.current()));
        assert_eq!(new.open(workspace, id, &sealed).unwrap(), b"secret");
        let resealed = new.seal(&ids, workspace, id, b"secret").unwrap();
        let refused = old.open(workspace, id, &resealed).unwrap_err();
        assert!(refused.to_string().contains(new.current()), "{refused}");
    }

    #[test]
    fn only_its_owner_may_read_the_key_and_it_shows_itself_nowhere() {
        let home = tempfile::tempdir().unwrap();
        let vault = vault(home.path());
        let keys = vault.keys_or_new(&Ids::seeded(1)).unwrap();
        let text = std::fs::read_to_string(vault.path()).unwrap();
        let (_, key) = text.trim().split_once(' ').unwrap();
        assert!(!format!("{vault:?} {keys:?}").contains(key));
        let mode = std::fs::metadata(vault.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(vault.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(vault.keys(), Err(VaultError::File(SecretFileError::Readable(_)))));
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let vault = vault(home.path());
        let line = Key::new([7; 32]).line();
        for text in ["", "x", "x y", &line.replacen(char::is_alphanumeric, "-", 1), &line[..40]] {
            secret_file::replace(vault.path(), text).unwrap();
            assert!(matches!(vault.keys(), Err(VaultError::NotAKey(_))), "{text}");
        }
    }
}
