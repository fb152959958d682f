//! Sockets that a service manager opened for us (`LISTEN_FDS`, as systemd and its kin pass them).

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, UnixListener};

/// The first descriptor that is passed.
const FIRST: i32 = 3;

/// A listening socket that was passed to this process.
#[derive(Debug)]
#[non_exhaustive]
pub enum Inherited {
    /// An internet socket.
    Tcp(TcpListener),
    /// A Unix socket.
    Unix(UnixListener),
}

/// The sockets that a service manager passed to this process, with their names; none if it passed none.
///
/// Restarting a server on sockets that stay open loses no connection. To be called once, before anything else looks at these
/// descriptors: the second call finds none.
///
/// # Errors
///
/// If a descriptor is not a listening socket.
///
/// # Panics
///
/// Outside of a tokio runtime.
pub fn inherited() -> io::Result<Vec<(String, Inherited)>> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let variable = |name| std::env::var(name).ok();
    let is_for_us = variable("LISTEN_PID").is_some_and(|pid| pid.parse() == Ok(std::process::id()));
    let count = variable("LISTEN_FDS")
        .and_then(|count| count.parse().ok())
        .unwrap_or(0_u16);
    if !is_for_us || count == 0 || TAKEN.swap(true, Ordering::SeqCst) {
        return Ok(Vec::new());
    }
    let names = variable("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':').map(str::to_owned);
    (FIRST..FIRST + i32::from(count))
        .map(|descriptor| Ok((names.next().unwrap_or_default(), open(descriptor)?)))
        .collect()
}

fn open(descriptor: i32) -> io::Result<Inherited> {
    #[allow(
        unsafe_code,
        reason = "the protocol names descriptors by number, and std has no safe way from one"
    )]
    // SAFETY: the service manager opened these descriptors for this process alone, which `LISTEN_PID` says, and `inherited`
    // takes each of them once.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let socket = Socket::from(descriptor);
    if !is_listening(&socket)? {
        let what = "an inherited descriptor is not a listening socket";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let domain = socket.local_addr()?.domain();
    socket.set_nonblocking(true)?;
    socket.set_cloexec(true)?;
    Ok(if domain == Domain::UNIX {
        Inherited::Unix(UnixListener::from_std(OwnedFd::from(socket).into())?)
    } else {
        Inherited::Tcp(TcpListener::from_std(socket.into())?)
    })
}

fn is_listening(socket: &Socket) -> io::Result<bool> {
    // Not every system tells whether a stream listens; what does not fails when it is accepted from.
    #[cfg(target_os = "linux")]
    if !socket.is_listener()? {
        return Ok(false);
    }
    Ok(socket.r#type()? == Type::STREAM)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::IntoRawFd;

    use super::*;

    #[tokio::test]
    async fn what_does_not_listen_is_refused() {
        let bound = || TcpListener::bind("127.0.0.1:0").expect("a port");
        assert!(open(bound().into_raw_fd()).is_ok());
        let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let peer = bound();
        let stream = TcpStream::connect(peer.local_addr().expect("bound")).expect("listening");
        let file = std::fs::File::open("/dev/null").expect("a file");
        for descriptor in [
            datagrams.into_raw_fd(),
            #[cfg(target_os = "linux")]
            stream.into_raw_fd(),
            file.into_raw_fd(),
        ] {
            open(descriptor).expect_err("not a listener");
        }
    }
}
