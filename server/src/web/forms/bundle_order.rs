//! Orders a bundle.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use chrono::NaiveDate;
use domain::period::Period;
use engine::services::{FieldError, NewBundle, ServiceError};
use http::request::Parts;

use super::days;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the list, where the order stands on top.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let ordered = match period(&fields, state.now().date_naive()) {
        Ok(period) => {
            let automations = fields.all("automation").map(str::to_owned).collect();
            let order = NewBundle { period, automations };
            state.services().order_bundle(place.caller(), order).await
        }
        Err(errors) => Err(ServiceError::Invalid(errors)),
    };
    match ordered {
        Ok(_) => Ok(Redirect::to(&place.exports()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

fn period(fields: &Fields, today: NaiveDate) -> Result<Period, Vec<FieldError>> {
    match fields.text("period").as_str() {
        "last-quarter" => Ok(Period::quarter_before(today)),
        "this-quarter" => Ok(Period::quarter_of(today)),
        "last-month" => Ok(Period::month_before(today)),
        "this-month" => Ok(Period::month_of(today)),
        "days" => days(fields),
        _ => Err(vec![FieldError::new("period", "choose a period")]),
    }
}
