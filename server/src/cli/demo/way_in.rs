//! What people are told once the demo is served: where it is and how they come in.

use std::{
    io::{Write as _, stderr, stdout},
    path::Path,
};

use anyhow::Context as _;
use domain::member::Role;
use engine::services::{Caller, Services};

use super::Receiver;
use crate::{
    cli::{CliError, Format},
    config::Origin,
    demo::{Example, Member, PASSWORD, Scenario},
};

/// Prints the way in, with a fresh link for the owner. It stays out of the log, which others read,
/// and out of output that is for programs.
pub(super) async fn tell(
    format: Format,
    example: Example,
    services: &Services,
    host: Caller,
    origin: &Origin,
    receiver: (&Receiver, &Path),
) -> Result<(), CliError> {
    let scenario = Scenario::read(example)?;
    let section = format!("{origin}/w/{}/governance/automation", scenario.workspace.slug);
    let text = format!(
        "\n{} is served at {section}\n\n{}\n{}\
         The receiver at {} notes what it did in {}. Ctrl-C ends both.\n",
        example.title(),
        ways(services, &scenario, origin).await?,
        waiting(services, host, &section).await?,
        receiver.0.origin(),
        receiver.1.display(),
    );
    match format {
        Format::Table => writeln!(stdout(), "{text}")?,
        _ => writeln!(stderr(), "{text}")?,
    }
    Ok(())
}

async fn ways(
    services: &Services,
    scenario: &Scenario,
    origin: &Origin,
) -> Result<String, CliError> {
    let owner = scenario.members.iter().find(|member| member.role == Role::Owner);
    let link = services.link_for(&owner.context("the demo has no owner")?.email).await?;
    let (token, until) = (link.token.expose(), link.expires_at.format("%H:%M UTC"));
    let member = |member: &Member| format!("    {:<9} {}\n", member.role, member.email);
    let members: String = scenario.members.iter().map(member).collect();
    Ok(format!(
        "Sign in as its owner, once, until {until}:\n\n    \
         {origin}/accept-link?token={token}\n\n\
         or as any of its members with the password {PASSWORD}:\n\n{members}"
    ))
}

/// What the example left for whoever opens it.
async fn waiting(services: &Services, host: Caller, section: &str) -> Result<String, CliError> {
    Ok(match services.open_approval_count(host).await? {
        0 => String::new(),
        count => format!(
            "{count} items were left for you and wait for an approval:\n\n    {section}/approvals\n\n"
        ),
    })
}
