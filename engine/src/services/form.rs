//! What people type into forms: made uniform, and every field that is wrong named at once.

use domain::member::is_valid_slug;

use super::{FieldError, ServiceError};

/// In characters.
const LONGEST_NAME: usize = 120;
/// In bytes: what a mail server has to take at most.
const LONGEST_EMAIL: usize = 254;

/// The errors of a form, gathered.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<FieldError>);

impl Form {
    /// Takes a value, or notes what is wrong with its field.
    pub fn take<T: Default>(&mut self, field: &str, value: Result<T, String>) -> T {
        value.unwrap_or_else(|message| {
            self.0.push(FieldError::new(field, message));
            T::default()
        })
    }

    /// Refuses if anything was wrong.
    pub fn finish(self) -> Result<(), ServiceError> {
        if self.0.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(self.0)) }
    }
}

/// An e-mail address as it is stored and compared: trimmed, in lower case.
pub(super) fn fold_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Somebody who mistypes an address should be told; whether mail arrives there is not for us to
/// know.
pub(super) fn email(text: &str) -> Result<String, String> {
    let email = fold_email(text);
    let fits = |local: &str, host: &str| {
        !local.is_empty()
            && !host.contains('@')
            && host.split('.').count() > 1
            && host.split('.').all(|label| !label.is_empty())
    };
    let clean =
        !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
    if email.len() > LONGEST_EMAIL {
        return Err(format!("an e-mail address has at most {LONGEST_EMAIL} bytes"));
    }
    match email.split_once('@') {
        Some((local, host)) if clean && fits(local, host) => Ok(email),
        _ => Err("an e-mail address looks like name@example.org".to_owned()),
    }
}

/// The name of a person or a workspace.
pub(super) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("a name is needed".to_owned());
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(format!("a name has at most {LONGEST_NAME} characters"));
    }
    if name.contains(char::is_control) {
        return Err("a name is one line of text".to_owned());
    }
    Ok(name.to_owned())
}

/// The short name of a workspace.
pub(super) fn slug(text: &str) -> Result<String, String> {
    let slug = text.trim();
    if is_valid_slug(slug) {
        return Ok(slug.to_owned());
    }
    Err("a short name has 2 to 40 lower-case letters, digits and hyphens, and no hyphen at an end"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_is_trimmed_and_in_lower_case() {
        assert_eq!(email(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        assert_eq!(email("ada.l+audit@mail.example.org").unwrap(), "ada.l+audit@mail.example.org");
    }

    #[test]
    fn what_cannot_be_an_email_address_is_refused() {
        let long = format!("{}@example.org", "x".repeat(250));
        for wrong in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "ada@example.",
            "ada@.org",
            "ada@a@b.org",
            "a da@example.org",
            "Ada <ada@example.org>",
            "a@b.org,c@d.org",
            "a\n@b.org",
            &long,
        ] {
            assert!(email(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_and_not_empty() {
        assert_eq!(name("  Ada Example ").unwrap(), "Ada Example");
        for wrong in ["", "   ", "two\nlines", &"x".repeat(121)] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_form_names_every_field_that_is_wrong() {
        let mut form = Form::default();
        form.take("email", email("nobody"));
        form.take("slug", slug("Not A Slug"));
        form.take("name", name("Good"));
        let ServiceError::Invalid(errors) = form.finish().unwrap_err() else { panic!() };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "slug"]);
    }
}
