//! The `approval` and `retry` sections of a definition.

use domain::{
    approval::{ApprovalRule, OnExpiry},
    automation::{Approvals, RetryPolicy},
    member::Role,
    permission::{Permission, allows},
};

use super::{error::Report, fields::Field};

pub(super) const APPROVAL: &[&str] = &["before-action", "retries", "on-question"];
pub(super) const RULE: &[&str] = &["role", "members", "quorum", "expires-after", "on-expiry"];
pub(super) const RETRY: &[&str] = &["max-attempts", "backoff"];
pub(super) const BACKOFF: &[&str] = &["initial", "max"];

/// Approvals wait a year at most.
const LONGEST_WAIT: i64 = 366 * 86_400;
/// Named approvers, and with them the quorum.
const MOST_APPROVERS: i64 = 20;
/// Tries of one item in a round.
const MOST_ATTEMPTS: i64 = 20;
/// Pauses between tries.
const LONGEST_PAUSE: i64 = 86_400;

pub(super) fn approvals(field: &Field<'_>, report: &Report<'_>) -> Option<Approvals> {
    let fields = field.fields(report, APPROVAL)?;
    let rule = |name| fields.get(name).and_then(|field| rule(&field, report));
    Some(Approvals {
        before_action: rule("before-action"),
        retries: rule("retries"),
        on_question: rule("on-question"),
    })
}

pub(super) fn rule(field: &Field<'_>, report: &Report<'_>) -> Option<ApprovalRule> {
    let fields = field.fields(report, RULE)?;
    let mut rule = ApprovalRule::default();
    if let Some(field) = fields.get("role") {
        rule.role = role(&field, report)?;
    }
    if let Some(members) = fields.get("members") {
        rule.members = emails(&members, report)?;
        if fields.get("role").is_some() {
            field.error(report, "invalid-value", "either 'role' or 'members' decides, not both");
        }
    }
    if let Some(field) = fields.get("quorum") {
        rule.quorum = field.integer(report, 1, MOST_APPROVERS)?;
        let named = i64::try_from(rule.members.len()).unwrap_or(MOST_APPROVERS);
        if named > 0 && rule.quorum > named {
            let message = format!("{} have to agree and only {named} are named", rule.quorum);
            field.error(report, "invalid-value", message);
        }
    }
    if let Some(field) = fields.get("expires-after") {
        rule.expires_after_seconds = field.duration(report, LONGEST_WAIT)?;
    }
    if let Some(field) = fields.get("on-expiry") {
        rule.on_expiry = field.word(report, OnExpiry::ALL, OnExpiry::as_str)?;
    }
    Some(rule)
}

fn role(field: &Field<'_>, report: &Report<'_>) -> Option<Role> {
    let role = field.word(report, Role::ALL, Role::as_str)?;
    if !allows(role, Permission::DecideApprovals) {
        let message = format!("the role '{role}' does not decide approvals");
        field.error(report, "invalid-value", message);
        return None;
    }
    Some(role)
}

fn emails(field: &Field<'_>, report: &Report<'_>) -> Option<Vec<String>> {
    let items = field.list(report)?;
    if items.is_empty() || items.len() > MOST_APPROVERS as usize {
        let message = format!("name 1 to {MOST_APPROVERS} approvers");
        field.error(report, "invalid-value", message);
        return None;
    }
    let mut emails: Vec<String> = Vec::new();
    for item in items {
        let email = item.line(report, 254)?.to_lowercase();
        let usable = email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.contains('@') && !email.contains(' ')
        });
        if !usable {
            item.error(report, "invalid-value", "this has to be an e-mail address");
        } else if emails.contains(&email) {
            item.error(report, "invalid-value", "this approver is named twice");
        }
        emails.push(email);
    }
    Some(emails)
}

pub(super) fn retry(field: &Field<'_>, report: &Report<'_>) -> Option<RetryPolicy> {
    let fields = field.fields(report, RETRY)?;
    let mut policy = RetryPolicy::default();
    if let Some(field) = fields.get("max-attempts") {
        policy.max_attempts = field.integer(report, 1, MOST_ATTEMPTS)?;
    }
    let Some(backoff) = fields.get("backoff") else {
        return Some(policy);
    };
    let fields = backoff.fields(report, BACKOFF)?;
    if let Some(field) = fields.get("initial") {
        policy.initial_seconds = field.duration(report, LONGEST_PAUSE)?;
    }
    match fields.get("max") {
        Some(field) => policy.max_seconds = field.duration(report, LONGEST_PAUSE)?,
        None => policy.max_seconds = policy.max_seconds.max(policy.initial_seconds),
    }
    if policy.initial_seconds > policy.max_seconds {
        backoff.error(report, "invalid-value", "'initial' is longer than 'max'");
    }
    Some(policy)
}
