//! The only door to a change, for pages, API and command line alike.
//!
//! Every method loads, asks `domain`, and stores the answer together with its audit entry in one
//! transaction. Permissions are checked here and nowhere else.

mod approvals;
mod audit;
mod brief;
mod budgets;
mod bundles;
mod cancel;
mod checkpoints;
mod definitions;
mod destinations;
mod erase;
mod error;
pub(crate) mod events;
mod export;
mod form;
mod health;
mod holds;
mod idempotency;
mod inbound;
mod incidents;
mod kills;
mod links;
mod live;
mod lookups;
mod members;
mod policies;
mod prices;
mod records;
mod reported;
mod reports;
mod retention;
mod retry;
mod run_summary;
mod runs;
mod settlements;
mod setup;
mod sign_in;
mod signing_secrets;
mod stamps;
mod storage;
mod tokens;
mod webhooks;
mod windows;
mod workspaces;

use std::{path::Path, sync::Arc};

use domain::{
    audit::{Draft, Object, Verb},
    id::WorkspaceId,
    member::Principal,
    permission::{self, Permission},
};
use futures::future::BoxFuture;
use serde_json::json;

pub use approvals::DecisionRequest;
pub use audit::{
    AuditCheck, AuditFault, AuditGap, AuditPage, AuditRoot, EntryFault, WrongEntry, leaf_digest,
};
pub use brief::{Brief, FailedItems, Fate};
pub use budgets::BudgetStanding;
pub use bundles::{Download, NewBundle};
pub(crate) use cancel::{check_reason, held_items};
pub use checkpoints::{CheckpointState, InclusionProof, Standing};
pub use definitions::{Applied, AppliedAs, Compared, Foreseen, StoppedBy, Supposed, Would};
pub use destinations::SignedDestination;
pub use error::{FieldError, ServiceError};
pub use events::{MANUAL_SOURCE, NewEvent, Received, RunRequest, schedule_source};
pub use export::{Export, ExportedList, ItemFilter};
pub use health::{AutomationHealth, Health, Side};
pub use holds::{NewHold, hold_days};
pub use idempotency::{KeyStanding, KeyedRequest};
pub use inbound::{CreatedInbound, InboundDetail, InboundError, InboundRequest, NewInbound};
pub use incidents::{IncidentDetail, IncidentList};
pub use kills::{KillOrder, Presence, Pressed};
pub use links::{LinkInfo, SignInLink};
pub use live::{Happened, Happening, LONGEST_STRETCH, Told, Watched, What};
pub use members::{AddedMember, NewMember};
pub use policies::{AppliedPolicy, BackTest, BackTested, Caught, PolicyDetail, PolicyUnderTest};
pub use records::{ImportReport, Imported, LARGEST_FILE, LARGEST_TEXT, RecordFile, RecordFormat};
pub use reported::{LARGEST_BATCH, NewReport, Reported, ReportedDetail, StepLog};
pub use retention::{Foretold, NewRetention, Preview, Retention};
pub use retry::{Retried, RetryRequest};
pub use run_summary::{LastFailure, RunSummary};
pub use runs::{ItemDetail, RunDetail, RunList};
pub use settlements::SettleOrder;
pub use setup::{Claim, Claimed, SetupToken};
pub use sign_in::{SessionInfo, SignedIn};
pub(crate) use signing_secrets::DestinationSecrets;
pub use signing_secrets::SecretInfo;
pub use stamps::{StampAnswer, StampRequest};
pub use storage::{Storage, Weighed};
pub use tokens::{Bearer, CreatedToken, NewToken};
pub use webhooks::{CreatedWebhook, DeliveryDetail, NewWebhook, WebhookDetail};

use crate::{
    actioner::Registry,
    clock::Clock,
    compiled::Versions,
    ids::Ids,
    password::Passwords,
    policies::Policies,
    store::{Store, StoreError, Tx},
    vault::Vault,
    wake::Wake,
};

/// Who asks, and where: every call in a workspace names both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub workspace: WorkspaceId,
    pub principal: Principal,
}

/// Everything Assize can be asked to do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) wake: Wake,
    pub(crate) registry: Registry,
    pub(crate) versions: Versions,
    pub(crate) policies: Policies,
    /// Where bundles lie; none in a process that makes and hands out none.
    pub(crate) bundles: Option<Arc<Path>>,
    /// Where the key of secrets is; none in a process that needs no secrets.
    pub(crate) vault: Option<Vault>,
    pub(crate) shared: Arc<Shared>,
}

/// What all clones share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) passwords: Passwords,
    pub(crate) refusals: inbound::Refusals,
}

/// What a step in a transaction answers with.
pub(crate) type Step<'t, T> = BoxFuture<'t, Result<T, ServiceError>>;

impl Services {
    pub fn new(store: Store, clock: Clock, ids: Ids) -> Self {
        Self {
            store,
            clock,
            ids,
            wake: Wake::default(),
            registry: Registry::standard(),
            versions: Versions::default(),
            policies: Policies::default(),
            bundles: None,
            vault: None,
            shared: Arc::default(),
        }
    }

    /// Makes bundles and hands them out, with their files in this directory.
    #[must_use]
    pub fn with_bundles(mut self, directory: &Path) -> Self {
        self.bundles = Some(directory.into());
        self
    }

    /// Seals and opens secrets with the key that is there.
    #[must_use]
    pub fn with_vault(mut self, vault: Vault) -> Self {
        self.vault = Some(vault);
        self
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The actioners that automations may call.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Tells the workers that there may be work.
    pub fn wake(&self) -> &Wake {
        &self.wake
    }

    /// Runs one business step in one transaction, to its end even if the caller goes away.
    pub(crate) async fn write<T, F>(&self, step: F) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Step<'t, T> + Send + 'static,
    {
        self.store.write(step).await
    }

    /// Refuses, and enters the refusal into the log, unless the caller may do `permission`.
    pub(crate) async fn require(
        &self,
        caller: Caller,
        permission: Permission,
    ) -> Result<(), ServiceError> {
        let Err(refused) = permission::require(caller.principal, permission) else {
            return Ok(());
        };
        let object = Object::new("workspace", caller.workspace);
        let draft = Draft::new(caller.principal, Verb::ActRefused, object).with(json!({
            "permission": permission,
            "role": refused.role,
            "scope": refused.scoped.then_some("missing"),
        }));
        self.enter(caller.workspace, draft).await?;
        Err(ServiceError::Refused(refused))
    }

    /// Writes one audit entry in a transaction of its own.
    pub(crate) async fn enter(
        &self,
        workspace: WorkspaceId,
        draft: Draft,
    ) -> Result<(), StoreError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move { tx.append_audit(workspace, &ids, now, &[draft]).await })
            })
            .await
    }
}
