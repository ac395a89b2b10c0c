//! Files of policies: the terms of each, or every error at once. `docs/policy.schema.json` publishes the
//! same format for editors.

use domain::{
    automation::is_valid_key,
    policy::{Effect, Terms},
};

use super::{
    LARGEST_FILE, approval,
    error::{DefinitionError, Mark, Report},
    fields::{Field, Fields},
    read::{LONGEST_NAME, inside, key},
    yaml::{Document, documents},
};
use crate::condition::Rule;

const POLICY: &[&str] = &["key", "name", "statement", "effect", "approval", "automations", "rule"];

const LONGEST_STATEMENT: usize = 500;

/// Reads the policies of a file; several are separated by `---`. `file` is how the errors call it.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file; never an empty list.
pub fn policies(file: &str, text: &str) -> Result<Vec<Terms>, Vec<DefinitionError>> {
    let report = Report::new(file);
    let top = Mark { line: 1, column: 1 };
    if text.len() > LARGEST_FILE {
        let message = format!("the file is larger than {} KiB", LARGEST_FILE / 1024);
        report.add(top, "", "file-too-large", message);
        return report.finish(Vec::new());
    }
    let mut found: Vec<Terms> = Vec::new();
    for document in documents(text, &report).iter().filter(|document| !document.root.is_null()) {
        let Some(terms) = policy(document, &report) else { continue };
        if found.iter().any(|earlier| earlier.key == terms.key) {
            let message = format!("the key '{}' is there twice in this file", terms.key);
            report.add(document.root.at, "key", "duplicate-key", message);
        }
        found.push(terms);
    }
    if found.is_empty() && report.count() == 0 {
        report.add(top, "", "no-policy", "the file holds no policy");
    }
    report.finish(found)
}

fn policy(document: &Document, report: &Report<'_>) -> Option<Terms> {
    let root = Field { node: &document.root, path: String::new() };
    let fields = root.fields(report, POLICY)?;
    // Every field is read before the first `?`, so that all errors are found.
    let key = fields.require(report, "key").and_then(|field| key(&field, report));
    let name = fields.require(report, "name").and_then(|f| f.line(report, LONGEST_NAME));
    let statement =
        fields.require(report, "statement").and_then(|f| f.line(report, LONGEST_STATEMENT));
    let effect = fields
        .require(report, "effect")
        .and_then(|field| field.word(report, Effect::ALL, Effect::as_str));
    let approval = match fields.get("approval") {
        Some(field) => {
            if effect == Some(Effect::Deny) {
                field.error(report, "invalid-value", "what is denied cannot be approved");
            }
            approval::rule(&field, report).map(Some)
        }
        None => Some(None),
    };
    let automations = automations(&fields, report);
    let rule = fields.require(report, "rule").and_then(|field| rule(&field, report));
    Some(Terms {
        key: key?,
        name: name?,
        statement: statement?,
        effect: effect?,
        approval: approval?,
        automations: automations?,
        rule: rule?,
    })
}

fn automations(fields: &Fields<'_>, report: &Report<'_>) -> Option<Vec<String>> {
    let Some(field) = fields.get("automations") else { return Some(Vec::new()) };
    let mut keys = Vec::new();
    for item in field.list(report)? {
        let key = item.text(report)?;
        if !is_valid_key(key) {
            item.error(report, "invalid-value", "this cannot be the key of a definition");
        }
        keys.push(key.to_owned());
    }
    Some(keys)
}

