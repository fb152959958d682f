//! A forwarding proxy on `ServerCodec` and `ClientCodec`: heads, content, trailers and interim responses pass as
//! frames, in both directions at once; an upgrade and `CONNECT` become a tunnel.
//!
//! ```text
//! cargo run -p http-codec --example framed_proxy -- 127.0.0.1:3128
//! curl -x http://127.0.0.1:3128 http://example.com/
//! ```

use std::io;

use futures::{Sink, SinkExt, Stream, StreamExt, future};
use http::{Method, StatusCode};
use http_codec::fields::connection;
use http_codec::{
    BodyLength, ClientCodec, CodecError, Fields, Leniency, Limits, Message, RawFields, RawRequest,
    RawResponse, ReasonPhrase, RequestHead, ResponseHead, ServerCodec, TargetForm,
};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

type Client = Framed<TcpStream, ServerCodec>;
type Origin = Framed<TcpStream, ClientCodec>;

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or("127.0.0.1:3128".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("listening on {}", listener.local_addr()?);
    run(listener).await
}

/// Serves every client in a task of its own.
pub(crate) async fn run(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(async move {
            let codec = ServerCodec::new(Limits::request(), Leniency::strict());
            if let Err(error) = serve(Framed::new(stream, codec)).await {
                eprintln!("{peer}: {error:?}");
            }
        });
    }
}

/// Serves one client, each request over a connection of its own to the origin.
async fn serve(mut client: Client) -> Result<(), CodecError> {
    loop {
        let head = match client.next().await {
            None => return Ok(()),
            Some(Ok(Message::Head(head))) => head,
            // What is left of a request that was answered early.
            Some(Ok(_)) => continue,
            Some(Err(error)) => return refuse(client, error).await,
        };
        let Some(mut origin) = connect(&head).await else {
            client.send(answer(StatusCode::BAD_GATEWAY)?).await?;
            client.send(Message::<RawResponse>::End).await?;
            continue;
        };
        let tunnel = match head.method() {
            "CONNECT" => {
                client.send(answer(StatusCode::OK)?).await?;
                true
            }
            _ => {
                origin.send(Message::Head(request(&head)?)).await?;
                exchange(&mut client, &mut origin).await?
            }
        };
        if tunnel {
            return splice(client, origin).await;
        }
        if client.codec().is_last() {
            return Ok(client.get_mut().shutdown().await?);
        }
    }
}

/// Passes content up and the response down until that is complete; `true` if HTTP has ended with it.
async fn exchange(client: &mut Client, origin: &mut Origin) -> Result<bool, CodecError> {
    let (to_client, from_client) = client.split();
    let (to_origin, from_origin) = origin.split();
    let up = std::pin::pin!(send_up(from_client, to_origin));
    let down = std::pin::pin!(send_down(from_origin, to_client));
    match future::select(down, up).await {
        future::Either::Left((answered, _)) => answered,
        // An origin that answers early may close its ear before its mouth.
        future::Either::Right((Ok(()) | Err(CodecError::Io(_)), down)) => down.await,
        future::Either::Right((Err(error), _)) => Err(error),
    }
}

async fn send_up(
    mut from: impl Stream<Item = Result<Message<RequestHead>, CodecError>> + Unpin,
    mut to: impl Sink<Message<RawRequest>, Error = CodecError> + Unpin,
) -> Result<(), CodecError> {
    while let Some(frame) = from.next().await.transpose()? {
        match frame {
            Message::Data(data) => to.send(Message::Data(data)).await?,
            Message::Trailers(fields) => to.send(Message::Trailers(fields)).await?,
            Message::Head(_) | Message::End => return to.send(Message::End).await,
        }
    }
    Ok(())
}

async fn send_down(
    mut from: impl Stream<Item = Result<Message<ResponseHead>, CodecError>> + Unpin,
    mut to: impl Sink<Message<RawResponse>, Error = CodecError> + Unpin,
) -> Result<bool, CodecError> {
    let mut tunnel = false;
    while let Some(frame) = from.next().await.transpose()? {
        match frame {
            Message::Head(head) => {
                tunnel = head.length() == BodyLength::Tunnel;
                to.send(Message::Head(response(&head)?)).await?;
            }
            Message::Data(data) => to.send(Message::Data(data)).await?,
            Message::Trailers(fields) => to.send(Message::Trailers(fields)).await?,
            Message::End => {
                to.send(Message::End).await?;
                return Ok(tunnel);
            }
        }
    }
    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
}

