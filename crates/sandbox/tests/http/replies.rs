use serde_json::{Value, json};

use crate::media::{MP4, amr, upload};
use crate::{Stage, spec};
use sandbox::AccountSpec;

const SEND: &str = "message/custom/send";
const TYPING: &str = "message/custom/typing";

pub(crate) async fn does(stage: &Stage, person: &str, act: &str, words: Value) -> Value {
    stage.control(&format!("{{a}}/followers/{person}/{act}"), &words).await
}

/// The ticket of a code made now.
pub(crate) async fn ticket(stage: &Stage) -> Value {
    let body = json!({"action_name":"QR_LIMIT_SCENE","action_info":{"scene":{"scene_id":1001}}});
    stage.post("qrcode/create", &body).await["ticket"].clone()
}

fn text(person: &str) -> Value {
    json!({"touser":person,"msgtype":"text","text":{"content":"您好,订单已发出"}})
}

async fn code(stage: &Stage, path: &str, body: &Value) -> i64 {
    stage.post(path, body).await["errcode"].as_i64().unwrap()
}

#[tokio::test]
async fn five_within_two_days_of_a_message_and_not_one_more() {
    let mut stage = Stage::new(spec(10)).await;
    let person = stage.people(1).await[0].clone();
    assert_eq!(code(&stage, SEND, &text(&person)).await, 45015);
    does(&stage, &person, "write", json!({})).await;
    for _ in 0..5 {
        assert_eq!(code(&stage, SEND, &text(&person)).await, 0);
    }
    let refused = stage.post(SEND, &text(&person)).await;
    assert_eq!(refused["errcode"], 45047);
    assert!(refused["errmsg"].as_str().unwrap().starts_with("out of response count limit rid: "));
    // Another message gives five anew, not ten.
    does(&stage, &person, "write", json!({})).await;
    does(&stage, &person, "write", json!({})).await;
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["replies"][0]["left"], 5);
    assert_eq!(seen["notices"].as_array().unwrap().len(), 5);
    assert_eq!(seen["notices"][0]["channel"], "customer_service");
    assert_eq!(seen["notices"][0]["text"], "您好,订单已发出");
    stage.wait(48 * 3600 - 1).await;
    stage.refresh().await;
    assert_eq!(code(&stage, SEND, &text(&person)).await, 0);
    stage.wait(1).await;
    let late = stage.post(SEND, &text(&person)).await;
    assert_eq!(late["errcode"], 45015);
    assert!(late["errmsg"].as_str().unwrap().contains("or subscription is canceled rid: "));
}

#[tokio::test]
async fn three_within_a_minute_of_a_click_a_scan_or_following() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(3).await;
    let words = json!({"ticket":ticket(&stage).await});
    does(&stage, &people[2], "leave", json!({})).await;
    for (person, act) in people.iter().zip(["click", "scan", "follow"]) {
        assert_eq!(does(&stage, person, act, words.clone()).await["changed"], true);
        for _ in 0..3 {
            assert_eq!(code(&stage, SEND, &text(person)).await, 0, "{act}");
        }
        assert_eq!(code(&stage, SEND, &text(person)).await, 45047, "{act}");
        stage.wait(60).await;
        assert_eq!(code(&stage, SEND, &text(person)).await, 45015, "{act}");
    }
    // Each act has its own allowance, and who leaves loses them all.
    does(&stage, &people[0], "write", json!({})).await;
    does(&stage, &people[0], "click", json!({})).await;
    for _ in 0..8 {
        assert_eq!(code(&stage, SEND, &text(&people[0])).await, 0);
    }
    assert_eq!(code(&stage, SEND, &text(&people[0])).await, 45047);
    does(&stage, &people[1], "write", json!({})).await;
    does(&stage, &people[1], "leave", json!({})).await;
    assert_eq!(code(&stage, SEND, &text(&people[1])).await, 45015);
    // Who scans without following follows by it.
    assert_eq!(does(&stage, &people[1], "scan", words).await["changed"], true);
    for _ in 0..3 {
        assert_eq!(code(&stage, SEND, &text(&people[1])).await, 0);
    }
    assert_eq!(code(&stage, SEND, &text(&people[1])).await, 45047);
}

