//! What forms post to: one POST a file. How a form works, also when it is refused:
//! [`super::pages`].

use std::{fmt::Display, str::FromStr};

use app::fault::Fault;

use super::errors::Refusal;

pub mod accept_link;
pub mod bundle_order;
pub mod cancel;
pub mod close_run;
pub mod decide;
pub mod decide_selected;
pub mod destination_allow;
pub mod destination_remove;
pub mod enable_definition;
pub mod member_add;
pub mod member_link;
pub mod member_remove;
pub mod member_role;
pub mod request_run;
pub mod retry;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
pub mod verify_audit;

/// A part of the path, such as an id; one that cannot be read is answered as pages answer it.
pub(super) fn part<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error| Refusal(Fault::bad_request(name, error)))
}
