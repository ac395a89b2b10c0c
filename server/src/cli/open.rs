//! From the flags to services: what every command begins with.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use domain::member::{Principal, Workspace};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{Caller, Services},
    signing::SigningDir,
    store::Store,
    vault::Vault,
};

use super::{CliError, Global};

/// Connects to the database as it is.
pub async fn store(global: &Global) -> Result<Store, CliError> {
    Ok(Store::connect(global.database_url.reveal()).await?)
}

/// The services on a database whose schema is complete.
pub async fn services(global: &Global) -> Result<Services, CliError> {
    if let Some(server) = &global.server {
        let why =
            "this command works on the database of the host; leave out --server and ASSIZE_URL";
        return Err(CliError::Usage(format!("{why} ({server})")));
    }
    let store = store(global).await?;
    if store.migrations().await?.iter().any(|migration| !migration.applied) {
        let address = &global.database_url;
        return Err(anyhow!("{address} lacks migrations; run `assize migrate` first").into());
    }
    let bundles = bundle_dir(global, global.database_url.reveal());
    Ok(services_on(store).with_bundles(&bundles).with_vault(vault(global)))
}

/// Where the finished bundles of a database lie.
pub fn bundle_dir(global: &Global, database: &str) -> PathBuf {
    global.bundle_dir.clone().unwrap_or_else(|| bundles_beside(database))
}

/// The directory for bundles beside a database; in the present directory where it is no file.
fn bundles_beside(database: &str) -> PathBuf {
    let path = database.strip_prefix("sqlite:").unwrap_or_default();
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    Path::new(path.strip_prefix("//").unwrap_or(path)).with_file_name("bundles")
}

/// Where the signing key and the last checkpoints are kept.
pub fn signing_dir(global: &Global) -> SigningDir {
    signing_dir_at(keys_dir(global))
}

/// Where the key of secrets is kept: beside the signing key.
pub fn vault(global: &Global) -> Vault {
    vault_at(&keys_dir(global))
}

fn keys_dir(global: &Global) -> PathBuf {
    let beside = || bundles_beside(global.database_url.reveal()).with_file_name("signing");
    global.signing_dir.clone().unwrap_or_else(beside)
}

/// A directory to sign with; the key may be a credential of systemd instead.
pub fn signing_dir_at(directory: PathBuf) -> SigningDir {
    SigningDir::new(directory).with_credentials(credentials().as_deref())
}

/// The key of secrets in a directory; it may be a credential of systemd instead.
pub fn vault_at(directory: &Path) -> Vault {
    Vault::new(directory, credentials().as_deref())
}

/// Where systemd hands credentials over.
fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// The services on an open database.
pub fn services_on(store: Store) -> Services {
    Services::new(store, Clock::system(), Ids::random())
}

/// The services of a process that stays; it brings the schema up to date unless it is told not to.
/// Several that start at once wait for each other.
pub async fn lasting(global: &Global, migrate: bool) -> Result<(Services, Ids), CliError> {
    let store = store(global).await?;
    if migrate {
        store.migrate().await?;
    }
    let ids = Ids::random();
    let services = Services::new(store, Clock::system(), ids.clone());
    let bundles = bundle_dir(global, global.database_url.reveal());
    Ok((services.with_bundles(&bundles).with_vault(vault(global)), ids))
}

/// The workspace that was named, or the only one.
pub async fn workspace(global: &Global, services: &Services) -> Result<Workspace, CliError> {
    if let Some(slug) = &global.workspace {
        return Ok(services.workspace_by_slug(slug).await?);
    }
    let mut workspaces = services.workspaces().await?;
    match (workspaces.pop(), workspaces.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => {
            let hint = "there is no workspace yet; make one with `assize workspace add`";
            Err(CliError::Usage(hint.to_owned()))
        }
        (Some(last), others) => Err(CliError::Usage(format!(
            "there are {} workspaces; name one with --workspace, such as {}",
            others + 1,
            last.slug
        ))),
    }
}

/// The host, acting in the workspace.
pub async fn caller(global: &Global, services: &Services) -> Result<Caller, CliError> {
    let workspace = workspace(global, services).await?.id;
    Ok(Caller { workspace, principal: Principal::Host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_lie_beside_the_database() {
        assert_eq!(bundles_beside("sqlite:assize.sqlite"), Path::new("bundles"));
        assert_eq!(bundles_beside("sqlite:///var/x.db?mode=rwc"), Path::new("/var/bundles"));
        assert_eq!(bundles_beside("postgres://u:p@h/d"), Path::new("bundles"));
    }
}
