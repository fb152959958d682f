//! The accept loop: it takes connections up, and nothing that one of them does can stop it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{sleep, sleep_until, timeout};

use crate::connection::{Connection, YOUTH};
use crate::core::{Core, Phase, Slot};
use crate::info::ConnectionInfo;
use crate::lane::{FromHead, Serves};
use crate::listener::{Handshake, Listener};
use crate::stats::Fault;

/// The first wait after an error, doubled with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(5);

/// The longest wait after an error.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The most connections that are taken up from the system's queue once the server stops.
const QUEUED: usize = 4096;

/// What makes a connection's service, once it is known who the peer is.
pub(crate) trait Make: Clone + Send + 'static {
    type Service;

    fn make(self, info: &ConnectionInfo) -> Self::Service;
}

/// A clone of one service for each connection.
#[derive(Clone)]
pub(crate) struct Same<S>(pub(crate) S);

impl<S: Clone + Send + 'static> Make for Same<S> {
    type Service = S;

    fn make(self, _info: &ConnectionInfo) -> S {
        self.0
    }
}

/// A function of the connection.
#[derive(Clone)]
pub(crate) struct With<F>(pub(crate) F);

impl<F, S> Make for With<F>
where
    F: FnOnce(&ConnectionInfo) -> S + Clone + Send + 'static,
{
    type Service = S;

    fn make(self, info: &ConnectionInfo) -> S {
        (self.0)(info)
    }
}

/// Accepts until the server shuts down.
pub(crate) async fn run<R, L, M>(core: Arc<Core>, listener: L, make: M) -> io::Result<()>
where
    R: FromHead,
    L: Listener,
    M: Make<Service: Serves<R>>,
{
    let draining = core.draining.clone();
    let _accepting = core.accepting();
    let mut door = Door {
        core,
        listener,
        make,
        arrived: None,
    };
    tokio::select! {
        biased;
        () = draining.cancelled() => {}
        error = door.accept::<R>() => return Err(error),
    }
    door.last_call::<R>().await;
    Ok(())
}

/// Where connections come in.
struct Door<L: Listener, M> {
    core: Arc<Core>,
    listener: L,
    make: M,
    /// A connection that is to be taken up once there is room.
    arrived: Option<L::Handshake>,
}

impl<L, M> Door<L, M>
where
    L: Listener,
{
    /// Accepts until an error that cannot heal.
    async fn accept<R>(&mut self) -> io::Error
    where
        R: FromHead,
        M: Make<Service: Serves<R>>,
    {
        let mut wait = FIRST_WAIT;
        loop {
            room(&self.core).await;
            if let Some(handshake) = self.arrived.take() {
                take_up::<R, _, _>(&self.core, handshake, &self.make);
                continue;
            }
            match self.listener.accept().await {
                Ok(handshake) => {
                    wait = FIRST_WAIT;
                    // Other listeners may have filled the room meanwhile.
                    self.arrived = Some(handshake);
                }
                Err(error) if is_final(&error) => return error,
                Err(error) => {
                    self.core.totals.note(Fault::Accept);
                    if !is_of_one_connection(&error) {
                        tracing::warn!(%error, ?wait, "accept failed; trying again");
                        sleep(wait).await;
                        wait = (2 * wait).min(LONGEST_WAIT);
                    }
                }
            }
        }
    }

    /// Takes up what the system has queued by now: closing the listener would reset it, and its peers hold it for accepted.
    async fn last_call<R>(&mut self)
    where
        R: FromHead,
        M: Make<Service: Serves<R>>,
    {
        // For listeners that know of it by the runtime alone.
        yield_now().await;
        for _ in 0..QUEUED {
            if self.core.open() >= self.core.config.bounds.connections {
                return;
            }
            let arrived = self.arrived.take();
            let Some(handshake) = arrived.or_else(|| self.listener.accept_queued()) else {
                return;
            };
            take_up::<R, _, _>(&self.core, handshake, &self.make);
        }
    }
}

/// Waits until another connection may be open.
async fn room(core: &Core) {
    let bound = core.config.bounds.connections;
    while core.open() >= bound {
        let left = core.left.notified();
        tokio::pin!(left);
        left.as_mut().enable();
        if core.open() >= bound {
            left.await;
        }
    }
}

