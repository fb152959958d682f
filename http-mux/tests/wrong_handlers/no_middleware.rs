//! A middleware takes the context and what comes next.

use http_mux::engine::Context;

async fn alone(_: Context) -> &'static str {
    "alone"
}

fn main() {
    http_mux::Engine::new().use_(alone);
}
