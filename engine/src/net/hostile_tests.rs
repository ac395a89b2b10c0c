//! Addresses made to reach what they must not. A real listener on loopback counts who gets through.

use domain::problem::FailureKind;
use url::Url;

use super::{
    Guard, HttpClient,
    testing::{Names, Receiver, client, entry, ok, post},
};

/// `{p}` is the port of the listener. Every name in here resolves to loopback.
const HOSTILE: &[&str] = &[
    // loopback in every notation of IPv4
    "http://127.0.0.1:{p}/",
    "https://127.0.0.1:{p}/",
    "http://127.1:{p}/",
    "http://127.0.1:{p}/",
    "http://127.127.127.127:{p}/",
    "http://2130706433:{p}/",
    "http://017700000001:{p}/",
    "http://0x7f000001:{p}/",
    "http://0x7f.0.0.1:{p}/",
    "http://0x7F.1:{p}/",
    "http://0177.0.0.1:{p}/",
    "http://0177.0.0.01:{p}/",
    "http://0x7f.0x0.0x0.0x1:{p}/",
    "http://127.0.0.1.:{p}/",
    "http://127.0x000001:{p}/",
    "http://00000177.0.0.1:{p}/",
    "http://127.000.000.001:{p}/",
    "http://0:{p}/",
    "http://0.0.0.0:{p}/",
    "http://0.1:{p}/",
    "http://00.0.0.0:{p}/",
    "http://0x0:{p}/",
    "http://127.0.0.1:0{p}/",
    "http://127.0.0.1:{p}",
    "HTTP://127.0.0.1:{p}/",
    "http:/127.0.0.1:{p}/",
    "http:127.0.0.1:{p}/",
    "http:////127.0.0.1:{p}/",
    "http://１２７.0.0.1:{p}/",
    "http://①②⑦.⓪.⓪.①:{p}/",
    "http://127。0。0。1:{p}/",
    "http://%31%32%37.0.0.1:{p}/",
    "http://127.0.0.%31:{p}/",
    "http://4294967295:{p}/",
    "http://4294967296:{p}/",
    "http://256.0.0.1:{p}/",
    "http://127.0.0.1.1:{p}/",
    "http://0x7f.0x0.0x0.0x100:{p}/",
    // IPv6: loopback, unspecified, mapped, compatible, translated, tunnelled, local, scoped
    "http://[::1]:{p}/",
    "https://[::1]:{p}/",
    "http://[0:0:0:0:0:0:0:1]:{p}/",
    "http://[0000::0001]:{p}/",
    "http://[::]:{p}/",
    "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::ffff:7f00:1]:{p}/",
    "http://[0:0:0:0:0:ffff:7f00:1]:{p}/",
    "http://[::ffff:0:127.0.0.1]:{p}/",
    "http://[::127.0.0.1]:{p}/",
    "http://[::7f00:1]:{p}/",
    "http://[64:ff9b::127.0.0.1]:{p}/",
    "http://[64:ff9b::7f00:1]:{p}/",
    "http://[64:ff9b:1::7f00:1]:{p}/",
    "http://[2002:7f00:1::]:{p}/",
    "http://[2002:7f00:0001::1]:{p}/",
    "http://[2001:0:7f00:1::]:{p}/",
    "http://[fe80::1]:{p}/",
    "http://[fe80::1%25lo]:{p}/",
    "http://[::1%25lo]:{p}/",
    "http://[fc00::1]:{p}/",
    "http://[fd00::1]:{p}/",
    "http://[fec0::1]:{p}/",
    "http://[ff02::1]:{p}/",
    "http://[::ffff:10.0.0.1]:{p}/",
    "http://[100::1]:{p}/",
    "http://[2001:db8::1]:{p}/",
    "http://[::1:{p}/",
    "http://::1:{p}/",
    "http://[::ffff:169.254.169.254]/",
    // metadata services and private ranges
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254:{p}/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://169.16689662/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "https://metadata/",
    "http://10.0.0.1:{p}/",
    "http://10.255.255.255:{p}/",
    "http://172.16.0.1:{p}/",
    "http://192.168.0.1:{p}/",
    "http://100.64.0.1:{p}/",
    "http://198.18.0.1:{p}/",
    "http://192.0.2.1:{p}/",
    "http://224.0.0.1:{p}/",
    "http://255.255.255.255:{p}/",
    // names that are, or lead to, ourselves
    "http://localhost:{p}/",
    "https://localhost:{p}/",
    "http://LOCALHOST:{p}/",
    "http://localhost.:{p}/",
    "http://localhost.localdomain:{p}/",
    "http://ip6-localhost:{p}/",
    "http://foo.localhost:{p}/",
    "http://127.0.0.1.nip.io:{p}/",
    "http://spoofed.example:{p}/",
    "https://hooks.example:{p}/",
    "https://hooks.example./",
    "https://hooks.example/",
    "https://HOOKS.example/",
    "http://lоcalhost:{p}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/",
    "http://local%68ost:{p}/",
    "http://localhost%00.hooks.example:{p}/",
    "http://xn--lcalhost-n7a:{p}/",
    "http://localhost%2e:{p}/",
    "http://a.b.c.d.e.f.g.localhost:{p}/",
    // confusion about where the host is
    "https://hooks.example@127.0.0.1:{p}/",
    "https://hooks.example:443@127.0.0.1:{p}/",
    "http://user:pass@127.0.0.1:{p}/",
    "https://user@hooks.example/",
    "https://:password@hooks.example/",
    "http://127.0.0.1:{p}#@hooks.example/",
    "http://127.0.0.1:{p}?@hooks.example/",
    "http://127.0.0.1:{p}\\@hooks.example/",
    "http://hooks.example\\@127.0.0.1:{p}/",
    "http:\\\\127.0.0.1:{p}\\",
    "http://127.0.0.1:{p}/@hooks.example",
    "https://hooks.example&@127.0.0.1:{p}/",
    "https://127.0.0.1:{p}%2f@hooks.example/",
    "https://hooks.example%40127.0.0.1:{p}/",
    "http://127.0.0.1 :{p}/",
    "http://127.0.0.1\t:{p}/",
    "ht\ntp://127.0.0.1:{p}/",
    " http://127.0.0.1:{p}/",
    "http://127.0.0.1\u{200b}:{p}/",
    "http://127.0.0.1:{p}\r\nHost: hooks.example/",
    "http://1.1.1.1 &@127.0.0.1:{p}# @hooks.example/",
    "//127.0.0.1:{p}/",
    "127.0.0.1:{p}",
    "/etc/passwd",
    "",
    "http://",
    "http://:{p}/",
    "https:///",
    "http://.:{p}/",
    "http://..:{p}/",
    "http://-:{p}/",
    "http://*:{p}/",
    // ports
    "https://hooks.example:22/",
    "https://hooks.example:80/",
    "http://hooks.example:443/",
    "https://hooks.example:65536/",
    "https://hooks.example:-1/",
    "https://hooks.example:0/",
    "https://hooks.example:443443/",
    // schemes
    "file:///etc/passwd",
    "file://127.0.0.1:{p}/",
    "gopher://127.0.0.1:{p}/_GET%20/",
    "ftp://127.0.0.1:{p}/",
    "ldap://127.0.0.1:{p}/",
    "dict://127.0.0.1:{p}/",
    "ws://127.0.0.1:{p}/",
    "wss://hooks.example/",
    "data:text/plain,hi",
    "javascript:fetch('/')",
    "unix:///var/run/docker.sock",
    "jar:http://127.0.0.1:{p}!/",
    "blob:http://127.0.0.1:{p}/1",
    "netdoc:///etc/passwd",
    "tftp://127.0.0.1:{p}/x",
    "view-source:http://127.0.0.1:{p}/",
    "about:blank",
    "http+unix://%2fsock/",
    "https.://hooks.example/",
    "http://http://127.0.0.1:{p}/",
];

