//! Where a request comes from, for throttling.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, request::Parts};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client: the hop that our own proxies report, never what a client claims.
///
/// Each of the `trusted_proxies` appends the address it was called from; what stands left of their
/// entries was sent by the client and may be invented.
pub fn address(parts: &Parts, trusted_proxies: usize) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let hops = forwarded(&parts.headers);
    let reported = trusted_proxies
        .checked_sub(1)
        .and_then(|skipped| hops.iter().rev().nth(skipped).or(hops.first()));
    reported.and_then(|hop| parse(hop)).unwrap_or(peer).to_canonical()
}

/// All entries of all such headers, in their order.
fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// Some proxies add the port.
fn parse(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn seen(forwarded: &[&str], trusted_proxies: usize) -> String {
        let mut request = Request::builder();
        for value in forwarded {
            request = request.header(FORWARDED_FOR, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 9], 4711))));
        address(&parts, trusted_proxies).to_string()
    }

    #[test]
    fn without_a_proxy_the_peer_counts_whatever_the_client_claims() {
        assert_eq!(seen(&["203.0.113.1"], 0), "10.0.0.9");
    }

    #[test]
    fn with_proxies_the_entry_of_the_outermost_trusted_one_counts() {
        assert_eq!(seen(&["1.1.1.1, 203.0.113.7"], 1), "203.0.113.7");
        assert_eq!(seen(&["1.1.1.1, 203.0.113.7, 10.0.0.1"], 2), "203.0.113.7");
        assert_eq!(seen(&["1.1.1.1", "203.0.113.7", "10.0.0.1"], 2), "203.0.113.7");
    }

    #[test]
    fn ports_and_mapped_addresses_are_read() {
        assert_eq!(seen(&["203.0.113.7:5000"], 1), "203.0.113.7");
        assert_eq!(seen(&["[2001:db8::1]:5000"], 1), "2001:db8::1");
        assert_eq!(seen(&["::ffff:203.0.113.7"], 1), "203.0.113.7");
    }

    #[test]
    fn a_missing_or_broken_entry_falls_back_to_what_is_known() {
        assert_eq!(seen(&[], 1), "10.0.0.9");
        assert_eq!(seen(&["unknown"], 1), "10.0.0.9");
        assert_eq!(seen(&["203.0.113.7"], 2), "203.0.113.7");
    }
}
