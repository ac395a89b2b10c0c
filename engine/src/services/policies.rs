//! Policies: written, switched on and off, and tested against what ran before. What they do is in
//! `policies.rs` and `work/judge.rs`.

mod backtest;
mod check;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::PolicyId,
    permission::Permission,
    policy::{Pin, Policy, PolicyVersion, Switched, Terms},
};
use serde_json::json;

use super::{AppliedAs, Caller, FieldError, ServiceError, Services, cancel::check_reason};
use crate::{
    ids::Ids,
    store::{StoreError, Tx},
};

pub use backtest::{BackTest, BackTested, Caught, PolicyUnderTest};

const NOT_FOUND: ServiceError = ServiceError::NotFound("policy");

/// A policy with everything it ever said.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDetail {
    pub policy: Policy,
    /// Newest first; never empty.
    pub versions: Vec<PolicyVersion>,
}

/// What applying did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AppliedPolicy {
    pub policy: Policy,
    pub applied: AppliedAs,
    /// What is allowed and probably not meant.
    pub warnings: Vec<FieldError>,
}

impl Services {
    /// Every policy of the workspace, by key.
    pub async fn policies(&self, caller: Caller) -> Result<Vec<Policy>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.policies(caller.workspace).await?)
    }

    /// One policy with its versions.
    pub async fn policy(&self, caller: Caller, key: &str) -> Result<PolicyDetail, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.policy_by_key(caller.workspace, key).await?;
        let policy = found.ok_or(NOT_FOUND)?;
        let versions = session.policy_versions(caller.workspace, policy.id).await?;
        Ok(PolicyDetail { policy, versions })
    }

    /// Writes a policy, or a new version of it. It does nothing before it is switched on, and a policy
    /// that is on stays so in the version it is on in.
    ///
    /// # Errors
    /// `Invalid` naming the fields of [`Terms`]; the conflict `policy-changed-meanwhile`.
    pub async fn apply_policy(
        &self,
        caller: Caller,
        terms: Terms,
    ) -> Result<AppliedPolicy, ServiceError> {
        self.require(caller, Permission::ManagePolicies).await?;
        let terms = check::terms(terms)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let applied = self
            .write(move |tx| Box::pin(async move { apply(tx, caller, &ids, terms, now).await }))
            .await;
        match applied {
            Err(ServiceError::Store(StoreError::Conflict(_))) => Err(ServiceError::conflict(
                "policy-changed-meanwhile",
                "somebody else wrote this policy at the same time; nothing was stored",
            )),
            result => result,
        }
    }

    /// Switches a policy on, in this version or the latest: whatever is started from now on was judged
    /// under it. Answers with the policy as it is now.
    pub async fn switch_policy_on(
        &self,
        caller: Caller,
        key: &str,
        version: Option<i64>,
        reason: &str,
    ) -> Result<Policy, ServiceError> {
        self.switch(caller, key, move |policy| Some(version.unwrap_or(policy.version)), reason)
            .await
    }

    /// Switches a policy off. What it denied stays denied.
    pub async fn switch_policy_off(
        &self,
        caller: Caller,
        key: &str,
        reason: &str,
    ) -> Result<Policy, ServiceError> {
        self.switch(caller, key, |_| None, reason).await
    }

    async fn switch(
        &self,
        caller: Caller,
        key: &str,
        to: impl FnOnce(&Policy) -> Option<i64> + Send + 'static,
        reason: &str,
    ) -> Result<Policy, ServiceError> {
        self.require(caller, Permission::ManagePolicies).await?;
        let reason = check_reason(reason)?;
        let (ids, now, key) = (self.ids.clone(), self.clock.now(), key.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let found = tx.lock_policy(caller.workspace, &key).await?;
                let policy = found.ok_or(NOT_FOUND)?;
                let to = to(&policy);
                if policy.on == to {
                    return Ok(policy);
                }
                let pinned = to.or(policy.on).unwrap_or(policy.version);
                let version = tx.policy_version(caller.workspace, policy.id, pinned).await?;
                let version = version.ok_or(ServiceError::NotFound("version"))?;
                let by = caller.principal.member();
                let switched = Some(Switched { at: now, by, reason });
                let after = Policy { on: to, switched, updated_at: now, ..policy.clone() };
                tx.update_policy(&after).await?;
                let draft = switching(caller, &policy, &after, &version);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(after)
            })
        })
        .await
    }
}

