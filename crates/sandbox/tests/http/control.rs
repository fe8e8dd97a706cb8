use serde_json::json;

use crate::{START, Stage, client, moment, spec};
use sandbox::{ClockMode, Config, Sandbox};

#[tokio::test]
async fn accounts_are_added_and_come_with_what_a_caller_needs() {
    let stage = Stage::new(spec(10)).await;
    let body = json!({"followers":5,"seed":1,"appid":"wx0123456789abcdef","kind":"subscription"});
    let added = stage.control("accounts", &body).await;
    assert_eq!(added["appid"], "wx0123456789abcdef");
    assert_eq!(added["followers"], 5);
    assert_eq!(added["secret"].as_str().unwrap().len(), 32);
    assert_eq!(added["cover_media_id"].as_str().unwrap().len(), 64);
    assert!(added["original_id"].as_str().unwrap().starts_with("gh_"));
    let again = stage.control("accounts", &body).await;
    assert!(again["error"].as_str().unwrap().contains("there already"));
    assert_eq!(stage.seen("accounts").await.as_array().unwrap().len(), 2);
    let wrong = stage.control("accounts", &json!({"followers":5})).await;
    assert!(wrong["error"].as_str().unwrap().contains("seed"));
    assert!(stage.seen("accounts/wxnobody").await["error"].is_string());
    assert!(stage.seen("nothing").await["error"].is_string());
}

#[tokio::test]
async fn the_clock_never_goes_back_and_a_real_one_is_not_moved() {
    let stage = Stage::new(spec(0)).await;
    assert_eq!(stage.now().await, moment(START));
    let back = stage.control("clock", &json!({"to":moment(START) - 1})).await;
    assert!(back["error"].as_str().unwrap().contains("forward"));

    let config = Config { clock: ClockMode::Real, accounts: vec![spec(3)], ..Config::default() };
    let real = Sandbox::start(config).await.unwrap();
    let url = format!("{}/sandbox/clock", real.url());
    let refused = client().post(url).json(&json!({"to":9_999_999_999_i64})).send().await.unwrap();
    assert_eq!(refused.status(), 409);
    real.stop().await;
}

#[tokio::test]
async fn the_shop_exports_its_customers_and_orders() {
    let stage = Stage::new(spec(1_000)).await;
    let customers = stage.text("{a}/shop/customers.csv").await;
    let mut lines = customers.lines();
    assert_eq!(lines.next(), Some("openid,customer_id,birthday,member_since,level"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!((640..760).contains(&rows.len()), "{} of 1,000", rows.len());
    assert!(rows.iter().all(|row| row.len() == 5 && row[1].starts_with('C')));
    let orders = stage.text("{a}/shop/orders.csv").await;
    let mut lines = orders.lines();
    assert_eq!(lines.next(), Some("order_id,customer_id,time,amount,items"));
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert!(first[2].ends_with("+08:00") && first[3].contains('.'), "{first:?}");
    assert_eq!(orders, stage.text("{a}/shop/orders.csv").await);
}

#[tokio::test]
async fn somebody_new_follows_by_hand() {
    let stage = Stage::new(spec(3)).await;
    let openid = stage.control("{a}/followers", &json!({})).await["openid"].clone();
    let info = stage.get("user/info", &format!("&openid={}", openid.as_str().unwrap())).await;
    assert_eq!(info["subscribe"], 1);
    assert_eq!(info["subscribe_time"], stage.now().await);
    assert_eq!(stage.get("user/get", "").await["total"], 4);
    assert!(stage.truth("2026-03").await.iter().any(|(person, _)| openid == *person));
}

#[tokio::test]
async fn rules_of_a_former_day() {
    let start = moment(START);
    let config = Config {
        clock: ClockMode::Manual(wire::Timestamp(start)),
        accounts: vec![spec(10)],
        rules_as_of: Some("2014-04-20".parse().unwrap()),
        ..Config::default()
    };
    let running = Sandbox::start(config).await.unwrap();
    let url = format!("{}/sandbox/accounts", running.url());
    let accounts: serde_json::Value = client().get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(accounts[0]["month"]["cap"], 4);
    let too_early =
        Config { rules_as_of: Some("2010-01-01".parse().unwrap()), ..Config::default() };
    assert!(Sandbox::start(too_early).await.is_err());
    running.stop().await;
}
