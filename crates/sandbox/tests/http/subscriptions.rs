use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};
use wire::rules::AccountKind;

use crate::callbacks::{inside, with};
use crate::replies::{does, ticket};
use crate::{Receiver, Stage, spec};

const SEND: &str = "message/subscribe/bizsend";

/// The library's calls live beside `/cgi-bin`.
fn library(call: &str) -> String {
    format!("../wxaapi/newtmpl/{call}")
}

async fn add(stage: &Stage, tid: &str, kids: &[i64]) -> Value {
    let body = json!({"tid":tid,"kidList":kids,"sceneDesc":"到货提醒"});
    stage.post(&library("addtemplate"), &body).await
}

async fn added(stage: &Stage, tid: &str, kids: &[i64]) -> String {
    let added = add(stage, tid, kids).await;
    added["priTmplId"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned()
}

fn notice(person: &str, template: &str) -> Value {
    json!({"touser":person,"template_id":template,"page":"https://shop.example.com/a/1",
        "data":{"thing1":{"value":"面膜"},"date2":{"value":"2026年3月5日"}}})
}

async fn code(stage: &Stage, path: &str, body: &Value) -> i64 {
    stage.post(path, body).await["errcode"].as_i64().unwrap()
}

#[tokio::test]
async fn the_library_is_read_and_templates_taken_from_it() {
    let stage = Stage::new(spec(1)).await;
    let categories = stage.get(&library("getcategory"), "").await;
    assert!(categories["data"].as_array().unwrap().contains(&json!({"id":616,"name":"公交"})));
    let titles = |query: &'static str| {
        let stage = &stage;
        async move { stage.get(&library("getpubtemplatetitles"), query).await }
    };
    let page = titles("&ids=616&start=0&limit=1").await;
    assert_eq!(page["count"], 2);
    assert_eq!(
        page["data"],
        json!([{"tid":99,"title":"付款成功通知","type":2,"categoryId":"616"}])
    );
    for (expected, query) in [
        (200_018, "&start=0&limit=1"),
        (200_019, "&ids=616,7&start=0&limit=1"),
        (200_016, "&ids=616&limit=1"),
        (200_016, "&ids=616&start=3&limit=1"),
        (200_017, "&ids=616&start=0&limit=31"),
    ] {
        assert_eq!(titles(query).await["errcode"], expected, "{query}");
    }
    let keywords = stage.get(&library("getpubtemplatekeywords"), "&tid=401").await;
    assert_eq!(keywords["count"], 4);
    assert_eq!(
        keywords["data"][0],
        json!({"kid":1,"name":"物品名称","example":"名称","rule":"thing"})
    );
    let unknown = stage.get(&library("getpubtemplatekeywords"), "&tid=7").await;
    assert_eq!(unknown["errcode"], 200_014);

    let id = added(&stage, "403", &[2, 1]).await;
    assert_eq!(id.len(), 43);
    let held = stage.get(&library("gettemplate"), "").await;
    assert_eq!(
        held["data"][0],
        json!({"priTmplId":id,"title":"会员积分变动提醒","type":2,
            "content":"变动方向:{{enum_string2.DATA}}\n变动积分:{{number1.DATA}}\n",
            "example":"变动方向:增加\n变动积分:100\n",
            "keywordEnumValueList":[{"keywordCode":"enum_string2.DATA",
                "enumValueList":["增加","减少"]}]})
    );
    for (expected, body) in [
        (200_014, json!({"tid":"7","kidList":[1,2],"sceneDesc":"x"})),
        (200_020, json!({"tid":"401","kidList":[1],"sceneDesc":"x"})),
        (200_020, json!({"tid":"401","kidList":[1,1],"sceneDesc":"x"})),
        (200_020, json!({"tid":"401","kidList":[1,5],"sceneDesc":"x"})),
        (200_020, json!({"tid":"402","kidList":[1,2,3,4,5,6],"sceneDesc":"x"})),
        (200_021, json!({"tid":"401","kidList":[1,2]})),
        (
            200_021,
            json!({"tid":"401","kidList":[1,2],"sceneDesc":"十六个字十六个字十六个字十六个字"}),
        ),
        (200_022, json!({"tid":"403","kidList":[1,2],"sceneDesc":"x"})),
    ] {
        assert_eq!(code(&stage, &library("addtemplate"), &body).await, expected, "{body}");
    }
    // A form is taken as well.
    let form = "tid=401&kidList=%5B1%2C2%5D&sceneDesc=%E5%88%B0%E8%B4%A7";
    let second = stage.raw_post(&library("addtemplate"), form).await;
    assert_eq!(second["errcode"], 0, "{second}");
    let delete = format!("priTmplId={}", second["priTmplId"].as_str().unwrap());
    assert_eq!(stage.raw_post(&library("deltemplate"), &delete).await["errcode"], 0);
    assert_eq!(stage.raw_post(&library("deltemplate"), &delete).await["errcode"], 20_002);
    assert_eq!(stage.raw_post(&library("deltemplate"), "{").await["errcode"], 47001);
    assert_eq!(stage.raw_post(&library("deltemplate"), " ").await["errcode"], 44002);
}

