//! Applying a definition file: every definition in it, or none.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    automation::{Automation, Definition, Version},
    id::AutomationId,
    permission::Permission,
};
use serde::Serialize;
use serde_json::json;

use crate::{
    definition::{self, DefinitionError, Parsed},
    ids::Ids,
    services::{Caller, FieldError, ServiceError, Services},
    store::{InEffect, StoreError, Tx},
};

/// What applying did to an automation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppliedAs {
    /// It is new, with version 1.
    Created,
    /// It has a new version, which is in effect from now on.
    NewVersion,
    /// It said the same already.
    Unchanged,
}

/// One definition of an applied file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    pub automation: AutomationId,
    pub key: String,
    /// The version in effect.
    pub version: i64,
    pub applied: AppliedAs,
    /// What is allowed and probably not meant.
    pub warnings: Vec<FieldError>,
}

/// Who applies which file when.
struct Context {
    caller: Caller,
    file: String,
    ids: Ids,
    now: Timestamp,
}

impl Services {
    /// Applies every definition of a file, in one transaction. A definition that says what its
    /// version in effect says already changes nothing; any other becomes a new version, which
    /// later runs use. `file` is how errors call it.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong, each as `file:line:column field`; a conflict
    /// `definition-changed-meanwhile` when somebody else applied the same key at the same time.
    pub async fn apply_definition(
        &self,
        caller: Caller,
        file: &str,
        text: &str,
    ) -> Result<Vec<Applied>, ServiceError> {
        self.require(caller, Permission::ApplyDefinitions).await?;
        let parsed = definition::read(file, text, self.registry())
            .map_err(|errors| ServiceError::Invalid(errors.iter().map(field_error).collect()))?;
        let context =
            Context { caller, file: file.to_owned(), ids: self.ids.clone(), now: self.clock.now() };
        let applied = self
            .write(move |tx| Box::pin(async move { apply_all(tx, &context, parsed).await }))
            .await;
        match applied {
            Err(ServiceError::Store(StoreError::Conflict(_))) => Err(ServiceError::conflict(
                "definition-changed-meanwhile",
                "somebody else applied one of these definitions at the same time; nothing was \
                 applied, so try again",
            )),
            applied => applied,
        }
    }
}

pub(super) fn field_error(error: &DefinitionError) -> FieldError {
    let place = format!("{}:{}:{} {}", error.file, error.line, error.column, error.field);
    FieldError::new(place.trim_end(), &error.message)
}

async fn apply_all(
    tx: &mut Tx,
    context: &Context,
    parsed: Vec<Parsed>,
) -> Result<Vec<Applied>, ServiceError> {
    let mut parsed: Vec<_> = parsed.into_iter().enumerate().collect();
    // Automations are locked in the order of their keys, so that two files never wait for each
    // other in a circle.
    parsed.sort_by(|(_, a), (_, b)| a.definition.key.cmp(&b.definition.key));
    let (mut results, mut drafts) = (Vec::new(), Vec::new());
    for (place, parsed) in parsed {
        let warnings = warnings(tx, context, &parsed.definition).await?;
        let (automation, applied, draft) = apply(tx, context, parsed).await?;
        let Automation { id, key, version, .. } = automation;
        results.push((place, Applied { automation: id, key, version, applied, warnings }));
        drafts.extend(draft);
    }
    tx.append_audit(context.caller.workspace, &context.ids, context.now, &drafts).await?;
    results.sort_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

async fn warnings(
    tx: &mut Tx,
    context: &Context,
    definition: &Definition,
) -> Result<Vec<FieldError>, StoreError> {
    let kind = definition.subjects.kind();
    let some = tx.records_after(context.caller.workspace, kind, None, 1).await?;
    let message = format!("there is no record of the kind '{kind}' yet");
    Ok(if some.is_empty() { vec![FieldError::new("subjects.kind", message)] } else { Vec::new() })
}

async fn apply(
    tx: &mut Tx,
    context: &Context,
    parsed: Parsed,
) -> Result<(Automation, AppliedAs, Option<Draft>), ServiceError> {
    let digest = parsed.definition.digest();
    match tx.lock_automation(context.caller.workspace, &parsed.definition.key).await? {
        None => {
            let automation = create(tx, context, &parsed, &digest).await?;
            let draft = draft(context, Verb::DefinitionCreated, None, (&automation, &digest));
            Ok((automation, AppliedAs::Created, Some(draft)))
        }
        Some(before) if before.digest == digest => {
            Ok((before.automation, AppliedAs::Unchanged, None))
        }
        Some(before) => {
            let old = before.clone();
            let automation = change(tx, context, before, &parsed, &digest).await?;
            let old = (&old.automation, old.digest.as_str());
            let draft =
                draft(context, Verb::DefinitionVersioned, Some(old), (&automation, &digest));
            Ok((automation, AppliedAs::NewVersion, Some(draft)))
        }
    }
}

async fn create(
    tx: &mut Tx,
    context: &Context,
    parsed: &Parsed,
    digest: &str,
) -> Result<Automation, StoreError> {
    let automation = Automation {
        id: AutomationId::new(context.ids.uuid(context.now)),
        workspace: context.caller.workspace,
        key: parsed.definition.key.clone(),
        name: parsed.definition.name.clone(),
        version: 1,
        enabled: true,
        created_at: context.now,
        updated_at: context.now,
    };
    // A schedule does not fire for a time before it existed.
    tx.insert_automation(&automation, parsed.definition.trigger.kind, context.now).await?;
    tx.insert_version(automation.workspace, &version(context, &automation, parsed, digest)).await?;
    Ok(automation)
}

async fn change(
    tx: &mut Tx,
    context: &Context,
    mut state: InEffect,
    parsed: &Parsed,
    digest: &str,
) -> Result<Automation, StoreError> {
    if state.definition.trigger != parsed.definition.trigger {
        // The past was the old trigger's business.
        state.fired_until = context.now;
    }
    state.definition = parsed.definition.clone();
    state.automation.name = parsed.definition.name.clone();
    state.automation.version += 1;
    state.automation.updated_at = context.now;
    let version = version(context, &state.automation, parsed, digest);
    tx.insert_version(state.automation.workspace, &version).await?;
    tx.update_automation(&state).await?;
    Ok(state.automation)
}

fn version(context: &Context, automation: &Automation, parsed: &Parsed, digest: &str) -> Version {
    Version {
        automation: automation.id,
        number: automation.version,
        definition: parsed.definition.clone(),
        source: parsed.source.clone(),
        digest: digest.to_owned(),
        created_at: context.now,
        created_by: context.caller.principal.member(),
    }
}

/// An automation with the digest of its version in effect.
type Stand<'a> = (&'a Automation, &'a str);

fn draft(context: &Context, verb: Verb, before: Option<Stand<'_>>, after: Stand<'_>) -> Draft {
    let portrait = |(automation, digest): Stand<'_>| json!({"name": automation.name, "version": automation.version, "digest": digest});
    let (automation, _) = after;
    let object = Object::new("automation", automation.id);
    Draft::new(context.caller.principal, verb, object).with(json!({
        "key": automation.key,
        "file": context.file,
        "before": before.map(portrait),
        "after": portrait(after),
    }))
}
