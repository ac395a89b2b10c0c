//! What a database holds before the demo is played or served there.

use std::net::SocketAddr;

use anyhow::Context as _;
use domain::{
    filter::{Order, RunFilter},
    member::Principal,
    page::{MAX_SIZE, Seek},
};
use engine::services::{Caller, ServiceError, Services};
use http::Uri;

use super::{Example, Scenario, expected, table};

/// What was found in a database.
#[derive(Debug)]
pub enum Holds {
    Nothing,
    /// The example, played to its end.
    Demo(Standing),
}

/// A played example.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The host, acting in its workspace.
    pub host: Caller,
    /// Where its requests go.
    pub receiver: SocketAddr,
}

/// Looks at a migrated database.
///
/// # Errors
/// The conflict `database-not-empty` when it holds something else, or an example that broke off.
pub async fn look(services: &Services, example: Example) -> anyhow::Result<Holds> {
    let workspaces = services.workspaces().await?;
    let scenario = Scenario::read(example)?;
    match workspaces.as_slice() {
        [] => Ok(Holds::Nothing),
        [only] if only.slug == scenario.workspace.slug => {
            let host = Caller { workspace: only.id, principal: Principal::Host };
            if !is_finished(services, host, example, &scenario).await? {
                return Err(not_empty("a demo that was not played to its end").into());
            }
            let receiver = receiver(services, host, &scenario).await?;
            Ok(Holds::Demo(Standing { host, receiver }))
        }
        _ => Err(not_empty("something else than the demo").into()),
    }
}

fn not_empty(what: &str) -> ServiceError {
    let message = format!("this database holds {what}; the demo wants one that is empty");
    ServiceError::conflict("database-not-empty", message)
}

/// Every run is there, and the last act, a retry, has taken place.
async fn is_finished(
    services: &Services,
    host: Caller,
    example: Example,
    scenario: &Scenario,
) -> anyhow::Result<bool> {
    let expected = expected(example)?.totals.runs;
    if table(services, host).await?.totals.runs < expected {
        return Ok(false);
    }
    let definitions = vec![scenario.delivering.clone()];
    let filter = RunFilter { definitions, order: Order::Oldest, ..RunFilter::default() };
    let runs = services.runs(host, &filter, Seek::First, MAX_SIZE).await?;
    Ok(runs.page.rows.iter().any(|run| run.round > 0))
}

/// Where the definition in effect delivers to.
async fn receiver(
    services: &Services,
    host: Caller,
    Scenario { delivering, .. }: &Scenario,
) -> anyhow::Result<SocketAddr> {
    let definition = services.automation_by_key(host, delivering).await?.definition;
    let url = definition.action.with["deliver"]["url"].as_str().unwrap_or_default();
    let place = url.parse::<Uri>().ok().and_then(|url| url.authority()?.as_str().parse().ok());
    place.with_context(|| format!("{delivering} does not deliver to this machine: '{url}'"))
}
