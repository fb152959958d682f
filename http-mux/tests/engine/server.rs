//! An engine on our server: what it learns of the connection.

use http_mux::Engine;
use http_mux::engine::{ClientIp, Context};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn the_server_tells_the_peer_s_address() {
    for (trusted, client) in [("192.0.2.0/24", "127.0.0.1"), ("127.0.0.0/8", "192.0.2.7")] {
        let mut engine = Engine::new();
        let trusted = trusted.parse().expect("a network");
        engine.settings_mut().client_ip = ClientIp::new().trust(trusted);
        engine.get("/", |cx: Context| {
            format!("{:?} {:?}", cx.remote_ip(), cx.client_ip())
        });
        let server = http_server::testing::serve(engine).await.expect("a port");
        let mut stream = TcpStream::connect(server.addr()).await.expect("a server");
        let request =
            "GET / HTTP/1.1\r\nhost: t\r\nx-forwarded-for: 192.0.2.7\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let expected = format!("Some(127.0.0.1) Some({client})");
        assert!(answer.ends_with(&expected), "{answer}");
    }
}
