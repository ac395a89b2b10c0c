//! The files a browser loads besides pages, served from inside the binary. They were compressed
//! when they were built; names under `/pkg` carry a digest of the content, so they never go stale.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

/// Paths of the built assets, for the head of every page. Empty in a binary that was compiled
/// before `cargo xtask site` made any.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Digest of all assets together.
    pub build: String,
    /// The style sheet.
    pub css: String,
    /// The script that loads the islands.
    pub js: String,
    /// The islands.
    pub wasm: String,
}

impl From<&Manifest> for app::shell::Assets {
    fn from(manifest: &Manifest) -> Self {
        let Manifest { css, js, wasm, .. } = manifest.clone();
        Self { css, js, wasm }
    }
}

/// Names in use now; the same for as long as the process lives.
pub fn manifest() -> &'static Manifest {
    &SITE.manifest
}

/// Serves `/pkg/…` and what lies at the top, such as `/favicon.svg`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let on_top = SITE.files.keys().filter(|path| !path.starts_with("/pkg/") && is_public(path));
    on_top.fold(Router::new().route("/pkg/{*file}", get(serve)), |router, path| {
        router.route(path, get(serve))
    })
}

struct Site {
    manifest: Manifest,
    files: BTreeMap<String, Cow<'static, [u8]>>,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let files = under_development().unwrap_or_else(embedded);
    let manifest = files.get("/manifest.json").and_then(|json| serde_json::from_slice(json).ok());
    Site { manifest: manifest.unwrap_or_default(), files }
});

type Files = BTreeMap<String, Cow<'static, [u8]>>;

fn embedded() -> Files {
    const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));
    FILES.iter().map(|(path, bytes)| (format!("/{path}"), Cow::Borrowed(*bytes))).collect()
}

/// `cargo xtask dev` names the folder it builds into, so that a changed style sheet is shown
/// without compiling anything. Not in a release.
#[cfg(debug_assertions)]
fn under_development() -> Option<Files> {
    fn collect(site: &std::path::Path, folder: &std::path::Path, files: &mut Files) -> Option<()> {
        for entry in std::fs::read_dir(folder).ok()? {
            let file = entry.ok()?.path();
            if file.is_dir() {
                collect(site, &file, files)?;
            } else {
                let path = format!("/{}", file.strip_prefix(site).ok()?.display());
                files.insert(path, Cow::Owned(std::fs::read(&file).ok()?));
            }
        }
        Some(())
    }
    let site = std::path::PathBuf::from(std::env::var_os("ASSIZE_SITE")?);
    let mut files = Files::new();
    collect(&site, &site, &mut files)?;
    Some(files)
}

#[cfg(not(debug_assertions))]
fn under_development() -> Option<Files> {
    None
}

/// The manifest and the compressed twins are no addresses of their own.
fn is_public(path: &str) -> bool {
    path != "/manifest.json" && !path.ends_with(".br") && !path.ends_with(".gz")
}

async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let Some(plain) = SITE.files.get(path).filter(|_| is_public(path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (encoding, content) = ENCODINGS
        .iter()
        .filter(|(name, _)| accepts(&headers, name))
        .find_map(|(name, ending)| Some((Some(*name), SITE.files.get(&format!("{path}{ending}"))?)))
        .unwrap_or((None, plain));

    let mut response = Response::new(Body::from(Bytes::from_static(content)));
    let told = response.headers_mut();
    told.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    told.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control(path)));
    told.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    told.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        told.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Whether `Accept-Encoding` names this encoding and does not rule it out by `q=0`.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        named && weight != Some(0.0)
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

fn cache_control(path: &str) -> &'static str {
    if path.starts_with("/pkg/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str, encodings: &'static str) -> Response {
        let request = Request::get(path).header(ACCEPT_ENCODING, encodings);
        routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[test]
    fn an_encoding_counts_when_named_and_not_ruled_out() {
        let headers =
            |value| HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        assert!(accepts(&headers("gzip, deflate, br;q=0.9"), "br"));
        assert!(!accepts(&headers("gzip, br;q=0"), "br"));
        assert!(!accepts(&headers("identity"), "gzip"));
    }

    #[tokio::test]
    async fn what_is_not_in_the_binary_is_not_found() {
        for path in
            ["/pkg/nothing.css", "/pkg/../manifest.json", "/manifest.json", "/favicon.svg.br"]
        {
            assert_eq!(fetch(path, "br").await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    /// Without a site, as in a fresh clone, there is nothing to be served and nothing to test.
    #[tokio::test]
    async fn every_asset_is_served_compressed_and_the_hashed_ones_for_ever() {
        let Manifest { css, js, wasm, .. } = manifest();
        for path in [css, js, wasm].into_iter().filter(|path| !path.is_empty()) {
            for (asked, ending) in [("gzip, br", ".br"), ("gzip", ".gz"), ("identity", "")] {
                let response = fetch(path, asked).await;
                assert_eq!(response.status(), StatusCode::OK, "{path}");
                let size = SITE.files[&format!("{path}{ending}")].len();
                assert_eq!(response.headers()[CONTENT_LENGTH], size.to_string());
                let cache = response.headers()[CACHE_CONTROL].to_str().unwrap();
                assert!(cache.contains("immutable"), "{cache}");
            }
        }
    }
}
