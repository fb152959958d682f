//! An HTTP/1.1 client on tokio: a pooled transport with Go's rules, and a client above it.
