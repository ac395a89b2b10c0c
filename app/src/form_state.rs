//! What a form shows when it comes back: nothing, or what was typed and what is wrong with it.

use engine::services::{FieldError, ServiceError};

/// The state of a form on a page. A page that is merely opened has the default: nothing typed,
/// nothing wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<FieldError>,
    told: Vec<(&'static str, String)>,
}

impl FormState {
    /// What the page is told in the answer to a form and nowhere else, such as a secret that is
    /// shown once. It never comes from what was sent.
    #[must_use]
    pub fn telling(mut self, name: &'static str, what: impl Into<String>) -> Self {
        self.told.push((name, what.into()));
        self
    }

    /// What the page was told under this name.
    pub fn told(&self, name: &str) -> Option<&str> {
        self.told.iter().find(|(known, _)| *known == name).map(|(_, what)| what.as_str())
    }

    /// A refused form: what was typed, except secrets, and what is wrong with it.
    pub fn refused(values: &[(String, String)], errors: Vec<FieldError>) -> Self {
        let values = values.iter().filter(|(name, _)| !is_secret(name)).cloned().collect();
        Self { values, errors, told: Vec::new() }
    }

    /// A form that a service refused. An error of no particular field is about the whole form.
    pub fn refused_by(values: &[(String, String)], error: &ServiceError) -> Self {
        let errors = match error {
            ServiceError::Invalid(errors) => errors.clone(),
            other => vec![FieldError::new("", other)],
        };
        Self::refused(values, errors)
    }

    /// The form was sent and not accepted.
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// What was typed into a field; empty when nothing was.
    pub fn value(&self, name: &str) -> String {
        self.values_of(name).next().unwrap_or_default().to_owned()
    }

    /// Everything sent under one name, such as the ticked boxes of a list.
    pub fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<String> {
        self.errors.iter().find(|error| error.field == name).map(|error| error.message.clone())
    }

    /// Field and message of each error, for `ErrorSummary`; an empty field is the whole form.
    pub fn errors(&self) -> Vec<(String, String)> {
        self.errors.iter().map(|error| (error.field.clone(), error.message.clone())).collect()
    }
}

/// Never sent back to a page.
fn is_secret(field: &str) -> bool {
    field.contains("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            pair("email", "a@b.example"),
            pair("new_password", "hunter2"),
            pair("item", "1"),
            pair("item", "2"),
        ]
    }

    #[test]
    fn what_was_typed_comes_back_except_passwords() {
        let form = FormState::refused(&typed(), vec![FieldError::new("email", "unknown")]);
        assert_eq!(form.value("email"), "a@b.example");
        assert_eq!(form.value("new_password"), "");
        assert!(!format!("{form:?}").contains("hunter2"));
        assert_eq!(form.values_of("item").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.error("email").as_deref(), Some("unknown"));
    }

    #[test]
    fn what_a_page_is_told_cannot_be_sent_by_a_form() {
        let sent = vec![("link".to_owned(), "https://evil.example".to_owned())];
        assert_eq!(FormState::refused(&sent, Vec::new()).told("link"), None);
        let link = "https://assize.example/accept-link?token=1";
        let told = FormState::default().telling("link", link);
        assert_eq!(told.told("link"), Some(link));
        assert_eq!(told.value("link"), "");
        assert!(!told.is_refused());
    }

    #[test]
    fn an_error_of_no_field_is_about_the_form() {
        let form = FormState::refused_by(&typed(), &ServiceError::WrongCredentials);
        assert_eq!(form.errors()[0].0, "");
        assert!(form.is_refused());
        assert!(!FormState::default().is_refused());
    }
}
