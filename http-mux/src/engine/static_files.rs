//! Directories and files at a path.

use std::path::PathBuf;
use std::sync::Arc;

use http::header::LOCATION;
use http::{Method, Response, StatusCode};
use http_codec::Body;

use super::chain::BoxEndpoint;
use super::context::Context;
use super::register::New;
use super::{Engine, Group, pattern};
use crate::files;
use crate::path;
use crate::response::IntoResponse;
use crate::serve_mux::Mounted;

/// The name of the rest that a directory is added with.
const REST: &str = "filepath";

/// Answers with a file below a directory: its index for a directory, and what matches no route where there is none.
async fn answer(root: Arc<PathBuf>, cx: Context) -> Response<Body> {
    let found = files::below(&root, &cx.param(REST));
    let Some(mut file) = found else {
        return cx.not_found().await;
    };
    let facts = tokio::fs::metadata(&file).await.ok();
    let slash = cx.path().ends_with('/');
    match facts.map(|facts| facts.is_dir()) {
        Some(true) if !slash => return moved(&cx, &[cx.path(), "/"].concat()),
        Some(true) => file.push("index.html"),
        // Read there, the links of a page would begin one directory too deep.
        Some(false) if slash => return moved(&cx, cx.path().trim_end_matches('/')),
        _ => {}
    }
    match files::serve(cx.method(), cx.headers(), &file).await {
        Ok(response) => response,
        Err(error) => match files::failure(&error) {
            StatusCode::NOT_FOUND => cx.not_found().await,
            status => status.into_response(),
        },
    }
}

/// To another path of the same directory, with the request's query.
fn moved(cx: &Context, path: &str) -> Response<Body> {
    let path = [Mounted::prefix_of(cx.request()), path].concat();
    let location = path::location(&path, cx.uri().query());
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)], ()).into_response()
}

impl Context {
    /// Answers with a file: ranges, conditions and media type included; 404 if it is not there.
    pub async fn file(&self, path: impl AsRef<std::path::Path>) -> Response<Body> {
        files::serve_file(self.request(), path).await
    }
}

/// What a wildcard took would have no meaning for the files.
#[track_caller]
fn without_wildcards(path: &str) {
    let route = pattern::parse(&pattern::join("/", path));
    assert!(
        route.is_ok_and(|route| route.names().is_empty()),
        "files are served at a path without wildcards, not at {path:?}"
    );
}

macro_rules! statics {
    () => {
        /// Serves the files below a directory, for `GET` and `HEAD`: `engine.static_dir("/assets", "public")`. A directory is
        /// answered with its `index.html`, never with a listing; what is not there, as if no route matched. A directory without a
        /// slash behind it, or a file with one, is redirected.
        ///
        /// # Panics
        ///
        /// If the path has wildcards or collides with another route.
        #[track_caller]
        pub fn static_dir(&mut self, path: &str, root: impl Into<PathBuf>) -> &mut Self {
            let root = Arc::new(root.into());
            let handler = move |cx: Context| answer(Arc::clone(&root), cx);
            without_wildcards(path);
            let path = pattern::join(path, &format!("/*{REST}"));
            self.add_static(&path, BoxEndpoint::new(handler))
        }

        /// Serves one file, for `GET` and `HEAD`: `engine.static_file("/favicon.ico", "public/favicon.ico")`.
        ///
        /// # Panics
        ///
        /// If the path has wildcards or collides with another route.
        #[track_caller]
        pub fn static_file(&mut self, path: &str, file: impl Into<PathBuf>) -> &mut Self {
            let file = Arc::new(file.into());
            let handler = move |cx: Context| {
                let file = Arc::clone(&file);
                async move { cx.file(&*file).await }
            };
            without_wildcards(path);
            self.add_static(path, BoxEndpoint::new(handler))
        }

        #[track_caller]
        fn add_static(&mut self, path: &str, handler: BoxEndpoint) -> &mut Self {
            let new = New {
                methods: &[Method::GET, Method::HEAD],
                path,
                handler,
                location: std::panic::Location::caller(),
            };
            if let Err(error) = self.add(new) {
                panic!("{error}");
            }
            self
        }
    };
}

impl Engine {
    statics!();
}

impl Group<'_> {
    statics!();
}
