//! The policies as files that can be applied, every version until the end of the period. When each was
//! switched on and off is in the log.

use domain::policy::Terms;

use super::{Maker, definitions::without_addresses, fault::Fault};

impl Maker {
    /// `policies/<key>/<version>.yaml`, of those that are about an automation of the bundle.
    pub(super) async fn policies(&mut self) -> Result<(), Fault> {
        let workspace = self.scope.workspace;
        let mut session = self.store().read().await?;
        let members = session.members(workspace).await?;
        let policies = session.policies(workspace).await?;
        drop(session);
        let mut files = Vec::new();
        for policy in policies {
            let mut session = self.store().read().await?;
            let versions = session.policy_versions(workspace, policy.id).await?;
            let written = versions
                .into_iter()
                .filter(|version| version.created_at < self.scope.period.end())
                .filter(|version| self.concerns(&version.terms));
            files.extend(written.map(|version| {
                (format!("policies/{}/{}.yaml", policy.key, version.number), version.terms)
            }));
        }
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, terms) in files {
            let named = terms.approval.iter().flat_map(|rule| rule.members.clone()).collect();
            self.sink.start(name).await?;
            self.sink.bytes(without_addresses(&terms.file(), named, &members).as_bytes());
            self.sink.flush().await?;
        }
        Ok(())
    }

    fn concerns(&self, terms: &Terms) -> bool {
        terms.automations.is_empty()
            || self.scope.automations.values().any(|key| terms.concerns(key))
    }
}