fn hostile(port: u16) -> Vec<String> {
    HOSTILE.iter().map(|url| url.replace("{p}", &port.to_string())).collect()
}

fn to_loopback() -> HttpClient {
    client(Names::leading_to(&[&["127.0.0.1"]]))
}

async fn must_fail(client: &HttpClient, guard: &Guard, url: &str) {
    let error = client.send(guard, post(url)).await.expect_err(url);
    assert_eq!(error.kind, FailureKind::Deterministic, "{url}: {error:?}");
    assert!(error.code.starts_with("net-"), "{url}: {error:?}");
}

#[test]
fn the_corpus_is_large() {
    assert!(HOSTILE.len() >= 120, "{}", HOSTILE.len());
}

#[tokio::test]
async fn nothing_hostile_arrives_when_it_is_not_listed() {
    let receiver = Receiver::start(ok("", b"secret")).await;
    let guard = Guard::new(vec![entry("https", "hooks.example", 443, false)]);
    let client = to_loopback();
    for url in hostile(receiver.address.port()) {
        must_fail(&client, &guard, &url).await;
    }
    assert_eq!(receiver.reached(), 0);
}

#[tokio::test]
async fn nothing_hostile_arrives_when_it_is_listed_as_public() {
    let receiver = Receiver::start(ok("", b"secret")).await;
    let (client, mut listed) = (to_loopback(), 0);
    for url in hostile(receiver.address.port()) {
        let entries = Url::parse(&url).ok().and_then(|parsed| {
            let port = parsed.port_or_known_default()?;
            Some(vec![entry(parsed.scheme(), parsed.host_str()?, port, false)])
        });
        listed += usize::from(entries.is_some());
        must_fail(&client, &Guard::new(entries.unwrap_or_default()), &url).await;
    }
    assert!(listed > 80, "{listed} of them are addresses that can be listed");
    assert_eq!(receiver.reached(), 0);
}

