//! HTTP/1.1 frames.
