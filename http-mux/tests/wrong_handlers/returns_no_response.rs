//! What a handler returns must become a response.

struct Item;

async fn item() -> Item {
    Item
}

fn main() {
    http_mux::ServeMux::new().handle("GET /item", item);
}
