//! Webhooks: told once of each happening, in the transaction of the happening, and tried for days.

mod by_sql;
mod house;
mod listener;
mod secrets;
mod sending;
mod telling;
mod waiting;
