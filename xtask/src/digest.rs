//! Digests of files: they name the assets and tell whether anything changed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Twelve hexadecimal characters that stand for these bytes.
pub fn short<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// One digest over names and contents of all files under these paths.
pub fn of_files(paths: &[PathBuf]) -> Result<String> {
    let mut parts = Vec::new();
    for file in files(paths)? {
        let content = std::fs::read(&file).with_context(|| format!("read {}", file.display()))?;
        parts.push(file.into_os_string().into_encoded_bytes());
        parts.push(content);
    }
    Ok(short(parts.iter().map(Vec::as_slice)))
}

/// All files under these paths, sorted; a path that does not exist has none.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), found)?;
        }
    } else if path.is_file() {
        found.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn the_digest_depends_on_where_one_part_ends() {
        assert_ne!(short([b"ab".as_slice(), b"c"]), short([b"a".as_slice(), b"bc"]));
    }
}
