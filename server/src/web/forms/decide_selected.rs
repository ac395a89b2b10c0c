//! Approves or dismisses what was ticked in the list of approvals, each by itself: one that is
//! refused does not keep the others from being decided.

use app::{
    context::Place,
    fault::Fault,
    form_state::FormState,
    pages::{
        approvals::{
            Ticket,
            decided::{MOST, TICKET},
        },
        paging::with_query,
    },
};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::approval::Verdict;
use engine::services::{DecisionRequest, ServiceError};
use http::{StatusCode, request::Parts};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Decides and leads to what came of it.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (verdict, tickets) = match read(&fields) {
        Ok(sent) => sent,
        Err(error) => return Ok(again(&state, asked, fields.refused_by(&error)).await),
    };
    // An id that is not of this workspace keeps everything from happening.
    let ids: Vec<_> = tickets.iter().map(|ticket| ticket.approval).collect();
    let known = state.services().approvals_by_ids(place.caller(), &ids).await?;
    if ids.iter().any(|id| !known.contains_key(id)) {
        return Err(Fault::not_found("approval").into());
    }
    let reason = fields.text("reason");
    for ticket in &tickets {
        let request = DecisionRequest {
            approval: ticket.approval,
            verdict,
            reason: reason.clone(),
            action_digest: ticket.digest.clone(),
        };
        match state.services().decide(place.caller(), request).await {
            // What became of each is told by the page that follows.
            Ok(_) | Err(ServiceError::Conflict { .. }) => {}
            // A reason that cannot be kept is the same for all of them.
            Err(error @ ServiceError::Invalid(_)) => {
                return Ok(again(&state, asked, fields.refused_by(&error)).await);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let tickets: Vec<_> =
        tickets.into_iter().map(|ticket| (TICKET, ticket.shortened().to_string())).collect();
    let result = with_query(&format!("{}/decided", place.approvals()), &tickets);
    Ok(Redirect::to(&result).into_response())
}

fn read(fields: &Fields) -> Result<(Verdict, Vec<Ticket>), ServiceError> {
    let verdict = fields.parse("verdict")?;
    let read = |text: &str| text.parse().map_err(|error| ServiceError::invalid("", error));
    let tickets: Vec<Ticket> = fields.all(TICKET).map(read).collect::<Result<_, _>>()?;
    match tickets.len() {
        0 => Err(ServiceError::invalid("", "Select at least one approval.")),
        n if n > MOST => {
            let message = format!("At most {MOST} approvals can be decided at once.");
            Err(ServiceError::invalid("", message))
        }
        _ => Ok((verdict, tickets)),
    }
}

/// The list as it was, on the same page of it.
async fn again(state: &AppState, asked: Parts, form: FormState) -> Response {
    let path = asked.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    pages::render_page(state, asked, &path, StatusCode::UNPROCESSABLE_ENTITY, form).await
}
