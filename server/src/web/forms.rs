//! What forms post to: one POST a file. How a form works, also when it is refused:
//! [`super::pages`].

pub mod accept_link;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
