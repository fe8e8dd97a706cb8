use sandbox::AccountSpec;
use serde_json::{Value, json};
use wire::rules::AccountKind;

use crate::replies::does;
use crate::{Stage, spec};

const SEND: &str = "message/template/subscribe";

async fn template(stage: &Stage) -> String {
    let account = stage.seen("{a}").await;
    account["one_time_template_id"].as_str().unwrap().to_owned()
}

fn message(person: &str, template: &str) -> Value {
    json!({"touser":person,"template_id":template,"url":"https://shop.example.com/x",
        "scene":"1000","title":"补货通知",
        "data":{"content":{"value":"您关注的商品已到货","color":"#000000"}}})
}

async fn code(stage: &Stage, body: &Value) -> i64 {
    stage.post(SEND, body).await["errcode"].as_i64().unwrap()
}

#[tokio::test]
async fn one_confirmation_is_one_message() {
    let stage = Stage::new(spec(5)).await;
    let person = stage.people(1).await[0].clone();
    let template = template(&stage).await;
    assert_eq!(template.len(), 43);
    let body = message(&person, &template);
    assert_eq!(code(&stage, &body).await, 43101);
    let asked = json!({"scene":"1000","template_id":template,"reserved":"abc",
        "redirect_url":"https://shop.example.com/back"});
    let answer = does(&stage, &person, "confirm", asked).await;
    let back = format!(
        "https://shop.example.com/back?openid={person}&template_id={template}&action=confirm\
         &scene=1000&reserved=abc"
    );
    assert_eq!(answer, json!({ "redirect": back }));
    // Two confirmations of one scene do not add up; another scene is another matter.
    does(&stage, &person, "confirm", json!({"scene":"1000"})).await;
    does(&stage, &person, "confirm", json!({"scene":"7"})).await;
    let shown = format!("{{a}}/followers/{person}");
    assert_eq!(stage.seen(&shown).await["one_time_scenes"], json!([7, 1000]));
    does(&stage, &person, "leave", json!({})).await;
    assert_eq!(stage.post(SEND, &body).await, json!({"errcode":0,"errmsg":"ok"}));
    assert_eq!(code(&stage, &body).await, 43101);
    let seen = stage.seen(&shown).await;
    assert_eq!(seen["one_time_scenes"], json!([7]));
    let notice = &seen["notices"][0];
    assert_eq!(notice["text"], "补货通知\n您关注的商品已到货\n");
    assert_eq!(
        (&notice["channel"], &notice["place"]),
        (&json!("one_time"), &json!("service_notices"))
    );
}

#[tokio::test]
async fn who_cancels_is_sent_back_without_a_name() {
    let stage = Stage::new(spec(5)).await;
    let person = stage.people(1).await[0].clone();
    let template = template(&stage).await;
    let cancelled = does(&stage, &person, "confirm", json!({"scene":"1000","action":"cancel"}));
    let redirect = cancelled.await["redirect"].as_str().unwrap().to_owned();
    assert!(redirect.contains("action=cancel") && !redirect.contains("openid"), "{redirect}");
    assert_eq!(code(&stage, &message(&person, &template)).await, 43101);
    for words in [
        json!({}),
        json!({"scene":"10001"}),
        json!({"scene":"1","reserved":"a b"}),
        json!({"scene":"1","redirect_url":"nowhere"}),
        json!({"scene":"1","template_id":"x"}),
    ] {
        let answer = does(&stage, &person, "confirm", words).await;
        assert!(answer["error"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn what_it_carries_is_checked_before_the_confirmation_is_spent() {
    let kind = AccountKind::Subscription;
    let stage = Stage::new(AccountSpec { kind, ..spec(5) }).await;
    let person = stage.people(1).await[0].clone();
    let template = template(&stage).await;
    does(&stage, &person, "confirm", json!({"scene":"1000"})).await;
    let changed = |name: &str, value: Value| {
        let mut body = message(&person, &template);
        body[name] = value;
        body
    };
    let content = |text: String| json!({"content":{"value":text}});
    for (expected, body) in [
        (40003, changed("touser", json!("oForeign"))),
        (40037, changed("template_id", json!("x"))),
        (47003, changed("scene", json!("10001"))),
        (47003, changed("scene", json!(null))),
        (40062, changed("title", json!(""))),
        (40062, changed("title", json!("十六个字十六个字十六个字十六个字"))),
        (47003, changed("data", json!({}))),
        (47003, changed("data", content("好".repeat(201)))),
        (40066, changed("url", json!("shop"))),
        (40166, changed("miniprogram", json!({"appid":"wxother","pagepath":"a"}))),
        (0, changed("data", content("好".repeat(200)))),
    ] {
        assert_eq!(code(&stage, &body).await, expected, "{body}");
    }
    let stage = Stage::new(AccountSpec { verified: false, ..spec(1) }).await;
    assert_eq!(code(&stage, &json!({})).await, 48001);
}

#[tokio::test]
async fn people_confirm_on_the_platforms_page() {
    let stage = Stage::new(spec(5)).await;
    let person = stage.people(1).await[0].clone();
    let template = template(&stage).await;
    let url = |changes: &[(&str, &str)]| {
        let mut query = vec![
            ("action", "get_confirm"),
            ("appid", stage.appid.as_str()),
            ("scene", "1000"),
            ("template_id", template.as_str()),
            ("redirect_url", "https://shop.example.com/back?a=b"),
            ("reserved", "abc"),
            ("lang", "en"),
        ];
        for (name, value) in changes {
            let place = query.iter_mut().find(|(known, _)| known == name).unwrap();
            place.1 = value;
        }
        let page = format!("{}/mp/subscribemsg", stage.url);
        reqwest::Url::parse_with_params(&page, query).unwrap()
    };
    let client = reqwest::Client::builder().no_proxy();
    let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(url(&[])).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    assert!(text.contains("asks to send you one message") && text.contains(&person), "{text}");
    let answers = async |decision: &str| {
        let form = format!("decision={decision}&person={person}");
        let request = client.post(url(&[])).body(form).send().await.unwrap();
        request.headers().get("location").map(|to| to.to_str().unwrap().to_owned())
    };
    let back = answers("cancel").await.unwrap();
    assert!(back.contains("action=cancel") && !back.contains("openid"), "{back}");
    assert_eq!(code(&stage, &message(&person, &template)).await, 43101);
    let back = answers("confirm").await.unwrap();
    assert_eq!(
        back,
        format!(
            "https://shop.example.com/back?a=b&openid={person}&template_id={template}\
             &action=confirm&scene=1000&reserved=abc"
        )
    );
    assert_eq!(code(&stage, &message(&person, &template)).await, 0);
    assert_eq!(answers("perhaps").await, None);
    for (changes, named) in [
        ([("action", "confirm")], "get_confirm"),
        ([("appid", "wx0000000000000000")], "no account"),
        ([("scene", "10001")], "0 to 10000"),
        ([("template_id", "x")], "template_id"),
        ([("redirect_url", "back")], "redirect_url is no address"),
        ([("reserved", "a b")], "a-zA-Z0-9"),
    ] {
        let text = client.get(url(&changes)).send().await.unwrap().text().await.unwrap();
        assert!(text.contains(named), "{named}: {text}");
    }
    let oauth = json!({"business_domains":["www.example.com"]});
    let request = stage.client.put(stage.control_url("{a}/oauth")).json(&oauth);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let text = client.get(url(&[])).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("business domains"), "{text}");
}
