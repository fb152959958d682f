//! SOCKS version 5 (RFC 1928), with user name and password (RFC 1929). Names are resolved by the proxy.
//!
//! ```text
//!   client  05 n methods            server  05 method
//!   client  01 len user len pass    server  01 status
//!   client  05 01 00 type addr port server  05 reply 00 type addr port
//! ```

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stream::Stream;
use crate::error::{Error, ErrorKind, Phase};
use crate::proxy::Proxy;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;

pub(super) async fn ask(
    mut stream: Stream,
    host: &str,
    port: u16,
    proxy: &Proxy,
) -> Result<Stream, Error> {
    match handshake(&mut stream, host, port, proxy.credentials()).await {
        Ok(()) => Ok(stream),
        Err(cause) => Err(Error::new(ErrorKind::Proxy, Phase::Tunnel)
            .with_message("the SOCKS proxy did not connect")
            .with_source(cause)),
    }
}

async fn handshake(
    stream: &mut Stream,
    host: &str,
    port: u16,
    credentials: Option<(&str, &str)>,
) -> io::Result<()> {
    match credentials {
        Some(_) => {
            stream
                .write_all(&[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD])
                .await?
        }
        None => stream.write_all(&[VERSION, 1, NO_AUTHENTICATION]).await?,
    }
    stream.flush().await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    match (answer, credentials) {
        ([VERSION, NO_AUTHENTICATION], _) => {}
        ([VERSION, USER_AND_PASSWORD], Some((user, password))) => {
            authenticate(stream, user, password).await?
        }
        ([VERSION, _], _) => return Err(io::Error::other("no acceptable authentication")),
        _ => return Err(io::Error::other("not a SOCKS version 5 server")),
    }
    stream.write_all(&request(host, port)?).await?;
    stream.flush().await?;
    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await?;
    if reply[0] != VERSION || reply[1] != 0 {
        return Err(io::Error::other(meaning(reply[1])));
    }
    let bound = match reply[3] {
        1 => 4,
        4 => 16,
        3 => stream.read_u8().await? as usize,
        _ => return Err(io::Error::other("unknown type of address")),
    };
    // The address that the proxy connects from, and its port: of no use here.
    let mut skipped = [0; 257];
    stream.read_exact(&mut skipped[..bound + 2]).await?;
    Ok(())
}

async fn authenticate(stream: &mut Stream, user: &str, password: &str) -> io::Result<()> {
    let mut message = vec![1];
    for part in [user, password] {
        message.push(
            u8::try_from(part.len())
                .map_err(|_| io::Error::other("user name or password too long"))?,
        );
        message.extend_from_slice(part.as_bytes());
    }
    stream.write_all(&message).await?;
    stream.flush().await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    if answer[1] == 0 {
        Ok(())
    } else {
        Err(io::Error::other("user name or password refused"))
    }
}

fn request(host: &str, port: u16) -> io::Result<Vec<u8>> {
    let mut message = vec![VERSION, 1, 0];
    match host.parse() {
        Ok(IpAddr::V4(address)) => {
            message.push(1);
            message.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            message.push(4);
            message.extend_from_slice(&address.octets());
        }
        Err(_) => {
            message.push(3);
            message.push(
                u8::try_from(host.len()).map_err(|_| io::Error::other("host name too long"))?,
            );
            message.extend_from_slice(host.as_bytes());
        }
    }
    message.extend_from_slice(&port.to_be_bytes());
    Ok(message)
}

fn meaning(reply: u8) -> &'static str {
    match reply {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "type of address not supported",
        _ => "unknown reply",
    }
}
