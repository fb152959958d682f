//! Taking a transport apart into its two halves.

use std::any::Any;

use tokio::io::{AsyncRead, AsyncWrite};

use super::{ReadHalf, WriteHalf};

/// Takes a transport apart.
///
/// TCP and Unix streams split without a lock; any other transport is shared by its halves behind an uncontended one. On the
/// streams, dropping the writing half alone closes that direction.
pub fn split<T>(transport: T) -> (ReadHalf, WriteHalf)
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut transport = Some(transport);
    let any: &mut dyn Any = &mut transport;
    if let Some(tcp) = any
        .downcast_mut::<Option<tokio::net::TcpStream>>()
        .and_then(Option::take)
    {
        let (read, write) = tcp.into_split();
        return (
            ReadHalf::new(Box::new(read)),
            WriteHalf::unbuffered(Box::new(write)),
        );
    }
    #[cfg(unix)]
    if let Some(unix) = any
        .downcast_mut::<Option<tokio::net::UnixStream>>()
        .and_then(Option::take)
    {
        let (read, write) = unix.into_split();
        return (
            ReadHalf::new(Box::new(read)),
            WriteHalf::unbuffered(Box::new(write)),
        );
    }
    let transport = transport.expect("no stream of a known type was taken out");
    let (read, write) = tokio::io::split(transport);
    (
        ReadHalf::new(Box::new(read)),
        WriteHalf::new(Box::new(write)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    use crate::output::Output;

    #[tokio::test]
    async fn halves_of_a_pipe_read_and_write() {
        let (ours, theirs) = tokio::io::duplex(64);
        let (_, mut write) = split(ours);
        let (mut read, _theirs) = split(theirs);
        write.buffer().put(b"ping");
        poll_fn(|cx| write.poll_flush(cx)).await.unwrap();
        poll_fn(|cx| read.poll_fill(cx)).await.unwrap();
        assert_eq!(read.buffered(), b"ping");
        assert_eq!(write.written(), 4);
    }
}