#[tokio::test]
async fn no_more_than_twenty_five() {
    let stage = Stage::new(spec(1)).await;
    let mut codes = Vec::new();
    for first in 1..=6 {
        for second in first + 1..=6 {
            codes.push(add(&stage, "402", &[first, second]).await["errcode"].clone());
            for third in second + 1..=6 {
                codes.push(add(&stage, "402", &[first, second, third]).await["errcode"].clone());
            }
        }
    }
    assert!(codes[..25].iter().all(|code| *code == 0));
    assert!(codes[25..].iter().all(|code| *code == 200_012));
    assert_eq!(codes.len(), 35);
}

#[tokio::test]
async fn one_acceptance_is_one_notice_and_they_add_up() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let people = stage.people(2).await;
    let (person, left) = (people[0].clone(), people[1].clone());
    let template = added(&stage, "401", &[1, 2]).await;
    let refused = stage.post(SEND, &notice(&person, &template)).await;
    assert_eq!(refused["errcode"], 43101);
    assert!(refused["errmsg"].as_str().unwrap().starts_with("user refuse to accept the msg rid:"));

    let ask = |choice: &str| json!({"templates":{template.as_str():choice},"scene":"article"});
    let answer = does(&stage, &person, "prompt", ask("accept")).await;
    assert_eq!(answer, json!({"details":{template.as_str():"accept"},"prompted":true}));
    let told = receiver.bodies();
    assert_eq!(inside(&told[0], "Event"), "subscribe_msg_popup_event");
    assert_eq!(inside(&told[0], "FromUserName"), person);
    assert_eq!(
        inside(&told[0], "SubscribeMsgPopupEvent"),
        format!(
            "<List><TemplateId><![CDATA[{template}]]></TemplateId>\
             <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>\
             <PopupScene>2</PopupScene></List>"
        )
    );
    does(&stage, &person, "prompt", ask("accept")).await;
    does(&stage, &person, "prompt", ask("reject")).await;
    does(&stage, &person, "prompt", ask("cancel")).await;
    assert_eq!(receiver.bodies().len(), 3, "closing a prompt is not told");

    // A value that is refused spends nothing.
    let mut bad = notice(&person, &template);
    bad["data"]["date2"]["value"] = json!("后天");
    let words = stage.post(SEND, &bad).await["errmsg"].as_str().unwrap().to_owned();
    assert!(words.starts_with("argument invalid! data.date2.value invalid rid: "), "{words}");
    let answer = stage.post(SEND, &notice(&person, &template)).await;
    assert_eq!(answer, json!({"errcode":0,"errmsg":"ok"}));
    assert_eq!(code(&stage, SEND, &notice(&person, &template)).await, 0);
    assert_eq!(code(&stage, SEND, &notice(&person, &template)).await, 43101);
    stage.wait(5).await;
    let told = receiver.bodies();
    let sent = told.last().unwrap();
    assert_eq!(inside(sent, "Event"), "subscribe_msg_sent_event");
    assert_eq!((inside(sent, "ErrorCode"), inside(sent, "ErrorStatus")), ("0", "success"));
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["consents"][&template], json!({"left":0,"standing":false}));
    let got = seen["notices"].as_array().unwrap();
    assert_eq!(got.len(), 2);
    assert_eq!(got[1]["text"], "到货提醒\n物品名称:面膜\n到货时间:2026年3月5日\n");
    assert_eq!(got[1]["msg_id"].to_string(), inside(sent, "MsgID"));
    assert_eq!((&got[1]["channel"], &got[1]["place"]), (&json!("subscription"), &json!("chat")));

    for xml in &told {
        wire::callback::message::Incoming::parse(xml).unwrap();
    }

    // Nobody need follow.
    does(&stage, &left, "leave", json!({})).await;
    does(&stage, &left, "prompt", ask("accept")).await;
    assert_eq!(code(&stage, SEND, &notice(&left, &template)).await, 0);
    stage.wait(5).await;
    let seen = stage.seen(&format!("{{a}}/followers/{left}")).await;
    assert_eq!(seen["notices"][0]["place"], "service_notices");
}

#[tokio::test]
async fn a_kept_choice_needs_no_prompt_and_can_be_withdrawn() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let template = added(&stage, "401", &[1, 2]).await;
    let ask = |choice: &str| json!({"templates":{template.as_str():choice},"always":true});
    does(&stage, &person, "prompt", ask("accept")).await;
    assert_eq!(inside(&receiver.bodies()[0], "PopupScene"), "1");
    let silent = does(&stage, &person, "prompt", ask("reject")).await;
    assert_eq!(silent, json!({"details":{template.as_str():"accept"},"prompted":false}));
    assert_eq!(receiver.bodies().len(), 1, "nothing was shown, so nothing is told");
    let shown = format!("{{a}}/followers/{person}");
    assert_eq!(stage.seen(&shown).await["consents"][&template]["left"], 2);

    let ids = json!({"template_ids":[template]});
    does(&stage, &person, "withdraw", ids.clone()).await;
    let told = receiver.bodies();
    assert_eq!(inside(&told[1], "Event"), "subscribe_msg_change_event");
    assert_eq!(inside(&told[1], "SubscribeStatusString"), "reject");
    assert!(told[1].contains("<SubscribeMsgChangeEvent><List>"), "{}", told[1]);
    assert_eq!(code(&stage, SEND, &notice(&person, &template)).await, 43101);
    assert_eq!(does(&stage, &person, "prompt", ask("accept")).await["prompted"], false);
    does(&stage, &person, "restore", ids).await;
    assert_eq!(does(&stage, &person, "prompt", ask("accept")).await["prompted"], true);
    assert_eq!(code(&stage, SEND, &notice(&person, &template)).await, 0);
}

