//! `coverage.toml` is true: what it calls played is answered, what it calls not played is not, and
//! every kind of callback the sandbox pushes is in it.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use sandbox::push;
use serde::Deserialize;
use serde_json::json;
use wire::Endpoint;

use crate::{Stage, spec};

#[derive(Deserialize)]
struct File {
    row: Vec<Row>,
}

/// A row's name and state; `xtask` reads the rest.
#[derive(Deserialize)]
struct Row {
    call: Option<String>,
    page: Option<String>,
    callback: Option<String>,
    state: String,
}

impl Row {
    fn is_played(&self) -> bool {
        self.state != "not"
    }
}

fn rows() -> Vec<Row> {
    let file: File = toml::from_str(include_str!("../../coverage.toml")).unwrap();
    file.row
}

/// Whether the sandbox knows the path: an unknown one is the only thing it answers with an empty
/// 404.
async fn is_known(stage: &Stage, path: &str, is_get: bool) -> bool {
    let url = format!("{}{path}?access_token={}", stage.url, stage.token);
    let request =
        if is_get { stage.client.get(url) } else { stage.client.post(url).json(&json!({})) };
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.bytes().await.unwrap();
    assert!(status == StatusCode::NOT_FOUND || !status.is_server_error(), "{path}: {status}");
    status != StatusCode::NOT_FOUND || !body.is_empty()
}

#[tokio::test]
async fn a_call_is_answered_when_its_row_says_so_and_only_then() {
    let mut stage = Stage::new(spec(3)).await;
    assert!(!is_known(&stage, "/cgi-bin/no/such/call", false).await);
    for row in rows() {
        let Some(path) = &row.call else { continue };
        let endpoint = Endpoint::of_path(path);
        // A token fetched among these calls ends the one before it.
        stage.refresh().await;
        let known = is_known(&stage, path, endpoint.is_some_and(Endpoint::is_get)).await;
        assert_eq!(known, row.is_played(), "{path} is {}", row.state);
    }
}

#[tokio::test]
async fn a_page_is_shown_when_its_row_says_so_and_only_then() {
    let stage = Stage::new(spec(3)).await;
    let code = json!({"action_name":"QR_LIMIT_SCENE","action_info":{"scene":{"scene_id":7}}});
    let ticket = stage.post("qrcode/create", &code).await["ticket"].as_str().unwrap().to_owned();
    for row in rows() {
        let Some(path) = &row.page else { continue };
        // What only a made ticket shows is asked for with one.
        let url = format!("{}{path}", stage.url);
        let url = reqwest::Url::parse_with_params(&url, [("ticket", &ticket)]).unwrap();
        let answer = stage.client.get(url).send().await.unwrap();
        let is_shown = answer.status() != StatusCode::NOT_FOUND;
        assert_eq!(is_shown, row.is_played(), "{path} is {}", row.state);
    }
}

#[test]
fn every_kind_of_callback_has_a_row() {
    let rows = rows();
    let played: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.is_played())
        .filter_map(|row| row.callback.as_deref())
        .collect();
    assert_eq!(played, push::KINDS.iter().copied().collect());
}
