//! Actioners: registered, named capabilities of modules. Automations call nothing else.
//!
//! A *local* actioner is a function from the call and the registers to an answer; whatever it wants
//! written is written by the executor, in the transaction of the outcome. A *remote* actioner talks
//! to a receiver between two transactions.

mod assessments;
mod catalogue;
mod evidence;
mod findings;
mod http;
mod lifecycle;
mod outbound;
mod parameters;
mod registers;
mod reviews;

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Timestamp,
    automation::Action,
    decide,
    effect::ActionerClass,
    id::{ItemId, RunId, WorkspaceId},
    money::Usd,
    problem::Failure,
    record::{Record, RecordRef},
};
use futures::future::BoxFuture;
use serde_json::Value;

pub use catalogue::CatalogueEntry;
pub use outbound::Outbound;
pub use parameters::{Parameter, ParameterKind};
pub use registers::{RecordWrite, Registers};

use crate::services::FieldError;

/// What an actioner answers.
pub type Answer = decide::Answer<RecordWrite>;

/// What a receiver's answer amounts to, and what it says the action cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub answer: Answer,
    pub cost: Option<Usd>,
}

/// Nobody says what it cost.
impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, cost: None }
    }
}

/// One call of an actioner.
#[derive(Debug, Clone)]
pub struct Call {
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub item: ItemId,
    pub subject: Record,
    /// Resolved, and the same for every attempt.
    pub parameters: Value,
    pub effect_key: String,
    /// True when a person approved exactly this.
    pub approved: bool,
    pub now: Timestamp,
}

impl Call {
    /// A key for a new record that is the same for every attempt: a prefix and part of the effect
    /// key, beyond the time that it begins with.
    fn new_key(&self, prefix: &str) -> String {
        let tail = self.effect_key.get(13..23).unwrap_or(&self.effect_key);
        format!("{prefix}-{}", tail.to_uppercase())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// An actioner that only writes our own registers.
pub trait LocalActioner: Send + Sync {
    /// The records it has to look at besides the subject.
    fn reads(&self, call: &Call) -> Vec<RecordRef>;

    /// What is to be written, or why not. `registers` holds what [`LocalActioner::reads`] named.
    fn act(&self, call: &Call, registers: &Registers) -> Answer;
}

/// An actioner that talks to a receiver.
pub trait RemoteActioner: Send + Sync {
    fn call<'a>(&'a self, call: &'a Call, outbound: Outbound<'a>) -> BoxFuture<'a, Reply>;
}

/// How an actioner does its work for some parameters.
pub enum Way<'a> {
    Local(&'a dyn LocalActioner),
    Remote(&'a dyn RemoteActioner),
}

/// A registered capability.
pub trait Actioner: Send + Sync {
    /// `module.verb`.
    fn name(&self) -> &'static str;

    /// The module whose truth it may write.
    fn module(&self) -> &'static str;

    /// What it does, in one sentence.
    fn summary(&self) -> &'static str;

    fn parameters(&self) -> &'static [Parameter];

    /// What it promises when called with these parameters, which may still hold templates.
    fn class(&self, with: &Value) -> ActionerClass;

    /// How it does its work for these parameters.
    fn way(&self, with: &Value) -> Way<'_>;

    /// Checks beyond the list of parameters, on what a definition says.
    fn check(&self, _with: &Value) -> Vec<FieldError> {
        Vec::new()
    }
}

/// All actioners by name.
#[derive(Clone)]
pub struct Registry {
    actioners: Arc<BTreeMap<&'static str, Arc<dyn Actioner>>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.actioners.keys()).finish()
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::standard()
    }
}

impl Registry {
    /// Those that come with Assize.
    pub fn standard() -> Self {
        let all: [Arc<dyn Actioner>; 7] = [
            Arc::new(findings::Create),
            Arc::new(findings::UpdateStatus),
            Arc::new(evidence::RequestClaim),
            Arc::new(assessments::Schedule),
            Arc::new(reviews::Ensure),
            Arc::new(lifecycle::ProposeTransition),
            Arc::new(http::Notify),
        ];
        let actioners = all.into_iter().map(|actioner| (actioner.name(), actioner)).collect();
        Self { actioners: Arc::new(actioners) }
    }

    pub fn get(&self, name: &str) -> Option<&dyn Actioner> {
        self.actioners.get(name).map(AsRef::as_ref)
    }

    /// How far an action reaches.
    pub fn class(&self, action: &Action) -> Result<ActionerClass, Failure> {
        match self.get(&action.actioner) {
            Some(actioner) => Ok(actioner.class(&action.with)),
            None => Err(not_registered(&action.actioner)),
        }
    }

    /// Checks resolved parameters just before the actioner is called.
    pub fn check_resolved(&self, name: &str, resolved: &Value) -> Result<(), Failure> {
        let Some(actioner) = self.get(name) else { return Err(not_registered(name)) };
        let mut errors = parameters::check_names(actioner.parameters(), resolved);
        errors.extend(parameters::check_values(actioner.parameters(), resolved));
        match errors.first() {
            None => Ok(()),
            Some(error) => Err(Failure::deterministic(
                "invalid-parameters",
                format!("{}: {}", error.field, error.message),
            )),
        }
    }
}

fn not_registered(actioner: &str) -> Failure {
    let message = format!("The actioner '{actioner}' is not registered here.");
    Failure::deterministic("actioner-not-registered", message)
}