#[tokio::test]
async fn a_long_term_acceptance_stands() {
    let stage = Stage::new(spec(5)).await;
    let person = stage.people(1).await[0].clone();
    let once = added(&stage, "401", &[1, 2]).await;
    let standing = added(&stage, "616", &[1, 2]).await;
    let prompt = |templates: Value| json!({ "templates": templates });
    let mixed = json!({once.as_str():"accept",standing.as_str():"accept"});
    for templates in [mixed, json!({}), json!({"x":"accept"})] {
        let answer = does(&stage, &person, "prompt", prompt(templates)).await;
        assert!(answer["error"].is_string(), "{answer}");
    }
    does(&stage, &person, "prompt", prompt(json!({standing.as_str():"accept"}))).await;
    let body = json!({"touser":person,"template_id":standing,
        "data":{"thing1":{"value":"12路"},"time2":{"value":"15:01"}}});
    for _ in 0..3 {
        assert_eq!(code(&stage, SEND, &body).await, 0);
    }
    // Of two templates with one title the second is dropped; three a page, five an article.
    let mut many = serde_json::Map::new();
    for kids in [[1, 3], [1, 4], [2, 3], [2, 4]] {
        many.insert(added(&stage, "401", &kids).await, json!("accept"));
    }
    let answer = does(&stage, &person, "prompt", prompt(json!(many))).await;
    assert!(answer["error"].as_str().unwrap().starts_with("20003"), "{answer}");
    let article = json!({"templates":many,"scene":"article"});
    let answer = does(&stage, &person, "prompt", article).await;
    let words: Vec<_> = answer["details"].as_object().unwrap().values().cloned().collect();
    assert_eq!(words, [json!("accept"), json!("filter"), json!("filter"), json!("filter")]);
}

#[tokio::test]
async fn links_recipients_and_rights_are_checked() {
    let stage = Stage::new(AccountSpec { errors_per_mille: 1000, ..spec(5) }).await;
    let person = stage.people(1).await[0].clone();
    let template = added(&stage, "401", &[1, 2]).await;
    let accept = json!({"templates":{template.as_str():"accept"}});
    does(&stage, &person, "prompt", accept).await;
    let changed = |name: &str, value: Value| {
        let mut body = notice(&person, &template);
        body[name] = value;
        body
    };
    for (expected, body) in [
        (40003, changed("touser", json!("oForeign"))),
        (40037, changed("template_id", json!("x"))),
        (41030, changed("page", json!("pages/index"))),
        (40166, changed("miniprogram", json!({"appid":"wxother","pagepath":"pages/a"}))),
        (47003, changed("data", json!({}))),
        (0, notice(&person, &template)),
    ] {
        assert_eq!(code(&stage, SEND, &body).await, expected, "{body}");
    }
    stage.wait(5).await;
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["notices"], json!([]), "deliveries of this account fail");
    let kind = AccountKind::Subscription;
    let stage = Stage::new(AccountSpec { kind, ..spec(1) }).await;
    assert_eq!(code(&stage, SEND, &json!({})).await, 48001);
    assert_eq!(stage.get(&library("gettemplate"), "").await["errcode"], 48001);
}

#[tokio::test]
async fn no_act_breaks_the_control_interface() {
    let stage = Stage::new(spec(5)).await;
    let person = stage.people(1).await[0].clone();
    let made = ticket(&stage).await;
    let scanned = json!({"ticket":made,"id":"\u{0}","scene":"1"}).to_string();
    for act in ["prompt", "withdraw", "restore", "confirm", "scan", "choose"] {
        for body in [
            "",
            "[]",
            "{",
            "7",
            r#"{"templates":{"":"accept"}}"#,
            r#"{"templates":[],"scene":7}"#,
            r#"{"template_ids":["x"]}"#,
            r#"{"template_ids":[]}"#,
            r#"{"scene":"\u0000]]>"}"#,
            r#"{"scene":"-1","redirect_url":"javascript:x"}"#,
            r#"{"scene":"1","redirect_url":"data:,x"}"#,
            r#"{"ticket":7,"id":7}"#,
            &scanned,
        ] {
            let url = stage.control_url(&format!("{{a}}/followers/{person}/{act}"));
            let answer = stage.client.post(url).body(body.to_owned()).send().await.unwrap();
            assert!(answer.status().as_u16() < 500, "{act} {body}");
        }
    }
    assert!(stage.seen(&format!("{{a}}/followers/{person}")).await["consents"].is_object());
}
