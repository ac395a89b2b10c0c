//! What is said about definition files that are wrong.

use super::{
    read,
    tests::{WEEKLY, errors, parse, weekly_but},
};

#[test]
fn an_error_says_file_line_column_and_field() {
    for (from, to, expected) in [
        (
            "'{{ day(now + days(14)) }}'",
            "'{{ day(nov) }}'",
            "a.yaml:17:10 action.with.due: 'nov' is not known here",
        ),
        ("due: '{{ day(now + days(14)) }}'", "due: 14", "a.yaml:17:10 action.with.due: not a date"),
        (
            "    title: KYC review of {{ subject.key }}\n",
            "",
            "a.yaml:16:5 action.with.title: 'title' is needed",
        ),
        (
            "tags: [kyc, 7, null, 0x10]",
            "tags: [kyc, 0.5]",
            "a.yaml:19:17 action.with.tags[1]: a number with a fraction",
        ),
        (
            "evidence.request-claim",
            "evidence.request-clam",
            "a.yaml:14:13 action.actioner: there is no actioner 'evidence.request-clam'; did you mean 'evidence.request-claim'?",
        ),
        (
            "condition: subject.status == 'active'",
            "condition: subject.status = 'active'",
            "a.yaml:12:27 condition: the expression does not parse",
        ),
        (
            "condition: subject.status == 'active'",
            "condition: \"record.status\"",
            "a.yaml:12:12 condition: 'record' is not known here",
        ),
        (
            "condition: subject.status == 'active'",
            "condition: |\n  true &&\n    ) false",
            "a.yaml:14:5 condition: the expression does not parse",
        ),
        ("key: weekly", "key: Weekly", "a.yaml:1:6 key: a key has 2 to 60 characters"),
        ("key: weekly-kyc-review\n", "", "a.yaml:1:1 key: 'key' is needed here"),
        ("name: Weekly KYC review", "name:", "a.yaml:2:1 name: 'name' is needed here"),
        (
            "name: Weekly KYC review",
            "name: [a]",
            "a.yaml:2:7 name: this has to be text, not a list",
        ),
        (
            "descriptio",
            "descripto",
            "a.yaml:3:1 descripton: there is no field 'descripton' here; did you mean 'description'?",
        ),
        (
            "kind: schedule",
            "kind: schedual",
            "a.yaml:5:9 trigger.kind: 'schedual' is none of schedule, governed-event",
        ),
        (
            "cron: \"0 6 * * MON\"",
            "cron: \"0 6 * * FOO\"",
            "a.yaml:6:9 trigger.cron: '0 6 * * FOO' is not a cron expression",
        ),
        (
            "America/Chicago",
            "America/Chicagoo",
            "a.yaml:7:13 trigger.timezone: 'America/Chicagoo' is not an IANA time zone",
        ),
        (
            "  cron: \"0 6 * * MON\"\n",
            "",
            "a.yaml:5:3 trigger: a schedule has either 'cron' or 'at'",
        ),
        (
            "  cron:",
            "  at: 2026-08-01T06:00:00Z\n  cron:",
            "a.yaml:5:3 trigger: a schedule has either 'cron' or 'at'",
        ),
        (
            "cron: \"0 6 * * MON\"",
            "at: tomorrow",
            "a.yaml:6:7 trigger.at: this has to be an instant",
        ),
        (
            "missed: all",
            "missed: alll",
            "a.yaml:8:11 trigger.missed: 'alll' is none of skip, latest, all; did you mean 'all'?",
        ),
        ("missed: all", "type: x", "a.yaml:8:3 trigger.type: there is no field 'type' here"),
        (
            "from: register",
            "from: event",
            "a.yaml:10:9 subjects.from: a schedule is about no record",
        ),
        (
            "from: register",
            "from: table",
            "a.yaml:10:9 subjects.from: 'table' is none of register, event",
        ),
        ("kind: account", "kind: Account", "a.yaml:11:9 subjects.kind: a record kind has"),
        (
            "role: approver",
            "role: viewer",
            "a.yaml:21:26 approval.before-action.role: the role 'viewer' does not decide approvals",
        ),
        (
            "quorum: 1",
            "quorum: 0",
            "a.yaml:21:44 approval.before-action.quorum: this has to be a whole number from 1 to 20",
        ),
        (
            "P7D",
            "P1M",
            "a.yaml:21:62 approval.before-action.expires-after: 'P1M' is not a duration",
        ),
        (
            "P7D",
            "P900D",
            "a.yaml:21:62 approval.before-action.expires-after: a duration here is from PT1S to P366D",
        ),
        ("quorum: 2", "quorum: 3", "approval.retries.quorum: 3 have to agree and only 2 are named"),
        ("bo@example.org", "bo", "approval.retries.members[1]: this has to be an e-mail address"),
        (
            "bo@example.org",
            "ADA@example.org",
            "approval.retries.members[1]: this approver is named twice",
        ),
        (
            "{ members:",
            "{ role: owner, members:",
            "approval.retries: either 'role' or 'members' decides",
        ),
        (
            "max-attempts: 5",
            "max-attempts: 21",
            "a.yaml:23:24 retry.max-attempts: this has to be a whole number from 1 to 20",
        ),
        ("initial: PT10S", "initial: PT10M", "retry.backoff: 'initial' is longer than 'max'"),
        (
            "on-item-failure: hold",
            "on-item-failure: hodl",
            "a.yaml:24:18 on-item-failure: 'hodl' is none of close, hold; did you mean 'hold'?",
        ),
        ("  with:", "  with: 3\n  wit:", "action.with: parameters are a group of fields"),
    ] {
        let errors = errors(&weekly_but(from, to));
        assert!(
            errors.iter().any(|error| error.contains(expected)),
            "{from} → {to}\n{expected}\n{errors:#?}"
        );
    }
}

