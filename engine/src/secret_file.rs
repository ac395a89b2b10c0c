//! Files with a secret in them: nobody but their owner may read them, and a crash leaves them whole.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// What is wrong with such a file.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("others may read {}, which holds a secret: chmod 600 it", .0.display())]
    Readable(PathBuf),
}

/// Reads a file that nobody else may read; `None` if there is no such file.
pub fn read(path: &Path) -> Result<Option<String>, SecretFileError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(at(path))?,
    };
    let mode = fs::metadata(path).map_err(at(path))?.mode();
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Readable(path.to_owned()));
    }
    Ok(Some(text))
}

/// Writes a new file; leaves one alone that another process wrote meanwhile.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), SecretFileError> {
    make_folder(path.parent())?;
    // A link either appears whole or finds a file in its place.
    let new = path.with_extension(std::process::id().to_string());
    write(&new, text)?;
    let linked = fs::hard_link(&new, path);
    fs::remove_file(&new).map_err(at(&new))?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked.map_err(at(path)).and_then(|()| sync_folder(path)),
    }
}

/// Puts a file in the place of another; a crash leaves one or the other.
pub fn replace(path: &Path, text: &str) -> Result<(), SecretFileError> {
    make_folder(path.parent())?;
    let new = path.with_extension("new");
    write(&new, text)?;
    rename(&new, path)
}

/// Moves a file into the place of another, so that it survives a power cut.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), SecretFileError> {
    fs::rename(from, to).map_err(at(to))?;
    sync_folder(to)
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> SecretFileError {
    let path = path.to_owned();
    |error| SecretFileError::File { path, error }
}

fn make_folder(folder: Option<&Path>) -> Result<(), SecretFileError> {
    let Some(folder) = folder else { return Ok(()) };
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(at(folder))
}

/// Writes a file of ours, down to the disk.
fn write(path: &Path, text: &str) -> Result<(), SecretFileError> {
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(at(path))
}

fn sync_folder(path: &Path) -> Result<(), SecretFileError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}
