//! What an engine can be told, with Gin's names and Gin's defaults.

use super::client_ip::ClientIp;
use super::pool;

/// The flags of an engine; see [`Engine::settings_mut`](super::Engine::settings_mut).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// A path that matches with a slash more or less at its end is redirected there: 301 for `GET`, 307 for the rest.
    /// Default: true.
    pub redirect_trailing_slash: bool,
    /// A path that matches once it is cleaned and its case disregarded is redirected there. Default: false.
    pub redirect_fixed_path: bool,
    /// A path that other methods match is answered with 405 and `Allow`, not with 404. Default: false.
    pub handle_method_not_allowed: bool,
    /// Routes are looked up by the path as it came, segment by segment, where it holds escapes that decoding would lose (such
    /// as `%2F`, which then splits nothing). Default: false: the path is decoded first, and `%2F` is a slash.
    pub use_raw_path: bool,
    /// Routes are always looked up by the path as it came; goes before `use_raw_path`. Default: false.
    pub use_escaped_path: bool,
    /// With one of the last two, values are percent-decoded when they are read (`+` stays a plus). Default: true.
    pub unescape_path_values: bool,
    /// Repeated slashes, `.` and `..` are taken out of the path before the lookup. Default: false.
    pub remove_extra_slash: bool,
    /// A `HEAD` that has no route takes that of `GET`; the server leaves the content out. Default: false.
    pub handle_head: bool,
    /// An `OPTIONS` that has no route is answered with 204 and `Allow`. Default: false.
    pub handle_options: bool,
    /// Parameters at the same place may have different names in different routes. Default: false.
    pub allow_different_names: bool,
    /// A rest may stand beside literals and parameters, which go before it. Default: false.
    pub allow_beside_rest: bool,
    /// How the address of the client is found out. Default: no proxy is trusted.
    pub client_ip: ClientIp,
    /// How many contexts are kept for the next requests. Default: 256.
    pub pool: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            redirect_trailing_slash: true,
            redirect_fixed_path: false,
            handle_method_not_allowed: false,
            use_raw_path: false,
            use_escaped_path: false,
            unescape_path_values: true,
            remove_extra_slash: false,
            handle_head: false,
            handle_options: false,
            allow_different_names: false,
            allow_beside_rest: false,
            client_ip: ClientIp::default(),
            pool: pool::DEFAULT_CAPACITY,
        }
    }
}
