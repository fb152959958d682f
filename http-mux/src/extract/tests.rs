use std::borrow::Cow;

use futures::FutureExt;
use http::Request;
use http_codec::Body;

use super::*;

fn request(kind: &str, content: &'static str) -> Request<Body> {
    Request::post("/x?a=1&b=two+words&a=%C3%BC&&empty")
        .header("content-type", kind)
        .body(content.into())
        .expect("a request")
}

#[test]
fn a_query_is_pairs() {
    let request = request("", "");
    let pairs: Vec<_> = pairs(request.uri().query().unwrap_or_default()).collect();
    let expected = [
        ("a", "1"),
        ("b", "two words"),
        ("a", "\u{fc}"),
        ("empty", ""),
    ];
    assert_eq!(
        pairs,
        expected.map(|(name, value)| (Cow::from(name), Cow::from(value)))
    );
    assert_eq!(request.query_value("b").as_deref(), Some("two words"));
    assert_eq!(request.query_value("c"), None);
}

#[test]
fn cookies_come_from_every_field() {
    let request = Request::get("/")
        .header("cookie", "a=1; b=\"2\"; =3; bad")
        .header("cookie", "c= 4")
        .body(Body::empty())
        .expect("a request");
    assert_eq!(
        request.cookies().collect::<Vec<_>>(),
        [("a", "1"), ("b", "2"), ("c", "4")]
    );
    assert_eq!(request.cookies().get("c"), Some("4"));
}

#[test]
fn a_cookie_that_is_no_ascii_takes_no_other_with_it() {
    let request = Request::get("/")
        .header("cookie", &b"a=1; b=\xc3\xbc; c=\xff; d=4"[..])
        .body(Body::empty())
        .expect("a request");
    let cookies: Vec<_> = request.cookies().collect();
    assert_eq!(cookies, [("a", "1"), ("b", "\u{fc}"), ("d", "4")]);
}

#[test]
fn a_media_type_is_there_whatever_its_parameters_are() {
    let named = |kind: &[u8]| {
        let request = Request::post("/").header("content-type", kind);
        let request = request.body(Body::empty()).expect("a request");
        request.content_type().to_owned()
    };
    assert_eq!(named(b"text/plain ;name=\"\xfc.txt\""), "text/plain");
    assert_eq!(
        named("text/plain; name=\"\u{fc}.txt\"".as_bytes()),
        "text/plain"
    );
    assert_eq!(named(b"text/\xfc"), "");
}

#[test]
fn content_over_the_limit_is_a_413() {
    let error = request("", "12345")
        .bytes(4)
        .now_or_never()
        .expect("ready")
        .expect_err("too much");
    assert_eq!(
        (error.status().as_u16(), error.to_string().as_str()),
        (413, "the content exceeds 4 octets")
    );
}

#[cfg(feature = "serde")]
mod typed {
    use super::*;
    use std::collections::HashMap;