#[tokio::test]
async fn what_a_message_carries_is_looked_at_before_one_is_spent() {
    let linked = vec!["wx0a1b2c3d4e5f6072".to_owned()];
    let stage = Stage::new(AccountSpec { mini_programs: linked, ..spec(10) }).await;
    let person = stage.people(1).await[0].clone();
    does(&stage, &person, "write", json!({})).await;
    let draft = stage.draft().await;
    let article =
        json!({"title":"a","description":"b","url":"https://shop.example.com","picurl":""});
    let page = |appid: &str, path: &str| {
        json!({"title":"t","appid":appid,"pagepath":path,
        "thumb_media_id":stage.cover})
    };
    let entry = json!({"id":"101","content":"满意"});
    let refused = [
        (40008, "poem", json!({})),
        (45050, "mpvideo", json!({"media_id":"x"})),
        (45113, "wxcard", json!({"card_id":"x"})),
        (44004, "text", json!({})),
        (44004, "text", json!([1])),
        (45002, "text", json!({"content":"好".repeat(683)})),
        (40007, "image", json!({"media_id":"x"})),
        (40007, "voice", json!({"media_id":stage.cover})),
        (40007, "video", json!({"media_id":stage.cover})),
        (40007, "mpnews", json!({"media_id":"x"})),
        (40007, "mpnewsarticle", json!({"article_id":"x"})),
        (44004, "music", json!({"musicurl":"https://a"})),
        (44003, "news", json!({"articles":[]})),
        (45008, "news", json!({"articles":[article, article]})),
        (45098, "msgmenu", json!({"list":[]})),
        (45099, "msgmenu", json!({"list":[{"id":"1","content":"好".repeat(21)}]})),
        (40166, "miniprogrampage", page("wxother", "pages/a")),
        (40165, "miniprogrampage", page("wx0a1b2c3d4e5f6072", "")),
    ];
    for (expected, kind, object) in refused {
        let body = json!({"touser":person,"msgtype":kind,kind:object});
        assert_eq!(code(&stage, SEND, &body).await, expected, "{body}");
    }
    assert_eq!(code(&stage, SEND, &json!({"msgtype":"text"})).await, 40003);
    assert_eq!(code(&stage, SEND, &text("oForeignForeignForeignForeig")).await, 40003);
    let mut agent = text(&person);
    agent["customservice"] = json!({"kf_account":"service1@gh_shop"});
    assert_eq!(code(&stage, SEND, &agent).await, 65401);

    let taken = [
        ("image", json!({"media_id":stage.cover})),
        ("news", json!({"articles":[article]})),
        ("mpnews", json!({"media_id":draft})),
        ("miniprogrampage", page("wx0a1b2c3d4e5f6072", "pages/a?id=1")),
        ("msgmenu", json!({"head_content":"满意吗?","list":[entry],"tail_content":"谢谢"})),
    ];
    for (kind, object) in taken {
        let body = json!({"touser":person,"msgtype":kind,kind:object});
        assert_eq!(code(&stage, SEND, &body).await, 0, "{body}");
    }
    assert_eq!(code(&stage, SEND, &text(&person)).await, 45047);
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["notices"][4]["text"], "满意吗?\n满意\n谢谢");

    // A pick from the menu counts as a click, not as a message.
    assert!(does(&stage, &person, "choose", json!({"id":"7"})).await["error"].is_string());
    assert_eq!(does(&stage, &person, "choose", json!({"id":"101"})).await["changed"], true);
    for _ in 0..3 {
        assert_eq!(code(&stage, SEND, &text(&person)).await, 0);
    }
    assert_eq!(code(&stage, SEND, &text(&person)).await, 45047);
}

