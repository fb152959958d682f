//! An HTTP/1.1 server on tokio for any tower service: strict, fast, every deadline on.
