//! What is sent, what is read, and how failures are told apart.

use std::time::Duration;

use domain::problem::FailureKind;

use super::{
    Guard, HttpClient, Limits,
    testing::{Behaviour, Names, Receiver, client, entry, limits, ok, post},
};

fn loopback() -> HttpClient {
    client(Names::leading_to(&[&["127.0.0.1"]]))
}

#[tokio::test]
async fn a_listed_literal_is_reached_and_its_reply_read() {
    let receiver =
        Receiver::start(ok("x-request-id: r1\r\nserver: secret\r\n", b"{\"ack\":1}")).await;
    let response =
        loopback().send(&receiver.guard(), post(&receiver.url("/requests?a=1"))).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.body, b"{\"ack\":1}");
    assert_eq!(response.digest, domain::canonical::digest(b"{\"ack\":1}"));
    assert_eq!(response.headers.get("x-request-id").map(String::as_str), Some("r1"));
    assert!(!response.headers.contains_key("server") && !response.replayed && !response.truncated);
    let head = receiver.heads().remove(0);
    assert!(head.starts_with("post /requests?a=1 http/1.1\r\n"), "{head}");
    assert!(
        head.contains("content-type: application/json\r\n") && head.contains("user-agent: assize/"),
        "{head}"
    );
    assert!(!head.contains("accept-encoding") && !head.contains("idempotency-key"), "{head}");
}

#[tokio::test]
async fn a_listed_name_is_reached_where_private_addresses_are_allowed() {
    let receiver = Receiver::start(ok("", b"")).await;
    let port = receiver.address.port();
    let url = format!("http://receiver.internal:{port}/");
    let guard = |private| Guard::new(vec![entry("http", "receiver.internal", port, private)]);
    assert_eq!(loopback().send(&guard(true), post(&url)).await.unwrap().status, 200);
    assert_eq!(receiver.reached(), 1);
    let error = loopback().send(&guard(false), post(&url)).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("net-address-not-allowed", FailureKind::Deterministic));
    assert_eq!(receiver.reached(), 1);
}

#[tokio::test]
async fn the_key_travels_in_both_headers() {
    let receiver = Receiver::start(ok("idempotent-replayed: true\r\n", b"")).await;
    let url = receiver.url("/");
    let request = super::Request { idempotency_key: Some("k3y\"\\"), ..post(&url) };
    let response = loopback().send(&receiver.guard(), request).await.unwrap();
    assert!(response.replayed);
    let head = receiver.heads().remove(0);
    assert!(head.contains("\r\nidempotency-key: \"k3y\\\"\\\\\"\r\n"), "{head}");
    assert!(head.contains("\r\nwebhook-id: k3y\"\\\r\n"), "{head}");
}

#[tokio::test]
async fn headers_that_frame_the_message_cannot_be_set() {
    let receiver = Receiver::start(ok("", b"")).await;
    let url = receiver.url("/");
    for (name, value, code) in [
        ("Host", "evil.example", "net-header-not-allowed"),
        ("Transfer-Encoding", "chunked", "net-header-not-allowed"),
        ("content-length", "0", "net-header-not-allowed"),
        ("Idempotency-Key", "\"x\"", "net-header-not-allowed"),
        ("Proxy-Authorization", "x", "net-header-not-allowed"),
        ("x-a", "b\r\nx-c: d", "net-invalid-header"),
        ("x a", "b", "net-invalid-header"),
        ("", "b", "net-invalid-header"),
    ] {
        let headers = [(name.to_owned(), value.to_owned())];
        let request = super::Request { headers: &headers, ..post(&url) };
        let error = loopback().send(&receiver.guard(), request).await.unwrap_err();
        assert_eq!((error.code, error.kind), (code, FailureKind::Deterministic), "{name}");
    }
    for key in ["k\n", "clé"] {
        let request = super::Request { idempotency_key: Some(key), ..post(&url) };
        let error = loopback().send(&receiver.guard(), request).await.unwrap_err();
        assert_eq!(error.code, "net-invalid-header");
    }
    assert_eq!(receiver.reached(), 0);
    let headers = [("Authorization".to_owned(), "Bearer t".to_owned())];
    let request = super::Request { headers: &headers, ..post(&url) };
    loopback().send(&receiver.guard(), request).await.unwrap();
    assert!(receiver.heads().remove(0).contains("\r\nauthorization: bearer t\r\n"));
}

#[tokio::test]
async fn a_redirect_is_a_reply_and_is_not_followed() {
    let target = Receiver::start(ok("", b"secret")).await;
    for status in ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"] {
        let reply = format!(
            "HTTP/1.1 {status}\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            target.url("/")
        );
        let receiver = Receiver::start(Behaviour::Reply(reply.into_bytes())).await;
        let response = loopback().send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap();
        assert!((300..400).contains(&response.status));
        assert_eq!(response.headers.get("location"), Some(&target.url("/")));
    }
    assert_eq!(target.reached(), 0);
}

