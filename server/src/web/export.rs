//! Sends an exported list as it is read: the next rows are read when the last are on their way.

use app::{context::Place, fault::Fault};
use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State},
    response::Response,
};
use domain::export::ListName;
use engine::services::{Export, ExportedList, ServiceError};
use futures::StreamExt as _;
use http::{HeaderValue, header, header::InvalidHeaderValue, request::Parts};

use super::{errors::Refusal, state::AppState};

/// A list with the filter in the query string, in the format that is named there.
pub async fn list(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, name)): Path<(String, String)>,
    asked: Parts,
) -> Result<Response, Refusal> {
    let name: ListName = name.parse().map_err(|_| Fault::not_found("list"))?;
    let query = Query::<Vec<(String, String)>>::try_from_uri(&asked.uri);
    let Query(query) = query.map_err(|error| Fault::bad_request("query", error))?;
    let pairs = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (list, format) = ExportedList::asked(name, pairs).map_err(Fault::from)?;
    let export = state.services().export(place.caller(), list, format).await.map_err(misread)?;
    Ok(file(export).map_err(Fault::internal)?)
}

/// An export as a download.
pub fn file(export: Export) -> Result<Response, InvalidHeaderValue> {
    let disposition = format!("attachment; filename=\"{}\"", export.file_name);
    let disposition = HeaderValue::try_from(disposition)?;
    // An error after the first byte ends the answer before its end, which clients tell from a whole.
    let bytes = export.bytes.inspect(|bytes| {
        if let Err(error) = bytes {
            tracing::error!(%error, "an export broke off");
        }
    });
    let mut response = Response::new(Body::from_stream(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(export.format.media_type()));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// What is wrong with a filter is wrong with the address.
fn misread(error: ServiceError) -> Fault {
    match error {
        ServiceError::Invalid(errors) => match errors.into_iter().next() {
            Some(first) => Fault::bad_request(&first.field, first.message),
            None => Fault::bad_request("filter", "it cannot be read"),
        },
        other => other.into(),
    }
}