async fn apply(
    tx: &mut Tx,
    caller: Caller,
    ids: &Ids,
    terms: Terms,
    now: Timestamp,
) -> Result<AppliedPolicy, ServiceError> {
    let digest = terms.digest();
    let warnings = warnings(tx, caller, &terms).await?;
    let before = match tx.lock_policy(caller.workspace, &terms.key).await? {
        None => None,
        Some(policy) => {
            let latest = tx.policy_version(caller.workspace, policy.id, policy.version).await?;
            let latest = latest.ok_or(NOT_FOUND)?;
            if latest.digest == digest {
                return Ok(AppliedPolicy { policy, applied: AppliedAs::Unchanged, warnings });
            }
            Some((policy, latest.digest))
        }
    };
    let (policy, applied) = match &before {
        None => (new(caller, PolicyId::new(ids.uuid(now)), &terms, now), AppliedAs::Created),
        Some((policy, _)) => {
            let (version, name) = (policy.version + 1, terms.name.clone());
            let policy = Policy { version, name, updated_at: now, ..policy.clone() };
            (policy, AppliedAs::NewVersion)
        }
    };
    match applied {
        AppliedAs::Created => tx.insert_policy(&policy).await?,
        _ => tx.update_policy(&policy).await?,
    }
    let version = PolicyVersion {
        policy: policy.id,
        number: policy.version,
        terms,
        digest,
        created_at: now,
        created_by: caller.principal.member(),
    };
    tx.insert_policy_version(caller.workspace, &version).await?;
    let draft = written(caller, before.as_ref(), &policy, &version);
    tx.append_audit(caller.workspace, ids, now, &[draft]).await?;
    Ok(AppliedPolicy { policy, applied, warnings })
}

fn new(caller: Caller, id: PolicyId, terms: &Terms, now: Timestamp) -> Policy {
    Policy {
        id,
        workspace: caller.workspace,
        key: terms.key.clone(),
        name: terms.name.clone(),
        version: 1,
        on: None,
        switched: None,
        created_at: now,
        updated_at: now,
    }
}

/// Automations it names that are not there.
async fn warnings(
    tx: &mut Tx,
    caller: Caller,
    terms: &Terms,
) -> Result<Vec<FieldError>, StoreError> {
    let known = tx.automation_heads(caller.workspace).await?;
    let missing = terms.automations.iter().filter(|key| known.iter().all(|one| one.key != **key));
    let warning =
        |key| FieldError::new("automations", format!("there is no definition '{key}' yet"));
    Ok(missing.map(warning).collect())
}

fn written(
    caller: Caller,
    before: Option<&(Policy, String)>,
    policy: &Policy,
    version: &PolicyVersion,
) -> Draft {
    let verb = if before.is_some() { Verb::PolicyVersioned } else { Verb::PolicyCreated };
    let portrait = |policy: &Policy, digest: &str| json!({"name": policy.name, "version": policy.version, "digest": digest});
    let object = Object::new("policy", policy.id);
    Draft::new(caller.principal, verb, object).with(json!({
        "key": policy.key,
        "before": before.map(|(policy, digest)| portrait(policy, digest)),
        "after": portrait(policy, &version.digest),
    }))
}

fn switching(caller: Caller, before: &Policy, after: &Policy, version: &PolicyVersion) -> Draft {
    let verb = if after.on.is_some() { Verb::PolicySwitchedOn } else { Verb::PolicySwitchedOff };
    let digest = version.digest.clone();
    let pin = Pin { policy: after.id, version: version.number, digest };
    let reason = after.switched.as_ref().map(|switched| &switched.reason);
    let object = Object::new("policy", after.id);
    Draft::new(caller.principal, verb, object).due_to(pin.into()).with(json!({
        "key": after.key,
        "effect": version.terms.effect,
        "reason": reason,
        "before": {"on": before.on},
        "after": {"on": after.on},
    }))
}