    fn path<T: serde::de::DeserializeOwned>(
        pairs: &[(&'static str, &'static str)],
    ) -> Result<T, String> {
        from_pairs(pairs.iter().map(|(name, value)| (*name, Cow::from(*value))))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_path_is_a_struct_a_tuple_or_one_value() {
        let pairs = [("id", "7"), ("name", "x")];
        assert_eq!(path::<(u32, String)>(&pairs), Ok((7, "x".into())));
        assert_eq!(
            path::<HashMap<String, String>>(&pairs).map(|map| map.len()),
            Ok(2)
        );
        assert_eq!(path::<u8>(&pairs[..1]), Ok(7));
        assert_eq!(path::<Option<u8>>(&pairs[..1]), Ok(Some(7)));
    }

    #[test]
    fn an_error_names_the_parameter() {
        assert_eq!(
            path::<u8>(&[("id", "x")]),
            Err("path: `id`: `x` is not a number from 0 of 8 bits".into())
        );
        assert_eq!(
            path::<(u8,)>(&[("a", "1"), ("b", "2")]),
            Err("path: 1 parameters are read, the pattern has 2".into())
        );
        type Address = std::net::IpAddr;
        fn bad<T: serde::de::DeserializeOwned>(pairs: &[(&'static str, &'static str)]) -> String {
            path::<T>(pairs).err().expect("an error")
        }
        let (peer, id) = (("peer", "::1"), ("id", "x"));
        let no_address = "path: `id`: invalid IP address syntax";
        assert_eq!(bad::<Address>(&[id]), no_address);
        assert_eq!(bad::<HashMap<String, Address>>(&[peer, id]), no_address);
        assert_eq!(bad::<(String, Address)>(&[peer, id]), no_address);
        assert_eq!(
            bad::<(std::num::NonZeroU8,)>(&[("id", "0")]),
            "path: `id`: invalid value: integer `0`, expected a nonzero u8"
        );
        assert_eq!(
            bad::<Result<(), ()>>(&[id]),
            "path: `id`: unknown variant `x`, expected `Ok` or `Err`"
        );
    }

    /// Also what a type finds out by itself, once it has read its text.
    #[test]
    fn an_error_in_a_conversion_names_the_parameter() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(try_from = "String")]
        struct Even(u32);
        impl TryFrom<String> for Even {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, &'static str> {
                match text.parse() {
                    Ok(number) if number % 2 == 0 => Ok(Self(number)),
                    _ => Err("not even"),
                }
            }
        }
        let pairs = [("a", "2"), ("b", "3")];
        assert_eq!(path::<(Even, u8)>(&pairs), Ok((Even(2), 3)));
        assert_eq!(
            path::<Vec<Even>>(&pairs),
            Err("path: `b`: not even".to_owned())
        );
    }

    #[test]
    fn a_repeated_name_is_a_list() {
        let query: HashMap<String, Vec<String>> = request("", "").query().expect("a map");
        assert_eq!(query["a"], ["1", "\u{fc}"]);
    }

    #[test]
    fn a_form_is_read_from_the_content() {
        let mut posted = request("application/x-www-form-urlencoded; charset=utf-8", "n=5");
        let form: HashMap<String, u8> = posted
            .form()
            .now_or_never()
            .expect("ready")
            .expect("a form");
        assert_eq!(form["n"], 5);
        let error = request("text/plain", "n=5")
            .form::<HashMap<String, u8>>()
            .now_or_never()
            .expect("ready")
            .expect_err("a type");
        assert_eq!(error.status(), 415);
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_errors_say_where() {
        let read = |kind, content| {
            request(kind, content)
                .json::<Vec<u8>>()
                .now_or_never()
                .expect("ready")
        };
        assert_eq!(
            read("application/vnd.x+json", "[1,2]").expect("json"),
            [1, 2]
        );
        let error = read("application/json", "[1,x]").expect_err("not json");
        assert_eq!(
            (error.status().as_u16(), error.to_string().as_str()),
            (400, "JSON: expected value at line 1 column 4")
        );
        assert_eq!(
            read("text/plain", "[]").expect_err("not json").to_string(),
            "content type: expected application/json, found text/plain"
        );
    }
}

#[cfg(feature = "multipart")]
mod parts {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const HEAD: &str = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";

    fn posted(content: impl Into<Body>) -> Request<Body> {
        let kind = "multipart/form-data; boundary=X";
        let request = Request::post("/").header("content-type", kind);
        request.body(content.into()).expect("a request")
    }

