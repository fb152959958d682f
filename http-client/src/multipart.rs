//! `multipart/form-data` (RFC 7578): a form of several parts, streamed.
//!
//! ```text
//! --boundary CRLF fields CRLF CRLF content CRLF ... --boundary-- CRLF
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_codec::{Body, BodyError};

/// A form of several parts. Its length is known where that of every part is; it can be sent again where every part can.
#[derive(Debug)]
pub struct Form {
    boundary: String,
    parts: Vec<(String, Part)>,
}

/// One part of a [`Form`].
#[derive(Debug)]
pub struct Part {
    body: Body,
    file_name: Option<String>,
    content_type: Option<String>,
}

impl Part {
    /// A part of any content.
    pub fn new(body: impl Into<Body>) -> Part {
        Part {
            body: body.into(),
            file_name: None,
            content_type: None,
        }
    }

    /// A part that is streamed from a file, under the file's name. The file is opened now, and its length taken.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub async fn file(path: impl AsRef<Path>) -> io::Result<Part> {
        let path: PathBuf = path.as_ref().to_owned();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let file = tokio::fs::File::open(&path).await?;
        let length = file.metadata().await?.len();
        let part =
            Part::new(Body::file(file, length)).with_content_type("application/octet-stream");
        Ok(Part {
            file_name: name,
            ..part
        })
    }

    /// The file name that is told to the server.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Part {
        self.file_name = Some(name.into());
        self
    }

    /// The media type of the part. Octets that cannot stand in a field are dropped.
    #[must_use]
    pub fn with_content_type(mut self, kind: impl Into<String>) -> Part {
        let kind: String = kind.into();
        self.content_type = Some(
            kind.chars()
                .filter(|char| (' '..='~').contains(char))
                .collect(),
        );
        self
    }

    fn head(&self, boundary: &str, name: &str) -> String {
        let mut head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"",
            quoted(name)
        );
        if let Some(file) = &self.file_name {
            head.push_str(&format!("; filename=\"{}\"", quoted(file)));
        }
        if let Some(kind) = &self.content_type {
            head.push_str(&format!("\r\ncontent-type: {kind}"));
        }
        head.push_str("\r\n\r\n");
        head
    }
}

/// As browsers do it: the three octets that would end the value are percent-encoded.
fn quoted(text: &str) -> String {
    text.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

impl Form {
    /// A form without parts, with a boundary at random.
    pub fn new() -> Form {
        use std::hash::{BuildHasher, Hasher, RandomState};
        let random = || RandomState::new().build_hasher().finish();
        Form {
            boundary: format!("{:016x}{:016x}", random(), random()),
            parts: Vec::new(),
        }
    }

    /// Adds a part of text.
    #[must_use]
    pub fn text(self, name: impl Into<String>, value: impl Into<String>) -> Form {
        self.part(name, Part::new(value.into()))
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, name: impl Into<String>, part: Part) -> Form {
        self.parts.push((name.into(), part));
        self
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(crate) fn into_body(self) -> Body {
        let mut pieces = Vec::with_capacity(2 * self.parts.len() + 1);
        let mut between = String::new();
        for (name, part) in self.parts {
            between.push_str(&part.head(&self.boundary, &name));
            pieces.push(Body::from(std::mem::take(&mut between)));
            pieces.push(part.body);
            between.push_str("\r\n");
        }
        between.push_str(&format!("--{}--\r\n", self.boundary));
        pieces.push(Body::from(between));
        let copies: Option<Vec<Body>> = pieces.iter().map(Body::try_clone).collect();
        match copies {
            Some(copies) => {
                let copies = std::sync::Mutex::new(copies);
                Body::rewindable(move || {
                    let copies = copies
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    Body::new(Joined::new(
                        copies.iter().filter_map(Body::try_clone).collect(),
                    ))
                })
            }
            None => Body::new(Joined::new(pieces)),
        }
    }
}

impl Default for Form {
    fn default() -> Self {
        Form::new()
    }
}

/// One body after the other.
struct Joined {
    pieces: std::vec::IntoIter<Body>,
    current: Body,
}

impl Joined {
    fn new(pieces: Vec<Body>) -> Joined {
        Joined {
            pieces: pieces.into_iter(),
            current: Body::empty(),
        }
    }
}

impl http_body::Body for Joined {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            match ready!(Pin::new(&mut self.current).poll_frame(cx)) {
                // Trailers of a part have no place here.
                Some(Ok(frame)) if frame.is_trailers() => {}
                Some(frame) => return Poll::Ready(Some(frame)),
                None => match self.pieces.next() {
                    Some(next) => self.current = next,
                    None => return Poll::Ready(None),
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.current.is_end_stream() && self.pieces.as_slice().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let mut sum = self.current.size_hint().exact();
        for piece in self.pieces.as_slice() {
            sum = sum
                .zip(piece.size_hint().exact())
                .map(|(sum, size)| sum + size);
        }
        sum.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_form_of_several_parts() {
        let mut form = Form::new().text("a\"b", "1").part(
            "f",
            Part::new("xyz")
                .with_file_name("x.txt")
                .with_content_type("text/plain"),
        );
        form.boundary = "B".into();
        let body = form.into_body();
        let expected = "--B\r\ncontent-disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n\
            --B\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\ncontent-type: text/plain\r\n\r\nxyz\r\n\
            --B--\r\n";
        assert_eq!(
            http_body::Body::size_hint(&body).exact(),
            Some(expected.len() as u64)
        );
        for body in [body.try_clone().unwrap(), body] {
            assert_eq!(body.collect_bytes(1 << 20).await.unwrap(), expected);
        }
    }
}
