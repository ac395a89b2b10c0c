//! What the terms of a policy have to be, however they come: from a file, a form or a program.

use domain::{
    approval::ApprovalRule,
    automation::is_valid_key,
    permission::{Permission, allows},
    policy::{Effect, Terms},
};

use super::{FieldError, ServiceError};
use crate::condition::Rule;

const LONGEST_NAME: usize = 120;
const LONGEST_STATEMENT: usize = 500;
const MOST_AUTOMATIONS: usize = 100;
/// Named approvers, and with them the quorum.
const MOST_APPROVERS: usize = 20;
/// Approvals wait a year at most, in seconds.
const LONGEST_WAIT: i64 = 366 * 86_400;

/// The terms, trimmed.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn terms(terms: Terms) -> Result<Terms, ServiceError> {
    let terms = Terms {
        key: terms.key.trim().to_owned(),
        name: terms.name.trim().to_owned(),
        statement: terms.statement.trim().to_owned(),
        rule: terms.rule.trim_end().to_owned(),
        ..terms
    };
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
    if !is_valid_key(&terms.key) {
        let message =
            "a key has 2 to 60 characters of a-z, 0-9 and hyphens, and begins with a letter";
        wrong("key", message.to_owned());
    }
    for (field, text, most) in
        [("name", &terms.name, LONGEST_NAME), ("statement", &terms.statement, LONGEST_STATEMENT)]
    {
        if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
            wrong(field, format!("this has to be one line of 1 to {most} characters"));
        }
    }
    if let Some(message) = approval(&terms) {
        wrong("approval", message);
    }
    if let Some(message) = automations(&terms.automations) {
        wrong("automations", message);
    }
    if let Some(message) = rule(&terms.rule) {
        wrong("rule", message);
    }
    if errors.is_empty() { Ok(terms) } else { Err(ServiceError::Invalid(errors)) }
}

/// What is wrong with a rule, and where in it.
fn rule(text: &str) -> Option<String> {
    let error = Rule::compile(text).err()?;
    Some(match error.place {
        Some(place) => format!("line {}, column {}: {error}", place.line, place.column),
        None => error.to_string(),
    })
}

fn automations(keys: &[String]) -> Option<String> {
    if keys.len() > MOST_AUTOMATIONS {
        return Some(format!("name at most {MOST_AUTOMATIONS} definitions"));
    }
    let wrong = keys.iter().find(|key| !is_valid_key(key))?;
    let wrong: String = wrong.chars().take(60).collect();
    Some(format!("'{wrong}' cannot be the key of a definition"))
}

fn approval(terms: &Terms) -> Option<String> {
    let rule = terms.approval.as_ref()?;
    if terms.effect == Effect::Deny {
        return Some("what is denied cannot be approved; leave this out".to_owned());
    }
    approvers(rule).or_else(|| {
        let possible = (1..=LONGEST_WAIT).contains(&rule.expires_after_seconds);
        (!possible).then(|| "an approval waits for a second to 366 days".to_owned())
    })
}

fn approvers(rule: &ApprovalRule) -> Option<String> {
    if !allows(rule.role, Permission::DecideApprovals) {
        return Some(format!("the role '{}' does not decide approvals", rule.role));
    }
    if rule.members.len() > MOST_APPROVERS {
        return Some(format!("name at most {MOST_APPROVERS} approvers"));
    }
    let usable = |email: &String| email.contains('@') && !email.contains(char::is_whitespace);
    if let Some(email) = rule.members.iter().find(|email| email.len() > 254 || !usable(email)) {
        let email: String = email.chars().take(60).collect();
        return Some(format!("'{email}' is no e-mail address"));
    }
    let most = if rule.members.is_empty() { MOST_APPROVERS } else { rule.members.len() };
    let possible = (1..=most as i64).contains(&rule.quorum);
    (!possible).then(|| format!("1 to {most} can have to agree, not {}", rule.quorum))
}
