//! The reason phrase (RFC 9112 section 4).

use bytes::Bytes;

use crate::error::{EncodeError, EncodeErrorKind};
use crate::grammar;

/// A reason phrase other than the usual one of its status code.
///
/// [`ResponseHead::to_parts`](crate::ResponseHead::to_parts) puts one into the extensions of a
/// response whose phrase is not the canonical one; given back to a
/// [`StatusLine`](crate::StatusLine), it leaves as it came.
///
/// ```
/// let reason = http_codec::ReasonPhrase::new("Fine, thanks")?;
/// assert_eq!(reason.as_bytes(), b"Fine, thanks");
/// # Ok::<(), http_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReasonPhrase(Bytes);

impl ReasonPhrase {
    /// Checks `1*( HTAB / SP / VCHAR / obs-text )`; the empty phrase is allowed.
    ///
    /// # Errors
    ///
    /// `Reason` if there is a control octet.
    pub fn new(phrase: impl Into<Bytes>) -> Result<Self, EncodeError> {
        let phrase = phrase.into();
        if phrase.iter().all(|&octet| grammar::is_value_octet(octet)) {
            Ok(ReasonPhrase(phrase))
        } else {
            Err(EncodeError::new(EncodeErrorKind::Reason))
        }
    }

    /// For a phrase that the decoder has checked.
    pub(crate) fn checked(phrase: Bytes) -> Self {
        ReasonPhrase(phrase)
    }

    /// The octets; they may hold obs-text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
