//! Every command that steers a sandbox, run as its user runs it.

use std::process::Output;

use sandbox::{AccountSpec, ClockMode, Config, Sandbox};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::at;

struct Shell {
    url: String,
}

impl Shell {
    async fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fourcast"))
            .arg("sandbox")
            .args(words)
            .env("FOURCAST_SANDBOX", &self.url)
            .output()
            .await
            .unwrap()
    }

    async fn text(&self, words: &[&str]) -> String {
        let output = self.run(words).await;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn json(&self, words: &[&str]) -> Value {
        let text = self.text(&[words, &["--json"]].concat()).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    async fn fail(&self, words: &[&str]) -> String {
        let output = self.run(words).await;
        assert!(!output.status.success(), "{words:?} went well");
        assert!(output.stdout.is_empty(), "{words:?} printed data");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sandbox_command_speaks_to_the_sandbox() {
    let config = Config {
        clock: ClockMode::Manual(at(2, 10)),
        accounts: vec![AccountSpec { followers: 30, seed: 7, ..AccountSpec::default() }],
        ..Config::default()
    };
    let running = Sandbox::start(config).await.unwrap();
    let shell = Shell { url: running.url() };

    let accounts = shell.json(&["accounts", "list"]).await;
    assert_eq!(accounts[0]["followers"], 30);
    assert!(shell.text(&["accounts", "list"]).await.contains("followers 粉丝"));
    let taken = shell.json(&["snapshots", "take", "start"]).await;
    assert_eq!((&taken["followers"], &taken["now"]), (&json!(30), &json!(at(2, 10))));

    let page = shell.json(&["followers", "list", "--limit", "2"]).await;
    assert_eq!(page["followers"].as_array().unwrap().len(), 2);
    let person = page["followers"][1]["openid"].as_str().unwrap().to_owned();
    let act = shell.json(&["followers", "act", &person, "write", "--content", "在吗"]).await;
    assert_eq!(act["changed"], true);
    assert_eq!(shell.json(&["followers", "act", &person, "leave"]).await["changed"], true);
    assert_eq!(shell.json(&["followers", "show", &person]).await["following"], false);
    assert!(shell.json(&["followers", "arrive"]).await["openid"].is_string());
    let told = shell.fail(&["followers", "act", &person, "dance"]).await;
    assert!(told.contains("dance") && told.contains("follow"), "{told}");

    let sent = shell.json(&["website-send", "春季上新", "--title", "上新"]).await;
    let msg_id = sent["msg_id"].to_string();
    shell.json(&["faults", "add", "finish_status", "--status", "err(20431)", "--times", "2"]).await;
    assert_eq!(shell.json(&["clock", "advance", "1h"]).await["now"], at(2, 11).0);
    assert_eq!(shell.json(&["jobs", "list"]).await[0]["status"], "err(20431)");
    assert_eq!(shell.json(&["jobs", "received", &msg_id]).await, json!([]));
    let faults = shell.json(&["faults", "list"]).await;
    assert_eq!(
        (&faults["waiting"][0]["times"], &faults["chance"]["struck"]),
        (&json!(1), &json!(0))
    );
    let struck = shell.text(&["faults", "struck"]).await;
    assert!(struck.contains("finish_status"), "{struck}");
    let chance = ["faults", "random", "--seed", "7", "--per-mille", "1000", "--kind", "http_503"];
    assert_eq!(shell.json(&chance).await["random"]["kinds"], json!(["http_503"]));
    assert!(shell.text(&["faults", "list"]).await.contains("http_503"));
    let url = format!("{}/cgi-bin/token", running.url());
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503);
    assert_eq!(shell.json(&["calls"]).await[0]["fault"], "http_503");
    assert_eq!(shell.json(&["calls", "--counts"]).await["/cgi-bin/token"], 1);
    assert_eq!(shell.json(&["faults", "clear"]).await, json!([]));
    assert_eq!(shell.json(&["callbacks"]).await, json!([]));
    let told = shell.fail(&["faults", "add", "bad_luck"]).await;
    assert!(told.contains("bad_luck"), "{told}");

    shell.json(&["website-send", "再来一次"]).await;
    shell.json(&["clock", "advance", "2026-03-03T10:00:00+08:00"]).await;
    let truth = shell.json(&["truth", "--month", "2026-03"]).await;
    let received = truth.as_array().unwrap().iter().filter(|one| one["received"] == 1).count();
    assert_eq!(received, 30, "29 stayed and one came");

    let running_clock = shell.json(&["clock", "mode", "running", "--factor", "60"]).await;
    assert_eq!((&running_clock["mode"], &running_clock["factor"]), (&json!("running"), &json!(60)));
    let told = shell.fail(&["clock", "advance", "1d"]).await;
    assert!(told.contains("manual"), "{told}");
    assert_eq!(shell.json(&["clock", "mode", "manual"]).await["mode"], "manual");
    assert!(shell.fail(&["clock", "advance", "soon"]).await.contains("90s"));

    let clock = shell.json(&["snapshots", "restore", "start"]).await;
    assert_eq!(clock["now"], at(2, 10).0);
    assert_eq!(shell.json(&["jobs", "list"]).await, json!([]));
    assert!(shell.text(&["snapshots", "list"]).await.contains("start"));
    shell.json(&["snapshots", "delete", "start"]).await;
    let told = shell.fail(&["snapshots", "restore", "start"]).await;
    assert!(told.contains("no snapshot"), "{told}");

    // Commands made from the table of operations: options are fields, refusals name options.
    let sent = ["person", "send", &person, "--type", "location", "--latitude", "-33.8568"];
    assert_eq!(shell.json(&sent).await["changed"], true);
    let options = shell.json(&["account", "options", "--location-report", "1"]).await;
    assert_eq!(options["location_report"], 1);
    let told = shell.fail(&["account", "options", "--location-report", "3"]).await;
    assert!(told.contains("--location-report is 3"), "{told}");
    let verified = ["account", "verify", "--event", "annual_renew", "--moment", "1772416800"];
    assert_eq!(shell.json(&verified).await["verified"], true);
    let original =
        json!([{"content":"<p>三款新品今晚八点上架，先到先得</p>","url":"https://a.example.com"}])
            .to_string();
    assert_eq!(
        shell.json(&["originals", "set", "--body", &original]).await[0]["can_reprint"],
        false
    );
    assert!(shell.text(&["originals", "list"]).await.contains("https://a.example.com"));
    let on = shell.json(&["account", "mass-protection", "--on", "true"]).await;
    assert_eq!(on["on"], true);
    assert!(shell.text(&["responses", "orders"]).await.starts_with("order_id,"));
    let component = [
        "components",
        "add",
        "--token",
        "component",
        "--encoding-aes-key",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU",
        "--permission-sets",
        "2",
        "--permission-sets",
        "7",
    ];
    let component = shell.json(&component).await["appid"].as_str().unwrap().to_owned();
    let code = shell.json(&["components", "authorize", &component]).await;
    assert!(code["authorization_code"].is_string(), "{code}");
    let told = shell.fail(&["person", "send", "oNobody", "--type", "image"]).await;
    assert!(told.contains("oNobody"), "{told}");
    let told = shell.fail(&["account", "show", "--appid", "wx0000000000000000"]).await;
    assert!(told.contains("`fourcast sandbox accounts list`"), "{told}");
    assert_eq!(shell.json(&["chance", "stop"]).await["random"], Value::Null);

    let added = shell.json(&["accounts", "add", "--followers", "5", "--seed", "2"]).await;
    let told = shell.fail(&["jobs", "list"]).await;
    assert!(told.contains("2 accounts") && told.contains("--appid"), "{told}");
    let second = added["appid"].as_str().unwrap();
    assert_eq!(shell.json(&["jobs", "list", "--appid", second]).await, json!([]));
    assert_eq!(shell.json(&["reset"]).await["now"], at(2, 10).0);
    assert_eq!(shell.json(&["accounts", "list"]).await.as_array().unwrap().len(), 1);
    assert!(shell.text(&["clock", "show"]).await.contains("2026-03-02T10:00:00+08:00"));
    running.stop().await;
}
