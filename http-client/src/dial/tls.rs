//! TLS, by rustls. The provider of cryptography is always passed explicitly, so that no other crate's choice matters.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientSessionMemoryCache, Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::closure::Closure;
use super::connect::Io;
use super::stream::Stream;
use crate::error::{Error, ErrorKind, Phase};

/// How many servers' sessions are kept for resumption.
const SESSIONS: usize = 256;

/// How TLS is spoken: whom to trust, and who we are. A handle; it offers `http/1.1` by ALPN and resumes sessions.
///
/// By default the server's certificate is held against the roots of Mozilla (feature `tls-webpki-roots`) and of the system
/// (feature `tls-native-roots`), those that the features give, and its name against the URL's host. TLS 1.2 and 1.3.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
}

/// Builds a [`Tls`].
#[must_use]
pub struct TlsBuilder {
    roots: RootCertStore,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    verify: bool,
}

impl Tls {
    /// The default settings.
    pub fn new() -> Tls {
        let config = TlsBuilder::default().config();
        Tls {
            config: Arc::new(
                config.expect("the default settings have no identity that could be wrong"),
            ),
        }
    }

    /// The default settings, made once a process: the roots are parsed once.
    pub(crate) fn shared() -> Tls {
        static SHARED: std::sync::OnceLock<Tls> = std::sync::OnceLock::new();
        SHARED.get_or_init(Tls::new).clone()
    }

    /// Begins with the default settings.
    pub fn builder() -> TlsBuilder {
        TlsBuilder::default()
    }

    /// A configuration of rustls, as it is; where it names no application protocol, `http/1.1` is offered. It should not name
    /// `h2`, which is not spoken here: the handshake fails where a server selects that.
    pub fn from_rustls(mut config: ClientConfig) -> Tls {
        if config.alpn_protocols.is_empty() {
            config.alpn_protocols.push(b"http/1.1".to_vec());
        }
        Tls {
            config: Arc::new(config),
        }
    }

    /// Speaks TLS on a stream, to the server of this name.
    pub(super) async fn handshake(&self, name: &str, stream: Stream) -> Result<Box<dyn Io>, Error> {
        let failed =
            |cause: io::Error| Error::new(ErrorKind::Tls, Phase::Handshake).with_source(cause);
        let name = ServerName::try_from(name.to_owned()).map_err(|cause| {
            Error::request("the host's name cannot be verified").with_source(cause)
        })?;
        let stream = TlsConnector::from(Arc::clone(&self.config))
            .connect(name, stream)
            .await
            .map_err(|cause| {
                // The first octets of an HTTP response are no TLS record (Go's "server gave HTTP response to HTTPS client").
                let plain = cause.to_string().contains("InvalidContentType");
                let error = failed(cause);
                if plain {
                    error.with_message("the server does not speak TLS on this port")
                } else {
                    error
                }
            })?;
        // RFC 7301 section 3.2: what the server selects is spoken.
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            let error = Error::new(ErrorKind::Tls, Phase::Handshake);
            return Err(error.with_message("the server was offered HTTP/2, and selected it"));
        }
        Ok(Box::new(Closure(stream)))
    }
}

/// Clones are equal, others are not: only clones share their sessions and their connections.
impl PartialEq for Tls {
    fn eq(&self, other: &Tls) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for Tls {}

impl Default for Tls {
    fn default() -> Self {
        Tls::new()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Default for TlsBuilder {
    fn default() -> Self {
        let mut roots = RootCertStore::empty();
        #[cfg(feature = "tls-webpki-roots")]
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        #[cfg(feature = "tls-native-roots")]
        for certificate in rustls_native_certs::load_native_certs().certs {
            // One broken certificate in the system's store says nothing about the others.
            let _ = roots.add(certificate);
        }
        TlsBuilder {
            roots,
            identity: None,
            verify: true,
        }
    }
}

impl TlsBuilder {
    /// Trusts these roots too (PEM, one or more).
    ///
    /// # Errors
    ///
    /// Kind [`Tls`](ErrorKind::Tls) if there is none in the text, or one is broken.
    pub fn add_roots(mut self, pem: &[u8]) -> Result<Self, Error> {
        for certificate in certificates(pem)? {
            self.roots
                .add(certificate)
                .map_err(|cause| broken("the root certificate is broken").with_source(cause))?;
        }
        Ok(self)
    }

    /// Trusts none of the default roots, only those that are added from here on.
    pub fn only_added_roots(mut self) -> Self {
        self.roots = RootCertStore::empty();
        self
    }

    /// Shows servers that ask for it this certificate chain, with its key (both PEM).
    ///
    /// # Errors
    ///
    /// Kind [`Tls`](ErrorKind::Tls) if there is no certificate or no key in the text.
    pub fn identity(mut self, chain: &[u8], key: &[u8]) -> Result<Self, Error> {
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|cause| broken("the key is not one").with_source(cause))?;
        self.identity = Some((certificates(chain)?, key));
        Ok(self)
    }

    /// Trusts **any** server, whatever certificate it shows: everything that is sent can be read and changed by whoever is
    /// in between. For tests against servers whose certificate cannot be had.
    pub fn danger_trust_any_server(mut self) -> Self {
        self.verify = false;
        self
    }

    /// The settings.
    ///
    /// # Errors
    ///
    /// Kind [`Tls`](ErrorKind::Tls) if the identity's certificate and key do not belong together.
    pub fn build(self) -> Result<Tls, Error> {
        Ok(Tls {
            config: Arc::new(self.config()?),
        })
    }

    fn config(self) -> Result<ClientConfig, Error> {
        let provider = provider();
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|cause| broken("the provider has no usable cipher").with_source(cause))?;
        let builder = if !self.verify {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(TrustAny(provider)))
        } else if self.roots.is_empty() {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(TrustNone(provider)))
        } else {
            let verifier =
                WebPkiServerVerifier::builder_with_provider(Arc::new(self.roots), provider)
                    .build()
                    .map_err(|cause| broken("the roots cannot be used").with_source(cause))?;
            builder.with_webpki_verifier(verifier)
        };
        let mut config = match self.identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|cause| {
                broken("the certificate and its key do not belong together").with_source(cause)
            })?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = Resumption::store(Arc::new(ClientSessionMemoryCache::new(SESSIONS)));
        Ok(config)
    }
}

impl fmt::Debug for TlsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsBuilder")
            .field("roots", &self.roots.len())
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

fn broken(what: &'static str) -> Error {
    Error::new(ErrorKind::Tls, Phase::Prepare).with_message(what)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let parsed = parsed.map_err(|cause| broken("the certificate is broken").with_source(cause))?;
    if parsed.is_empty() {
        Err(broken("there is no certificate in the text"))
    } else {
        Ok(parsed)
    }
}

/// aws-lc-rs where it was asked for, else ring.
fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "tls-aws-lc-rs")]
    return Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(not(feature = "tls-aws-lc-rs"))]
    return Arc::new(rustls::crypto::ring::default_provider());
}

/// Believes everything; signatures are checked all the same.
#[derive(Debug)]
struct TrustAny(Arc<CryptoProvider>);

/// Believes nobody: there are no roots.
#[derive(Debug)]
struct TrustNone(Arc<CryptoProvider>);

macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    };
}

impl ServerCertVerifier for TrustAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    signatures!();
}

impl ServerCertVerifier for TrustNone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(rustls::Error::InvalidCertificate(
            rustls::CertificateError::UnknownIssuer,
        ))
    }

    signatures!();
}