#[tokio::test]
async fn recordings_films_and_published_articles_can_be_sent_while_they_are_there() {
    let stage = Stage::new(spec(10)).await;
    let person = stage.people(1).await[0].clone();
    does(&stage, &person, "write", json!({})).await;
    let voice = upload(&stage, "media/upload", "voice", amr(2)).await["media_id"].clone();
    let film = upload(&stage, "material/add_material", "video", MP4.to_vec()).await;
    let film = film["media_id"].clone();
    let draft = stage.draft().await;
    let submitted = stage.post("freepublish/submit", &json!({"media_id":draft})).await;
    stage.wait(10).await;
    let asked = json!({"publish_id":submitted["publish_id"]});
    let article = stage.post("freepublish/get", &asked).await["article_id"].clone();
    let message = |kind: &str, object: Value| json!({"touser":person,"msgtype":kind,kind:object});
    let cases = [
        (0, message("voice", json!({"media_id":voice}))),
        (40007, message("voice", json!({"media_id":film}))),
        (40007, message("image", json!({"media_id":voice}))),
        (0, message("video", json!({"media_id":film,"title":"新品"}))),
        (0, message("video", json!({"media_id":film,"thumb_media_id":stage.cover}))),
        (40007, message("video", json!({"media_id":film,"thumb_media_id":"x"}))),
        (0, message("mpnewsarticle", json!({"article_id":article}))),
    ];
    for (expected, body) in cases {
        assert_eq!(code(&stage, SEND, &body).await, expected, "{body}");
    }
    stage.post("freepublish/delete", &json!({"article_id":article})).await;
    let deleted = message("mpnewsarticle", json!({"article_id":article}));
    assert_eq!(code(&stage, SEND, &deleted).await, 40007);
}

#[tokio::test]
async fn who_is_on_the_blacklist_picks_nothing_from_a_menu() {
    let stage = Stage::new(spec(10)).await;
    let person = stage.people(1).await[0].clone();
    does(&stage, &person, "write", json!({})).await;
    let menu = json!({"touser":person,"msgtype":"msgmenu",
        "msgmenu":{"list":[{"id":"101","content":"满意"}]}});
    assert_eq!(code(&stage, SEND, &menu).await, 0);
    let people = json!({"openid_list":[person]});
    assert_eq!(code(&stage, "tags/members/batchblacklist", &people).await, 0);
    let refused = does(&stage, &person, "choose", json!({"id":"101"})).await;
    assert!(refused["error"].as_str().unwrap().contains("blacklist"), "{refused}");
}

#[tokio::test]
async fn typing_is_shown_within_thirty_seconds_of_an_exchange() {
    let stage = Stage::new(spec(10)).await;
    let person = stage.people(1).await[0].clone();
    let typing = |command: &str| json!({"touser":person,"command":command});
    assert_eq!(code(&stage, TYPING, &typing("Typing")).await, 45080);
    does(&stage, &person, "write", json!({})).await;
    assert_eq!(code(&stage, TYPING, &typing("Dancing")).await, 45072);
    assert_eq!(code(&stage, TYPING, &json!({"touser":"x","command":"Typing"})).await, 40003);
    assert_eq!(code(&stage, TYPING, &typing("Typing")).await, 0);
    assert_eq!(code(&stage, TYPING, &typing("Typing")).await, 45081);
    let shown = format!("{{a}}/followers/{person}");
    assert_eq!(stage.seen(&shown).await["typing"], true);
    assert_eq!(code(&stage, TYPING, &typing("CancelTyping")).await, 0);
    assert_eq!(stage.seen(&shown).await["typing"], false);
    assert_eq!(code(&stage, TYPING, &typing("Typing")).await, 0);
    assert_eq!(code(&stage, SEND, &text(&person)).await, 0);
    assert_eq!(stage.seen(&shown).await["typing"], false, "the message ends it");
    assert_eq!(stage.seen(&shown).await["replies"][0]["left"], 4, "typing costs nothing");
    stage.wait(31).await;
    assert_eq!(code(&stage, TYPING, &typing("Typing")).await, 45080);
    for _ in 0..4 {
        assert_eq!(code(&stage, SEND, &text(&person)).await, 0);
    }
    assert_eq!(code(&stage, TYPING, &typing("Typing")).await, 45047);
}

#[tokio::test]
async fn half_a_million_a_day_for_verified_accounts() {
    let stage = Stage::new(spec(1)).await;
    let asked = json!({"cgi_path":"/cgi-bin/message/custom/send"});
    let quota = stage.post("openapi/quota/get", &asked).await;
    assert_eq!(quota["quota"]["daily_limit"], 500_000);
    let stage = Stage::new(AccountSpec { verified: false, ..spec(1) }).await;
    let person = stage.people(1).await[0].clone();
    assert_eq!(code(&stage, SEND, &text(&person)).await, 48001);
}
