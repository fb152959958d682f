//! A handler takes a request, its parameters, both, or nothing.

async fn item(_id: u32) -> &'static str {
    "item"
}

fn main() {
    http_mux::ServeMux::new().handle("GET /item/{id}", item);
    http_mux::Engine::new().get("/item/:id", item);
}
