//! How a connection ends, as its own parts tell one another.

/// Why the serving of a connection stops here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It has idled for a moment: what is busy may go, the connection stays.
    Idle,
    /// Nothing is owed; nothing more will come from the peer, or nothing of it is to be read.
    Close,
    /// The last response is written or waiting to be; the peer may still be sending: close after lingering.
    Linger,
    /// Close at once: the peer is gone, or what was sent is broken and must be seen to be.
    Abort,
    /// Handed over to another protocol.
    Hijacked,
}
