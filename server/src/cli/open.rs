//! From the flags to services: what every command begins with.

use anyhow::anyhow;
use domain::member::{Principal, Workspace};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{Caller, Services},
    store::Store,
};

use super::{CliError, Global};

/// Connects to the database as it is.
pub async fn store(global: &Global) -> Result<Store, CliError> {
    Ok(Store::connect(global.database_url.reveal()).await?)
}

/// The services on a database whose schema is complete.
pub async fn services(global: &Global) -> Result<Services, CliError> {
    let store = store(global).await?;
    if store.migrations().await?.iter().any(|migration| !migration.applied) {
        let address = &global.database_url;
        return Err(anyhow!("{address} lacks migrations; run `assize migrate` first").into());
    }
    Ok(services_on(store))
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
    Ok((Services::new(store, Clock::system(), ids.clone()), ids))
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
