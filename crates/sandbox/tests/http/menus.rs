//! Menus, whose keys people tap, and the replies set on the website.

use sandbox::{AccountSpec, CallbackMode, CallbackSpec};
use serde_json::{Value, json};

use crate::{Receiver, Stage, spec};

fn click(name: &str, key: &str) -> Value {
    json!({"type":"click","name":name,"key":key})
}

fn view(url: &str) -> Value {
    json!({"type":"view","name":"官网","url":url})
}

fn menu() -> Value {
    json!({"button":[click("今日优惠", "PROMO_TODAY"),
        {"name":"服务","sub_button":[view("https://shop.example.com/"),
            {"type":"miniprogram","name":"商城","url":"https://shop.example.com/",
                "appid":"wx0123456789abcdef","pagepath":"pages/index"}]}]})
}

async fn create(stage: &Stage, buttons: Value) -> i64 {
    let answer = stage.post("menu/create", &json!({ "button": buttons })).await;
    answer["errcode"].as_i64().unwrap()
}

#[tokio::test]
async fn a_menu_is_made_read_replaced_and_deleted() {
    let stage = Stage::new(spec(3)).await;
    assert_eq!(stage.get("menu/get", "").await["errcode"], 46003);
    assert_eq!(stage.get("menu/delete", "").await["errcode"], 46003);
    let closed = stage.get("get_current_selfmenu_info", "").await;
    assert_eq!(closed, json!({"is_menu_open":0,"selfmenu_info":{"button":[]}}));
    assert_eq!(stage.post("menu/create", &menu()).await["errcode"], 0);
    let read = stage.get("menu/get", "").await;
    let buttons = &read["menu"]["button"];
    assert_eq!(buttons[0]["sub_button"], json!([]));
    assert_eq!(buttons[1]["sub_button"][1]["pagepath"], "pages/index");
    assert!(buttons[1].get("type").is_none() && read["menu"].get("menuid").is_none());
    let open = stage.get("get_current_selfmenu_info", "").await;
    assert_eq!(open["is_menu_open"], 1);
    let below = &open["selfmenu_info"]["button"][1]["sub_button"]["list"];
    assert_eq!(below[0]["url"], "https://shop.example.com/");
    assert_eq!(create(&stage, json!([click("新", "NEW")])).await, 0);
    assert_eq!(stage.get("menu/get", "").await["menu"]["button"][0]["key"], "NEW");
    assert_eq!(stage.get("menu/delete", "").await["errcode"], 0);
    assert_eq!(stage.get("menu/get", "").await["errcode"], 46003);
}

#[tokio::test]
async fn what_is_no_menu_is_refused_with_the_code_of_its_level() {
    let stage = Stage::new(spec(3)).await;
    let below = |button: Value| json!([{"name":"a","sub_button":[button]}]);
    let page = |page: &str| json!({"type":"view","name":"a","url":page});
    let mini = |appid: &str, path: &str| {
        json!({"type":"miniprogram","name":"a","url":"https://a.example.com","appid":appid,
            "pagepath":path})
    };
    let cases = [
        (json!([]), 40016),
        (json!([click("a", "1"), click("b", "2"), click("c", "3"), click("d", "4")]), 40016),
        (json!([{"name":"a"}]), 40017),
        (json!([{"type":"dance","name":"a","key":"1"}]), 40017),
        (json!([{"type":"click","name":"a","key":"1","sub_button":[click("b", "2")]}]), 40017),
        (json!([click("六个汉字太长", "1")]), 40018),
        (json!([click("", "1")]), 40018),
        (json!([click("a", "")]), 40019),
        (json!([click("a", &"k".repeat(129))]), 40019),
        (json!([page("")]), 40020),
        (json!([page(&format!("https://a.example.com/{}", "x".repeat(1_024)))]), 40020),
        (json!([page("javascript:alert(1)")]), 40055),
        (below(json!({"name":"b","sub_button":[click("c", "3")]})), 40022),
        (json!([{"name":"a","sub_button":vec![click("b", "1"); 6]}]), 40023),
        (below(json!({"name":"b"})), 40024),
        (below(click(&"长".repeat(21), "1")), 40025),
        (below(click("b", "")), 40026),
        (below(page("")), 40027),
        (below(page("nowhere")), 40054),
        (json!([mini("shop", "pages/index")]), 40166),
        (json!([mini("wx0123456789abcdef", "")]), 40165),
        (json!([{"type":"media_id","name":"a"}]), 40007),
        (json!([{"type":"article_id","name":"a"}]), 53600),
        (json!([{"type":"article_id","name":"a","article_id":"unknown"}]), 53600),
    ];
    for (buttons, expected) in cases {
        assert_eq!(create(&stage, buttons.clone()).await, expected, "{buttons}");
    }
    let escaped = r#"{"button":[{"type":"click","name":"\u65b0","key":"1"}]}"#;
    assert_eq!(stage.raw_post("menu/create", escaped).await["errcode"], 40033);
    assert_eq!(stage.get("menu/get", "").await["errcode"], 46003);
}