fn rule(field: &Field<'_>, report: &Report<'_>) -> Option<String> {
    let source = field.text(report)?.trim_end();
    match Rule::compile(source) {
        Ok(_) => Some(source.to_owned()),
        Err(error) => {
            let at = inside(field, &error);
            report.add(at, &field.path, error.code.as_str(), error.message);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::json_schema::{documents, names, published, sorted, valid},
        *,
    };

    const GOOD: &str = "\
key: no-weekends
name: No weekends
statement: Nobody is there to look.
effect: require-approval
approval: { role: approver, quorum: 2, expires-after: P2D }
automations: [kyc]
rule: |
  now.getDayOfWeek() == 6 ||
  now.getDayOfWeek() == 0
";

    #[test]
    fn a_file_becomes_terms() {
        let terms = policies("p.yaml", GOOD).unwrap().remove(0);
        assert_eq!((terms.key.as_str(), terms.effect), ("no-weekends", Effect::RequireApproval));
        assert_eq!(terms.approval.unwrap().quorum, 2);
        assert_eq!(terms.automations, ["kyc"]);
        assert!(terms.rule.ends_with("== 0"));
    }

    #[test]
    fn terms_written_as_a_file_are_read_back_as_they_were() {
        let terms = policies("p.yaml", GOOD).unwrap().remove(0);
        assert_eq!(policies("p.yaml", &terms.file()).unwrap(), std::slice::from_ref(&terms));
        let named = domain::approval::ApprovalRule {
            members: vec!["chief@example.org".to_owned()],
            ..domain::approval::ApprovalRule::default()
        };
        let odd = Terms {
            name: "It's: \"odd\" # {x}".to_owned(),
            approval: Some(named),
            automations: Vec::new(),
            rule: "  subject.key == 'a: b' ||\n\n  true".to_owned(),
            ..terms
        };
        assert_eq!(policies("p.yaml", &odd.file()).unwrap(), [odd]);
    }

    #[test]
    fn an_error_in_a_rule_says_its_line_and_column_in_the_file() {
        let wrong = GOOD.replace("now.getDayOfWeek() == 0", "now.getDayOfWeek( == 0");
        let errors = policies("p.yaml", &wrong).unwrap_err();
        assert_eq!((errors[0].line, errors[0].field.as_str()), (9, "rule"), "{errors:?}");
        assert!(errors[0].column > 3);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let text = "key: X\nname: ''\neffect: refuse\napproval: {}\nrule: member.age > 1\nwhy: 1\n";
        let errors = policies("p.yaml", text).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        for field in ["key", "name", "statement", "effect", "rule", "why"] {
            assert!(fields.contains(&field), "{field}: {errors:?}");
        }
        let denied = GOOD.replace("require-approval", "deny");
        assert_eq!(policies("p.yaml", &denied).unwrap_err()[0].field, "approval");
        assert_eq!(policies("p.yaml", "\n").unwrap_err()[0].code, "no-policy");
    }

    #[test]
    fn the_schema_knows_the_same_fields_and_words_and_refuses_the_same() {
        let schema = published("policy.schema.json");
        let fields = schema["properties"].as_object().unwrap().keys();
        assert_eq!(sorted(fields), sorted(POLICY));
        assert_eq!(sorted(names(&schema["properties"]["effect"]["enum"])), sorted(Effect::ALL));
        let whole = published("definition.schema.json");
        assert_eq!(schema["$defs"]["rule"], whole["$defs"]["rule"]);
        assert_eq!(schema["$defs"]["duration"], whole["$defs"]["duration"]);
        let accepted = |text: &str| valid(&schema, &documents(text)[0], &schema);
        assert!(accepted(GOOD));
        for (from, to) in [
            ("key: no-weekends", "key: No"),
            ("statement: Nobody is there to look.\n", ""),
            ("name: No weekends", "name: ''"),
            ("effect: require-approval", "effect: refuse"),
            ("effect: require-approval", "effect: deny"),
            ("role: approver", "role: viewer"),
            ("automations: [kyc]", "automations: [KYC]"),
            ("automations: [kyc]", "automations: kyc"),
            ("rule: |", "rules: |"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert!(!accepted(&text), "the schema accepts {from} → {to}");
            assert!(policies("p.yaml", &text).is_err(), "the reader accepts {from} → {to}");
        }
    }
}
