//! What people are told once the demo is served: where it is and how they come in.

use std::io::{Write as _, stderr, stdout};

use anyhow::Context as _;
use domain::member::Role;
use engine::services::Services;

use super::{Place, Receiver};
use crate::{
    cli::{CliError, Format},
    config::Origin,
    demo::{PASSWORD, Scenario},
};

/// Prints the way in, with a fresh link for the owner. It stays out of the log, which others read,
/// and out of output that is for programs.
pub(super) async fn tell(
    format: Format,
    services: &Services,
    origin: &Origin,
    receiver: &Receiver,
    place: &Place,
) -> Result<(), CliError> {
    let scenario = Scenario::read()?;
    let owner = scenario.members.iter().find(|member| member.role == Role::Owner);
    let link = services.link_for(&owner.context("the demo has no owner")?.email).await?;
    let (token, until) = (link.token.expose(), link.expires_at.format("%H:%M UTC"));
    let members: String = scenario
        .members
        .iter()
        .map(|member| format!("    {:<9} {}\n", member.role, member.email))
        .collect();
    let (slug, took, file) =
        (&scenario.workspace.slug, receiver.origin(), place.receiver.display());
    let text = format!(
        "\nThe quarter is served at {origin}/w/{slug}/governance/automation/runs\n\n\
         Sign in as its owner, once, until {until}:\n\n    \
         {origin}/accept-link?token={token}\n\n\
         or as any of its members with the password {PASSWORD}:\n\n{members}\n\
         Deliveries that failed in an outage wait for approval:\n\n    \
         {origin}/w/{slug}/governance/automation/approvals\n\n\
         The receiver at {took} notes what it did in {file}. Ctrl-C ends both.\n"
    );
    match format {
        Format::Table => writeln!(stdout(), "{text}")?,
        Format::Json => writeln!(stderr(), "{text}")?,
    }
    Ok(())
}
