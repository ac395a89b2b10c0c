//! What is wrong with a template, and where in the parameters.

use crate::condition::ConditionError;

/// Why parameters were refused or could not be resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", if pointer.is_empty() { "/" } else { pointer })]
pub struct TemplateError {
    /// A code of [`crate::condition::ConditionCode`], or `template-not-closed`, `template-number`,
    /// `template-too-large`.
    pub code: &'static str,
    /// The field, as a JSON pointer into the parameters.
    pub pointer: String,
    /// One sentence.
    pub message: String,
}

/// Where a walk through the parameters stands.
#[derive(Debug, Default)]
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    /// Runs `work` one step further in.
    pub(super) fn inside<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(step.to_owned());
        let done = work(self);
        self.0.pop();
        done
    }

    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    pub(super) fn error(&self, code: &'static str, message: impl Into<String>) -> TemplateError {
        TemplateError { code, pointer: self.text(), message: message.into() }
    }

    pub(super) fn condition(&self, error: &ConditionError) -> TemplateError {
        self.error(error.code.as_str(), error.message.clone())
    }

    /// RFC 6901.
    fn text(&self) -> String {
        self.0
            .iter()
            .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
            .collect()
    }
}
