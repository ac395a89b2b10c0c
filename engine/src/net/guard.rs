//! Decides whether a workspace may send a request to an address.

use std::net::IpAddr;

use domain::destination::AllowedDestination;
use url::{Host, Url};

use super::{
    address::{Reach, reach},
    error::NetError,
};

/// The longest address, in bytes.
const LONGEST: usize = 2_048;

/// The allow-list of one workspace.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Vec<AllowedDestination>,
}

/// An address that may be requested. Parsed once; what was checked is what is sent.
#[derive(Debug, Clone)]
pub struct Permit {
    pub(super) url: Url,
    pub(super) allow_private: bool,
}

impl Permit {
    /// Scheme, host and port, as destinations are listed.
    pub fn destination(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}://{}:{port}", self.url.scheme(), self.host())
    }

    /// The host as the address writes it.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl Guard {
    /// A guard that lets through what is listed and nothing else.
    pub fn new(allowed: Vec<AllowedDestination>) -> Self {
        Self { allowed }
    }

    /// # Errors
    /// Deterministic: `net-invalid-url`, `net-scheme-not-allowed`, `net-userinfo`,
    /// `net-destination-not-listed` or `net-address-not-allowed`.
    pub fn check(&self, address: &str) -> Result<Permit, NetError> {
        let url = parse(address)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(invalid("it names no host"));
        };
        let allow_private = self.listed(&url, port)?;
        match host {
            Host::Ipv4(literal) => vet_literal(literal.into(), allow_private)?,
            Host::Ipv6(literal) => vet_literal(literal.into(), allow_private)?,
            Host::Domain(_) => {}
        }
        Ok(Permit { url, allow_private })
    }

    /// Whether the entry for this destination allows private addresses.
    fn listed(&self, url: &Url, port: u16) -> Result<bool, NetError> {
        let host = url.host_str().unwrap_or_default();
        let here = |entry: &&AllowedDestination| {
            entry.host.eq_ignore_ascii_case(host) && entry.port == port
        };
        let entries: Vec<_> = self.allowed.iter().filter(here).collect();
        match entries.iter().find(|entry| entry.scheme == url.scheme()) {
            Some(entry) => Ok(entry.allow_private),
            None if !entries.is_empty() || url.scheme() == "https" => {
                let message = format!(
                    "{}://{host}:{port} is not among the destinations this workspace allows",
                    url.scheme()
                );
                Err(NetError::refused("net-destination-not-listed", message))
            }
            None => {
                let message = "only https may be used, unless the destination is listed with http";
                Err(NetError::refused("net-scheme-not-allowed", message))
            }
        }
    }
}

fn parse(address: &str) -> Result<Url, NetError> {
    if address.len() > LONGEST {
        return Err(invalid("it is longer than 2048 bytes"));
    }
    // The URL standard drops or converts these; whoever wrote them meant to confuse a reader.
    if address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(invalid("it contains a space, a backslash or a control character"));
    }
    let url = Url::parse(address).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "https" | "http") {
        let message = "only https may be used, unless the destination is listed with http";
        return Err(NetError::refused("net-scheme-not-allowed", message));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let message = "an address must not carry a user name or password";
        return Err(NetError::refused("net-userinfo", message));
    }
    Ok(url)
}

/// Address literals skip the resolver, so they are decided here.
fn vet_literal(literal: IpAddr, allow_private: bool) -> Result<(), NetError> {
    if allow_private && reach(literal) != Reach::Never { Ok(()) } else { Err(not_allowed()) }
}

/// Whether an address that a name led to may be connected to.
pub(super) fn may_connect(address: IpAddr, allow_private: bool) -> bool {
    match reach(address) {
        Reach::Public => true,
        Reach::Private => allow_private,
        Reach::Never => false,
    }
}

/// The answer never says which address it was: that would map our network for whoever asks.
pub(super) fn not_allowed() -> NetError {
    let message = "the host leads to an address that must not be reached";
    NetError::refused("net-address-not-allowed", message)
}

fn invalid(why: &str) -> NetError {
    NetError::refused("net-invalid-url", format!("the address is not a usable URL: {why}"))
}
