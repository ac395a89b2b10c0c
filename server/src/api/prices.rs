//! What tokens of language models cost: the list, and what a workspace says instead.

use axum::Json;
use domain::{money::Usd, permission::Permission, price};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, Param, delete, get, post},
    problem::Problem,
    schema,
};

/// What a million tokens of a model cost, in US dollars as exact decimals
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelPrice)]
pub struct Price {
    model: String,
    /// From this day on; `null` in the list, which holds where the workspace says nothing
    from: Option<schema::Day>,
    #[schema(examples("2.50"))]
    input: String,
    output: String,
    /// What it priced says so
    table: String,
}

impl From<price::Price> for Price {
    fn from(price: price::Price) -> Self {
        let price::Price { model, from, input, output, table } = price;
        let (input, output) = (input.to_string(), output.to_string());
        Self { model, from: schema::maybe(from), input, output, table }
    }
}

/// A price of the workspace's own
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewModelPrice)]
pub struct New {
    /// Its name, which also stands for the name with a date after it
    model: String,
    from: schema::Day,
    /// US dollars for a million tokens
    input: String,
    output: String,
}

const TAG: &str = "Prices";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/prices", "listPrices", "What tokens of language models cost")
            .about(
                "The workspace's own prices come first; a model that no table knows has no cost.",
            )
            .needs(Permission::ViewRuns)
            .lists::<Price>(),
        list,
    )
    .add(
        TAG,
        post("/prices", "setPrice", "Set what a model costs from a day on")
            .about("What was priced before stays as it is.")
            .needs(Permission::ManagePrices)
            .takes::<New>()
            .gives::<Price>("201"),
        set,
    )
    .add(
        TAG,
        delete("/prices", "removePrice", "Take a price of the workspace's own away")
            .about("Answers with the prices as they are now.")
            .needs(Permission::ManagePrices)
            .query([
                Param::new("model", "The model").required(),
                Param::new("from", "The day it holds from").of::<schema::Day>().required(),
            ])
            .lists::<Price>(),
        remove,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<Price>>, Problem> {
    Ok(Json(Listed::whole(asked.services().prices(asked.caller()).await?)))
}

async fn set(asked: Asked, Body(new): Body<New>) -> Result<(StatusCode, Json<Price>), Problem> {
    let amount = |field: &str, text: &str| {
        text.parse::<Usd>().map_err(|error| Problem::body(&format!("#/{field}"), error))
    };
    let amounts = [amount("input", &new.input)?, amount("output", &new.output)?];
    let set = asked.services().set_price(asked.caller(), &new.model, new.from.0, amounts).await?;
    let set = price::Prices::new(&[set]).all().next().cloned();
    let set = set.ok_or_else(|| Problem::internal("a price that was set"))?;
    Ok((StatusCode::CREATED, Json(set.into())))
}

async fn remove(asked: Asked) -> Result<Json<Listed<Price>>, Problem> {
    let needed = |name: &str| Problem::parameter(name, "it is missing");
    let model = asked.value("model").ok_or_else(|| needed("model"))?;
    let from = asked.read("from")?.ok_or_else(|| needed("from"))?;
    asked.services().remove_price(asked.caller(), model, from).await?;
    list(asked).await
}
