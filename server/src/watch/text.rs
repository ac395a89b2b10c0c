//! Writes figures as text: OpenMetrics 1.0 for whoever asks for it, else the older form of Prometheus,
//! which all its tools read.

use std::fmt::{Display, Write as _};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    OpenMetrics,
    Prometheus,
}

impl Form {
    /// What a client accepts.
    pub fn accepted(accept: &str) -> Self {
        match accept.contains("application/openmetrics-text") {
            true => Self::OpenMetrics,
            false => Self::Prometheus,
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// What the figures of a family are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    Gauge,
    Histogram,
    /// Says something in its labels; its value is 1.
    Info,
}

impl Kind {
    /// What the names of its samples end with. The name of the family has it in the older form only.
    fn suffix(self) -> &'static str {
        match self {
            Self::Counter => "_total",
            Self::Info => "_info",
            Self::Gauge | Self::Histogram => "",
        }
    }

    fn word(self, form: Form) -> &'static str {
        match (self, form) {
            (Self::Counter, _) => "counter",
            (Self::Histogram, _) => "histogram",
            (Self::Info, Form::OpenMetrics) => "info",
            (Self::Gauge, _) | (Self::Info, Form::Prometheus) => "gauge",
        }
    }
}

/// The text so far.
#[derive(Debug)]
pub struct Text {
    form: Form,
    out: String,
}

/// Samples of one family.
#[derive(Debug)]
pub struct Family<'t> {
    out: &'t mut String,
    name: String,
}

impl Text {
    pub fn new(form: Form) -> Self {
        Self { form, out: String::new() }
    }

    /// Begins a family. A name ends with the unit of its figures; a suffix that its kind demands is added.
    pub fn family(&mut self, kind: Kind, name: &str, help: &str) -> Family<'_> {
        let sample = format!("{name}{}", kind.suffix());
        let family = if self.form == Form::OpenMetrics { name } else { &sample };
        self.line("TYPE", family, kind.word(self.form));
        if self.form == Form::OpenMetrics && family.ends_with("_seconds") {
            self.line("UNIT", family, "seconds");
        }
        self.line("HELP", family, help);
        Family { out: &mut self.out, name: sample }
    }

    fn line(&mut self, what: &str, family: &str, words: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.out, "# {what} {family} {words}");
    }

    /// All of it.
    pub fn finish(mut self) -> String {
        if self.form == Form::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
        self.out
    }
}

impl Family<'_> {
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        self.part("", labels, value)
    }

    /// A part of a histogram, such as `_sum`.
    pub fn part(&mut self, part: &str, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        let label = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", escaped(value));
        let labels: Vec<String> = labels.iter().map(label).collect();
        let braced =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.out, "{}{part}{braced} {value}", self.name);
        self
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: Form) -> String {
        let mut text = Text::new(form);
        text.family(Kind::Counter, "a_runs", "Runs").sample(&[("status", "say \"x\"\n\\")], 3);
        text.family(Kind::Gauge, "a_age_seconds", "Age").sample(&[], 1.5);
        text.family(Kind::Info, "a_build", "Build").sample(&[("version", "1")], 1);
        text.finish()
    }

    #[test]
    fn openmetrics_names_families_without_suffix_and_has_an_end() {
        assert_eq!(
            written(Form::OpenMetrics),
            "# TYPE a_runs counter\n# HELP a_runs Runs\n\
             a_runs_total{status=\"say \\\"x\\\"\\n\\\\\"} 3\n\
             # TYPE a_age_seconds gauge\n# UNIT a_age_seconds seconds\n# HELP a_age_seconds Age\n\
             a_age_seconds 1.5\n\
             # TYPE a_build info\n# HELP a_build Build\na_build_info{version=\"1\"} 1\n# EOF\n"
        );
    }

    #[test]
    fn the_older_form_names_families_as_their_samples() {
        let text = written(Form::Prometheus);
        assert!(
            text.starts_with("# TYPE a_runs_total counter\n# HELP a_runs_total Runs\n"),
            "{text}"
        );
        assert!(text.contains("# TYPE a_build_info gauge\n"), "{text}");
        assert!(!text.contains("# UNIT") && !text.contains("# EOF"), "{text}");
    }

    #[test]
    fn a_client_gets_the_form_it_accepts() {
        let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
        assert_eq!(Form::accepted(accept), Form::OpenMetrics);
        assert_eq!(Form::accepted("*/*"), Form::Prometheus);
    }
}
