//! Sends the file of a bundle.

use app::context::Place;
use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    response::Response,
};
use domain::id::BundleId;
use engine::services::Download;
use futures::stream;
use http::{HeaderMap, HeaderValue, header};
use tokio::{fs::File, io::AsyncReadExt as _};

use super::{errors::Refusal, forms::part, state::AppState};
use app::fault::Fault;

/// What a file of this kind is called.
pub const MEDIA_TYPE: &str = "application/zip";

/// How much of a file is in memory at once.
const CHUNK: usize = 64 * 1024;

/// The file of a finished bundle, as a download.
pub async fn file(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, bundle)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let id: BundleId = part("bundle", &bundle)?;
    let download = state.services().download_bundle(place.caller(), id).await?;
    let file = File::open(&download.path).await.map_err(Fault::internal)?;
    let mut response = Response::new(Body::from_stream(chunks(file)));
    *response.headers_mut() = headers(&download)?;
    Ok(response)
}

fn headers(download: &Download) -> Result<HeaderMap, Refusal> {
    let disposition = format!("attachment; filename=\"{}\"", download.file.name);
    let disposition = HeaderValue::try_from(disposition).map_err(Fault::internal)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(download.file.size));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(headers)
}

/// A file, a part at a time.
pub fn chunks(file: File) -> impl futures::Stream<Item = std::io::Result<Vec<u8>>> {
    stream::try_unfold(file, |mut file| async move {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await?;
        Ok((!chunk.is_empty()).then_some((chunk, file)))
    })
}