#[test]
fn all_errors_are_reported_in_the_order_of_the_file() {
    let text = "key: X\nnam: y\ntrigger:\n  kind: monitor-results\nsubjects:\n  from: event\ncondition: subject.\n\
                action:\n  actioner: nothing\n  with:\n    a: '{{ x }}'\n    b: '{{ y }}'\nretry: 3\n";
    let fields: Vec<_> =
        parse(text).unwrap_err().into_iter().map(|error| (error.line, error.field)).collect();
    let expected = [
        (1, "key"),
        (1, "name"),
        (2, "nam"),
        (4, "trigger.kind"),
        (6, "subjects.kind"),
        (7, "condition"),
        (9, "action.actioner"),
        (11, "action.with.a"),
        (12, "action.with.b"),
        (13, "retry"),
    ];
    assert_eq!(fields.len(), expected.len(), "{fields:?}");
    for expected in expected {
        assert!(
            fields.contains(&(expected.0, expected.1.to_owned())),
            "{expected:?} in {fields:?}"
        );
    }
    assert!(fields.is_sorted_by_key(|(line, _)| *line), "{fields:?}");
}

#[test]
fn the_registered_actioners_check_their_parameters() {
    let registry = crate::actioner::Registry::standard();
    let errors =
        read("a.yaml", &WEEKLY.replace("urgent: false", "colour: red"), &registry).unwrap_err();
    assert!(
        errors.iter().any(|error| error.field == "action.with.colour" && error.line == 18),
        "{errors:?}"
    );
    let errors = read("a.yaml", &WEEKLY.replace("evidence.request-claim", "no.such"), &registry)
        .unwrap_err();
    assert!(errors.iter().any(|error| error.code == "unknown-actioner"), "{errors:?}");
}

#[test]
fn an_error_becomes_a_field_error_for_the_api() {
    let error = parse("key: X").unwrap_err().remove(0);
    let field = crate::services::FieldError::from(error);
    assert_eq!(field.field, "a.yaml:1:1 name");
}
