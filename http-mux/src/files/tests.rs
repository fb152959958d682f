use super::*;

/// A directory of its own for each test, taken away behind it.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("http-mux-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        std::fs::write(path.join("a.txt"), "0123456789").expect("a file");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn ask(file: &Path, method: Method, fields: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let mut request = Request::builder().method(method);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let response = serve_file(&request.body(()).expect("a request"), file).await;
    let (parts, body) = response.into_parts();
    let content = body.collect_bytes(100).await.expect("content");
    (
        parts.status.as_u16(),
        parts.headers,
        String::from_utf8(content.into()).expect("text"),
    )
}

#[tokio::test]
async fn a_file_is_sent_whole_or_in_part() {
    let directory = Directory::new("parts");
    let file = directory.0.join("a.txt");
    let (status, fields, content) = ask(&file, Method::GET, &[]).await;
    assert_eq!((status, content.as_str()), (200, "0123456789"));
    assert_eq!(fields["content-type"], "text/plain; charset=utf-8");
    assert_eq!(fields["content-length"], "10");
    let (status, fields, content) = ask(&file, Method::GET, &[("range", "bytes=2-4")]).await;
    assert_eq!((status, content.as_str()), (206, "234"));
    assert_eq!(fields["content-range"], "bytes 2-4/10");
    let (status, fields, _) = ask(&file, Method::GET, &[("range", "bytes=10-")]).await;
    assert_eq!(
        (status, &fields["content-range"]),
        (416, &HeaderValue::from_static("bytes */10"))
    );
    let (status, fields, content) = ask(&file, Method::HEAD, &[]).await;
    assert_eq!(
        (status, content.as_str(), &fields["content-length"]),
        (200, "", &10.into())
    );
    for range in ["bytes=2-4", "bytes=10-"] {
        let (status, fields, _) = ask(&file, Method::HEAD, &[("range", range)]).await;
        assert_eq!((status, &fields["content-length"]), (200, &10.into()));
        assert!(!fields.contains_key("content-range"));
    }
    assert_eq!(ask(&file, Method::PUT, &[]).await.0, 405);
    assert_eq!(ask(&directory.0, Method::GET, &[]).await.0, 404);
    assert_eq!(
        ask(&directory.0.join("none"), Method::GET, &[]).await.0,
        404
    );
}

#[tokio::test]
async fn conditions_go_in_their_order() {
    let directory = Directory::new("conditions");
    let file = directory.0.join("a.txt");
    let (_, fields, _) = ask(&file, Method::GET, &[]).await;
    let text = |name: &str| fields[name].to_str().expect("text").to_owned();
    let (tag, date) = (text("etag"), text("last-modified"));
    let weak = format!("\"x\", W/{tag}");
    let old = "Sun, 06 Nov 1994 08:49:37 GMT";
    let range = ("range", "bytes=0-0");
    let rows: [(&[(&str, &str)], u16); 11] = [
        (&[("if-none-match", &tag)], 304),
        (&[("if-none-match", &weak)], 304),
        (
            &[("if-none-match", "\"x\""), ("if-modified-since", &date)],
            200,
        ),
        (&[("if-modified-since", &date)], 304),
        (&[("if-modified-since", old)], 200),
        (&[("if-match", &weak)], 412),
        (&[("if-match", "*"), ("if-unmodified-since", old)], 200),
        (&[("if-unmodified-since", old)], 412),
        (&[range, ("if-range", &tag)], 206),
        (&[range, ("if-range", &date)], 206),
        (&[range, ("if-range", "\"x\"")], 200),
    ];
    for (fields, status) in rows {
        assert_eq!(
            ask(&file, Method::GET, fields).await.0,
            status,
            "{fields:?}"
        );
    }
}

/// RFC 9110 section 8.8.3: `etagc = %x21 / %x23-7E / obs-text`.
#[test]
fn a_tag_that_is_no_ascii_takes_no_other_with_it() {
    let version = Version {
        tag: Some("\"a\"".to_owned()),
        modified: None,
    };
    for (name, outcome) in [
        ("if-match", Outcome::Whole),
        ("if-none-match", Outcome::NotModified),
    ] {
        let list = HeaderValue::from_bytes(b"\"\xfc\", \"a\"").expect("a value");
        let headers = HeaderMap::from_iter([(name.parse().expect("a name"), list)]);
        assert_eq!(conditions::check(&Method::GET, &headers, &version), outcome);
    }
}

/// RFC 9110 sections 13.1.4 and 13.1.5: a date is compared only with a date.
#[tokio::test]
async fn a_file_without_a_date_meets_no_condition_on_one() {
    let directory = Directory::new("undated");
    let file = directory.0.join("a.txt");
    let before = UNIX_EPOCH - std::time::Duration::from_secs(1);
    let opened = std::fs::File::options().write(true).open(&file);
    let dated = opened.and_then(|file| file.set_modified(before));
    dated.expect("a date before those that are sent");
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let range = ("range", "bytes=0-0");
    let rows: [(&[(&str, &str)], u16); 5] = [
        (&[("if-unmodified-since", date)], 200),
        (&[("if-modified-since", date)], 200),
        (&[range, ("if-range", date)], 200),
        (&[range, ("if-range", "W/\"x\"")], 200),
        (&[range], 206),
    ];
    for (fields, status) in rows {
        let (found, sent, _) = ask(&file, Method::GET, fields).await;
        assert_eq!(found, status, "{fields:?}");
        assert!(!sent.contains_key(LAST_MODIFIED));
    }
}

/// RFC 9110 section 8.8.2.1; an archive may have any date in it, and some have no four digits for their year.
#[test]
fn what_was_modified_in_the_future_was_modified_now() {
    let now = SystemTime::now();
    for years in [1, 100, 10_000] {
        let modified = now + std::time::Duration::from_secs(years * 366 * 86_400);
        let version = Version {
            tag: None,
            modified: Some(modified),
        };
        let mut response = Response::new(Body::empty());
        describe(&mut response, Path::new("a.txt"), &version);
        let date = response.headers()[LAST_MODIFIED].to_str().expect("text");
        let date = httpdate::parse_http_date(date).expect("a date");
        assert!(date <= SystemTime::now(), "{years}");
    }
}

#[test]
fn no_path_leads_out_of_the_directory() {
    let root = Path::new("/srv");
    assert_eq!(below(root, "/a/./b.txt"), Some("/srv/a/b.txt".into()));
    for path in ["/../x", "/a/../../x", "..", "/a\0b"] {
        assert_eq!(below(root, path), None, "{path:?}");
    }
    assert_eq!(below(root, "//etc/passwd"), Some("/srv/etc/passwd".into()));
}
