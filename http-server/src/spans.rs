//! One span a request, with OpenTelemetry's names (feature `spans`); without the feature, nothing at all.
//!
//! The span is entered while the service's future and the response's content are polled, never held by the connection between
//! requests. `http.route` is there for a router to record.

#[cfg(feature = "spans")]
mod on {
    use http::{StatusCode, Version};
    use http_codec::RequestHead;
    use http_codec::fields::host::{self, HostParts};
    use tracing::field::{Empty, display};

    use crate::link::Link;

    /// The span of the current request.
    pub(crate) struct RequestSpan(tracing::Span);

    impl RequestSpan {
        pub(crate) fn none() -> Self {
            RequestSpan(tracing::Span::none())
        }

        pub(crate) fn of(head: &RequestHead, link: &Link) -> Self {
            let version = if head.version() == Version::HTTP_10 {
                "1.0"
            } else {
                "1.1"
            };
            let span = tracing::info_span!(
                "http.server.request",
                otel.kind = "server",
                http.request.method = head.method(),
                url.path = head.path(),
                url.query = head.query(),
                network.protocol.version = version,
                server.address = Empty,
                server.port = Empty,
                client.address = Empty,
                http.route = Empty,
                http.response.status_code = Empty,
                error.type = Empty,
            );
            if !span.is_disabled() {
                if let Some((host, parts)) = head.host().and_then(parts) {
                    span.record("server.address", &host[..parts.host]);
                    span.record("server.port", parts.port);
                }
                if let Some(peer) = link.info.peer_addr() {
                    span.record("client.address", display(peer.ip()));
                }
            }
            RequestSpan(span)
        }

        pub(crate) fn within<R>(&self, poll: impl FnOnce() -> R) -> R {
            self.0.in_scope(poll)
        }

        pub(crate) fn answered(&self, status: StatusCode) {
            self.0.record("http.response.status_code", status.as_u16());
            if status.is_server_error() {
                self.0.record("error.type", status.as_str());
            }
        }
    }

    /// A host with its parts.
    fn parts(host: &str) -> Option<(&str, HostParts)> {
        Some((host, host::parse(host.as_bytes())?))
    }
}

#[cfg(not(feature = "spans"))]
mod off {
    use http::StatusCode;
    use http_codec::RequestHead;

    use crate::link::Link;

    /// No span.
    pub(crate) struct RequestSpan;

    impl RequestSpan {
        pub(crate) const fn none() -> Self {
            RequestSpan
        }

        pub(crate) const fn of(_: &RequestHead, _: &Link) -> Self {
            RequestSpan
        }

        pub(crate) fn within<R>(&self, poll: impl FnOnce() -> R) -> R {
            poll()
        }

        pub(crate) const fn answered(&self, _: StatusCode) {}
    }
}

#[cfg(not(feature = "spans"))]
pub(crate) use off::RequestSpan;
#[cfg(feature = "spans")]
pub(crate) use on::RequestSpan;
