//! What a verification found, for people and for programs.

use serde::Serialize;

/// The outcome, and the exit code of the program that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Verdict {
    Valid = 0,
    /// Everything fits, but the key came out of the bundle itself.
    Unpinned = 5,
    Malformed = 10,
    Signature = 20,
    /// Root or size of the tree, or a proof that leads elsewhere.
    Root = 30,
    Consistency = 40,
    /// A payload, row or file differs from what was committed to.
    Payload = 50,
    /// The log shows an act that should not have been possible.
    Policy = 60,
}

impl Verdict {
    /// The exit code.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Passed,
    Failed,
    NotApplicable,
}

/// One check, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What should hold.
    pub title: &'static str,
    pub state: State,
    /// What was found; names the first entry or file that is wrong.
    pub detail: String,
    /// What the bundle is, if this check fails.
    #[serde(skip)]
    pub verdict: Verdict,
}

/// What the bundle says it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    pub origin: String,
    /// Entries in the log.
    pub size: u64,
    /// The root, in Base64.
    pub root: String,
    /// The period.
    pub from: String,
    pub until: String,
    /// Where the server keeps the log's key.
    pub custody: String,
    /// The keys that signed the checkpoint and were trusted.
    pub keys: Vec<String>,
}

/// All checks of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub verdict: Verdict,
    pub exit_code: u8,
    /// Absent if the bundle could not be read that far.
    pub bundle: Option<Facts>,
    /// In the order that decides: the first that failed gives the verdict.
    pub checks: Vec<Check>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { verdict: Verdict::Valid, exit_code: 0, bundle: None, checks: Vec::new() }
    }

    /// Notes a check that was made: what it found, or what is wrong.
    pub(super) fn note(
        &mut self,
        title: &'static str,
        verdict: Verdict,
        found: Result<String, String>,
    ) {
        let (state, detail) = match found {
            Ok(detail) => (State::Passed, detail),
            Err(detail) => (State::Failed, detail),
        };
        if state == State::Failed && self.verdict == Verdict::Valid {
            (self.verdict, self.exit_code) = (verdict, verdict.code());
        }
        self.checks.push(Check { title, state, detail, verdict });
    }

    /// Notes a check that there was nothing to make of.
    pub(super) fn skip(&mut self, title: &'static str, why: &str) {
        let detail = why.to_owned();
        let verdict = Verdict::Valid;
        self.checks.push(Check { title, state: State::NotApplicable, detail, verdict });
    }

    /// The bundle could not be read to its end: that outweighs all else.
    pub(super) fn unreadable(&mut self, why: String) {
        self.note("The bundle can be read", Verdict::Malformed, Err(why));
        (self.verdict, self.exit_code) = (Verdict::Malformed, Verdict::Malformed.code());
    }

    /// The report as JSON, for programs.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// The report as text, for people.
impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(facts) = &self.bundle {
            writeln!(f, "Audit log   {}", facts.origin)?;
            writeln!(f, "Period      {} until {}", facts.from, facts.until)?;
            writeln!(f, "Checkpoint  {} entries, root {}", facts.size, facts.root)?;
            for key in &facts.keys {
                writeln!(f, "Signed by   {key}")?;
            }
            writeln!(f)?;
        }
        for check in &self.checks {
            let mark = match check.state {
                State::Passed => "ok    ",
                State::Failed => "FAILED",
                State::NotApplicable => "-     ",
            };
            writeln!(f, "{mark}  {}", check.title)?;
            if !check.detail.is_empty() {
                writeln!(f, "        {}", check.detail)?;
            }
        }
        let says = match self.verdict {
            Verdict::Valid => "VALID: every check that could be made was passed",
            Verdict::Unpinned => {
                "UNPINNED: everything fits the key inside the bundle, which proves nothing by \
                 itself; give the log's key from elsewhere"
            }
            Verdict::Malformed => "NOT VALID: the bundle is damaged or not one",
            Verdict::Signature => "NOT VALID: the checkpoint is not to be trusted",
            Verdict::Root => "NOT VALID: the entries are not those that were signed",
            Verdict::Consistency => "NOT VALID: the log's history was rewritten",
            Verdict::Payload => "NOT VALID: contents differ from what was promised",
            Verdict::Policy => "NOT VALID: the log shows an act that its rules forbid",
        };
        writeln!(f, "\n{says} (code {})", self.exit_code)
    }
}
