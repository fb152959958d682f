//! The routes of `app` on our two routers, as a user of each writes them.

use http::header::CONTENT_TYPE;
use http::{HeaderName, Request, Response};
use http_codec::Body;
use http_mux::engine::Context;
use http_mux::{Engine, IntoResponse, Params, ServeMux};

use crate::app::{self, Content};

type Line = [(HeaderName, &'static str); 1];

const TEXT: Line = [(CONTENT_TYPE, "text/plain")];
const JSON: Line = [(CONTENT_TYPE, "application/json")];
const OCTETS: Line = [(CONTENT_TYPE, "application/octet-stream")];

/// Go's patterns.
pub fn mux() -> ServeMux {
    let mut mux = ServeMux::new();
    mux.handle("GET /{$}", || (TEXT, app::HELLO));
    mux.handle("GET /json", || (JSON, app::JSON));
    mux.handle("GET /user/{id}", |params: Params| {
        (TEXT, params.get("id").unwrap_or_default().into_owned())
    });
    mux.handle("POST /echo", |request: Request<Body>| async move {
        (TEXT, app::collect(request.into_body()).await)
    });
    mux.handle("POST /upload", |request: Request<Body>| async move {
        (TEXT, app::count(request.into_body()).await.to_string())
    });
    mux.handle("GET /chunked", chunked);
    mux.handle("GET /baseline11", baseline);
    mux.handle("POST /baseline11", baseline);
    mux.handle("GET /{sized}", |params: Params| {
        (OCTETS, sized(&params.get("sized").unwrap_or_default()))
    });
    mux
}

/// Gin's routes.
pub fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.get("/", || (TEXT, app::HELLO));
    engine.get("/json", || (JSON, app::JSON));
    engine.get("/user/:id", |cx: Context| {
        (TEXT, cx.param("id").into_owned())
    });
    engine.post("/echo", |cx: Context| async move {
        (TEXT, app::collect(cx.into_request().into_body()).await)
    });
    engine.post("/upload", |cx: Context| async move {
        (
            TEXT,
            app::count(cx.into_request().into_body()).await.to_string(),
        )
    });
    engine.get("/chunked", |_: Context| chunked());
    engine.get("/baseline11", |cx: Context| baseline(cx.into_request()));
    engine.post("/baseline11", |cx: Context| baseline(cx.into_request()));
    for name in ["1k", "64k", "1m"] {
        engine.get(&format!("/{name}"), move || (OCTETS, sized(name)));
    }
    engine
}

fn sized(name: &str) -> Body {
    Body::from(app::octets(name).unwrap_or_default())
}

fn chunked() -> Response<Content> {
    app::typed("application/octet-stream", Content::pieces())
}

async fn baseline(request: Request<Body>) -> impl IntoResponse {
    let (head, body) = request.into_parts();
    let content = app::collect(body).await;
    (TEXT, app::sum(head.uri.query().unwrap_or(""), &content))
}
