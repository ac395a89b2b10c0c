//! How work comes in, on both databases: records from files, definitions, events, fires and the
//! subjects of new runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod apply;
mod automations;
mod event_list;
mod events;
mod foreseeing;
mod house;
mod import;
mod matching;
mod records;
mod requests;
mod schedules;
mod switching;
