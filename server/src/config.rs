//! What the server is told: addresses and secrets as flags or environment variables.

use std::{fmt, net::SocketAddr, str::FromStr};

use domain::destination::AllowedDestination;
use http::Uri;

/// The address of a database. Its password stays out of logs and messages.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address with its password, for connecting.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for DatabaseUrl {
    fn from(address: &str) -> Self {
        Self(address.to_owned())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Passwords stand before the last @, or in a parameter.
        let address = self.0.split_once('?').map_or(self.0.as_str(), |(address, _)| address);
        match (address.split_once("://"), address.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://…@{place}"),
            _ => f.write_str(address),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// A secret from the command line or its surroundings. It shows nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The address people open: `https://assize.example`, as a browser sends it in `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    secure: bool,
}

/// An address that cannot be an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    #[error("an origin is scheme and host, such as https://assize.example, without a path")]
    Form,
    #[error("over plain http everybody on the way reads passwords: use https, or http://127.0.0.1")]
    Insecure,
    #[error("leave out :80 and :443; browsers do")]
    DefaultPort,
}

impl Origin {
    /// The origin of a server on this machine.
    pub fn local(address: SocketAddr) -> Self {
        Self { text: format!("http://{address}"), secure: false }
    }

    /// That of a process nobody opens.
    pub fn nowhere() -> Self {
        Self { text: String::new(), secure: false }
    }

    /// It is https: cookies may be kept to secure connections.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What audit logs are named after: `assize.example`, with the port if there is one.
    pub fn host(&self) -> &str {
        self.text.split_once("://").map_or(self.text.as_str(), |(_, host)| host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin::Form)?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(InvalidOrigin::Form);
        };
        let bare = !text.contains(['@', '?', '#']) && matches!(uri.path(), "" | "/");
        let secure = match (scheme, bare) {
            ("https", true) => true,
            ("http", true) if is_loopback(host) => false,
            ("http", true) => return Err(InvalidOrigin::Insecure),
            _ => return Err(InvalidOrigin::Form),
        };
        if uri.port_u16() == Some(if secure { 443 } else { 80 }) {
            return Err(InvalidOrigin::DefaultPort);
        }
        Ok(Self { text, secure })
    }
}

/// Where a server is. Whoever names one in a setting means it, wherever its name leads.
pub fn destination(uri: &Uri) -> AllowedDestination {
    let (scheme, host) = (uri.scheme_str().unwrap_or("https"), uri.host().unwrap_or_default());
    let usual = if scheme == "https" { 443 } else { 80 };
    AllowedDestination {
        scheme: scheme.to_owned(),
        host: host.to_owned(),
        port: uri.port_u16().unwrap_or(usual),
        allow_private: true,
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "[::1]") || host.starts_with("127.")
}

/// Settings of the part that speaks HTTP.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// The address people open.
    pub origin: Origin,
    /// How many proxies stand before the server and append to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Pages for those who work on Assize itself.
    pub development: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        for address in [
            "postgres://assize:hunter2@db.example/assize",
            "postgres://assize:hu@nter2@db.example/assize?sslmode=require",
            "postgres://db.example/assize?user=assize&password=hunter2",
        ] {
            let address = DatabaseUrl::from(address);
            let shown = format!("{address} {address:?}");
            assert!(!shown.contains("nter2"), "{shown}");
            assert!(shown.contains("db.example/assize"), "{shown}");
        }
        assert_eq!(DatabaseUrl::from("sqlite:assize.sqlite").to_string(), "sqlite:assize.sqlite");
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        let origin: Origin = "https://Assize.example/".parse().unwrap();
        assert_eq!((origin.as_str(), origin.is_secure()), ("https://assize.example", true));
        assert_eq!(origin.host(), "assize.example");
        let local: Origin = "http://localhost:8480".parse().unwrap();
        assert!(!local.is_secure());
        assert_eq!(local.host(), "localhost:8480");
    }

    #[test]
    fn what_is_no_safe_origin_is_refused() {
        let refused = |text: &str| text.parse::<Origin>().unwrap_err();
        assert_eq!(refused("assize.example"), InvalidOrigin::Form);
        assert_eq!(refused("https://assize.example/path"), InvalidOrigin::Form);
        assert_eq!(refused("https://user@assize.example"), InvalidOrigin::Form);
        assert_eq!(refused("ftp://assize.example"), InvalidOrigin::Form);
        assert_eq!(refused("http://assize.example"), InvalidOrigin::Insecure);
        assert_eq!(refused("https://assize.example:443"), InvalidOrigin::DefaultPort);
    }
}
