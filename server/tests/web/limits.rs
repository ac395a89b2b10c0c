//! Too much, broken or misdirected: a clear answer, and nothing lost.

use std::net::SocketAddr;

use axum::body::Body;
use http::Method;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::site::Site;

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

#[tokio::test]
async fn ten_megabytes_over_a_real_connection_get_an_explanation() {
    let site = Site::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = site.routes.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });

    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {TEN_MEGABYTES}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![b'a'; TEN_MEGABYTES]).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{}", &answer[..200]);
    assert!(answer.contains("Too much was sent") && answer.contains("1024 KiB"));
}

#[tokio::test]
async fn a_body_that_does_not_say_its_length_is_limited_too() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let chunks = (0..40).map(|_| Ok::<_, std::io::Error>(vec![b'a'; 64 * 1024]));
    let body = Body::from_stream(futures::stream::iter(chunks));
    let request = browser.request(Method::POST, "/sign-in").body(body).unwrap();
    let answer = browser.send(request).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("Too much was sent"));
}

#[tokio::test]
async fn what_is_no_form_is_refused_with_its_reason() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let request = http::Request::post("/sign-in").header("content-type", "application/json");
    let answer = browser.send(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("This form cannot be read"), "{}", answer.body);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_with_a_page() {
    let site = Site::new().await;
    let mut browser = site.browser();
    for path in ["/nowhere", "/w", "/sign-in/again", "/%00", "/%ff", "/..%2f", "/dev/style"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("Not found"), "{path}");
    }
    let request = browser.request(Method::DELETE, "/sign-in");
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 405);
    assert!(answer.body.contains("<h1>"), "{}", answer.body);
}

#[tokio::test]
async fn the_probes_tell_that_the_server_lives_and_can_serve() {
    let site = Site::new().await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/healthz").await.status, 200);
    for _ in 0..2 {
        assert_eq!(browser.get("/readyz").await.status, 200);
    }
    site.services.store().close().await;
    assert_eq!(browser.get("/healthz").await.status, 200);
    assert_eq!(browser.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn when_the_database_is_gone_the_page_says_so_without_internals() {
    let site = Site::new().await;
    let mut browser = site.browser();
    site.services.store().close().await;
    let answer = browser.post("/sign-in", &[("email", "a@b.example"), ("password", "x")]).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains(answer.header("x-request-id")), "{}", answer.body);
    for internal in ["pool", "sqlite", "database:"] {
        assert!(!answer.body.contains(internal), "{internal}: {}", answer.body);
    }
}
