use axum::extract::FromRequest;
use axum::extract::Request;
use delivery::view::{LineError, NewCampaign, SegmentQuestion};
use serde::de::DeserializeOwned;

use super::*;
use crate::extract::{OptionalJson, Query};

fn shown(problem: impl Into<Problem>) -> String {
    serde_json::to_string_pretty(&ProblemView::from(problem.into())).unwrap()
}

fn read<T: DeserializeOwned>(body: &str) -> Problem {
    axum::Json::<T>::from_bytes(body.as_bytes()).err().unwrap().into()
}

#[test]
fn errors_of_the_engine_keep_their_code_field_and_sentence() {
    let error = delivery::Error::NotFound { what: "account", name: "7".into() };
    insta::assert_snapshot!(shown(error), @r#"
    {
      "type": "about:blank",
      "title": "Not Found",
      "status": 404,
      "code": "not_found",
      "detail": "there is no account 7",
      "hint": "`fourcast accounts list` shows the connected accounts"
    }
    "#);
    let error =
        delivery::Error::BadInput { field: "key".into(), problem: "\"a b\" has a blank".into() };
    insta::assert_snapshot!(shown(error), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "bad_input",
      "detail": "key: \"a b\" has a blank",
      "field": "key"
    }
    "#);
    assert_eq!(Problem::from(delivery::Error::NotVirtual).status(), StatusCode::CONFLICT);
}

#[test]
fn what_broke_inside_is_not_told() {
    let error = delivery::Error::Store(store::Error::Closed);
    insta::assert_snapshot!(shown(error), @r#"
    {
      "type": "about:blank",
      "title": "Internal Server Error",
      "status": 500,
      "code": "internal",
      "detail": "the server could not carry this out; its log has the cause"
    }
    "#);
}

#[test]
fn a_missing_field_is_named() {
    insta::assert_snapshot!(shown(read::<SegmentQuestion>("{}")), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "missing_field",
      "detail": "the field `segment` is missing in the body",
      "field": "segment"
    }
    "#);
    let campaign = r#"{"key":"a","name":"A","segment":"all",
        "message":{"type":"articles","articles":[{"title":"T"}]}}"#;
    let problem = ProblemView::from(read::<NewCampaign>(campaign));
    assert_eq!(problem.code, "missing_field");
    assert!(problem.field.unwrap().ends_with("content"));
}

#[test]
fn a_field_of_the_wrong_kind_is_named() {
    insta::assert_snapshot!(shown(read::<SegmentQuestion>(r#"{"segment":"all","after":"x"}"#)), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "bad_field",
      "detail": "`after` in the body: invalid type: string \"x\", expected u32",
      "field": "after"
    }
    "#);
    insta::assert_snapshot!(shown(read::<NewCampaign>(
        r#"{"key":"a","name":"A","segment":"all","message":{"type":"song"}}"#
    )), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "bad_field",
      "detail": "`message.type` in the body: unknown variant `song`, expected `text` or `articles`",
      "field": "message.type"
    }
    "#);
}

#[test]
fn text_that_is_not_json_is_told_with_its_place() {
    insta::assert_snapshot!(shown(read::<SegmentQuestion>("{\"segment\": all}")), @r#"
    {
      "type": "about:blank",
      "title": "Bad Request",
      "status": 400,
      "code": "bad_json",
      "detail": "the body is not JSON: segment: expected value at line 1 column 13"
    }
    "#);
}

#[tokio::test]
async fn a_body_without_its_type_is_told_what_to_send() {
    let request = Request::post("/").body("{}".into()).unwrap();
    let problem = crate::extract::Json::<SegmentQuestion>::from_request(request, &()).await;
    insta::assert_snapshot!(shown(problem.err().unwrap()), @r#"
    {
      "type": "about:blank",
      "title": "Unsupported Media Type",
      "status": 415,
      "code": "not_json",
      "detail": "the body must be JSON and the request must say so",
      "hint": "send the header `Content-Type: application/json`"
    }
    "#);
}

#[tokio::test]
async fn a_body_that_may_be_left_out_is_read_when_it_is_there() {
    #[derive(serde::Deserialize, Default, PartialEq, Debug)]
    struct Wish {
        at: Option<i64>,
    }
    let read = async |body: &'static str| {
        let request = Request::post("/").body(body.into()).unwrap();
        OptionalJson::<Wish>::from_request(request, &()).await.map(|OptionalJson(wish)| wish)
    };
    assert_eq!(read("").await.unwrap(), Wish { at: None });
    assert_eq!(read("null").await.unwrap(), Wish { at: None });
    assert_eq!(read("{\"at\":7}").await.unwrap(), Wish { at: Some(7) });
    assert_eq!(ProblemView::from(read("{\"at\":[]}").await.unwrap_err()).field.unwrap(), "at");
}

#[tokio::test]
async fn a_parameter_of_the_wrong_kind_is_named() {
    #[derive(Debug, serde::Deserialize)]
    struct Parameters {
        #[expect(dead_code, reason = "only its refusal matters")]
        layout: crate::import::Format,
    }
    let request = Request::get("/?layout=xls").body("".into()).unwrap();
    let refused = Query::<Parameters>::from_request(request, &()).await;
    insta::assert_snapshot!(shown(refused.err().unwrap()), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "bad_field",
      "detail": "`layout` in the address: unknown variant `xls`, expected one of `csv`, `xlsx`, `cdnow`",
      "field": "layout"
    }
    "#);
}

#[test]
fn a_refused_import_carries_its_report() {
    let report = ImportView {
        lines: 3,
        refused: 1,
        errors: vec![LineError { line: 2, error: "`time` is empty".into() }],
        ..ImportView::default()
    };
    let problem = Problem::bad_input("bad_lines", "1 of 3 lines cannot be used").report(report);
    insta::assert_snapshot!(shown(problem), @r#"
    {
      "type": "about:blank",
      "title": "Unprocessable Entity",
      "status": 422,
      "code": "bad_lines",
      "detail": "1 of 3 lines cannot be used",
      "report": {
        "lines": 3,
        "imported": 0,
        "duplicates": 0,
        "linked": 0,
        "refused": 1,
        "errors": [
          {
            "line": 2,
            "error": "`time` is empty"
          }
        ]
      }
    }
    "#);
}

#[test]
fn only_a_missing_key_asks_for_one() {
    let challenge = |status| {
        let answer = Problem::new(status, "x", "y").into_response();
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert_eq!(kind, "application/problem+json; charset=utf-8");
        answer.headers().contains_key(header::WWW_AUTHENTICATE)
    };
    assert!(challenge(StatusCode::UNAUTHORIZED));
    assert!(!challenge(StatusCode::FORBIDDEN));
}
