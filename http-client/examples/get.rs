//! Fetches a URL: `cargo run -p http-client --example get -- http://example.com/`

use http_client::{Client, ResponseExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "http://example.com/".into());
    let response = Client::new().get(url).send().await?;
    println!("{:?} {}", response.version(), response.status());
    for (name, value) in response.headers() {
        println!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    println!();
    response
        .error_for_status()?
        .copy_to(&mut tokio::io::stdout())
        .await?;
    Ok(())
}
