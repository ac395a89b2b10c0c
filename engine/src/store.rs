//! The only place with SQL.
//!
//! A [`Store`] is an SQLite file or a Postgres database. [`Store::read`] lends a connection for
//! reading; [`Store::write`] runs a business step in one transaction. Queries are methods of
//! [`Session`], one file a noun; a [`Tx`] is a session too, so a query is written once and serves
//! both. One SQL text serves both databases; where they differ, `dialect` knows.

mod accounts;
mod approvals;
mod attempts;
mod audit;
mod audit_list;
mod audit_tree;
mod automations;
mod brief;
mod budgets;
mod bulk;
mod bundle_log;
mod bundles;
mod checkpoints;
mod connect;
mod db;
mod deliveries;
mod destinations;
mod dialect;
mod error;
mod event_list;
mod happened;
mod holds;
mod idempotency;
mod incident_list;
mod incidents;
mod items;
mod kills;
mod leases;
mod links;
mod members;
mod migrate;
mod outbox;
mod policies;
mod prices;
mod recent;
mod records;
mod reported;
mod reports;
mod rollup;
mod run_list;
mod runs;
mod sessions;
mod setup;
mod sight;
mod signing_secrets;
mod signing_term;
mod stamps;
mod stretch;
mod throttle;
mod tokens;
mod trigger_events;
mod watch;
mod webhooks;
mod windows;
mod workspaces;

pub use accounts::Account;
pub use attempts::Effect;
pub use audit_list::Evidence;
pub use audit_tree::LogLine;
pub use automations::{InEffect, VersionHead};
pub use brief::{ApprovalCount, DefinitionChange, FailedCount, ReasonCount};
pub use budgets::BudgetPeriod;
pub use bundle_log::LogEvent;
pub use checkpoints::{LogState, SignedCheckpoint, SigningRefusal};
pub use connect::{Backend, ConnectError};
pub use db::{Session, Store, Tx};
pub use error::{Conflict, StoreError};
pub use event_list::HeardEvent;
pub use happened::Noted;
pub use idempotency::{Answer, StoredKey};
pub use items::{Claim, FencedItem};
pub use kills::KillEffects;
pub use leases::LeaseHistory;
pub use migrate::{MigrateError, MigrationState};
pub use outbox::ClaimedDelivery;
pub use records::{RecordFilter, RegisterSize};
pub use reported::ReportedRun;
pub use rollup::{Group, Total};
pub use sessions::StoredSession;
pub use setup::Setup;
pub use signing_secrets::{Signs, StoredSecret};
pub use stamps::CheckpointStamp;
pub use stretch::Stretch;
pub use throttle::Throttle;
pub use watch::{BudgetsUnderWay, Guards, Queue};

use bulk::Rows;
pub(crate) use checkpoints::place;
use db::{change, sql};
