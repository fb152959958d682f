//! A small API on the engine: groups, middleware, JSON in and out, events, a directory.
//!
//! `cargo run -p http-mux --example engine`, then
//!
//! ```sh
//! curl -i http://127.0.0.1:8080/v1/items/1
//! curl -i -u gopher:secret -H 'content-type: application/json' -d '{"name":"lamp"}' http://127.0.0.1:8080/v1/items
//! curl -N http://127.0.0.1:8080/ticks
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream;
use http_mux::engine::{BasicAuth, BodyLimit, Context, Next, RequestId, Timeout};
use http_mux::sse::{Event, Sse};
use http_mux::{Body, Engine, Error, Json, Response, ResponseExt, StatusCode};
use http_server::Server;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Clone, Serialize, Deserialize)]
struct Item {
    name: String,
}

type Items = Arc<Mutex<BTreeMap<u32, Item>>>;

fn engine(items: Items) -> Engine {
    let mut engine = Engine::default();
    let settings = engine.settings_mut();
    settings.handle_method_not_allowed = true;
    settings.handle_head = true;
    engine
        .use_(RequestId::new())
        .use_(Timeout::new(Duration::from_secs(10)));
    engine.use_(server_name);

    engine.get("/ping", || "pong\n");
    engine.get("/ticks", ticks);
    engine.static_dir("/source", concat!(env!("CARGO_MANIFEST_DIR"), "/examples"));

    let mut v1 = engine.group("/v1");
    v1.use_(BodyLimit(64 * 1024));
    v1.no_route(|| (StatusCode::NOT_FOUND, Json("no such thing")));
    let all = Arc::clone(&items);
    v1.get("/items/:id", move |cx: Context| item(&all, &cx));
    v1.with(BasicAuth::new([("gopher", "secret")]))
        .post("/items", move |cx: Context| add(Arc::clone(&items), cx));
    engine
}

fn item(items: &Items, cx: &Context) -> Result<Json<Item>, Error> {
    let id: u32 = cx.bind_path()?;
    let items = items
        .lock()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let item = items.get(&id).cloned();
    item.map(Json)
        .ok_or_else(|| Error::new(StatusCode::NOT_FOUND, "no such item"))
}

async fn add(items: Items, mut cx: Context) -> Result<Response<Body>, Error> {
    let item: Item = cx.bind_json().await?;
    let mut items = items
        .lock()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let id = items.keys().next_back().map_or(1, |last| last + 1);
    items.insert(id, item);
    let made = Json(id).with_status(StatusCode::CREATED);
    Ok(made.with_header("location", format!("/v1/items/{id}")))
}

async fn ticks() -> Sse {
    let ticks = stream::unfold(0, |tick: u32| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Event::new(tick.to_string()).event("tick"), tick + 1))
    });
    Sse::with_keep_alive(ticks, Duration::from_secs(15))
}

async fn server_name(cx: Context, next: Next) -> Response<Body> {
    next.run(cx).await.with_header("server", "engine")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let lamp = Item {
        name: "lamp".into(),
    };
    let items = Arc::new(Mutex::new(BTreeMap::from([(1, lamp)])));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}", listener.local_addr()?);
    Server::new().serve(listener, engine(items)).await
}
