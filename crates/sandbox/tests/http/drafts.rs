use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{Stage, spec};

async fn upload(stage: &Stage, bytes: Vec<u8>) -> Value {
    let url = format!("{}/cgi-bin/media/uploadimg?access_token={}", stage.url, stage.token);
    let form = Form::new().part("media", Part::bytes(bytes).file_name("a.png"));
    stage.client.post(url).multipart(form).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_draft_keeps_what_the_platform_keeps() {
    let stage = Stage::new(spec(10)).await;
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend([0; 100]);
    let picture = upload(&stage, png.clone()).await["url"].as_str().unwrap().to_owned();
    assert!(picture.starts_with("http://mmbiz.qpic.cn/mmbiz_png/"));
    let content = format!(
        "<p>新品</p><script>x()</script><img src=\"{picture}\"><img src=\"https://example.com/a.png\">\
         <a href=\"https://example.com\">买</a>"
    );
    let body = json!({"articles":[{"title":"春季新品","content":content,
        "thumb_media_id":stage.cover}]});
    let media_id = stage.post("draft/add", &body).await["media_id"].clone();
    let draft = stage.post("draft/get", &json!({"media_id":media_id})).await;
    let kept = &draft["news_item"][0];
    assert_eq!(kept["content"], format!("<p>新品</p><img src=\"{picture}\"><img>买"));
    assert_eq!(kept["digest"], "新品买");
    let list = stage.post("draft/batchget", &json!({"offset":0,"count":20,"no_content":1})).await;
    assert_eq!(list["total_count"], 1);
    assert_eq!(list["item"][0]["media_id"], media_id);
    assert_eq!(list["item"][0]["content"]["news_item"][0]["content"], "");
    let delete = json!({"media_id":media_id});
    assert_eq!(stage.post("draft/delete", &delete).await["errcode"], 0);
    assert_eq!(stage.post("draft/get", &delete).await["errcode"], 40007);

    png.extend(vec![0; 1024 * 1024]);
    assert_eq!(upload(&stage, png).await["errcode"], 40009);
    assert_eq!(upload(&stage, b"GIF89a".to_vec()).await["errcode"], 40005);
    assert_eq!(stage.raw_post("media/uploadimg", "no form").await["errcode"], 41005);
}

#[tokio::test]
async fn what_cannot_be_a_draft_is_refused() {
    let stage = Stage::new(spec(10)).await;
    let article = |field: &str, value: Value| {
        let mut article =
            json!({"title":"标题","content":"<p>文</p>","thumb_media_id":stage.cover});
        article[field] = value;
        json!({ "articles": [article] })
    };
    let cases = [
        (article("thumb_media_id", json!("unknown")), 40007),
        (article("title", json!("长".repeat(65))), 45003),
        (article("content", json!("字".repeat(20_000))), 45002),
        (article("content", json!("")), 44004),
        (article("digest", json!("字".repeat(129))), 45004),
        (article("title", json!(7)), 47001),
        (json!({"articles":[]}), 44003),
        (
            json!({"articles":vec![article("title", json!("标题"))["articles"][0].clone(); 9]}),
            45008,
        ),
    ];
    for (body, code) in cases {
        assert_eq!(stage.post("draft/add", &body).await["errcode"], code, "{body}");
    }
    // Escaped titles are stored with their escapes.
    let cover = &stage.cover;
    let escaped = format!(
        r#"{{"articles":[{{"title":"\u65b0","content":"x","thumb_media_id":"{cover}"}}]}}"#
    );
    let media_id = stage.raw_post("draft/add", &escaped).await["media_id"].clone();
    let draft = stage.post("draft/get", &json!({"media_id":media_id})).await;
    assert_eq!(draft["news_item"][0]["title"], "\\u65b0");
}

#[tokio::test]
async fn one_article_of_a_draft_is_replaced() {
    let stage = Stage::new(spec(10)).await;
    assert_eq!(stage.get("draft/count", "").await, json!({"total_count":0}));
    let article = |title: &str| {
        json!({"title":title,"content":format!("<p>{title}</p>"),
        "thumb_media_id":stage.cover})
    };
    let body = json!({"articles":[article("一"),article("二")]});
    let media_id = stage.post("draft/add", &body).await["media_id"].clone();
    let update =
        |index: i64, article: Value| json!({"media_id":media_id,"index":index,"articles":article});
    let path = "draft/update";
    stage.wait(60).await;
    assert_eq!(stage.post(path, &update(1, article("三"))).await["errcode"], 0);
    let draft = stage.post("draft/get", &json!({"media_id":media_id})).await;
    let titles: Vec<_> =
        draft["news_item"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect();
    assert_eq!(titles, ["一", "三"]);
    let list = stage.post("draft/batchget", &json!({"offset":0,"count":1})).await;
    assert_eq!(list["item"][0]["update_time"], stage.now().await);
    assert_eq!(stage.get("draft/count", "").await, json!({"total_count":1}));

    let mut linked = article("四");
    linked["content_source_url"] = json!("javascript:x()");
    let long = json!({"title":"长".repeat(65),"content":"x","thumb_media_id":stage.cover});
    let cases = [
        (update(2, article("四")), 40114),
        (update(-1, article("四")), 40114),
        (update(0, long), 45003),
        (update(0, json!([article("四")])), 47001),
        (update(0, linked), 41039),
        (json!({"media_id":"unknown","index":0,"articles":article("四")}), 40007),
    ];
    for (body, code) in cases {
        assert_eq!(stage.post(path, &body).await["errcode"], code, "{body}");
    }
    let on = json!({"errcode":0,"errmsg":"ok","is_open":1});
    assert_eq!(stage.raw_post("draft/switch", "").await, on);
    assert_eq!(stage.get("draft/switch", "").await["errcode"], 43002);
}

#[tokio::test]
async fn parts_of_the_cover_are_fractions_and_nobody_has_a_shop() {
    let stage = Stage::new(spec(5)).await;
    let with = |name: &str, value: Value| {
        let mut article = json!({"title":"标题","content":"<p>x</p>","thumb_media_id":stage.cover});
        article[name] = value;
        json!({ "articles": [article] })
    };
    let crop = |ratio: &str, x2: &str| json!({"crop_percent_list":[{"ratio":ratio,"x1":"0.1","y1":"0","x2":x2,"y2":"1"}]});
    for (name, value, code) in [
        ("pic_crop_235_1", json!("0.1945_0_1_0.5236"), None),
        ("pic_crop_1_1", json!(""), None),
        ("cover_info", crop("16_9", "0.9"), None),
        ("pic_crop_235_1", json!("0.1945_0_1"), Some(53402)),
        ("pic_crop_235_1", json!("0_0_1_1.1"), Some(53402)),
        ("pic_crop_1_1", json!("0_0_0.1234567_1"), Some(53402)),
        ("pic_crop_1_1", json!("0.5_0_0.2_1"), Some(53402)),
        ("pic_crop_1_1", json!("0_0_1e0_1"), Some(53402)),
        ("cover_info", crop("4_3", "0.9"), Some(53402)),
        ("cover_info", crop("1_1", "0.05"), Some(53402)),
        ("product_info", json!({"footer_product_info":{"product_key":"k"}}), Some(53406)),
        ("product_info", json!({"footer_product_info":{"product_key":""}}), None),
    ] {
        let answer = stage.post("draft/add", &with(name, value.clone())).await;
        assert_eq!(answer["errcode"].as_i64(), code, "{name} {value}: {answer}");
    }
}
