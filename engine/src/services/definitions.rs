//! Definitions: applied from files, switched on and off, and read with their versions.

mod apply;
mod compare;
mod foresee;

use domain::{
    audit::{Draft, Object, Verb},
    automation::{Automation, Version},
    id::AutomationId,
    permission::Permission,
};

use serde_json::json;

pub use apply::{Applied, AppliedAs};
pub use compare::Compared;
pub use foresee::{Foreseen, StoppedBy, Supposed, Would};

use super::{Caller, ServiceError, Services};
use crate::store::{InEffect, VersionHead};

const NOT_FOUND: ServiceError = ServiceError::NotFound("automation");

impl Services {
    /// Every automation of the workspace with its version in effect, by key.
    pub async fn automations(&self, caller: Caller) -> Result<Vec<InEffect>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.automations(caller.workspace).await?)
    }

    pub async fn automation(
        &self,
        caller: Caller,
        id: AutomationId,
    ) -> Result<InEffect, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.automation(caller.workspace, id).await?;
        found.ok_or(NOT_FOUND)
    }

    pub async fn automation_by_key(
        &self,
        caller: Caller,
        key: &str,
    ) -> Result<InEffect, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.automation_by_key(caller.workspace, key).await?;
        found.ok_or(NOT_FOUND)
    }

    /// The versions of an automation, newest first.
    pub async fn automation_versions(
        &self,
        caller: Caller,
        id: AutomationId,
    ) -> Result<Vec<VersionHead>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.automation_versions(caller.workspace, id).await?;
        // An automation has at least one version.
        if found.is_empty() { Err(NOT_FOUND) } else { Ok(found) }
    }

    /// One version with the file it came from.
    pub async fn automation_version(
        &self,
        caller: Caller,
        id: AutomationId,
        number: i64,
    ) -> Result<Version, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.automation_version(caller.workspace, id, number).await?;
        found.ok_or(ServiceError::NotFound("version"))
    }

    /// Switches an automation on or off. While it is off, it creates no runs; runs that exist go
    /// on. A schedule that is switched on again does not make up for what it left out.
    pub async fn set_enabled(
        &self,
        caller: Caller,
        key: &str,
        enabled: bool,
    ) -> Result<Automation, ServiceError> {
        self.require(caller, Permission::ApplyDefinitions).await?;
        let (ids, now, key) = (self.ids.clone(), self.clock.now(), key.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let found = tx.lock_automation(caller.workspace, &key).await?;
                let mut state = found.ok_or(NOT_FOUND)?;
                if state.automation.enabled == enabled {
                    return Ok(state.automation);
                }
                state.automation.enabled = enabled;
                state.automation.updated_at = now;
                if enabled {
                    state.fired_until = now;
                }
                tx.update_automation(&state).await?;
                let verb = if enabled { Verb::DefinitionEnabled } else { Verb::DefinitionDisabled };
                let object = Object::new("automation", state.automation.id);
                let draft = Draft::new(caller.principal, verb, object).with(json!({
                    "key": key,
                    "before": {"enabled": !enabled},
                    "after": {"enabled": enabled},
                }));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(state.automation)
            })
        })
        .await
    }
}
