//! `/upload`: content of any size, counted and forgotten.

use std::time::Instant;

use http::header::HeaderName;
use http::{HeaderMap, Request};
use http_body::Body as _;
use http_codec::{Body, BodyError};
use serde_json::{Map, Value, json};

use super::{PathArgs, Reply, reply};

/// `/upload`: how many octets came, in how many pieces, how long it took, and the trailers behind them.
pub async fn upload(request: Request<Body>, _: PathArgs) -> Reply {
    let start = Instant::now();
    let count = Count::of(request.into_body()).await?;
    Ok(reply::json(&json!({
        "octets": count.octets,
        "frames": count.frames,
        "seconds": start.elapsed().as_secs_f64(),
        "trailers": count.shown_trailers(),
    })))
}

/// What is known of content that was read and dropped.
#[derive(Debug, Default)]
pub struct Count {
    /// Octets of data.
    pub octets: u64,
    /// Frames of data, as they came from the connection.
    pub frames: u64,
    /// The trailer section.
    pub trailers: HeaderMap,
}

impl Count {
    /// Reads a body to its end, one frame at a time.
    ///
    /// # Errors
    ///
    /// As the body fails.
    pub async fn of(body: Body) -> Result<Self, BodyError> {
        let mut body = std::pin::pin!(body);
        let mut count = Self::default();
        while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            match frame?.into_data() {
                Ok(data) => {
                    count.octets += data.len() as u64;
                    count.frames += 1;
                }
                Err(frame) => count
                    .trailers
                    .extend(frame.into_trailers().unwrap_or_default()),
            }
        }
        Ok(count)
    }

    fn shown_trailers(&self) -> Map<String, Value> {
        let shown = |(name, value): (&HeaderName, &http::HeaderValue)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into(),
            )
        };
        self.trailers.iter().map(shown).collect()
    }
}