/// Hands both transports over, with what each codec has read ahead.
async fn splice(client: Client, origin: Origin) -> Result<(), CodecError> {
    let (mut client, mut origin) = (client.into_parts(), origin.into_parts());
    origin.io.write_all(&client.read_buf).await?;
    client.io.write_all(&origin.read_buf).await?;
    copy_bidirectional(&mut client.io, &mut origin.io).await?;
    Ok(())
}

/// Answers a request that is none, and closes.
async fn refuse(mut client: Client, error: CodecError) -> Result<(), CodecError> {
    if let CodecError::Decode(error) = &error {
        let status = error.status();
        let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        client.get_mut().write_all(answer.as_bytes()).await?;
    }
    Err(error)
}

/// An answer of our own, without content.
fn answer(status: StatusCode) -> Result<Message<RawResponse>, CodecError> {
    let mut fields = RawFields::new();
    fields.push("Content-Length", "0")?;
    Ok(Message::Head(RawResponse {
        status,
        reason: None,
        fields,
    }))
}

async fn connect(head: &RequestHead) -> Option<Origin> {
    let host = head.host()?;
    let port = host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    let stream = match port {
        Some(Ok(_)) => TcpStream::connect(host).await,
        _ => TcpStream::connect((host, 80)).await,
    };
    let codec = ClientCodec::new(Limits::response(), Leniency::strict());
    Some(Framed::new(stream.ok()?, codec))
}

/// The request as it goes on: in origin-form, its fields in their order and spelling.
fn request(head: &RequestHead) -> Result<RawRequest, CodecError> {
    let behind_scheme = head.target().split_once("://").map(|(_, rest)| rest);
    let target = match (head.target_form(), head.query()) {
        // The server as a whole is meant (RFC 9112 section 3.2.4).
        (TargetForm::Absolute, None)
            if head.method() == "OPTIONS" && behind_scheme == head.host() =>
        {
            "*".to_owned()
        }
        (TargetForm::Absolute, Some(query)) => format!("{}?{query}", head.path()),
        (TargetForm::Absolute, None) => head.path().to_owned(),
        _ => head.target().to_owned(),
    };
    let method = Method::from_bytes(head.method().as_bytes()).map_err(io::Error::other)?;
    let host = head.host().unwrap_or_default().as_bytes().to_vec();
    let fields = end_to_end(head.fields(), head.length(), head.exchange().upgrade)?;
    Ok(RawRequest {
        method,
        target,
        host,
        fields,
    })
}

fn response(head: &ResponseHead) -> Result<RawResponse, CodecError> {
    let reason = Some(ReasonPhrase::new(head.reason().to_vec())?);
    let upgrade = head.status() == StatusCode::SWITCHING_PROTOCOLS;
    let fields = end_to_end(head.fields(), head.length(), upgrade)?;
    Ok(RawResponse {
        status: head.status(),
        reason,
        fields,
    })
}

/// The fields without those of one connection only (RFC 9110 section 7.6.1), and what frames the content.
fn end_to_end(
    fields: Fields<'_>,
    length: BodyLength,
    upgrade: bool,
) -> Result<RawFields, CodecError> {
    let named: Vec<&[u8]> = fields
        .clone()
        .filter(|field| field.name.eq_ignore_ascii_case("connection"))
        .flat_map(|field| http_codec::grammar::list(field.value))
        .collect();
    let mut kept = RawFields::new();
    for field in fields {
        let name = field.name.as_bytes();
        let listed = named.iter().any(|option| option.eq_ignore_ascii_case(name));
        let taken = upgrade && field.name.eq_ignore_ascii_case("upgrade");
        // Whoever names it in `Connection` must not (RFC 9110 section 7.6.1): the content would go on without its length.
        let frames = field.name.eq_ignore_ascii_case("content-length");
        if taken || frames || !(listed || connection::is_hop_by_hop(name)) {
            kept.push(field.name, field.value)?;
        }
    }
    // Whoever forwards says so (RFC 9110 section 7.6.3).
    kept.push("Via", "1.1 framed-proxy")?;
    if upgrade {
        kept.push("Connection", "upgrade")?;
    }
    if length == BodyLength::Chunked {
        kept.push("Transfer-Encoding", "chunked")?;
    }
    Ok(kept)
}
