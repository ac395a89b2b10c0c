//! What the signer keeps outside of the database: its secret key, and the last checkpoint of every
//! log. Whoever restores or edits the database alone cannot make these follow.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use domain::id::WorkspaceId;
use ledger::{SignerKey, note::NoteError};

use crate::{
    ids::Ids,
    secret_file::{self, SecretFileError, at},
};

/// The key's own name; each log signs with the same secret under its origin.
const KEY_NAME: &str = "assize";

/// The name of the key among the credentials systemd hands over.
const CREDENTIAL: &str = "assize-signing-key";

/// A folder that only the user who runs Assize may read.
#[derive(Debug, Clone)]
pub struct SigningDir {
    folder: PathBuf,
    /// The key, where systemd keeps it.
    credential: Option<PathBuf>,
}

/// The keys that sign at present.
#[derive(Debug, Clone)]
pub struct Keys {
    pub current: SignerKey,
    /// The key that is being put in its place; until that is done both sign.
    pub next: Option<SignerKey>,
}

/// What is wrong with the key or the folder.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error(transparent)]
    File(#[from] SecretFileError),
    #[error("{} holds no signing key: {error}", path.display())]
    NoKey { path: PathBuf, error: NoteError },
    #[error("the signing key {} is gone; put it back, for a new one could not be trusted", .0.display())]
    Missing(PathBuf),
    #[error("the key in {} is not the one {origin} is signed with", path.display())]
    Foreign { path: PathBuf, origin: String },
    #[error("the checkpoint kept in {} was not signed with the key beside it", .0.display())]
    KeptNotOurs(PathBuf),
    #[error("the key is a credential of systemd; this command changes only keys in files")]
    IsCredential,
}

impl SigningDir {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), credential: None }
    }

    /// Takes the key from the credentials of systemd, if there is one among them.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Option<&Path>) -> Self {
        self.credential =
            credentials.map(|folder| folder.join(CREDENTIAL)).filter(|path| path.exists());
        self
    }

    /// Where the key is kept, as bundles state it.
    pub fn custody(&self) -> &'static str {
        if self.credential.is_some() { "credential" } else { "file" }
    }

    /// The file of the key.
    pub fn key_path(&self) -> PathBuf {
        self.credential.clone().unwrap_or_else(|| self.folder.join("key"))
    }

    fn next_path(&self) -> PathBuf {
        self.folder.join("key.next")
    }

    /// The file with the last checkpoint of a log.
    pub fn kept_path(&self, workspace: WorkspaceId) -> PathBuf {
        self.folder.join("checkpoints").join(workspace.to_string())
    }

    /// The keys; `None` before there is one.
    pub fn keys(&self) -> Result<Option<Keys>, SigningError> {
        let Some(current) = read_key(&self.key_path())? else { return Ok(None) };
        let next = match self.credential {
            Some(_) => None,
            None => read_key(&self.next_path())?,
        };
        Ok(Some(Keys { current, next }))
    }

    /// The keys, with a new one if there was none.
    pub fn keys_or_new(&self, ids: &Ids) -> Result<Keys, SigningError> {
        if let Some(keys) = self.keys()? {
            return Ok(keys);
        }
        self.new_key(&self.key_path(), ids)?;
        self.keys()?.ok_or_else(|| SigningError::Missing(self.key_path()))
    }

    /// Makes the key that is to come, unless it was made before.
    pub fn begin_rotation(&self, ids: &Ids) -> Result<(), SigningError> {
        match (&self.credential, read_key(&self.next_path())?) {
            (Some(_), _) => Err(SigningError::IsCredential),
            (None, Some(_)) => Ok(()),
            (None, None) => self.new_key(&self.next_path(), ids),
        }
    }

    /// Puts the key that is to come in the place of the present one.
    pub fn finish_rotation(&self) -> Result<(), SigningError> {
        Ok(secret_file::rename(&self.next_path(), &self.key_path())?)
    }

    /// The last checkpoint of a log, as it was signed.
    pub fn kept(&self, workspace: WorkspaceId) -> Result<Option<String>, SigningError> {
        let path = self.kept_path(workspace);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => Ok(read.map(Some).map_err(at(&path))?),
        }
    }

    /// Puts a checkpoint in the place of the last one; a crash leaves one or the other.
    pub fn keep(&self, workspace: WorkspaceId, note: &str) -> Result<(), SigningError> {
        Ok(secret_file::replace(&self.kept_path(workspace), note)?)
    }

    /// Writes a new key; leaves one alone that another process wrote meanwhile.
    fn new_key(&self, path: &Path, ids: &Ids) -> Result<(), SigningError> {
        let none = |error| SigningError::NoKey { path: path.to_owned(), error };
        let key = SignerKey::from_seed(KEY_NAME, &ids.key_seed()).map_err(none)?;
        Ok(secret_file::create(path, &format!("{}\n", key.to_secret_text()))?)
    }
}

