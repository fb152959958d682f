//! The span of a call, as a subscriber sees it.
#![cfg(feature = "spans")]
#![allow(clippy::unwrap_used)] // A failed assumption should stop the test, also in its helpers.

mod peer;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use peer::{OK, Peer, client};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of the only span that there is; whether it is entered.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Visit for Notes {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0
            .lock()
            .unwrap()
            .insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        assert_eq!(span.metadata().name(), "http.client.request");
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_has_a_span_without_secrets() {
    let notes = Notes::default();
    let _here = tracing::subscriber::set_default(notes.clone());
    let peer = Peer::answering(OK).await;
    let url = format!("http://user:secret@{}/path?a=b", peer.addr);
    client().get(&url).send().await.unwrap();
    let fields = std::mem::take(&mut *notes.0.lock().unwrap());
    assert_eq!(fields["http.request.method"], "GET");
    assert_eq!(
        fields["url.full"],
        format!("{:?}", format!("http://{}/path?a=b", peer.addr))
    );
    assert_eq!(fields["server.address"], "\"127.0.0.1\"");
    assert_eq!(fields["http.response.status_code"], "200");
    assert!(!fields.contains_key("error.type"));

    client()
        .get("http://127.0.0.1:1/")
        .send()
        .await
        .unwrap_err();
    let fields = std::mem::take(&mut *notes.0.lock().unwrap());
    assert_eq!(fields["error.type"], "\"Connect\"");
    assert!(!fields.contains_key("http.response.status_code"));
}
