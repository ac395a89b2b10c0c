//! The rules of policies.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{ConditionError, Expression, Names};

/// What a rule sees.
const RULES: Names = &["automation", "action", "subject", "event"];

/// What a rule may see of an action.
#[derive(Debug, Clone, Copy)]
pub struct RuleScope<'a> {
    /// Key, name, version and trigger.
    pub automation: &'a Value,
    /// Actioner, class and parameters.
    pub action: &'a Value,
    /// Kind, key and attributes of the record the action is about.
    pub subject: &'a Value,
    /// The trigger event.
    pub event: &'a Value,
    pub now: DateTime<Utc>,
}

/// An expression that says whether a policy applies to an action. Cheap to share.
#[derive(Debug, Clone)]
pub struct Rule(Expression);

impl Rule {
    /// # Errors
    /// As [`super::Condition::compile`].
    pub fn compile(source: &str) -> Result<Self, ConditionError> {
        Expression::over(RULES, source).map(Self)
    }

    /// # Errors
    /// As [`super::Condition::holds`].
    pub fn holds(&self, scope: &RuleScope<'_>) -> Result<bool, ConditionError> {
        let RuleScope { automation, action, subject, event, now } = *scope;
        self.0.truth(&[automation, action, subject, event], now)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use serde_json::json;

    use super::*;
    use crate::condition::ConditionCode;

    fn ask(source: &str) -> Result<bool, ConditionError> {
        let automation = json!({"key": "kyc", "name": "KYC", "version": 2, "trigger": "schedule"});
        let action = json!({"actioner": "notify.http", "class": "keyed-remote", "parameters":
            {"url": "https://a.example/x", "amount": 9}});
        let subject = json!({"kind": "account", "key": "A1", "attributes": {"risk": 3}});
        let (event, now) =
            (json!({"type": "x"}), Utc.with_ymd_and_hms(2026, 7, 4, 6, 0, 0).unwrap());
        Rule::compile(source)?.holds(&RuleScope {
            automation: &automation,
            action: &action,
            subject: &subject,
            event: &event,
            now,
        })
    }

    #[test]
    fn a_rule_sees_the_automation_its_action_the_subject_the_event_and_the_time() {
        for source in [
            "automation.key == 'kyc' && automation.version == 2",
            "automation.trigger == 'schedule' && automation.name == 'KYC'",
            "action.actioner == 'notify.http' && action.class == 'keyed-remote'",
            "action.parameters.amount > 5 && action.parameters.url.startsWith('https://')",
            "subject.kind == 'account' && subject.key == 'A1' && subject.attributes.risk == 3",
            "event.type == 'x' && now.getDayOfWeek() == 6",
        ] {
            assert_eq!(ask(source), Ok(true), "{source}");
        }
    }

    #[test]
    fn a_condition_knows_nothing_of_the_action_and_a_rule_of_nothing_else() {
        let code = |error: ConditionError| error.code;
        let asked = crate::condition::Condition::compile("action.actioner == 'x'");
        assert_eq!(asked.map(drop).map_err(code), Err(ConditionCode::UnknownVariable));
        let refused = ask("member.role == 'owner'").unwrap_err();
        assert!(
            refused.message.contains("automation, action, subject, event and now"),
            "{refused}"
        );
        assert_eq!(ask("1 + 1").map_err(code), Err(ConditionCode::NotBoolean));
        let place = Rule::compile("true &&\n  (1 ==").unwrap_err().place.unwrap();
        assert_eq!(place.line, 2);
    }
}
