//! Where outbound requests of the workspace may go, and whether they are signed there.

use std::collections::BTreeMap;

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{destination::AllowedDestination, permission::Permission};
use engine::services::SecretInfo;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, Param, delete, get, post},
    keyed::Kept,
    problem::Problem,
    schema,
    webhooks::SigningSecret,
};

/// A place where requests may go
#[derive(Debug, Serialize, ToSchema)]
pub struct Destination {
    /// Scheme, host and port
    #[schema(examples("https://hooks.example.org:443"))]
    address: String,
    /// Whether the host may lead into a private network, or to the machine of this server
    allow_private: bool,
    /// What requests of actioners are signed with, the newest first; without any they are not signed
    secrets: Vec<SigningSecret>,
}

/// An address to be put on the list
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDestination)]
pub struct New {
    /// Scheme, host and, unless it is the usual one, port; nothing else
    address: String,
    /// Whether the host may lead into a private network
    #[serde(default)]
    allow_private: bool,
}

/// The address of a destination
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    address: String,
}

/// A destination that was just given a secret
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedDestination {
    destination: Destination,
    /// What requests are signed with, `whsec_…`. Told this once; `null` where the answer is repeated
    secret: Option<String>,
    /// Until when the secret before signs, too
    until: Option<schema::Time>,
}

const TAG: &str = "Destinations";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/destinations", "listDestinations", "Where outbound requests may go, by host")
            .needs(Permission::ManageDestinations)
            .lists::<Destination>(),
        list,
    )
    .add(
        TAG,
        post("/destinations", "allowDestination", "Let requests go to an address")
            .about("Allowing one again changes whether it may be private.")
            .needs(Permission::ManageDestinations)
            .takes::<New>()
            .gives::<Destination>("201"),
        allow,
    )
    .add(
        TAG,
        delete("/destinations", "removeDestination", "Take an address off the list")
            .about("Its secrets are forgotten. Answers with the list as it is now.")
            .needs(Permission::ManageDestinations)
            .query([Param::new("address", "Scheme, host and port").required()])
            .lists::<Destination>(),
        remove,
    )
    .add(
        TAG,
        post("/destinations/sign", "signDestination", "Have requests to a destination signed")
            .about(
                "By Standard Webhooks, with a secret made now. Where they were signed before, the \
                 secret before signs, too, for 24 hours.",
            )
            .needs(Permission::ManageDestinations)
            .takes::<Address>()
            .gives::<SignedDestination>("200"),
        sign,
    )
    .add(
        TAG,
        post("/destinations/unsign", "unsignDestination", "Have them no longer signed")
            .needs(Permission::ManageDestinations)
            .takes::<Address>()
            .gives::<Destination>("200"),
        unsign,
    )
}

async fn listed(asked: &Asked) -> Result<Vec<Destination>, Problem> {
    let (services, caller) = (asked.services(), asked.caller());
    let mut secrets = services.destination_secrets(caller).await?;
    let found = services.destinations(caller).await?.into_iter();
    Ok(found.map(|destination| with_secrets(&destination, &mut secrets)).collect())
}

fn with_secrets(
    destination: &AllowedDestination,
    secrets: &mut BTreeMap<String, Vec<SecretInfo>>,
) -> Destination {
    let address = destination.to_string();
    let secrets = secrets.remove(&address).unwrap_or_default();
    let secrets = secrets.into_iter().map(SigningSecret::from).collect();
    Destination { address, allow_private: destination.allow_private, secrets }
}

async fn one(asked: &Asked, destination: &AllowedDestination) -> Result<Destination, Problem> {
    let mut secrets = asked.services().destination_secrets(asked.caller()).await?;
    Ok(with_secrets(destination, &mut secrets))
}

async fn list(asked: Asked) -> Result<Json<Listed<Destination>>, Problem> {
    Ok(Json(Listed::whole(listed(&asked).await?)))
}

async fn allow(
    asked: Asked,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Destination>), Problem> {
    let New { address, allow_private } = new;
    let services = asked.services();
    let allowed = services.allow_destination(asked.caller(), &address, allow_private).await?;
    Ok((StatusCode::CREATED, Json(one(&asked, &allowed).await?)))
}

async fn remove(asked: Asked) -> Result<Json<Listed<Destination>>, Problem> {
    let address = asked.value("address").unwrap_or_default();
    asked.services().remove_destination(asked.caller(), address).await?;
    Ok(Json(Listed::whole(listed(&asked).await?)))
}

/// Tells a secret, this once: what is kept for a repetition does not hold it.
async fn sign(asked: Asked, Body(wanted): Body<Address>) -> Result<Response, Problem> {
    let made = asked.services().sign_destination(asked.caller(), &wanted.address).await?;
    let (destination, until) = (one(&asked, &made.destination).await?, schema::maybe(made.until));
    let mut told = SignedDestination { destination, secret: None, until };
    let kept = serde_json::to_string(&told).map_err(Problem::internal)?;
    told.secret = Some(made.secret.expose().to_owned());
    let mut response = Json(told).into_response();
    response.extensions_mut().insert(Kept(kept));
    Ok(response)
}

async fn unsign(asked: Asked, Body(wanted): Body<Address>) -> Result<Json<Destination>, Problem> {
    let unsigned = asked.services().unsign_destination(asked.caller(), &wanted.address).await?;
    Ok(Json(one(&asked, &unsigned).await?))
}