impl Keys {
    /// The keys of one log, which is their name.
    pub fn of_log(&self, origin: &str) -> Result<Vec<SignerKey>, NoteError> {
        std::iter::once(&self.current).chain(&self.next).map(|key| key.named(origin)).collect()
    }
}

/// Reads a key from a file that nobody else may read.
fn read_key(path: &Path) -> Result<Option<SignerKey>, SigningError> {
    let Some(text) = secret_file::read(path)? else { return Ok(None) };
    let none = |error| SigningError::NoKey { path: path.to_owned(), error };
    SignerKey::parse(text.trim_end()).map(Some).map_err(none)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use uuid::Uuid;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let home = tempfile::tempdir().unwrap();
        let dir = SigningDir::new(home.path().join("data/signing"));
        assert!(dir.keys().unwrap().is_none());
        let made = dir.keys_or_new(&Ids::seeded(1)).unwrap().current;
        assert_eq!((mode(&dir.folder), mode(&dir.key_path())), (0o700, 0o600));
        let again = dir.keys_or_new(&Ids::seeded(2)).unwrap().current;
        assert_eq!(again.to_secret_text(), made.to_secret_text());
        assert_eq!(fs::read_dir(&dir.folder).unwrap().count(), 1, "nothing else is left there");
        for open in [0o640, 0o604, 0o660] {
            fs::set_permissions(dir.key_path(), fs::Permissions::from_mode(open)).unwrap();
            let refused = dir.keys();
            let readable = SecretFileError::Readable(dir.key_path()).to_string();
            assert_eq!(refused.unwrap_err().to_string(), readable, "{open:o}");
        }
    }

    #[test]
    fn a_key_that_another_process_made_first_is_used() {
        let home = tempfile::tempdir().unwrap();
        let dir = SigningDir::new(home.path());
        dir.new_key(&dir.key_path(), &Ids::seeded(1)).unwrap();
        let first = dir.keys().unwrap().unwrap().current.to_secret_text();
        dir.new_key(&dir.key_path(), &Ids::seeded(2)).unwrap();
        assert_eq!(dir.keys().unwrap().unwrap().current.to_secret_text(), first);
    }

    #[test]
    fn a_rotation_that_was_interrupted_goes_on_with_the_same_key() {
        let home = tempfile::tempdir().unwrap();
        let dir = SigningDir::new(home.path());
        let old = dir.keys_or_new(&Ids::seeded(1)).unwrap();
        dir.begin_rotation(&Ids::seeded(2)).unwrap();
        let both = dir.keys().unwrap().unwrap();
        dir.begin_rotation(&Ids::seeded(3)).unwrap();
        let next = dir.keys().unwrap().unwrap().next.unwrap();
        assert_eq!(both.current.verifier(), old.current.verifier());
        assert_eq!(both.next.unwrap().verifier(), next.verifier());
        assert_eq!(mode(&dir.next_path()), 0o600);
        dir.finish_rotation().unwrap();
        let new = dir.keys().unwrap().unwrap();
        assert_eq!((new.current.verifier(), new.next.is_none()), (next.verifier(), true));
    }

    #[test]
    fn a_credential_comes_before_a_file_and_is_not_rotated() {
        let home = tempfile::tempdir().unwrap();
        let dir = SigningDir::new(home.path().join("signing"));
        let other = SigningDir::new(home.path()).keys_or_new(&Ids::seeded(5)).unwrap().current;
        assert_eq!(dir.clone().with_credentials(Some(home.path())).custody(), "file");
        fs::rename(home.path().join("key"), home.path().join(CREDENTIAL)).unwrap();
        let dir = dir.with_credentials(Some(home.path()));
        assert_eq!(dir.custody(), "credential");
        assert_eq!(dir.keys().unwrap().unwrap().current.verifier(), other.verifier());
        let refused = dir.begin_rotation(&Ids::seeded(6));
        assert!(matches!(refused, Err(SigningError::IsCredential)));
    }

    #[test]
    fn a_kept_checkpoint_takes_the_place_of_the_last() {
        let home = tempfile::tempdir().unwrap();
        let dir = SigningDir::new(home.path());
        let workspace = WorkspaceId::new(Uuid::nil());
        assert_eq!(dir.kept(workspace).unwrap(), None);
        for note in ["first\n", "second\n"] {
            dir.keep(workspace, note).unwrap();
            assert_eq!(dir.kept(workspace).unwrap().as_deref(), Some(note));
        }
        assert_eq!(mode(&dir.kept_path(workspace)), 0o600);
        assert_eq!(fs::read_dir(home.path().join("checkpoints")).unwrap().count(), 1);
    }
}
