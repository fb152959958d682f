use super::*;
use futures::FutureExt;

fn content(response: Response<Body>) -> Bytes {
    response
        .into_body()
        .collect_bytes(1 << 20)
        .now_or_never()
        .expect("all of it is in hand")
        .expect("no error")
}

#[test]
fn text_is_plain_utf8() {
    let response = "hi".into_response();
    assert_eq!(
        response.headers()[CONTENT_TYPE],
        "text/plain; charset=utf-8"
    );
    assert_eq!(content(response), "hi");
}

#[test]
fn a_tuple_sets_status_then_fields() {
    let response = (
        StatusCode::CREATED,
        [("content-type", "text/csv"), ("x-id", "7")],
        "a,b",
    )
        .into_response();
    assert_eq!(
        (response.status(), &response.headers()["x-id"]),
        (StatusCode::CREATED, &HeaderValue::from_static("7"))
    );
    assert_eq!(response.headers().get_all(CONTENT_TYPE).iter().count(), 1);
}

#[test]
fn a_header_map_keeps_its_repeated_names() {
    let mut headers = HeaderMap::new();
    headers.append("set-cookie", HeaderValue::from_static("a=1"));
    headers.append("set-cookie", HeaderValue::from_static("b=2"));
    let response = (headers, "x").into_response();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.headers().len(), 3);
}

#[test]
fn a_type_that_is_given_is_the_only_one() {
    let kinds = |response: Response<Body>| -> Vec<HeaderValue> {
        let kinds = response.headers().get_all(CONTENT_TYPE);
        kinds.iter().cloned().collect()
    };
    let csv = || [(CONTENT_TYPE, "text/csv")];
    assert_eq!(kinds((csv(), "a").into_response()), ["text/csv"]);
    assert_eq!(kinds((csv(), vec![1]).into_response()), ["text/csv"]);
    assert_eq!(kinds((csv(), Html("a")).into_response()), ["text/csv"]);
    let fields = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/csv"))]);
    let nested = (StatusCode::CREATED, (fields, Ok::<_, ()>("a"))).into_response();
    assert_eq!(nested.status(), StatusCode::CREATED);
    assert_eq!(kinds(nested), ["text/csv"]);
    let other = ([("x-id", String::from("7"))], "a").into_response();
    assert_eq!(other.headers()["x-id"], "7");
    assert_eq!(kinds(other), ["text/plain; charset=utf-8"]);
}

#[test]
fn a_field_that_cannot_be_is_a_500_whatever_the_status_was_to_be() {
    let bad = (StatusCode::OK, [("x-id", "\n")], Html("a")).into_response();
    assert_eq!(bad.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let bad = (StatusCode::OK, [("x id", "7")], "a").into_response();
    assert_eq!(bad.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(bad.headers().len(), 0);
    let bad = ([("x-id", "\n")], "a").with_status(StatusCode::CREATED);
    assert_eq!(bad.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[cfg(feature = "json")]
#[test]
fn a_value_that_is_no_json_is_a_500_whatever_the_status_was_to_be() {
    let keys = || Json(std::collections::HashMap::from([([1, 2], 3)]));
    let internal = StatusCode::INTERNAL_SERVER_ERROR;
    assert_eq!(keys().into_response().status(), internal);
    assert_eq!(
        (StatusCode::CREATED, keys()).into_response().status(),
        internal
    );
    let with_fields = (StatusCode::CREATED, [("x-id", "7")], keys()).into_response();
    assert_eq!(with_fields.status(), internal);
}

#[test]
fn a_bad_field_value_is_a_500_and_not_a_split_response() {
    let response = ([("x-id", "7\r\nset-cookie: a=b")], "x").into_response();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn either_side_of_a_result_answers() {
    let answer = |ok: bool| {
        if ok {
            Ok("fine")
        } else {
            Err(StatusCode::CONFLICT)
        }
    };
    assert_eq!(answer(true).into_response().status(), 200);
    assert_eq!(answer(false).into_response().status(), 409);
}

#[test]
fn a_location_is_encoded_where_it_must_be() {
    let response = Redirect::to("/a b/\u{fc}?q=1%20").into_response();
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/a%20b/%C3%BC?q=1%20");
}

#[test]
fn a_file_name_is_quoted_or_extended() {
    let name = |name: &str| {
        Attachment::new(name, "x").into_response().headers()["content-disposition"].clone()
    };
    assert_eq!(
        name("a \"b\".txt"),
        "attachment; filename=\"a \\\"b\\\".txt\""
    );
    assert_eq!(
        name("\u{e9}t\u{e9}.txt"),
        "attachment; filename*=UTF-8''%C3%A9t%C3%A9.txt"
    );
}

#[test]
fn a_chain_of_changes() {
    let response = "x"
        .with_status(StatusCode::CREATED)
        .with_cookie("a=1; Path=/")
        .with_cookie("b=2")
        .with_header("x-a", "1");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.status(), 201);
}
