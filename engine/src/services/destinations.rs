//! Where a workspace's outbound requests may go: nowhere, until an owner lists a destination; and whether
//! they are signed there.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    destination::AllowedDestination,
    permission::Permission,
};
use serde_json::json;
use url::Url;

use super::{
    Caller, ServiceError, Services,
    signing_secrets::{SecretInfo, exchange},
};
use crate::{
    secret::{Secret, digest},
    store::{Signs, Tx},
};

/// In bytes, of a host name.
const LONGEST_HOST: usize = 253;

/// A destination and the secret that requests there are signed with from now on.
#[derive(Debug, Clone)]
pub struct SignedDestination {
    pub destination: AllowedDestination,
    /// Told this once.
    pub secret: Secret,
    /// Until when the secret before signs, too; none if there was none.
    pub until: Option<Timestamp>,
}

impl Services {
    /// The destinations of the workspace, by host.
    pub async fn destinations(
        &self,
        caller: Caller,
    ) -> Result<Vec<AllowedDestination>, ServiceError> {
        self.require(caller, Permission::ManageDestinations).await?;
        Ok(self.store.read().await?.destinations(caller.workspace).await?)
    }

    /// Lists `address`, such as `https://hooks.example.org` or `http://10.0.0.5:8080`. Only with
    /// `allow_private` may it lead to an address within a private network. Listing it again changes
    /// that.
    pub async fn allow_destination(
        &self,
        caller: Caller,
        address: &str,
        allow_private: bool,
    ) -> Result<AllowedDestination, ServiceError> {
        self.require(caller, Permission::ManageDestinations).await?;
        let destination = AllowedDestination { allow_private, ..parse(address)? };
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let before = tx.destinations(caller.workspace).await?;
                if tx.put_destination(caller.workspace, &destination, now).await? {
                    let before = before.iter().find(|entry| same_place(entry, &destination));
                    let draft = about(caller, Verb::DestinationAllowed, &destination)
                        .with(json!({"before": before, "after": destination}));
                    tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                }
                Ok(destination)
            })
        })
        .await
    }

    /// The secrets that requests to destinations are signed with, by destination, the newest first.
    pub async fn destination_secrets(
        &self,
        caller: Caller,
    ) -> Result<BTreeMap<String, Vec<SecretInfo>>, ServiceError> {
        self.require(caller, Permission::ManageDestinations).await?;
        let now = self.clock.now();
        let mut session = self.store.read().await?;
        let mut found: BTreeMap<String, Vec<SecretInfo>> = BTreeMap::new();
        for stored in session.destination_secrets(caller.workspace, now).await? {
            if let Signs::Destination(destination) = stored.signs.clone() {
                found.entry(destination).or_default().push(stored.into());
            }
        }
        Ok(found)
    }

    /// Has requests of actioners to `address` signed, with a secret that is told this once. Where they
    /// were signed before, the old secret signs, too, for a day.
    pub async fn sign_destination(
        &self,
        caller: Caller,
        address: &str,
    ) -> Result<SignedDestination, ServiceError> {
        self.require(caller, Permission::ManageDestinations).await?;
        let destination = parse(address)?;
        let keys = self.sealing_keys().await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let found = listed(tx, caller, &destination).await?;
                let signs = Signs::Destination(found.to_string());
                let made = exchange(tx, &keys, &ids, caller, signs, now).await?;
                let (draft, until) = match made.before.is_empty() {
                    true => {
                        let draft = about(caller, Verb::DestinationSecretMade, &found);
                        (draft.with(json!({"secret": made.id})), None)
                    }
                    false => {
                        let draft = about(caller, Verb::DestinationSecretRotated, &found);
                        let until = domain::audit::instant(made.until);
                        let (before, after) = (made.before, made.id);
                        let said = json!({"before": before, "after": after, "until": until});
                        (draft.with(said), Some(made.until))
                    }
                };
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(SignedDestination { destination: found, secret: made.secret, until })
            })
        })
        .await
    }

    /// Has requests to `address` no longer signed, at once.
    pub async fn unsign_destination(
        &self,
        caller: Caller,
        address: &str,
    ) -> Result<AllowedDestination, ServiceError> {
        self.require(caller, Permission::ManageDestinations).await?;
        let destination = parse(address)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let found = listed(tx, caller, &destination).await?;
                let signs = Signs::Destination(found.to_string());
                if tx.delete_signing_secrets(caller.workspace, &signs, None).await? == 0 {
                    return Ok(found);
                }
                let draft = about(caller, Verb::DestinationSecretRemoved, &found);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(found)
            })
        })
        .await
    }

    /// Takes `address` off the list.
    pub async fn remove_destination(
        &self,
        caller: Caller,
        address: &str,
    ) -> Result<(), ServiceError> {
        self.require(caller, Permission::ManageDestinations).await?;
        let destination = parse(address)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let found = listed(tx, caller, &destination).await?;
                if !tx.delete_destination(caller.workspace, &found).await? {
                    return Err(ServiceError::NotFound("destination"));
                }
                let signs = Signs::Destination(found.to_string());
                tx.delete_signing_secrets(caller.workspace, &signs, None).await?;
                let draft =
                    about(caller, Verb::DestinationRemoved, &found).with(json!({"before": found}));
                Ok(tx.append_audit(caller.workspace, &ids, now, &[draft]).await?)
            })
        })
        .await
    }
}

