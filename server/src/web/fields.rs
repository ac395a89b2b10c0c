//! The fields of a form that was sent.

use std::str::FromStr;

use app::{fault::Fault, form_state::FormState};
use axum::{
    Form,
    extract::{FromRequest, Request},
};
use engine::services::ServiceError;
use http::StatusCode;

use super::{body::LIMIT, errors::Refusal, state::AppState};

/// Names and values, in the order they were sent.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field, without white space around it; empty when it was not sent.
    pub fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// The value of a field exactly as typed: for passwords.
    pub fn raw(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Every value sent under one name: the ticked boxes of a list.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// A value of a type, such as an id or a role.
    pub fn parse<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, ServiceError> {
        self.text(name).parse().map_err(|error| ServiceError::invalid(name, error))
    }

    /// The form as it comes back, with what a service found wrong.
    pub fn refused_by(&self, error: &ServiceError) -> FormState {
        FormState::refused_by(&self.0, error)
    }
}

impl FromRequest<AppState> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        match Form::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Fault::too_large(LIMIT).into())
            }
            Err(error) => Err(Fault::unreadable_form(error.body_text()).into()),
        }
    }
}
