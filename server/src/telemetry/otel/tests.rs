//! Spans arrive at a collector, each as part of the one before.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use tracing::{debug_span, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

/// Answers one request, and gives what was sent.
fn collector() -> (Uri, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let taken = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut sent = vec![0; 65_536];
        let mut length = 0;
        while !is_whole(&sent[..length]) {
            length += connection.read(&mut sent[length..]).unwrap();
        }
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        sent.truncate(length);
        sent
    });
    (address.parse().unwrap(), taken)
}

/// Whether all of a request is there.
fn is_whole(sent: &[u8]) -> bool {
    let Some(head) = sent.windows(4).position(|end| end == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&sent[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    sent.len() >= head + 4 + length.unwrap_or(0)
}

#[test]
fn spans_arrive_at_a_collector_each_as_part_of_the_one_before() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (address, taken) = collector();
    let traces = Traces::to(&address, runtime.handle()).unwrap();
    let request = "0190c3a1b2c37d4e8f10aabbccddeeff";
    tracing::subscriber::with_default(tracing_subscriber::registry().with(traces.layer()), || {
        // The target of the spans of requests.
        let request = info_span!(target: "server::telemetry", "request", id = request);
        let run = debug_span!(
            target: TARGET, "run", trace = request_trace(), span = "1111111111111111",
            parent = "8f10aabbccddeeff", begun = 1_000_000_i64, ended = 2_000_000_i64,
            failure = "run-broke"
        );
        drop((request, run, debug_span!("nothing to collectors", secret = "hunter2")));
    });
    traces.end();
    let sent = taken.join().unwrap();
    let text = String::from_utf8_lossy(&sent);
    assert!(text.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{text}");
    assert!(text.contains("application/x-protobuf") && text.contains("run-broke"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let times = |part: &[u8]| sent.windows(part.len()).filter(|there| *there == part).count();
    let id: uuid::Uuid = request.parse().unwrap();
    assert_eq!(times(id.as_bytes()), 2, "both are of the trace of the request");
    let span = SpanId::of(id).to_bytes();
    // The end of the id of the trace is that of the span of the request, too.
    assert_eq!(times(&span), 2 + 2, "the run is part of the request");
}

fn request_trace() -> &'static str {
    "0190c3a1b2c37d4e8f10aabbccddeeff"
}
