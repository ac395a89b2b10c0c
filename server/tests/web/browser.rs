//! A browser without a window: keeps cookies and sends forms.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
};
use domain::filter::query;
use http::{HeaderMap, Method, Request, header, request};
use tower::ServiceExt as _;

pub struct Browser {
    routes: Router,
    pub cookie: Option<String>,
    pub address: IpAddr,
}

/// What the server answered.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }
}

impl Browser {
    pub fn new(routes: Router) -> Self {
        Self { routes, cookie: None, address: Ipv4Addr::new(192, 0, 2, 1).into() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form as a browser does from a page of the site itself.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header("sec-fetch-site", "same-origin");
        self.send(request.body(form(fields)).unwrap()).await
    }

    /// The beginning of a request with this browser's cookie.
    pub fn request(&self, method: Method, path: &str) -> request::Builder {
        let mut request = Request::builder().method(method.clone()).uri(path);
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request.extension(ConnectInfo(SocketAddr::new(self.address, 50_000)))
    }

    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap()).into_owned();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        if let Some((cookie, _)) = answer.header("set-cookie").split_once(';') {
            self.cookie = Some(cookie.to_owned()).filter(|cookie| !cookie.ends_with('='));
        }
        answer
    }
}

/// Fields as a body.
pub fn form(fields: &[(&str, &str)]) -> Body {
    Body::from(query(fields.iter().copied()))
}
