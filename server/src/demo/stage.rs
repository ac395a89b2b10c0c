//! What stands before an example begins: workspace, members, destination, records, definitions.

use std::{collections::HashMap, io::Cursor, net::Ipv4Addr};

use anyhow::Context as _;
use domain::{
    member::{Principal, Role},
    period::Period,
};
use engine::services::{Caller, NewMember, RecordFile, RecordFormat, Services};

use super::{
    files::Files,
    receiver::{RECEIVER, Receiver, origin},
    scenario::{Member, Records, Scenario},
};

/// The password of every member of the demo. No secret: the demo is served on this machine only.
pub const PASSWORD: &str = "credit-union-demo";

/// Who acts in it.
pub(super) struct Cast {
    /// Other systems, which deliver through the host.
    pub(super) host: Caller,
    members: HashMap<Role, Caller>,
}

impl Cast {
    pub(super) fn member(&self, role: Role) -> anyhow::Result<Caller> {
        self.members.get(&role).copied().with_context(|| format!("there is no {role}"))
    }
}

/// Puts everything in place. Requests will go to `receiver`.
pub(super) async fn set(
    services: &Services,
    scenario: &Scenario,
    files: &Files,
    receiver: &Receiver,
) -> anyhow::Result<Cast> {
    let place = &scenario.workspace;
    let workspace = services.create_workspace(Principal::Host, &place.slug, &place.name).await?;
    let host = Caller { workspace: workspace.id, principal: Principal::Host };
    let mut members = HashMap::new();
    for member in &scenario.members {
        members.insert(member.role, join(services, host, member).await?);
    }
    let cast = Cast { host, members };
    let owner = cast.member(Role::Owner)?;
    services.allow_destination(owner, &receiver.origin(), true).await?;
    if let Some(auditor) = cast.member(Role::Auditor)?.principal.member() {
        let quarter = Period::quarter_of(scenario.ends.date_naive());
        services.grant_window(owner, auditor, quarter).await?;
    }
    for records in &scenario.records {
        import(services, host, files, records).await?;
    }
    for (name, text) in files.automations {
        let text = text.replace(&origin(RECEIVER), &receiver.origin());
        services.apply_definition(owner, name, &text).await?;
    }
    Ok(cast)
}

/// Adds a member, who accepts the invitation and chooses the password of the demo.
async fn join(services: &Services, host: Caller, member: &Member) -> anyhow::Result<Caller> {
    let Member { role, name, email } = member;
    let new = NewMember { email: email.clone(), name: name.clone(), role: *role };
    let added = services.add_member(host, new).await?;
    let link = added.link.context("a new member is invited")?;
    let here = Ipv4Addr::LOCALHOST.into();
    services.accept_link(link.token.expose(), Some(PASSWORD), here).await?;
    let principal = Principal::Member { id: added.member.id, role: *role };
    Ok(Caller { workspace: host.workspace, principal })
}

/// Imports a file of the example.
pub(super) async fn import(
    services: &Services,
    caller: Caller,
    files: &Files,
    records: &Records,
) -> anyhow::Result<()> {
    let Records { kind, file } = records;
    let text = files.records(file).with_context(|| format!("there is no file {file}"))?;
    let described =
        RecordFile { name: file.clone(), format: RecordFormat::Csv, kind: Some(kind.clone()) };
    services.import_records(caller, described, Cursor::new(text)).await?;
    Ok(())
}
