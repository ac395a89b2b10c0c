//! The definitions as they were applied, every version until the end of the period.

use domain::{automation::Definition, member::Member};
use regex::Regex;

use super::{Maker, fault::Fault};

/// Stands at the top of a file that is not exactly as it was applied.
const NOTE: &str =
    "# Named approvers are given by their member ids; their addresses are left out.\n";

impl Maker {
    /// `definitions/<key>/<version>.yaml`.
    pub(super) async fn definitions(&mut self) -> Result<(), Fault> {
        let members = self.store().read().await?.members(self.scope.workspace).await?;
        let mut files = Vec::new();
        for (&automation, key) in &self.scope.automations {
            let mut session = self.store().read().await?;
            let versions = session.automation_versions(self.scope.workspace, automation).await?;
            let applied = versions
                .into_iter()
                .filter(|version| version.created_at < self.scope.period.end())
                .map(|version| version.number);
            files
                .extend(applied.map(|number| {
                    (format!("definitions/{key}/{number}.yaml"), automation, number)
                }));
        }
        files.sort();
        for (name, automation, number) in files {
            let mut session = self.store().read().await?;
            let version =
                session.automation_version(self.scope.workspace, automation, number).await?;
            drop(session);
            let Some(version) = version else { continue };
            self.sink.start(name).await?;
            let named = named_approvers(&version.definition);
            self.sink.bytes(without_addresses(&version.source, named, &members).as_bytes());
            self.sink.flush().await?;
        }
        Ok(())
    }
}

/// A file with the ids of named approvers in place of their e-mail addresses.
pub(super) fn without_addresses(
    source: &str,
    mut named: Vec<String>,
    members: &[Member],
) -> String {
    let mut text = source.to_owned();
    // An address may be the end of a longer one.
    named.sort_by_key(|address| std::cmp::Reverse(address.len()));
    for address in &named {
        let member = members.iter().find(|member| member.email.eq_ignore_ascii_case(address));
        let id = member.map_or_else(|| "somebody".to_owned(), |member| member.id.to_string());
        if let Ok(pattern) = Regex::new(&format!("(?i){}", regex::escape(address))) {
            text = pattern.replace_all(&text, id.as_str()).into_owned();
        }
    }
    if named.is_empty() { text } else { format!("{NOTE}{text}") }
}

fn named_approvers(definition: &Definition) -> Vec<String> {
    let approval = &definition.approval;
    let rules = [&approval.before_action, &approval.retries, &approval.on_question];
    rules.into_iter().flatten().flat_map(|rule| rule.members.clone()).collect()
}
