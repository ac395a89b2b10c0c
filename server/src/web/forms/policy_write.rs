//! Writes a policy, or a new version of it.

use std::{collections::HashMap, fmt::Display, str::FromStr};

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    approval::ApprovalRule,
    permission::{self, Permission},
    policy::{Effect, Terms},
};
use engine::services::{FieldError, ServiceError};
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

const DAY: i64 = 86_400;

/// Leads to the version that was written.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path(path): Path<HashMap<String, String>>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let key = path.get("policy").cloned();
    match write(&state, &place, key, &fields).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn write(
    state: &AppState,
    place: &Place,
    key: Option<String>,
    fields: &Fields,
) -> Result<String, ServiceError> {
    let services = state.services();
    let key = match key {
        Some(key) => services.policy(place.caller(), &key).await?.policy.key,
        None => new_key(state, place, fields).await?,
    };
    let terms = terms(key, fields).map_err(ServiceError::Invalid)?;
    let policy = services.apply_policy(place.caller(), terms).await?.policy;
    Ok(format!("{}?version={}", place.policy(&policy.key), policy.version))
}

/// The key of a new policy: writing it anew by accident would make a version of another one. Whoever may
/// not write it at all is told so by the service.
async fn new_key(state: &AppState, place: &Place, fields: &Fields) -> Result<String, ServiceError> {
    let key = fields.text("key");
    let caller = place.caller();
    let may = permission::require(caller.principal, Permission::ManagePolicies).is_ok();
    let known = state.services().policies(caller).await?;
    match may && known.iter().any(|policy| policy.key == key) {
        true => Err(ServiceError::invalid("key", "there is a policy with this key already")),
        false => Ok(key),
    }
}

fn terms(key: String, fields: &Fields) -> Result<Terms, Vec<FieldError>> {
    let mut errors = Vec::new();
    let effect = read(fields, "effect", "effect", &mut errors).unwrap_or(Effect::Deny);
    let approval = (effect == Effect::RequireApproval).then(|| approval(fields, &mut errors));
    let terms = Terms {
        key,
        name: fields.text("name"),
        statement: fields.text("statement"),
        effect,
        approval,
        automations: listed(&fields.text("automations")),
        rule: fields.raw("rule").replace("\r\n", "\n"),
    };
    if errors.is_empty() { Ok(terms) } else { Err(errors) }
}

fn approval(fields: &Fields, errors: &mut Vec<FieldError>) -> ApprovalRule {
    let usual = ApprovalRule::default();
    let days: i64 = read(fields, "days", "approval", errors).unwrap_or(1);
    ApprovalRule {
        role: read(fields, "role", "approval", errors).unwrap_or(usual.role),
        members: listed(&fields.text("members").to_lowercase()),
        quorum: read(fields, "quorum", "approval", errors).unwrap_or(usual.quorum),
        expires_after_seconds: days.saturating_mul(DAY),
        on_expiry: read(fields, "on_expiry", "approval", errors).unwrap_or(usual.on_expiry),
    }
}

/// A field as something; what is wrong with it is said at the field of that name.
fn read<T: FromStr<Err: Display>>(
    fields: &Fields,
    name: &str,
    at: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let read = fields.text(name).parse();
    read.map_err(|error| errors.push(FieldError::new(at, format!("{name}: {error}")))).ok()
}

/// What is separated by commas.
fn listed(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}
