//! Pages of people who are not in a workspace yet.

pub mod accept_link;
pub mod choose_workspace;
pub mod setup;
pub mod sign_in;

use crate::context::Request;

/// The secret of a single-use link: from the form that came back, else from the address.
fn secret_of(request: &Request) -> String {
    match request.form.value("token") {
        sent if !sent.is_empty() => sent,
        _ => {
            let token = request.query.iter().find(|(name, _)| name == "token");
            token.map(|(_, secret)| secret.clone()).unwrap_or_default()
        }
    }
}
