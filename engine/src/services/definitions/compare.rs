//! What applying a file would change, without applying it.

use domain::permission::Permission;

use super::{
    super::{Caller, ServiceError, Services},
    AppliedAs,
    apply::field_error,
};
use crate::{definition, store::Session, store::StoreError};

/// One definition of a file beside the version in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub key: String,
    /// The number of the version in effect; `None` where there is none.
    pub version: Option<i64>,
    /// What applying would do to it.
    pub would: AppliedAs,
    /// The text in effect; empty where there is none.
    pub before: String,
    /// The text in the file.
    pub after: String,
}

impl Services {
    /// Compares every definition of a file with what is in effect, in the order of the file.
    ///
    /// # Errors
    /// `Invalid`, as of applying it.
    pub async fn compare_definitions(
        &self,
        caller: Caller,
        file: &str,
        text: &str,
    ) -> Result<Vec<Compared>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let parsed = definition::read(file, text, self.registry())
            .map_err(|errors| ServiceError::Invalid(errors.iter().map(field_error).collect()))?;
        let mut compared = Vec::with_capacity(parsed.len());
        for parsed in parsed {
            let key = parsed.definition.key.clone();
            let in_effect = in_effect(&mut session, caller, &key).await?;
            compared.push(match in_effect {
                None => Compared {
                    key,
                    version: None,
                    would: AppliedAs::Created,
                    before: String::new(),
                    after: parsed.source,
                },
                Some((version, digest, before)) => Compared {
                    key,
                    version: Some(version),
                    would: match digest == parsed.definition.digest() {
                        true => AppliedAs::Unchanged,
                        false => AppliedAs::NewVersion,
                    },
                    before,
                    after: parsed.source,
                },
            });
        }
        Ok(compared)
    }
}

/// Number, digest and text of the version in effect.
async fn in_effect(
    session: &mut Session,
    caller: Caller,
    key: &str,
) -> Result<Option<(i64, String, String)>, StoreError> {
    let Some(found) = session.automation_by_key(caller.workspace, key).await? else {
        return Ok(None);
    };
    let (id, number) = (found.automation.id, found.automation.version);
    let version = session.automation_version(caller.workspace, id, number).await?;
    Ok(version.map(|version| (number, version.digest, version.source)))
}
