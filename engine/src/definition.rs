//! Definition files: YAML in, [`domain::automation::Definition`] out, or every error at once.
//!
//! An error says file, line, column and field, as in
//! `automations/kyc.yaml:14:9 action.with.due: …`. What can be known without running is checked
//! here: names, schedule, condition, templates, the actioner and its parameters, durations,
//! approvals. `docs/definition.schema.json` publishes the same format for editors.
//!
//! A file may hold several definitions, separated by `---`.

mod approval;
mod budget;
mod duration;
mod error;
mod fields;
mod policy;
mod read;
mod trigger;
mod with;
mod yaml;

#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod json_schema;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;

use domain::automation::Definition;
use serde_json::Value;

use self::error::Report;
pub use self::{error::DefinitionError, policy::policies};

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 256 * 1024;

/// The registered actioners, as far as a definition has to know them.
pub trait Catalogue {
    /// Every name an action may use.
    fn names(&self) -> Vec<String>;

    /// What is wrong with parameters, whose strings may still be templates; `None` if there is no
    /// such actioner.
    fn faults(&self, actioner: &str, with: &Value) -> Option<Vec<ParameterFault>>;
}

/// Something an actioner does not accept about its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterFault {
    /// JSON pointer into the parameters; empty for the whole.
    pub pointer: String,
    /// One sentence.
    pub message: String,
}

/// One definition of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    pub definition: Definition,
    /// The lines of the file it was read from.
    pub source: String,
}

/// Reads the definitions of a file. `file` is how the errors call it.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file; never an empty list.
pub fn read(
    file: &str,
    text: &str,
    catalogue: &dyn Catalogue,
) -> Result<Vec<Parsed>, Vec<DefinitionError>> {
    let report = Report::new(file);
    let parsed = read::file(text, catalogue, &report);
    report.finish(parsed)
}

/// Reads a file of plain YAML as JSON, within the limits of definition files: for files that stand
/// beside definitions without being one. Of several documents it reads the first.
///
/// # Errors
/// As [`read`].
pub fn plain(file: &str, text: &str) -> Result<Value, Vec<DefinitionError>> {
    let report = Report::new(file);
    let documents = yaml::documents(text, &report);
    let value = documents.first().map_or(Value::Null, |document| with::json(&document.root));
    report.finish(value)
}