#[tokio::test]
async fn the_latest_fitting_menu_is_seen_and_the_tag_put_on_last_counts() {
    let stage = Stage::new(spec(3)).await;
    let for_rule = |key: &str, rule: Value| json!({"button":[click("a", key)],"matchrule":rule});
    let add = "menu/addconditional";
    let by_client = |client: i64| json!({"client_platform_type":client.to_string()});
    let early = stage.post(add, &for_rule("x", by_client(1))).await;
    assert_eq!(early["errcode"], 65303);
    assert_eq!(create(&stage, json!([click("a", "DEFAULT")])).await, 0);

    let mut tags = Vec::new();
    for name in ["甲", "乙"] {
        let made = stage.post("tags/create", &json!({"tag":{"name":name}})).await;
        tags.push(made["tag"]["id"].as_i64().unwrap());
    }
    for (rule, expected) in [
        (json!({}), 65304),
        (json!({"tag_id":""}), 65304),
        (json!({"sex":"1","tag_id":tags[0]}), 65320),
        (json!({"tag_id":"99999"}), 45159),
        (json!({"client_platform_type":"4"}), 40097),
    ] {
        assert_eq!(
            stage.post(add, &for_rule("x", rule.clone())).await["errcode"],
            expected,
            "{rule}"
        );
    }
    let first = stage.post(add, &for_rule("FIRST", json!({"tag_id":tags[0].to_string()}))).await;
    assert!(first["menuid"].is_string(), "{first}");
    stage.post(add, &for_rule("SECOND", json!({"group_id":tags[1]}))).await;

    let person = &stage.people(1).await[0];
    let sees = async || {
        let seen = stage.post("menu/trymatch", &json!({"user_id":person})).await;
        seen["button"][0]["key"].as_str().unwrap().to_owned()
    };
    let put = async |tag: i64| {
        let body = json!({"openid_list":[person],"tagid":tag});
        assert_eq!(stage.post("tags/members/batchtagging", &body).await["errcode"], 0);
    };
    assert_eq!(sees().await, "DEFAULT");
    put(tags[1]).await;
    assert_eq!(sees().await, "SECOND");
    put(tags[0]).await;
    assert_eq!(sees().await, "FIRST");
    let shown = stage.seen(&format!("{{a}}/followers/{person}")).await;
    let client = shown["client_platform_type"].as_i64().unwrap();
    stage.post(add, &for_rule("OTHER", by_client(client % 3 + 1))).await;
    assert_eq!(sees().await, "FIRST");
    let own = stage.post(add, &for_rule("CLIENT", by_client(client))).await;
    assert_eq!(sees().await, "CLIENT");

    let read = stage.get("menu/get", "").await;
    assert!(read["menu"]["menuid"].is_i64());
    assert_eq!(read["conditionalmenu"].as_array().unwrap().len(), 4);
    assert_eq!(read["conditionalmenu"][3]["matchrule"]["tag_id"], tags[0].to_string());
    let remove = "menu/delconditional";
    assert_eq!(stage.post(remove, &own).await["errcode"], 0);
    assert_eq!(stage.post(remove, &own).await["errcode"], 65301);
    assert_eq!(sees().await, "FIRST");
    let nobody = stage.post("menu/trymatch", &json!({"user_id":"nobody"})).await;
    assert_eq!(nobody["errcode"], 65302);
    stage.get("menu/delete", "").await;
    assert_eq!(stage.post(add, &for_rule("x", by_client(1))).await["errcode"], 65303);
}

