//! Where outbound requests of a workspace may go.

use serde::{Deserialize, Serialize};

/// One entry of a workspace's allow-list. Only what is listed can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AllowedDestination {
    /// `https`, or `http` where that was allowed on purpose.
    pub scheme: String,
    /// A host name in lower case, or an address literal as a URL writes it.
    pub host: String,
    pub port: u16,
    /// Whether the host may lead to a private, loopback or otherwise special address.
    pub allow_private: bool,
}

impl std::fmt::Display for AllowedDestination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}
