//! The four forms of a request-target, each where it belongs (RFC 9112 section 3.2).
//!
//! ```text
//! origin-form    = absolute-path [ "?" query ]
//! absolute-form  = scheme "://" authority path-abempty [ "?" query ]
//! authority-form = uri-host ":" port          only for CONNECT
//! asterisk-form  = "*"                         only for OPTIONS
//! ```

use crate::error::DecodeErrorKind;
use crate::exchange::MethodClass;
use crate::fields::host;

/// The form of a request-target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetForm {
    /// A path, perhaps with a query: the usual one.
    #[default]
    Origin,
    /// A whole URI: requests to a proxy. Its authority wins over `Host`.
    Absolute,
    /// Host and port: `CONNECT` only.
    Authority,
    /// `*`: `OPTIONS` only.
    Asterisk,
}

/// A classified request-target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) form: TargetForm,
    /// Where its authority stands in it.
    pub(crate) authority: Option<(usize, usize)>,
}

/// Classifies `target`, whose octets are all [`grammar::is_target_octet`].
pub(crate) fn classify(
    class: MethodClass,
    method: &[u8],
    target: &[u8],
) -> Result<Target, DecodeErrorKind> {
    match target {
        _ if class == MethodClass::Connect => authority_form(target),
        [b'/', ..] => Ok(Target {
            form: TargetForm::Origin,
            authority: None,
        }),
        b"*" if method == b"OPTIONS" => Ok(Target {
            form: TargetForm::Asterisk,
            authority: None,
        }),
        b"*" => Err(DecodeErrorKind::TargetForm),
        _ => absolute_form(target),
    }
}

/// `CONNECT` needs a port that is one (RFC 9110 section 9.3.6).
fn authority_form(target: &[u8]) -> Result<Target, DecodeErrorKind> {
    if matches!(target, [b'/', ..] | b"*") || memchr::memmem::find(target, b"://").is_some() {
        return Err(DecodeErrorKind::TargetForm);
    }
    match host::parse(target) {
        Some(parts) if parts.host > 0 && parts.port.is_some_and(|port| port > 0) => Ok(Target {
            form: TargetForm::Authority,
            authority: Some((0, target.len())),
        }),
        _ => Err(DecodeErrorKind::Target),
    }
}

fn absolute_form(target: &[u8]) -> Result<Target, DecodeErrorKind> {
    let Some(colon) = memchr::memchr(b':', target) else {
        return Err(DecodeErrorKind::Target);
    };
    let scheme = &target[..colon];
    let well_formed = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|&octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.'));
    if !well_formed {
        return Err(DecodeErrorKind::Target);
    }
    let Some(rest) = target[colon..].strip_prefix(b"://") else {
        // "host:port" belongs to CONNECT.
        let authority = host::parse(target).is_some();
        return Err(if authority {
            DecodeErrorKind::TargetForm
        } else {
            DecodeErrorKind::Target
        });
    };
    let start = colon + 3;
    let end = start
        + rest
            .iter()
            .position(|&octet| matches!(octet, b'/' | b'?'))
            .unwrap_or(rest.len());
    if !host::is_valid(&target[start..end]) {
        return Err(DecodeErrorKind::Host);
    }
    Ok(Target {
        form: TargetForm::Absolute,
        authority: Some((start, end)),
    })
}