/// The entry of the list that is meant.
async fn listed(
    tx: &mut Tx,
    caller: Caller,
    destination: &AllowedDestination,
) -> Result<AllowedDestination, ServiceError> {
    let listed = tx.destinations(caller.workspace).await?;
    let found = listed.into_iter().find(|entry| same_place(entry, destination));
    found.ok_or(ServiceError::NotFound("destination"))
}

/// An entry of the log names no address, so the destination goes by a digest of it.
fn about(caller: Caller, verb: Verb, destination: &AllowedDestination) -> Draft {
    let mut id = digest(&destination.to_string());
    id.truncate(32);
    Draft::new(caller.principal, verb, Object::new("destination", id))
}

fn same_place(one: &AllowedDestination, other: &AllowedDestination) -> bool {
    one.scheme == other.scheme && one.host == other.host && one.port == other.port
}

/// Reads scheme, host and port, and insists that there is nothing else.
fn parse(address: &str) -> Result<AllowedDestination, ServiceError> {
    let wrong = |message: &str| ServiceError::invalid("address", message);
    const SHAPE: &str = "a destination looks like https://host or https://host:port";
    let url = Url::parse(address.trim()).map_err(|_| wrong(SHAPE))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong("only https and http can be allowed"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a destination carries no user name or password"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("a destination is a host and a port, without a path"));
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(wrong(SHAPE));
    };
    if host.len() > LONGEST_HOST || port == 0 {
        return Err(wrong(SHAPE));
    }
    Ok(AllowedDestination {
        scheme: url.scheme().to_owned(),
        host: host.to_owned(),
        port,
        allow_private: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_scheme_a_host_and_a_port() {
        for (text, expected) in [
            ("https://Hooks.Example.org", "https://hooks.example.org:443"),
            (" http://10.0.0.5:8080/ ", "http://10.0.0.5:8080"),
            ("https://[::1]:9000", "https://[::1]:9000"),
            ("https://bücher.example", "https://xn--bcher-kva.example:443"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn anything_else_is_refused_and_names_the_field() {
        for text in [
            "",
            "hooks.example.org",
            "hooks.example.org:443",
            "ftp://example.org",
            "https://user@example.org",
            "https://user:pass@example.org",
            "https://example.org/path",
            "https://example.org/?q",
            "https://example.org/#f",
            "https://",
            "https://example.org:0",
            "https://example.org:70000",
            "file:///etc/passwd",
        ] {
            let ServiceError::Invalid(errors) = parse(text).unwrap_err() else { panic!("{text}") };
            assert_eq!(errors[0].field, "address", "{text}");
        }
    }
}
