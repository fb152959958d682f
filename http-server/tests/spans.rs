//! The span of a request, and its fields by OpenTelemetry's names.
#![cfg(feature = "spans")]

mod wire;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_server::{Body, Server};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wire::{connect, say};

type Fields = BTreeMap<String, String>;

/// Keeps the fields of the one span, and of events whether they were within it.
#[derive(Clone, Default)]
struct Keeper {
    fields: Arc<Mutex<Fields>>,
    within: Arc<Mutex<(usize, bool)>>,
}

struct Into<'a>(&'a mut Fields);

impl Visit for Into<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(
            field.name().to_owned(),
            format!("{value:?}").trim_matches('"').to_owned(),
        );
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.name() == "http.server.request" || metadata.target() == "handler"
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Into(&mut self.fields.lock().expect("unpoisoned")));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Into(&mut self.fields.lock().expect("unpoisoned")));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        let mut within = self.within.lock().expect("unpoisoned");
        within.1 = within.0 > 0;
    }
    fn enter(&self, _: &Id) {
        self.within.lock().expect("unpoisoned").0 += 1;
    }
    fn exit(&self, _: &Id) {
        self.within.lock().expect("unpoisoned").0 -= 1;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_has_a_span_that_its_handler_is_within() {
    let keeper = Keeper::default();
    let _guard = tracing::subscriber::set_default(keeper.clone());
    let service = |_: Request<Body>| async {
        tokio::task::yield_now().await;
        tracing::info!(target: "handler", "handling");
        Response::new(Body::empty())
    };
    for target in ["/path?a=b", "http://example.com:80/path?a=b"] {
        let octets = format!("GET {target} HTTP/1.1\r\nhost: example.com:80\r\n\r\n");
        say(connect(&Server::new(), service), octets.as_bytes(), 1000).await;
        let fields = std::mem::take(&mut *keeper.fields.lock().expect("unpoisoned"));
        for (name, value) in [
            ("http.request.method", "GET"),
            ("url.path", "/path"),
            ("url.query", "a=b"),
            ("server.address", "example.com"),
            ("server.port", "80"),
            ("network.protocol.version", "1.1"),
            ("http.response.status_code", "200"),
            ("otel.kind", "server"),
        ] {
            let found = fields.get(name).map(String::as_str);
            assert_eq!(found, Some(value), "{name} of {target}");
        }
    }
    assert_eq!(*keeper.within.lock().expect("unpoisoned"), (0, true));
}
