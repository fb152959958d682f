//! Errors say what was wrong, in one lower-case clause, and whose fault it was.

use std::error::Error as _;
use std::io;

use bytes::BytesMut;
use http_codec::{
    BodyDecoder, BodyEncoder, BodyLength, CodecError, DecodeErrorKind as Kind, Leniency, Limits,
    RawFields, ReasonPhrase, RequestHead, RequestHeadDecoder,
};

/// Every kind has a text of its own, with its number where it has one.
#[test]
fn each_kind_has_its_text() {
    let kinds = [
        Kind::HeadTooLarge(7),
        Kind::TargetTooLong(7),
        Kind::MethodTooLong(7),
        Kind::LineTooLong(7),
        Kind::TooManyFields(7),
        Kind::BareCr,
        Kind::BareLf,
        Kind::EmptyLine,
        Kind::Method,
        Kind::Target,
        Kind::TargetForm,
        Kind::Version,
        Kind::UnsupportedVersion,
        Kind::Status,
        Kind::Reason,
        Kind::ObsFold,
        Kind::FieldName,
        Kind::FieldValue,
        Kind::HostMissing,
        Kind::HostRepeated,
        Kind::Host,
        Kind::ContentLength,
        Kind::ContentLengthRepeated,
        Kind::LengthAndCoding,
        Kind::TransferCoding,
        Kind::CodingInOldVersion,
        Kind::UnsupportedCoding,
        Kind::ChunkSize,
        Kind::ChunkSizeTooLong,
        Kind::ChunkExtension,
        Kind::ChunkLineTooLong(7),
        Kind::ChunkExtensionsTooLarge(7),
        Kind::ChunkEnd,
        Kind::ContentTooLarge(7),
        Kind::TrailerTooLarge(7),
        Kind::TooManyTrailerFields(7),
        Kind::Truncated(7),
        Kind::TooManyInterim(7),
        Kind::TooManyOwed(7),
        Kind::Unsolicited,
        Kind::Upgrade,
    ];
    let mut texts: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    for (kind, text) in kinds.iter().zip(&texts) {
        assert!(
            text.starts_with(|first: char| first.is_ascii_lowercase()),
            "{text}"
        );
        assert_eq!(
            format!("{kind:?}").contains('7'),
            text.contains('7'),
            "{text}"
        );
    }
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), kinds.len(), "no two read alike");
}

/// The peer's fault, ours, and the transport's; each cause is kept once.
#[test]
fn each_culprit_has_its_error() {
    let mut decoder = RequestHeadDecoder::new(Limits::request(), Leniency::strict());
    let decoded = decoder.decode(&mut BytesMut::from(" "), &mut RequestHead::default());
    let peers = CodecError::from(decoded.unwrap_err());
    let encoded = BodyEncoder::new(BodyLength::Known(1)).end(&mut Vec::new());
    let ours = CodecError::from(encoded.unwrap_err());
    let transports = CodecError::from(io::Error::other("gone"));
    for (error, cause) in [
        (peers, "method is not a token at octet 0"),
        (ours, "content falls short of its length by 1 octets"),
        (transports, "gone"),
    ] {
        assert_eq!(error.source().unwrap().to_string(), cause);
        assert!(!error.to_string().contains(cause));
    }
    let mut fields = RawFields::new();
    for error in [
        fields.push("", "").unwrap_err(),
        fields.push("a", "\n").unwrap_err(),
        ReasonPhrase::new("\n").unwrap_err(),
        BodyEncoder::new(BodyLength::Known(0))
            .data("a".into(), &mut Vec::new())
            .unwrap_err(),
    ] {
        assert!(
            error
                .to_string()
                .starts_with(|first: char| first.is_ascii_lowercase())
        );
    }
    let mut body = BodyDecoder::new(BodyLength::Known(1), Limits::request(), Leniency::strict());
    assert!(body.finish().unwrap_err().is_truncated());
}