fn take_up<R, H, M>(core: &Arc<Core>, handshake: H, make: &M)
where
    R: FromHead,
    H: Handshake,
    M: Make<Service: Serves<R>>,
{
    use std::sync::atomic::Ordering::Relaxed;
    core.totals.accepted.fetch_add(1, Relaxed);
    let Some(slot) = core.admit(handshake.peer_addr().map(|peer| peer.ip())) else {
        core.totals.refused.fetch_add(1, Relaxed);
        return;
    };
    tokio::spawn(serve::<R, _, _>(slot, handshake, make.clone()));
}

/// One connection, from its handshake to its end.
///
/// The opening is boxed, and goes when it is over: an idle connection carries neither the size of its handshake nor that of its
/// service.
fn serve<R, H, M>(slot: Slot, handshake: H, make: M) -> impl Future<Output = ()> + Send
where
    R: FromHead,
    H: Handshake,
    M: Make<Service: Serves<R>>,
{
    let opening = Box::pin(open(slot, handshake, make));
    async move {
        // In place: what is moved out of a pattern is there twice.
        let mut opened = opening.await;
        if let Some((connection, service)) = &mut opened {
            connection.serve(service).await;
        }
    }
}

/// Makes the transport ready and the service for it; `None` if it came to nothing.
async fn open<H, M, S>(slot: Slot, handshake: H, make: M) -> Option<(Connection, Option<Box<S>>)>
where
    H: Handshake,
    M: Make<Service = S>,
{
    let (io, info) = establish(&slot, handshake).await?;
    let service = Some(Box::new(make.make(&info)));
    Some((Connection::new(slot, io, info), service))
}

/// The handshake under its deadline; `None` if it came to nothing.
async fn establish<H: Handshake>(slot: &Slot, handshake: H) -> Option<(H::Io, ConnectionInfo)> {
    let core = slot.core();
    let deadline = core.config.deadlines.handshake.unwrap_or(Duration::MAX);
    let established = tokio::select! {
        biased;
        () = core.forced.cancelled() => return None,
        established = timeout(deadline, handshake.establish()) => established,
        () = too_late(slot) => return None,
    };
    let error = match established {
        Ok(Ok(_)) if core.phase() == Phase::Forced => return None,
        Ok(Ok(ready)) => return Some(ready),
        Ok(Err(error)) => error,
        Err(elapsed) => elapsed.into(),
    };
    core.totals.note(Fault::Handshake);
    tracing::debug!(%error, "handshake failed");
    None
}

/// Once the server stops, a connection that is not ready has as long as one that is has for its first octet.
async fn too_late(slot: &Slot) {
    slot.core().draining.cancelled().await;
    sleep_until(slot.accepted() + YOUTH).await;
}

/// Errors of a connection that went away before it was accepted: the next one may be fine.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | ConnectionRefused | Interrupted
    )
}

/// Errors that no waiting heals.
fn is_final(error: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(
        error.kind(),
        BrokenPipe | UnexpectedEof | InvalidInput | Unsupported
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{Request, Response};
    use http_codec::Body;

    use super::*;
    use crate::config::Config;
    use crate::listener::Accepted;
    use crate::service_fn;

    /// What a task of an idle connection holds, whatever its service: with the task's own 128 octets it is to stay in a small
    /// class of the allocator.
    #[tokio::test]
    async fn a_connection_that_was_accepted_is_small() {
        let core = Arc::new(Core::new(Config::default(), None));
        let slot = core.admit(None).expect("no bound");
        let (_client, peer) = tokio::io::duplex(64);
        let large = [7_u8; 16 * 1024];
        let service = service_fn(move |_: Request<Body>| async move {
            let kept = large;
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(Response::new(Body::from(kept.to_vec())))
        });
        let handshake = Accepted::new(peer, ConnectionInfo::default());
        let connection = serve::<Request<Body>, _, _>(slot, handshake, Same(service));
        let size = std::mem::size_of_val(&connection);
        println!("{size} octets");
        assert!(size <= 512, "{size}");
    }
}