    /// Pieces that are all there at once; counts how many were asked for.
    fn pieces(pieces: Vec<String>) -> (Body, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let pieces = pieces.into_iter().map(move |piece| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(piece)
        });
        (Body::from_stream(futures::stream::iter(pieces)), count)
    }

    #[tokio::test]
    async fn they_come_one_after_the_other() {
        let second = "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\n\
                      Content-Type: text/plain\r\n\r\nhello\r\n--X--\r\n";
        let mut posted = posted(format!("{HEAD}1\r\n{second}"));
        let mut form = posted.multipart().expect("a form");
        let part = form.next().await.expect("content").expect("a part");
        assert_eq!(part.name(), Some("a"));
        let part = form.next().await.expect("content").expect("a part");
        assert_eq!(
            (part.file_name(), part.content_type()),
            (Some("n.txt"), Some("text/plain"))
        );
        assert_eq!(part.text(5).await.expect("text"), "hello");
        assert!(form.next().await.expect("content").is_none());
    }

    #[tokio::test]
    async fn no_more_is_taken_than_is_read() {
        let mut content = vec![HEAD.to_owned()];
        content.resize(1000, "x".repeat(1000));
        let (body, count) = pieces(content);
        let mut posted = posted(body);
        let mut form = posted.multipart().expect("a form");
        let mut part = form.next().await.expect("content").expect("a part");
        part.chunk().await.expect("content");
        let taken = count.load(Ordering::Relaxed);
        assert!(taken < 10, "{taken} pieces");
        let error = part.bytes(5000).await.expect_err("too much");
        assert_eq!(error.status(), 413);
    }

    #[tokio::test]
    async fn a_part_is_skipped_however_often_the_next_is_asked_for() {
        let (sender, receiver) = futures::channel::mpsc::unbounded();
        let send = |piece: String| sender.unbounded_send(Ok::<_, std::io::Error>(piece));
        let mut posted = posted(Body::from_stream(receiver));
        let mut form = posted.multipart().expect("a form");
        send(format!("{HEAD}x")).expect("a receiver");
        form.next().await.expect("content").expect("a part");
        assert!(form.next().now_or_never().is_none());
        for _ in 0..200 {
            send("x".repeat(1000)).expect("a receiver");
        }
        send(format!("\r\n{HEAD}1\r\n--X--\r\n")).expect("a receiver");
        let part = form.next().await.expect("content").expect("a part");
        assert_eq!(part.text(5).await.expect("text"), "1");
    }

    #[tokio::test]
    async fn a_head_without_end_is_refused() {
        let head = "--X\r\nx-a: ".to_owned();
        let (body, count) = pieces(
            [head]
                .into_iter()
                .chain(vec!["x".repeat(1000); 1000])
                .collect(),
        );
        let mut posted = posted(body);
        let mut form = posted.multipart().expect("a form");
        let error = form.next().await.expect_err("too much");
        assert_eq!(error.status(), 400);
        assert!(count.load(Ordering::Relaxed) < 100);
    }
}

#[cfg(feature = "serde")]
#[test]
fn more_pairs_than_are_any_use_are_refused() {
    type Map = std::collections::HashMap<String, Vec<String>>;
    let form = |pairs: usize| {
        Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(vec!["a=1"; pairs].join("&")))
            .expect("a request")
    };
    let read = |pairs: usize| form(pairs).form::<Map>().now_or_never().expect("in hand");
    assert_eq!(read(MOST_PAIRS).expect("a form")["a"].len(), MOST_PAIRS);
    let error = read(MOST_PAIRS + 1).expect_err("too many");
    assert_eq!(
        (error.kind(), error.status().as_u16()),
        (InputKind::Form, 400)
    );
    let target = format!("/?{}", "&".repeat(MOST_PAIRS + 1));
    let query = Request::get(target).body(Body::empty()).expect("a request");
    let error = query.query::<Map>().expect_err("too many");
    assert_eq!(error.kind(), InputKind::Query);
}

#[cfg(feature = "json")]
#[test]
fn deep_json_is_refused_and_not_followed() {
    let deep = "[".repeat(100_000);
    let mut request = Request::post("/")
        .header("content-type", "application/json")
        .body(Body::from(deep))
        .expect("a request");
    let read = request.json::<serde_json::Value>().now_or_never();
    assert_eq!(
        read.expect("in hand").expect_err("too deep").kind(),
        InputKind::Json
    );
}
