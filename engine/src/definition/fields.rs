//! Takes typed values out of YAML nodes; what does not fit is reported with its place and path.

use super::{
    duration,
    error::{Mark, Report},
    yaml::{Entry, Kind, Node},
};

/// A node with its path in the document.
#[derive(Clone)]
pub(super) struct Field<'n> {
    pub node: &'n Node,
    pub path: String,
}

/// The fields of a map.
pub(super) struct Fields<'n> {
    entries: &'n [Entry],
    pub at: Mark,
    path: String,
}

impl<'n> Field<'n> {
    pub(super) fn error(
        &self,
        report: &Report<'_>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        report.add(self.node.at, &self.path, code, message);
    }

    fn wrong(&self, report: &Report<'_>, wanted: &str) {
        let found = match &self.node.kind {
            _ if self.node.is_null() => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a group of fields",
        };
        self.error(report, "wrong-type", format!("this has to be {wanted}, not {found}"));
    }

    /// Its fields, of which `known` may be there.
    pub(super) fn fields(&self, report: &Report<'_>, known: &[&str]) -> Option<Fields<'n>> {
        let Kind::Map(entries) = &self.node.kind else {
            self.wrong(report, "a group of fields");
            return None;
        };
        let fields = Fields { entries, at: self.node.at, path: self.path.clone() };
        fields.refuse_unknown(report, known);
        Some(fields)
    }

    /// Any single value as it is written.
    pub(super) fn text(&self, report: &Report<'_>) -> Option<&'n str> {
        match &self.node.kind {
            Kind::Scalar(scalar) if !self.node.is_null() => Some(&scalar.text),
            _ => {
                self.wrong(report, "text");
                None
            }
        }
    }

    /// Text of one line with a first and a most length, in characters.
    pub(super) fn line(&self, report: &Report<'_>, most: usize) -> Option<String> {
        let text = self.text(report)?.trim();
        if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
            let message = format!("this has to be one line of 1 to {most} characters");
            self.error(report, "invalid-value", message);
            return None;
        }
        Some(text.to_owned())
    }

    /// One of a list of words.
    pub(super) fn word<T: Copy>(
        &self,
        report: &Report<'_>,
        all: &[T],
        as_str: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(report)?;
        let found = all.iter().copied().find(|value| as_str(*value) == text);
        if found.is_none() {
            let words: Vec<_> = all.iter().map(|value| as_str(*value)).collect();
            let message = format!(
                "'{}' is none of {}{}",
                shown(text),
                words.join(", "),
                did_you_mean(text, &words)
            );
            self.error(report, "unknown-word", message);
        }
        found
    }

    pub(super) fn integer(&self, report: &Report<'_>, least: i64, most: i64) -> Option<i64> {
        let plain = match &self.node.kind {
            Kind::Scalar(scalar) if scalar.is_plain() => Some(scalar.text.as_str()),
            _ => None,
        };
        let number = plain
            .and_then(|text| text.parse().ok())
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = format!("this has to be a whole number from {least} to {most}");
            self.error(report, "invalid-value", message);
        }
        number
    }

    /// An ISO 8601 duration, in seconds.
    pub(super) fn duration(&self, report: &Report<'_>, most: i64) -> Option<i64> {
        let text = self.text(report)?;
        match duration::seconds(text) {
            Some(seconds) if (1..=most).contains(&seconds) => Some(seconds),
            Some(_) => {
                let message = format!("a duration here is from PT1S to {}", duration::text(most));
                self.error(report, "invalid-value", message);
                None
            }
            None => {
                let message = format!(
                    "'{}' is not a duration such as PT30S, PT15M, PT12H or P7D",
                    shown(text)
                );
                self.error(report, "invalid-value", message);
                None
            }
        }
    }

    pub(super) fn list(&self, report: &Report<'_>) -> Option<Vec<Self>> {
        let Kind::List(items) = &self.node.kind else {
            self.wrong(report, "a list");
            return None;
        };
        let item = |(index, node)| Field { node, path: format!("{}[{index}]", self.path) };
        Some(items.iter().enumerate().map(item).collect())
    }
}

impl<'n> Fields<'n> {
    /// The field of that name, unless it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<Field<'n>> {
        let entry = self.entries.iter().find(|entry| entry.key == name)?;
        (!entry.value.is_null()).then(|| Field { node: &entry.value, path: self.below(name) })
    }

    /// As [`Self::get`]; that it is not there is an error.
    pub(super) fn require(&self, report: &Report<'_>, name: &str) -> Option<Field<'n>> {
        let found = self.get(name);
        if found.is_none() {
            let at = self.entries.iter().find(|entry| entry.key == name).map_or(self.at, |e| e.at);
            report.add(at, &self.below(name), "missing-field", format!("'{name}' is needed here"));
        }
        found
    }

    fn refuse_unknown(&self, report: &Report<'_>, known: &[&str]) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let key = shown(&entry.key);
            let message = format!(
                "there is no field '{key}' here{}; known are {}",
                did_you_mean(&entry.key, known),
                known.join(", ")
            );
            report.add(entry.at, &self.below(&key), "unknown-field", message);
        }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A hint at the nearest of some words, if one is near.
pub(super) fn did_you_mean<S: AsRef<str>>(word: &str, words: &[S]) -> String {
    let word: String = word.chars().take(60).collect();
    words
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&word.to_lowercase(), known.as_ref()), known))
        .filter(|(distance, known)| *distance <= 2.max(known.as_ref().len() / 4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| format!("; did you mean '{}'?", known.as_ref()))
        .unwrap_or_default()
}

/// A foreign text, cut for a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
