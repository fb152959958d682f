//! `/base64/{value}`: decoded (RFC 4648 section 5).

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::Request;
use http_codec::Body;

use super::reply::html;
use super::{PathArgs, Reply};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text behind the value; a hint where there is none.
pub async fn decode(_: Request<Body>, path: PathArgs) -> Reply {
    let octets = LENIENT.decode(path.get("value")).ok();
    let text = octets.and_then(|octets| String::from_utf8(octets).ok());
    Ok(html(text.unwrap_or_else(|| {
        "Incorrect Base64 data try: SFRUUEJJTiBpcyBhd2Vzb21l".to_owned()
    })))
}
