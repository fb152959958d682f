//! The end of a connection (RFC 9112 section 9.6).
//!
//! A socket that is closed with unread input answers with a reset, which destroys what the peer has not read of our last
//! response. So: send the FIN, read and throw away for a while, then close.

use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::time::Instant;

use crate::connection::Connection;
use crate::core::Phase;
use crate::error::Ending;

/// The most that is read and thrown away.
const MOST: usize = 16 * 1024 * 1024;

impl Connection {
    /// Ends the connection as `ending` says.
    pub(crate) async fn end(&mut self, ending: Ending) {
        let linger = match ending {
            Ending::Hijacked => return,
            Ending::Abort if self.reset => return,
            Ending::Abort => {
                // Responses that were finished before are not at fault: what the transport takes at once still leaves.
                poll_fn(|cx| Poll::Ready(self.poll_flush(cx).is_ready())).await;
                return;
            }
            Ending::Close | Ending::Idle => false,
            Ending::Linger => true,
        };
        self.link.set_gone();
        if poll_fn(|cx| self.poll_fin(cx)).await.is_err() || !linger || self.read.is_none() {
            return;
        }
        let until = Instant::now() + self.config().deadlines.linger;
        let mut left = MOST;
        poll_fn(|cx| self.poll_linger(cx, until, &mut left)).await;
    }

    /// Writes what is left to write and closes our direction, within the write deadline.
    fn poll_fin(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        if let Poll::Ready(flushed) = self.poll_flush(cx) {
            flushed?;
            if let Poll::Ready(closed) = self.write.poll_shutdown(cx) {
                return Poll::Ready(closed.map_err(|_| Ending::Abort));
            }
            self.clock.stalled_since.get_or_insert_with(Instant::now);
        }
        self.listen(cx);
        if self.phase() == Phase::Forced {
            return Poll::Ready(Err(Ending::Abort));
        }
        self.poll_timer(cx, None)
    }

    fn poll_linger(&mut self, cx: &mut Context<'_>, until: Instant, left: &mut usize) -> Poll<()> {
        self.clock.stalled_since = None;
        self.half().buffer().clear();
        loop {
            match self.poll_fill(cx) {
                Poll::Ready(Ok(octets)) if octets > 0 && octets <= *left => *left -= octets,
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
            self.half().buffer().clear();
        }
        self.listen(cx);
        if self.phase() == Phase::Forced {
            return Poll::Ready(());
        }
        self.poll_timer(cx, Some(until)).map(|_| ())
    }
}
