use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Stage, spec};

#[tokio::test]
async fn hundreds_who_say_nothing_or_stop_halfway_hold_up_nobody() {
    let stage = Stage::new(spec(10)).await;
    let address = stage.url.strip_prefix("http://").unwrap().to_owned();
    let mut crowd = Vec::new();
    for nth in 0..400 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        match nth % 4 {
            0 => {}
            1 => stream.write_all(b"POST /cgi-bin/tags/create HTTP/1.1\r\nhos").await.unwrap(),
            2 => {
                let head = b"POST /cgi-bin/tags/create HTTP/1.1\r\ncontent-length: 9999\r\n\r\n{";
                stream.write_all(head).await.unwrap();
            }
            // Asks for a large answer and never reads it.
            _ => {
                let ask = format!(
                    "GET /sandbox/accounts/{}/shop/orders.csv HTTP/1.1\r\nhost: x\r\n\r\n",
                    stage.appid
                );
                stream.write_all(ask.as_bytes()).await.unwrap();
            }
        }
        crowd.push(stream);
    }
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(stage.get("user/get", "").await["count"], 10);
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let mut calls = Vec::new();
    for _ in 0..100 {
        let url = format!("{}/cgi-bin/user/get?access_token={}", stage.url, stage.token);
        calls.push(tokio::spawn(stage.client.get(url).send()));
    }
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    drop(crowd);
    assert_eq!(stage.get("user/get", "").await["count"], 10);
}

#[tokio::test]
async fn a_control_call_may_be_large_and_one_too_large_is_told_so() {
    let stage = Stage::new(spec(10)).await;
    // Over the two megabytes that axum would take by itself.
    let long = "长".repeat(1_000_000);
    let body = json!({"url":"http://127.0.0.1:1/","token":"token","mode":"plain","x":long});
    let url = stage.control_url("{a}/callback");
    let refused = stage.client.put(url).json(&body).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("unknown field `x`"));

    let address = stage.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /sandbox/faults HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536));
    let mut written = 0;
    // A body without an end: the sandbox stops reading it after its limit.
    while written < 64 * 1024 * 1024 && stream.write_all(chunk.as_bytes()).await.is_ok() {
        written += 65_536;
    }
    assert!(written < 64 * 1024 * 1024, "it took everything");
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer);
    // The answer may be lost when the connection is reset under what was still being written.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(stage.seen("faults").await, json!([]));
}
