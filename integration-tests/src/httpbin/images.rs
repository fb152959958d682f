//! `/image` by `Accept`, and each format by its own path. The picture is this project's own.

use http::header::ACCEPT;
use http::{Request, Response, StatusCode};
use http_codec::Body;

use super::reply::text;
use super::{PathArgs, Reply, status};

const PNG: &[u8] = include_bytes!("assets/harbour.png");
const JPEG: &[u8] = include_bytes!("assets/harbour.jpg");
const WEBP: &[u8] = include_bytes!("assets/harbour.webp");
const SVG: &[u8] = include_bytes!("assets/harbour.svg");

/// `/image`: the first format of webp, svg, jpeg, png that `Accept` names; 406 where it names none.
pub async fn negotiated(request: Request<Body>, _: PathArgs) -> Reply {
    let Some(accept) = request.headers().get(ACCEPT) else {
        return Ok(image("png"));
    };
    let accept = String::from_utf8_lossy(accept.as_bytes()).to_ascii_lowercase();
    let formats = [
        ("image/webp", "webp"),
        ("image/svg+xml", "svg"),
        ("image/jpeg", "jpeg"),
        ("image/png", "png"),
        ("image/*", "png"),
        ("*/*", "png"),
    ];
    let format = formats.iter().find(|(media, _)| accept.contains(media));
    Ok(format.map_or_else(
        || status::answer(StatusCode::NOT_ACCEPTABLE),
        |(_, format)| image(format),
    ))
}

/// `/image/{format}`.
pub async fn by_format(_: Request<Body>, path: PathArgs) -> Reply {
    Ok(image(path.get("format")))
}

fn image(format: &str) -> Response<Body> {
    match format {
        "png" => text("image/png", PNG),
        "jpeg" => text("image/jpeg", JPEG),
        "webp" => text("image/webp", WEBP),
        "svg" => text("image/svg+xml", SVG),
        _ => status::answer(StatusCode::NOT_FOUND),
    }
}
