//! `assize doctor`: is everything as it must be?

use domain::{
    canonical::hex,
    member::{Principal, Workspace},
};
use engine::{
    services::{Caller, Services},
    store::Store,
    work::Signer,
};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
};

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    what: String,
    ok: bool,
    found: String,
}

impl Check {
    fn new(what: impl Into<String>, found: Result<String, String>) -> Self {
        let ok = found.is_ok();
        let found = match found {
            Ok(text) | Err(text) => text,
        };
        Self { what: what.into(), ok, found }
    }
}

#[derive(Serialize)]
struct Checks {
    version: &'static str,
    ok: bool,
    checks: Vec<Check>,
}

impl Report for Checks {
    fn text(&self) -> String {
        let verdict = |ok: bool| if ok { "ok" } else { "WRONG" };
        let row =
            |check: &Check| [verdict(check.ok).to_owned(), check.what.clone(), check.found.clone()];
        table(["", "checked", "found"], self.checks.iter().map(row))
    }
}

pub async fn run(global: &Global) -> Result<(), CliError> {
    let mut checks = vec![Check::new("database address", Ok(global.database_url.to_string()))];
    match open::store(global).await {
        Ok(store) => look(global, &mut checks, store).await?,
        Err(error) => checks.push(Check::new("database", Err(error.to_string()))),
    }
    let ok = checks.iter().all(|check| check.ok);
    let version = env!("CARGO_PKG_VERSION");
    print(global.format, &Checks { version, ok, checks })?;
    if ok { Ok(()) } else { Err(anyhow::anyhow!("something is not as it must be").into()) }
}

async fn look(global: &Global, checks: &mut Vec<Check>, store: Store) -> Result<(), CliError> {
    let version = format!("{} {}", store.backend().as_str(), store.version().await?);
    checks.push(Check::new("database", Ok(version)));
    let migrations = store.migrations().await?;
    let missing: Vec<_> =
        migrations.iter().filter(|m| !m.applied).map(|m| m.name.as_str()).collect();
    if !missing.is_empty() {
        let found = format!("missing: {}; run `assize migrate`", missing.join(", "));
        checks.push(Check::new("migrations", Err(found)));
        return Ok(());
    }
    checks.push(Check::new("migrations", Ok(format!("all {} applied", migrations.len()))));
    checks.push(secrets(global, &store).await?);
    let services = open::services_on(store);
    for workspace in services.workspaces().await? {
        checks.push(audit_log(&services, &workspace).await?);
        checks.push(signing(global, &services, &workspace).await);
    }
    Ok(())
}

/// Whether every secret in the database was sealed with a key that is there.
async fn secrets(global: &Global, store: &Store) -> Result<Check, CliError> {
    let sealed = store.read().await?.secrets_by_key().await?;
    let count: i64 = sealed.iter().map(|(_, count)| count).sum();
    let found = match (open::vault(global).keys(), count) {
        (Err(error), _) => Err(error.to_string()),
        (Ok(None), 0) => Ok("none yet; the first secret makes it".to_owned()),
        (Ok(None), count) => {
            let path = open::vault(global).path().display().to_string();
            Err(format!("{count} secrets cannot be read: {path} is gone; put it back"))
        }
        (Ok(Some(keys)), count) => match sealed.iter().find(|(key, _)| !keys.knows(key)) {
            Some((key, lost)) => {
                Err(format!("{lost} secrets were sealed with {key}, which is not there"))
            }
            None => Ok(format!("{}, opens {count} secrets", keys.current())),
        },
    };
    Ok(Check::new("key of secrets", found))
}

/// Counts the whole log again: every leaf, every hash, the root.
async fn audit_log(services: &Services, workspace: &Workspace) -> Result<Check, CliError> {
    let caller = Caller { workspace: workspace.id, principal: Principal::Host };
    let found = match services.verify_audit(caller).await? {
        Ok(root) => Ok(format!("{} entries, recounted, root {}", root.size, hex(&root.root))),
        Err(fault) => Err(fault.to_string()),
    };
    Ok(Check::new(format!("audit log of {}", workspace.slug), found))
}

/// Compares the log with what was signed of it, in the database and beside the key.
async fn signing(global: &Global, services: &Services, workspace: &Workspace) -> Check {
    let signer = Signer::new(services.clone(), open::signing_dir(global), None);
    let found = match signer.examine(workspace.id, services.clock().now()).await {
        Ok(None) => Ok("not signed yet".to_owned()),
        Ok(Some(Ok(signed))) => Ok(format!("{signed} entries signed, and they are still the same")),
        Ok(Some(Err(refusal))) => Err(refusal.message),
        Err(error) => Err(error.to_string()),
    };
    Check::new(format!("signed checkpoint of {}", workspace.slug), found)
}
