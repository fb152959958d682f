//! actix-web with one worker.

use std::io;
use std::time::Duration;

use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures::{StreamExt, stream};

use crate::app;
use crate::process::obey;

pub(super) fn serve() -> io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(|| {
            App::new()
                .app_data(PayloadConfig::new(64 << 20))
                .route("/", web::get().to(|| async { text(app::HELLO) }))
                .route(
                    "/json",
                    web::get().to(|| async {
                        HttpResponse::Ok()
                            .content_type(ContentType::json())
                            .body(app::JSON)
                    }),
                )
                .route(
                    "/user/{id}",
                    web::get().to(|id: web::Path<String>| async { text(id.into_inner()) }),
                )
                .route(
                    "/echo",
                    web::post().to(|content: Bytes| async { text(content) }),
                )
                .route("/upload", web::post().to(upload))
                .route("/chunked", web::get().to(chunked))
                .route("/baseline11", web::get().to(baseline))
                .route("/baseline11", web::post().to(baseline))
                .route("/{sized}", web::get().to(sized))
        })
        .workers(1)
        .keep_alive(Duration::from_secs(120))
        .bind("127.0.0.1:0")?;
        if let Some(address) = server.addrs().first() {
            obey(*address);
        }
        server.run().await
    })
}

fn text(content: impl Into<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain")
        .body(content.into())
}

async fn upload(mut content: web::Payload) -> HttpResponse {
    let mut octets = 0;
    while let Some(Ok(piece)) = content.next().await {
        octets += piece.len();
    }
    text(octets.to_string())
}

async fn chunked() -> HttpResponse {
    let pieces = stream::iter((0..app::PIECES).map(|_| Ok::<_, io::Error>(app::PIECE.clone())));
    HttpResponse::Ok()
        .content_type(ContentType::octet_stream())
        .streaming(pieces)
}

async fn baseline(request: HttpRequest, content: Bytes) -> HttpResponse {
    text(app::sum(request.query_string(), &content))
}

async fn sized(name: web::Path<String>) -> HttpResponse {
    let content = app::octets(&name).unwrap_or_default();
    HttpResponse::Ok()
        .content_type(ContentType::octet_stream())
        .body(content)
}
