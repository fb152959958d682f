//! [`Client`]: redirects, cookies, content codings, retries, credentials; everything around a round trip.

mod builder;
mod call;
mod fields;
mod lower;
mod redirect;
mod request;

pub use builder::ClientBuilder;
pub use redirect::{Follow, Hop, Redirects};
pub use request::{IntoUri, RequestBuilder};

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use http_codec::{Body, BoxError};

use crate::error::Error;
use crate::options::Options;
use crate::retry::Retries;
use crate::transport::ResponseFuture;
use call::Call;
use fields::Fields;
use lower::Lower;

/// An HTTP client: what Go's `Client` is, with what reqwest's users expect.
///
/// It follows redirects, and asks for gzip and undoes it where the caller asks for no coding (feature `gzip`); by default it
/// keeps no cookies and does not retry. Each request may have it otherwise ([`RequestBuilder`], [`Options`]). A client is a
/// handle: clones share the pool. It belongs to no runtime.
///
/// ```no_run
/// # async fn example() -> Result<(), http_client::Error> {
/// use http_client::{Client, ResponseExt};
///
/// let client = Client::new();
/// let text = client.get("http://example.com/").send().await?.text().await?;
/// # let _ = text;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    lower: Lower,
    fields: Fields,
    redirects: Redirects,
    retries: Retries,
    decode: bool,
    #[cfg(feature = "_decode")]
    max_decoded: Option<u64>,
    #[cfg(feature = "cookies")]
    jar: Option<Arc<dyn crate::CookieJar>>,
}

impl Client {
    /// A client with the default settings, over a transport of its own.
    pub fn new() -> Client {
        Client::builder().build()
    }

    /// Begins with the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Begins a request with any method.
    pub fn request(&self, method: Method, url: impl IntoUri) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, url)
    }

    /// Begins a `GET`.
    pub fn get(&self, url: impl IntoUri) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// Begins a `HEAD`.
    pub fn head(&self, url: impl IntoUri) -> RequestBuilder {
        self.request(Method::HEAD, url)
    }

    /// Begins a `POST`.
    pub fn post(&self, url: impl IntoUri) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// Begins a `PUT`.
    pub fn put(&self, url: impl IntoUri) -> RequestBuilder {
        self.request(Method::PUT, url)
    }

    /// Begins a `PATCH`.
    pub fn patch(&self, url: impl IntoUri) -> RequestBuilder {
        self.request(Method::PATCH, url)
    }

    /// Begins a `DELETE`.
    pub fn delete(&self, url: impl IntoUri) -> RequestBuilder {
        self.request(Method::DELETE, url)
    }

    /// Sends a request that is ready. Settings of its own are taken from the [`Options`] in its extensions.
    ///
    /// # Errors
    ///
    /// [`Error`]; a response of any status is not one.
    ///
    /// # Cancel safety
    ///
    /// As [`Transport::round_trip`](crate::Transport::round_trip).
    pub async fn execute(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let mut call = Box::new(Call {
            request,
            options: None,
        });
        if !call.request.extensions().is_empty() {
            call.options = call.request.extensions_mut().remove::<Options>();
        }
        self.call(call).await
    }

    /// The transport below, unless other layers are in between.
    pub fn transport(&self) -> Option<&crate::Transport> {
        self.inner.lower.transport()
    }
}

impl Default for Client {
    fn default() -> Self {
        Client::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("redirects", &self.inner.redirects)
            .finish_non_exhaustive()
    }
}

impl<B> tower_service::Service<Request<B>> for Client
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Error;
    type Future = ResponseFuture;

    /// Always ready: a request waits in its own future for a connection.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let client = self.clone();
        let request = request.map(Body::new);
        Box::pin(async move { client.execute(request).await })
    }
}