#[tokio::test]
async fn a_long_reply_is_cut_at_the_limit() {
    let receiver = Receiver::start(ok("", &vec![b'x'; 3 * 1024 * 1024])).await;
    let response = loopback().send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap();
    assert!(response.truncated);
    assert_eq!(response.body.len(), Limits::default().reply);
    let endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let endless = [
        endless,
        b"4000\r\n"
            .iter()
            .copied()
            .chain([b'y'; 0x4000])
            .chain(*b"\r\n")
            .collect::<Vec<_>>()
            .repeat(200),
    ]
    .concat();
    let receiver = Receiver::start(Behaviour::Reply(endless)).await;
    let response = loopback().send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap();
    assert!(response.truncated && response.body.len() == Limits::default().reply);
}

#[tokio::test]
async fn a_compressed_reply_is_not_unpacked() {
    let receiver = Receiver::start(ok("content-encoding: gzip\r\n", b"\x1f\x8bbomb")).await;
    let response = loopback().send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap();
    assert_eq!(response.body, b"\x1f\x8bbomb");
}

#[tokio::test]
async fn cookies_and_connections_are_not_kept() {
    let receiver = Receiver::start(ok("set-cookie: a=b\r\nconnection: keep-alive\r\n", b"")).await;
    let client = loopback();
    for _ in 0..3 {
        client.send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap();
    }
    assert_eq!(receiver.reached(), 3);
    assert!(receiver.heads().iter().all(|head| !head.contains("cookie")));
}

#[tokio::test]
async fn every_status_is_a_response() {
    for status in [400, 401, 408, 409, 422, 425, 429, 500, 502, 503, 504] {
        let reply = format!("HTTP/1.1 {status} X\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n");
        let receiver = Receiver::start(Behaviour::Reply(reply.into_bytes())).await;
        let response = loopback().send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap();
        assert_eq!(response.status, status);
        assert_eq!(response.headers.get("retry-after").map(String::as_str), Some("7"));
        assert_eq!(receiver.reached(), 1, "no retry of {status}");
    }
}

#[tokio::test]
async fn a_lost_reply_is_unknown() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    for (behaviour, code) in [
        (Behaviour::Hang, "net-reply-lost"),
        (Behaviour::Reply(half), "net-reply-lost"),
        (Behaviour::Reply(b"not http at all\r\n\r\n".to_vec()), "net-reply-lost"),
        (Behaviour::Silence, "net-reply-timeout"),
    ] {
        let receiver = Receiver::start(behaviour.clone()).await;
        let error = loopback().send(&receiver.guard(), post(&receiver.url("/"))).await.unwrap_err();
        assert_eq!((error.code, error.kind), (code, FailureKind::Unknown), "{behaviour:?}");
        assert_eq!(receiver.reached(), 1, "no retry after {behaviour:?}");
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_transient() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = format!("http://127.0.0.1:{free}/");
    let guard = Guard::new(vec![
        entry("http", "127.0.0.1", free, true),
        entry("https", "slow.example", 443, false),
        entry("https", "nowhere.invalid", 443, false),
    ]);
    let error = loopback().send(&guard, post(&refused)).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("net-cannot-connect", FailureKind::Transient));

    let never = client(Names::leading_to(&[&[]]));
    let error = never.send(&guard, post("https://slow.example/")).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("net-connect-timeout", FailureKind::Transient));

    let unresolved = HttpClient::new(limits()).unwrap();
    let error = unresolved.send(&guard, post("https://nowhere.invalid/")).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Transient, "{error:?}");
}

#[tokio::test]
async fn tls_with_somebody_who_does_not_speak_it_is_transient() {
    let receiver = Receiver::start(ok("", b"")).await;
    let port = receiver.address.port();
    let guard = Guard::new(vec![entry("https", "127.0.0.1", port, true)]);
    let url = format!("https://127.0.0.1:{port}/");
    let request = loopback();
    let error = tokio::time::timeout(Duration::from_secs(5), request.send(&guard, post(&url)))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind, FailureKind::Transient, "{error:?}");
    assert!(receiver.heads().is_empty());
}

#[tokio::test]
async fn an_error_names_the_host_and_not_the_query() {
    let receiver = Receiver::start(Behaviour::Hang).await;
    let url = receiver.url("/path?token=secret");
    let error = loopback().send(&receiver.guard(), post(&url)).await.unwrap_err();
    assert!(error.message.contains("127.0.0.1") && !error.message.contains("secret"), "{error}");
}
