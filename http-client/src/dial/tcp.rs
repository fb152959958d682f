//! One TCP connection, with the options of its socket.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};

/// The options of TCP sockets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TcpOptions {
    /// Sends small segments at once (`TCP_NODELAY`). Default: yes.
    pub nodelay: bool,
    /// Probes an idle peer after so long (`SO_KEEPALIVE`): whole seconds, from 1 to 32767. Default 30 s.
    pub keepalive: Option<Duration>,
    /// The address to connect from. Default: the system's choice. Addresses of the other family are not tried then.
    pub local_address: Option<IpAddr>,
    /// `SO_SNDBUF`, in octets. Default: the system's choice.
    pub send_buffer: Option<usize>,
    /// `SO_RCVBUF`, in octets. Default: the system's choice.
    pub receive_buffer: Option<usize>,
    /// How long sent octets may stay unacknowledged (`TCP_USER_TIMEOUT`, Linux). Default: the system's choice.
    pub user_timeout: Option<Duration>,
    /// The network interface to use (`SO_BINDTODEVICE`, Linux). Default: the system's choice.
    pub interface: Option<String>,
}

impl Default for TcpOptions {
    fn default() -> Self {
        TcpOptions {
            nodelay: true,
            keepalive: Some(Duration::from_secs(30)),
            local_address: None,
            send_buffer: None,
            receive_buffer: None,
            user_timeout: None,
            interface: None,
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// Linux refuses more (`MAX_TCP_KEEPIDLE`).
const KEEPALIVE_MOST: Duration = Duration::from_secs(32_767);

/// It is milliseconds in a C `int`.
#[cfg(target_os = "linux")]
const USER_TIMEOUT_MOST: Duration = Duration::from_millis(i32::MAX as u64);

/// Connects to one address.
pub(super) async fn connect(address: SocketAddr, options: &TcpOptions) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_nodelay(options.nodelay)?;
    if let Some(time) = options.keepalive {
        let keepalive = TcpKeepalive::new().with_time(time.clamp(SECOND, KEEPALIVE_MOST));
        SockRef::from(&socket).set_tcp_keepalive(&keepalive)?;
    }
    if let Some(octets) = options.send_buffer {
        SockRef::from(&socket).set_send_buffer_size(octets)?;
    }
    if let Some(octets) = options.receive_buffer {
        SockRef::from(&socket).set_recv_buffer_size(octets)?;
    }
    #[cfg(target_os = "linux")]
    {
        if let Some(time) = options.user_timeout {
            SockRef::from(&socket).set_tcp_user_timeout(Some(time.min(USER_TIMEOUT_MOST)))?;
        }
        if let Some(interface) = &options.interface {
            SockRef::from(&socket).bind_device(Some(interface.as_bytes()))?;
        }
    }
    if let Some(local) = options.local_address {
        socket.bind(SocketAddr::new(local, 0))?;
    }
    socket.connect(address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn any_duration_is_a_time_for_a_socket() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        for time in [
            Duration::ZERO,
            Duration::from_millis(500),
            Duration::from_secs(40_000),
            Duration::MAX,
        ] {
            let options = TcpOptions {
                keepalive: Some(time),
                user_timeout: Some(time),
                send_buffer: Some(usize::MAX),
                receive_buffer: Some(0),
                ..TcpOptions::default()
            };
            let connected = connect(address, &options).await;
            assert!(connected.is_ok(), "{time:?}: {connected:?}");
        }
    }
}
