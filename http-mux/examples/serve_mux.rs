//! Go's patterns in ten lines. `cargo run -p http-mux --example serve_mux`, then `curl http://127.0.0.1:8080/hello/gopher`.

use http_mux::{Params, ServeMux};
use http_server::Server;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut mux = ServeMux::new();
    mux.handle("GET /{$}", || "Ask for /hello/{name}.\n");
    mux.handle("GET /hello/{name}", async |params: Params| {
        format!("Hello, {}!\n", params.get("name").unwrap_or_default())
    });

    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}", listener.local_addr()?);
    Server::new().serve(listener, mux).await
}