#[tokio::test]
async fn conditional_menus_link_to_three_domains() {
    let stage = Stage::new(spec(3)).await;
    create(&stage, json!([view("https://default.example.com/")])).await;
    let to = |nth: i64| {
        json!({"button":[view(&format!("https://shop{nth}.example.com/"))],
            "matchrule":{"client_platform_type":1}})
    };
    for nth in [1, 2, 3, 1] {
        let made = stage.post("menu/addconditional", &to(nth)).await;
        assert!(made["menuid"].is_string(), "{made}");
    }
    assert_eq!(stage.post("menu/addconditional", &to(4)).await["errcode"], 65316);
}

#[tokio::test]
async fn people_tap_what_the_menu_holds() {
    let receiver = Receiver::new(&[]).await;
    let callback = CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "token".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    let mut stage = Stage::new(AccountSpec {
        callback: Some(callback),
        daily_talkers_per_mille: Some(500),
        ..spec(100)
    })
    .await;
    assert_eq!(stage.post("menu/create", &menu()).await["errcode"], 0);
    stage.wait(86_400).await;
    let taps: Vec<String> =
        receiver.bodies().into_iter().filter(|body| body.contains("<EventKey>")).collect();
    assert!(taps.len() > 10);
    let of = |event: &str, key: &str| {
        let (event, key) = (format!("<![CDATA[{event}]]>"), format!("<![CDATA[{key}]]>"));
        taps.iter().filter(|tap| tap.contains(&event) && tap.contains(&key)).count()
    };
    let counts = [
        of("CLICK", "PROMO_TODAY"),
        of("VIEW", "https://shop.example.com/"),
        of("view_miniprogram", "pages/index"),
    ];
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    assert_eq!(counts.iter().sum::<usize>(), taps.len());

    let person = &stage.people(1).await[0];
    let tap = format!("{{a}}/followers/{person}/click");
    stage.control(&tap, &json!({"key":"https://shop.example.com/"})).await;
    assert!(receiver.bodies().pop().unwrap().contains("<Event><![CDATA[VIEW]]>"));
    stage.control(&tap, &json!({"key":"FORMER"})).await;
    assert!(receiver.bodies().pop().unwrap().contains("<EventKey><![CDATA[FORMER]]>"));
    stage.refresh().await;
    let camera = json!([{"type":"pic_weixin","name":"晒图","key":"PHOTO"}]);
    assert_eq!(create(&stage, camera).await, 0);
    stage.control(&tap, &json!({})).await;
    let body = receiver.bodies().pop().unwrap();
    assert!(body.contains("<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>"), "{body}");
}

