//! What forms post to: one POST a file. How a form works, also when it is refused:
//! [`super::pages`].

use std::{fmt::Display, str::FromStr};

use app::fault::Fault;
use chrono::NaiveDate;
use domain::period::Period;
use engine::services::FieldError;

use super::{errors::Refusal, fields::Fields};

pub mod accept_link;
pub mod bundle_order;
pub mod cancel;
pub mod close_run;
pub mod decide;
pub mod decide_selected;
pub mod delivery_replay;
pub mod destination_allow;
pub mod destination_remove;
pub mod destination_sign;
pub mod destination_unsign;
pub mod enable_definition;
pub mod erase;
pub mod hold_place;
pub mod hold_release;
pub mod inbound_create;
pub mod inbound_remove;
pub mod inbound_rotate;
pub mod incident_settle;
pub mod kill_press;
pub mod kill_release;
pub mod member_add;
pub mod member_link;
pub mod member_remove;
pub mod member_role;
pub mod policy_switch;
pub mod policy_write;
pub mod price_remove;
pub mod price_set;
pub mod request_run;
pub mod retention_set;
pub mod retry;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
pub mod token_create;
pub mod token_revoke;
pub mod verify_audit;
pub mod webhook_change;
pub mod webhook_create;
pub mod webhook_enable;
pub mod webhook_remove;
pub mod webhook_rotate;
pub mod webhook_test;
pub mod window_grant;
pub mod window_revoke;

/// A part of the path, such as an id; one that cannot be read is answered as pages answer it.
pub(super) fn part<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error| Refusal(Fault::bad_request(name, error)))
}

/// The period from the first to the last day of a form, both in it.
pub(super) fn days(fields: &Fields) -> Result<Period, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut day = |name: &str| match fields.text(name).parse::<NaiveDate>() {
        Ok(day) => Some(day),
        Err(_) => {
            errors.push(FieldError::new(name, "give a day, such as 2026-07-01"));
            None
        }
    };
    match (day("from"), day("to")) {
        (Some(from), Some(to)) => {
            Period::of_days(from, to).map_err(|error| vec![FieldError::new("to", error)])
        }
        _ => Err(errors),
    }
}
