//! Files as responses: conditional requests, ranges, media types by extension (feature `io`).
//!
//! ```text
//! If-Match, else If-Unmodified-Since     412
//! If-None-Match, else If-Modified-Since  304 (GET and HEAD; 412 for other methods)
//! Range of a GET, if If-Range allows     206 with one range, 416 with none that fits
//! ```

mod conditions;
mod kinds;
mod range;

use std::fs::Metadata;
use std::io::{self, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{
    ACCEPT_RANGES, ALLOW, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, LAST_MODIFIED,
};
use http::{Method, Request, Response, StatusCode};
use http_codec::Body;
use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use self::conditions::{Outcome, Version};
use self::range::Wanted;
use crate::response::IntoResponse;

pub use self::kinds::media_type;

/// Answers a `GET` or `HEAD` with a file, or with what the request's conditions and its range make of it.
///
/// Other methods are answered with 405, a file that is not there (or is a directory) with 404, one that may not be read with 403.
/// When the future is dropped, nothing has been sent.
pub async fn serve_file<B>(request: &Request<B>, path: impl AsRef<Path>) -> Response<Body> {
    let (method, headers) = (request.method().clone(), request.headers().clone());
    match serve(&method, &headers, path.as_ref()).await {
        Ok(response) => response,
        Err(error) => failure(&error).into_response(),
    }
}

/// `ENAMETOOLONG`: `ErrorKind` knows it from Rust 1.87 on only.
const NAME_TOO_LONG: i32 = if cfg!(target_os = "linux") { 36 } else { 63 };

/// The status that an error in opening a file is answered with.
pub(crate) fn failure(error: &io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => {
            StatusCode::NOT_FOUND
        }
        io::ErrorKind::IsADirectory => StatusCode::NOT_FOUND,
        _ if error.raw_os_error() == Some(NAME_TOO_LONG) => StatusCode::NOT_FOUND,
        _ => {
            tracing::error!(target: "http_mux", %error, "a file could not be read");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

pub(crate) async fn serve(
    method: &Method,
    headers: &HeaderMap,
    path: &Path,
) -> io::Result<Response<Body>> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let allow = [(ALLOW, HeaderValue::from_static("GET, HEAD"))];
        return Ok((StatusCode::METHOD_NOT_ALLOWED, allow, ()).into_response());
    }
    let (file, facts) = open(path).await?;
    let version = version(&facts);
    let mut response = match conditions::check(method, headers, &version) {
        Outcome::Failed => StatusCode::PRECONDITION_FAILED.into_response(),
        Outcome::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Outcome::Whole => part(method, file, facts.len(), Wanted::Whole).await?,
        Outcome::MaybeRange => {
            let wanted = range::wanted(headers, facts.len());
            part(method, file, facts.len(), wanted).await?
        }
    };
    describe(&mut response, path, &version);
    Ok(response)
}

/// Opens a regular file, in one trip to the threads that may block. Of anything else it is known before it is opened: to open
/// a pipe would wait for its writer.
async fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let path = path.to_owned();
    let regular = |facts: Metadata| match facts.is_file() {
        true => Ok(facts),
        false => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    let opened = tokio::task::spawn_blocking(move || {
        regular(std::fs::metadata(&path)?)?;
        let file = std::fs::File::open(&path)?;
        let facts = regular(file.metadata()?)?;
        Ok::<_, io::Error>((file, facts))
    });
    let (file, facts) = opened.await.map_err(io::Error::other)??;
    Ok((File::from_std(file), facts))
}

/// The whole content or a part of it.
async fn part(
    method: &Method,
    mut file: File,
    size: u64,
    wanted: Wanted,
) -> io::Result<Response<Body>> {
    let (status, start, length) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, size),
        Wanted::Part { start, length } => (StatusCode::PARTIAL_CONTENT, start, length),
        Wanted::Nothing => {
            let fields = [(CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, fields, ()).into_response());
        }
    };
    let mut response = status.into_response();
    let fields = response.headers_mut();
    fields.insert(CONTENT_LENGTH, length.into());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {start}-{}/{size}", start + length - 1);
        if let Ok(range) = HeaderValue::try_from(range) {
            fields.insert(CONTENT_RANGE, range);
        }
    }
    if *method == Method::GET && length > 0 {
        if start > 0 {
            file.seek(SeekFrom::Start(start)).await?;
        }
        *response.body_mut() = Body::file(file, length);
    }
    Ok(response)
}

fn version(facts: &Metadata) -> Version {
    let modified = facts
        .modified()
        .ok()
        .filter(|modified| *modified >= UNIX_EPOCH);
    let since = modified.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
    let tag = since.map(|since| format!("\"{:x}-{:x}\"", since.as_nanos(), facts.len()));
    Version { tag, modified }
}

fn describe(response: &mut Response<Body>, path: &Path, version: &Version) {
    let status = response.status();
    let fields = response.headers_mut();
    if matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        fields.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
        fields.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
    if let Some(tag) = version
        .tag
        .as_ref()
        .and_then(|tag| HeaderValue::from_str(tag).ok())
    {
        fields.insert(ETAG, tag);
    }
    // A 304 needs no second validator beside the tag.
    if let Some(modified) = version
        .modified
        .filter(|_| status != StatusCode::NOT_MODIFIED)
    {
        // Never later than now (RFC 9110 section 8.8.2.1), and so within the years that the format has.
        let date = httpdate::fmt_http_date(modified.min(SystemTime::now()));
        if let Ok(date) = HeaderValue::try_from(date) {
            fields.insert(LAST_MODIFIED, date);
        }
    }
}

/// The file of a directory that a (decoded) path names; `None` if the path could lead out of it.
///
/// Symbolic links are followed wherever they lead.
pub(crate) fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let mut found = root.to_owned();
    for component in Path::new(path.trim_start_matches('/')).components() {
        match component {
            Component::Normal(name) if !name.as_encoded_bytes().contains(&0) => found.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests;
