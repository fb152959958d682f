//! A handler must stay `Send` while it waits.

use std::rc::Rc;

use http_mux::engine::Context;

async fn counts(_: Context) -> String {
    let count = Rc::new(1);
    std::future::ready(()).await;
    count.to_string()
}

fn main() {
    http_mux::Engine::new().get("/", counts);
}
