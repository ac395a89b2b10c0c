//! What people read of the documents about policies.

use domain::policy::Terms;
use serde_json::Value;

use crate::cli::{
    CliError,
    output::{printable, rows, table, time, word},
};

pub fn list(list: &Value) -> String {
    table(["policy", "name", "on", "latest", "last switched", "reason"], rows(list).map(cells))
}

pub fn one(policy: &Value) -> String {
    table(["policy", "name", "on", "latest", "last switched", "reason"], [cells(policy)])
}

fn cells(policy: &Value) -> [String; 6] {
    let on = match &policy["on"] {
        Value::Null => "off".to_owned(),
        version => format!("version {version}"),
    };
    let at = time(&policy["switched_at"]);
    let reason = word(&policy["switch_reason"]);
    [word(&policy["key"]), word(&policy["name"]), on, word(&policy["version"]), at, reason]
}

pub fn written(list: &Value) -> String {
    let row = |one: &Value| {
        let policy = &one["policy"];
        [word(&policy["key"]), word(&policy["version"]), word(&one["applied"])]
    };
    let mut text = table(["policy", "version", "outcome"], rows(list).map(row));
    for one in rows(list) {
        for warning in one["warnings"].as_array().into_iter().flatten() {
            text +=
                &format!("warning: {}: {}\n", word(&warning["field"]), word(&warning["message"]));
        }
    }
    text
}

/// A version as a file, below what is on.
pub fn of_version(detail: &Value, version: Option<i64>) -> Result<String, CliError> {
    let mut versions = detail["versions"].as_array().into_iter().flatten();
    let found = match version {
        Some(number) => versions.find(|version| version["number"] == number),
        None => versions.next(),
    };
    let found = found.ok_or_else(|| CliError::Usage("there is no such version".to_owned()))?;
    let terms: Terms = serde_json::from_value(found["terms"].clone())
        .map_err(|error| CliError::Internal(error.into()))?;
    let on = match &detail["policy"]["on"] {
        Value::Null => "off".to_owned(),
        version => format!("version {version} is on"),
    };
    let head = format!("# Version {}, digest {}; {on}\n", found["number"], word(&found["digest"]));
    let lines = terms.file();
    let lines: Vec<String> = lines.lines().map(printable).collect();
    Ok(format!("{head}{}\n", lines.join("\n")))
}

pub fn tested(found: &Value) -> String {
    let would = match found["effect"].as_str() {
        Some("deny") => "would have been denied",
        _ => "would have been held until they were approved",
    };
    let mut text = format!(
        "Of {} items {} {would}, and {} could not have been judged and would have been denied.\n",
        found["looked_at"], found["caught"], found["not_evaluated"]
    );
    for (name, words) in [
        ("as_now", "were judged with their subject as it is now: it has changed since"),
        ("without_parameters", "were left out: nobody knows what was to be done"),
    ] {
        if found[name].as_i64().unwrap_or(0) > 0 {
            text += &format!("{} {words}.\n", found[name]);
        }
    }
    if found["complete"] == false {
        text += "There was more than one test looks at; name fewer days.\n";
    }
    let automations = found["automations"].as_array().into_iter().flatten().map(|one| {
        let number = |name: &str| word(&one[name]);
        [number("definition"), number("looked_at"), number("caught"), number("not_evaluated")]
    });
    text +=
        &format!("\n{}", table(["definition", "looked at", "caught", "not judged"], automations));
    let examples = found["examples"].as_array().into_iter().flatten().map(|one| {
        let field = |name: &str| word(&one[name]);
        [field("run"), field("item"), field("subject"), field("not_evaluated")]
    });
    text + &format!("\n{}", table(["run", "item", "subject", "not judged because"], examples))
}