#[tokio::test]
async fn the_same_addresses_arrive_when_they_are_listed_as_private() {
    let receiver = Receiver::start(ok("", b"hello")).await;
    let port = receiver.address.port();
    let mut sent = 0;
    for (written, host) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        ("localhost", "localhost"),
        ("LOCALHOST", "localhost"),
        ("foo.localhost", "foo.localhost"),
    ] {
        let guard = Guard::new(vec![entry("http", host, port, true)]);
        let url = format!("http://{written}:{port}/");
        let response = to_loopback()
            .send(&guard, post(&url))
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(response.body, b"hello");
        sent += 1;
    }
    assert_eq!(receiver.reached(), sent);
}

#[tokio::test]
async fn metadata_and_meaningless_addresses_are_refused_even_when_listed_as_private() {
    for literal in [
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[::]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::ffff:169.254.169.254]",
    ] {
        let url = Url::parse(&format!("http://{literal}/")).unwrap();
        let guard = Guard::new(vec![entry("http", url.host_str().unwrap(), 80, true)]);
        must_fail(&to_loopback(), &guard, url.as_str()).await;
        let named = Guard::new(vec![entry("http", "box.internal", 80, true)]);
        let address = literal.trim_matches(['[', ']']);
        must_fail(&client(Names::leading_to(&[&[address]])), &named, "http://box.internal/").await;
    }
}

#[tokio::test]
async fn a_name_that_rebinds_or_mixes_its_addresses_never_arrives() {
    let receiver = Receiver::start(ok("", b"secret")).await;
    let port = receiver.address.port();
    let guard = Guard::new(vec![entry("http", "hooks.example", port, false)]);
    let url = format!("http://hooks.example:{port}/");
    let answers: [&[&str]; 6] = [
        &["1.1.1.1", "127.0.0.1"],
        &["127.0.0.1", "1.1.1.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["0.0.0.0"],
        &["127.0.0.1"],
    ];
    let rebinding = client(Names::leading_to(&answers));
    for _ in 0..12 {
        must_fail(&rebinding, &guard, &url).await;
    }
    assert_eq!(receiver.reached(), 0);
}

#[tokio::test]
async fn one_workspaces_private_destination_is_no_way_in_for_another() {
    let receiver = Receiver::start(ok("connection: keep-alive\r\n", b"")).await;
    let port = receiver.address.port();
    let url = format!("http://box.internal:{port}/");
    let client = to_loopback();
    let first = Guard::new(vec![entry("http", "box.internal", port, true)]);
    client.send(&first, post(&url)).await.unwrap();
    let second = Guard::new(vec![entry("http", "box.internal", port, false)]);
    must_fail(&client, &second, &url).await;
    must_fail(&client, &Guard::default(), &url).await;
    assert_eq!(receiver.reached(), 1);
}

#[test]
fn each_refusal_has_its_code() {
    let guard = Guard::new(vec![
        entry("https", "hooks.example", 443, false),
        entry("http", "plain.example", 8080, false),
        entry("https", "10.0.0.1", 443, false),
    ]);
    for (url, code) in [
        ("nonsense", "net-invalid-url"),
        ("https://hooks.example/a b", "net-invalid-url"),
        ("ftp://hooks.example/", "net-scheme-not-allowed"),
        ("http://other.example/", "net-scheme-not-allowed"),
        ("https://me@hooks.example/", "net-userinfo"),
        ("https://other.example/", "net-destination-not-listed"),
        ("https://hooks.example:8443/", "net-destination-not-listed"),
        ("https://plain.example:8080/", "net-destination-not-listed"),
        ("https://10.0.0.1/", "net-address-not-allowed"),
    ] {
        assert_eq!(guard.check(url).unwrap_err().code, code, "{url}");
    }
    let long = format!("https://hooks.example/{}", "a".repeat(2_048));
    assert_eq!(guard.check(&long).unwrap_err().code, "net-invalid-url");
    for url in
        ["https://hooks.example/x?y#z", "https://HOOKS.EXAMPLE:443", "http://plain.example:8080/"]
    {
        assert!(guard.check(url).is_ok(), "{url}");
    }
}
