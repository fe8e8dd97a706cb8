//! Every command, run as its user runs it: data on stdout, the rest on stderr, a hint after an
//! error, and an exit status that says whether it went well.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::harness::{World, at, campaign};

/// A person at a terminal.
pub struct Shell {
    pub url: String,
    pub key: String,
}

impl Shell {
    pub async fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fourcast"))
            .args(words)
            .env("FOURCAST_URL", &self.url)
            .env("FOURCAST_KEY", &self.key)
            .output()
            .await
            .unwrap()
    }

    /// What a command prints, for people and as JSON.
    pub async fn say(&self, words: &[&str]) -> (String, Value) {
        let words_out = self.run(words).await;
        let error = String::from_utf8_lossy(&words_out.stderr).into_owned();
        assert!(words_out.status.success(), "{words:?}: {error}");
        let mut json: Vec<&str> = words.to_vec();
        json.push("--json");
        let json_out = self.run(&json).await;
        let value = serde_json::from_slice(&json_out.stdout);
        let value = value.unwrap_or_else(|error| panic!("{words:?} --json: {error}"));
        (String::from_utf8(words_out.stdout).unwrap(), value)
    }

    /// The same of a command that can be said once.
    pub async fn once(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat()).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command that must fail says on stderr.
    pub async fn fail(&self, words: &[&str]) -> String {
        let output = self.run(words).await;
        assert!(!output.status.success(), "{words:?} went well");
        assert!(output.stdout.is_empty(), "{words:?} printed data");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_speaks_to_the_server() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    world.send(&campaign("first", "tag \"油性皮肤\"")).await;
    let shell = Shell { url: world.server_url(), key: world.key() };
    let one = world.somebody("received \"first\"").await;

    let (text, fence) = shell.say(&["fence"]).await;
    assert!(text.starts_with("not fenced") && fence["fenced"] == false, "{text}");
    let error = shell.fail(&["fence", "release"]).await;
    assert!(error.contains("nothing is fenced"), "{error}");
    let (_, accounts) = shell.say(&["accounts", "list"]).await;
    assert_eq!(accounts[0]["following"], 300);
    shell.say(&["accounts", "show"]).await;
    let (text, follower) = shell.say(&["followers", "show", &one]).await;
    assert!(text.contains("油性皮肤") && text.contains("first"), "{text}");
    assert_eq!(follower["slots"]["used_min"], 1);
    let (_, count) = shell.say(&["segments", "count", "received \"first\""]).await;
    let people = count["people"].as_u64().unwrap();
    let (_, list) = shell.say(&["segments", "list", "received \"first\"", "--limit", "3"]).await;
    assert_eq!(list["followers"].as_array().unwrap().len(), 3);
    let (_, tree) = shell.say(&["segments", "explain", "slots >= 4", &one]).await;
    assert_eq!(tree["in"], false);
    let (_, slots) = shell.say(&["slots", "histogram"]).await;
    assert_eq!(slots["followers"], 300);
    shell.say(&["slots", "show", &one]).await;
    let (_, verified) = shell.say(&["slots", "verify"]).await;
    assert_eq!(verified["same"], true);

    let (_, made) = shell
        .say(&[
            "campaigns",
            "create",
            "second",
            "--name",
            "第二次",
            "--segment",
            "received \"first\"",
            "--text",
            "你好",
        ])
        .await;
    assert_eq!(made["state"], "draft");
    let (_, forecast) = shell.say(&["campaigns", "forecast", "second"]).await;
    assert_eq!(forecast["certain"], people);
    shell.say(&["campaigns", "send", "second", "--at", "2026-03-04T10:00:00+08:00"]).await;
    world.advance_to(at(4, 10)).await;
    world.advance_to(at(4, 11)).await;
    let (text, report) = shell.say(&["campaigns", "report", "second"]).await;
    assert_eq!(report["delivered"], people, "{text}");
    shell.say(&["campaigns", "status", "second"]).await;
    shell.say(&["campaigns", "show", "second"]).await;
    let (text, _) = shell.say(&["campaigns", "list"]).await;
    assert!(text.contains("第二次"), "{text}");

    let declared = shell.once(&["campaigns", "declare", "--at", "2026-03-04T10:30:00+08:00"]).await;
    assert_eq!(declared["kind"], "foreign");
    let (_, slot) = shell.say(&["slots", "show", &one]).await;
    assert_eq!((&slot["used_min"], &slot["used_max"]), (&Value::from(2), &Value::from(3)));

    let told = shell.fail(&["segments", "count", "tag \"油皮\""]).await;
    assert!(told.contains("column 5") && told.contains("油性皮肤"), "{told}");
    let told = shell.fail(&["campaigns", "report", "third"]).await;
    assert!(told.contains("third") && told.contains("hint:"), "{told}");
    let told = shell.fail(&["accounts", "list", "--api-key", "fck_wrong"]).await;
    assert!(told.contains("key"), "{told}");
    let told = shell.fail(&["import", "orders", "/nowhere/orders.csv"]).await;
    assert!(told.contains("/nowhere/orders.csv"), "{told}");
    let copy = world.folder().join("copy");
    let copy = copy.to_str().unwrap();
    let data = world.folder().to_str().unwrap();
    let written = shell.once(&["backup", "--data", data, "--to", copy]).await;
    assert!(written["bytes"].as_u64() > Some(0) && written["with_key"] == true);
    let told = shell.fail(&["backup", "--data", data, "--to", copy]).await;
    assert!(told.contains("not empty"), "{told}");
    let back = format!("{data}/back");
    let put = shell.once(&["restore", "--from", copy, "--data", &back]).await;
    assert_eq!(put["fenced"], true);
    let told = shell.fail(&["restore", "--from", &back, "--data", data]).await;
    assert!(told.contains("not empty"), "{told}");
    world.teardown().await;
}