#[tokio::test]
async fn unverified_accounts_read_and_do_not_set() {
    let stage = Stage::new(AccountSpec { verified: false, ..spec(3) }).await;
    assert_eq!(stage.post("menu/create", &menu()).await["errcode"], 48001);
    assert_eq!(stage.get("get_current_selfmenu_info", "").await["is_menu_open"], 0);
    let none = json!({"is_add_friend_reply_open":0,"is_autoreply_open":0});
    assert_eq!(stage.get("get_current_autoreply_info", "").await, none);
    let replies = json!({"is_add_friend_reply_open":1,"is_autoreply_open":1,
        "add_friend_autoreply_info":{"type":"text","content":"欢迎"},
        "keyword_autoreply_info":{"list":[{"rule_name":"r1","create_time":1_423_028_166,
            "reply_mode":"reply_all",
            "keyword_list_info":[{"type":"text","match_mode":"contain","content":"优惠"}],
            "reply_list_info":[{"type":"text","content":"今晚八点"}]}]}});
    let put = async |body: &Value| {
        let request = stage.client.put(stage.control_url("{a}/auto-replies")).json(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(put(&replies).await, 200);
    assert_eq!(put(&json!({"is_autoreply_open":7})).await, 400);
    assert_eq!(put(&json!({"message_default_autoreply_info":{"type":"dance"}})).await, 400);
    assert_eq!(stage.get("get_current_autoreply_info", "").await, replies);
}

#[tokio::test]
async fn a_menu_of_the_website_is_told_with_files_of_the_moment() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(crate::callbacks::with(&receiver, CallbackMode::Plain, spec(3))).await;
    let put = async |body: &Value| {
        let request = stage.client.put(stage.control_url("{a}/website-menu")).json(body);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(stage.post("menu/create", &menu()).await["errcode"], 0);
    let news = json!({"list":[{"title":"上新","author":"","digest":"","show_cover":0,
        "cover_url":"","content_url":"https://mp.weixin.qq.com/s/a","source_url":""}]});
    let made = json!({"button":[
        {"type":"img","name":"海报","value":stage.cover},
        {"name":"更多","sub_button":[
            {"type":"text","name":"地址","value":"人民广场"},
            {"type":"view","name":"官网","url":"https://shop.example.com/"},
            {"type":"news","name":"文章","value":"N1","news_info":news}]}]});
    assert_eq!(put(&made).await, made);
    let told = stage.get("get_current_selfmenu_info", "").await;
    assert_eq!(told["is_menu_open"], 1);
    let buttons = &told["selfmenu_info"]["button"];
    let picture = buttons[0]["value"].as_str().unwrap().to_owned();
    assert_ne!(picture, stage.cover, "a temporary one");
    let url = format!("{}/cgi-bin/media/get?access_token={}", stage.url, stage.token);
    let file = stage.client.get(format!("{url}&media_id={picture}")).send().await.unwrap();
    assert!(file.headers()["content-type"].to_str().unwrap().starts_with("image/"));
    let again = stage.get("get_current_selfmenu_info", "").await;
    assert_ne!(again["selfmenu_info"]["button"][0]["value"], picture);
    assert_eq!(buttons[1]["sub_button"]["list"], made["button"][1]["sub_button"]);
    // It has taken the place of the one made by a call, and its taps are told to nobody.
    assert_eq!(stage.get("menu/get", "").await["errcode"], 46003);
    let person = &stage.people(1).await[0];
    stage.control(&format!("{{a}}/followers/{person}/click"), &json!({})).await;
    assert_eq!(receiver.bodies().len(), 0);
    let deleted = stage.post("material/del_material", &json!({"media_id":stage.cover})).await;
    assert_eq!(deleted["errcode"], 48005);
    for (button, named) in [
        (json!([]), "give 1 to 3"),
        (json!([{"name":"a"}]), "type or sub_button"),
        (json!([{"name":"","type":"text","value":"b"}]), "no name"),
        (json!([{"name":"a","type":"img"}]), "needs value"),
        (json!([{"name":"a","type":"img","value":"x"}]), "no permanent image"),
        (json!([{"name":"a","type":"click"}]), "click"),
        (json!([{"name":"a","type":"miniprogram","appid":"wx"}]), "appid and pagepath"),
    ] {
        let told = put(&json!({ "button": button })).await;
        assert!(told["error"].as_str().unwrap().contains(named), "{told}");
    }
    assert_eq!(stage.post("menu/create", &menu()).await["errcode"], 0);
    let told = stage.get("get_current_selfmenu_info", "").await;
    assert_eq!(told["selfmenu_info"]["button"][0]["key"], "PROMO_TODAY");
    put(&made).await;
    assert_eq!(put(&json!({"button":null})).await, json!({"button":null}));
    assert_eq!(stage.get("get_current_selfmenu_info", "").await["is_menu_open"], 0);
}
