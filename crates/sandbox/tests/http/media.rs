use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{Stage, spec};

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";
const JPEG: &[u8] = b"\xFF\xD8\xFF0000";
pub(crate) const MP4: &[u8] = b"\0\0\0\x18ftypmp420000";

/// A recording of this many seconds.
pub(crate) fn amr(seconds: usize) -> Vec<u8> {
    let mut recording = b"#!AMR\n".to_vec();
    for _ in 0..seconds * 50 {
        recording.push(0x3C);
        recording.extend([0; 31]);
    }
    recording
}

pub(crate) async fn upload(stage: &Stage, path: &str, kind: &str, bytes: Vec<u8>) -> Value {
    let form = Form::new().part("media", Part::bytes(bytes).file_name("新品.png"));
    let form = form.text("description", r#"{"title":"新品","introduction":"三款"}"#);
    let url = format!("{}/cgi-bin/{path}?access_token={}&type={kind}", stage.url, stage.token);
    stage.client.post(url).multipart(form).send().await.unwrap().json().await.unwrap()
}

async fn fetch(stage: &Stage, media_id: &str) -> (String, Vec<u8>) {
    let query = format!("access_token={}&media_id={media_id}", stage.token);
    let url = format!("{}/cgi-bin/media/get?{query}", stage.url);
    let answer = stage.client.get(url).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_temporary_file_lives_three_days() {
    let mut stage = Stage::new(spec(10)).await;
    let image = upload(&stage, "media/upload", "image", PNG.to_vec()).await;
    assert_eq!(
        (&image["type"], &image["created_at"]),
        (&json!("image"), &json!(stage.now().await))
    );
    let media_id = image["media_id"].as_str().unwrap().to_owned();
    assert_eq!(fetch(&stage, &media_id).await, ("image/png".into(), PNG.to_vec()));
    let thumb = upload(&stage, "media/upload", "thumb", JPEG.to_vec()).await;
    assert!(thumb["thumb_media_id"].is_string() && thumb["media_id"].is_null(), "{thumb}");
    let film = upload(&stage, "media/upload", "video", MP4.to_vec()).await;
    let (kind, body) = fetch(&stage, film["media_id"].as_str().unwrap()).await;
    assert!(kind.starts_with("application/json"));
    assert!(serde_json::from_slice::<Value>(&body).unwrap()["video_url"].is_string());
    stage.wait(3 * 86_400 - 1).await;
    stage.refresh().await;
    assert_eq!(fetch(&stage, &media_id).await.0, "image/png");
    stage.wait(1).await;
    let (_, body) = fetch(&stage, &media_id).await;
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["errcode"], 40007);
    assert_eq!(stage.get("media/get", "").await["errcode"], 41006);
}

#[tokio::test]
async fn files_are_what_they_are_said_to_be_and_small_enough() {
    let stage = Stage::new(spec(10)).await;
    let big = |start: &[u8], size: usize| [start, &vec![0; size]].concat();
    let cases = [
        ("poem", PNG.to_vec(), 40004),
        ("image", Vec::new(), 44001),
        ("image", MP4.to_vec(), 40005),
        ("image", b"BM00".to_vec(), 40005),
        ("thumb", PNG.to_vec(), 40005),
        ("image", big(PNG, 10 * 1024 * 1024), 40009),
        ("voice", big(b"#!AMR\n", 2 * 1024 * 1024), 40010),
        ("video", big(MP4, 10 * 1024 * 1024), 40011),
        ("thumb", big(JPEG, 64 * 1024), 40012),
        ("voice", amr(61), 45007),
    ];
    for (kind, bytes, code) in cases {
        let answer = upload(&stage, "media/upload", kind, bytes).await;
        assert_eq!(answer["errcode"], code, "{kind} {answer}");
    }
    assert!(upload(&stage, "media/upload", "voice", amr(60)).await["media_id"].is_string());
    let url = format!("{}/cgi-bin/media/upload?type=image&access_token={}", stage.url, stage.token);
    let answer: Value = stage.client.post(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errcode"], 41005);
}

#[tokio::test]
async fn permanent_material_is_kept_listed_and_deleted() {
    let stage = Stage::new(spec(10)).await;
    let add = "material/add_material";
    let image = upload(&stage, add, "image", b"BM00".to_vec()).await;
    assert!(image["url"].as_str().unwrap().starts_with("http://mmbiz.qpic.cn/mmbiz_bmp/"));
    let film = upload(&stage, add, "video", MP4.to_vec()).await;
    assert!(film["url"].is_null());
    upload(&stage, add, "voice", amr(5)).await;
    upload(&stage, add, "thumb", JPEG.to_vec()).await;
    let counts = json!({"voice_count":1,"video_count":1,"image_count":2,"news_count":0});
    assert_eq!(stage.get("material/get_materialcount", "").await, counts);
    let list = |kind: &str, count: i64| json!({"type":kind,"offset":0,"count":count});
    let path = "material/batchget_material";
    let images = stage.post(path, &list("image", 20)).await;
    assert_eq!((&images["total_count"], &images["item_count"]), (&json!(2), &json!(2)));
    assert_eq!(images["item"][0]["media_id"], image["media_id"]);
    assert_eq!(images["item"][0]["name"], "新品.png");
    assert_eq!(images["item"][1]["media_id"], stage.cover);
    assert_eq!(stage.post(path, &list("news", 20)).await["total_count"], 0);
    assert_eq!(stage.post(path, &list("thumb", 20)).await["errcode"], 40004);
    assert_eq!(stage.post(path, &list("image", 21)).await["errcode"], 40097);
    let named = |id: &Value| json!({"media_id":id});
    let told = stage.post("material/get_material", &named(&film["media_id"])).await;
    assert_eq!((&told["title"], &told["description"]), (&json!("新品"), &json!("三款")));
    let delete = "material/del_material";
    assert_eq!(stage.post(delete, &named(&image["media_id"])).await["errcode"], 0);
    assert_eq!(stage.post(delete, &named(&image["media_id"])).await["errcode"], 40007);
    let gone = stage.post("material/get_material", &named(&image["media_id"])).await;
    assert_eq!(gone["errcode"], 40007);
    let form = Form::new().part("media", Part::bytes(MP4.to_vec()).file_name("a.mp4"));
    let url = format!("{}/cgi-bin/{add}?access_token={}&type=video", stage.url, stage.token);
    let answer = stage.client.post(url).multipart(form).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["errcode"], 47001);
}

#[tokio::test]
async fn a_full_library_takes_no_more() {
    let stage = Stage::new(spec(10)).await;
    for _ in 0..1000 {
        let thumb = upload(&stage, "material/add_material", "thumb", JPEG.to_vec()).await;
        assert!(thumb["media_id"].is_string(), "{thumb}");
    }
    let thumb = upload(&stage, "material/add_material", "thumb", JPEG.to_vec()).await;
    assert_eq!(thumb["errcode"], 45034);
    let image = upload(&stage, "material/add_material", "image", PNG.to_vec()).await;
    assert!(image["media_id"].is_string(), "pictures have a total of their own");
}

#[tokio::test]
async fn uploaded_media_are_covers_and_mass_messages() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(3).await;
    let id = |answer: Value| answer["media_id"].as_str().unwrap().to_owned();
    let picture = id(upload(&stage, "material/add_material", "image", PNG.to_vec()).await);
    let temporary = id(upload(&stage, "media/upload", "image", PNG.to_vec()).await);
    let voice = id(upload(&stage, "media/upload", "voice", amr(2)).await);
    let film = id(upload(&stage, "media/upload", "video", MP4.to_vec()).await);
    let article = |cover: &str| {
        json!({"articles":[{"title":"新品","content":"<p>三款</p>",
        "thumb_media_id":cover}]})
    };
    assert!(stage.post("draft/add", &article(&picture)).await["media_id"].is_string());
    assert_eq!(stage.post("draft/add", &article(&temporary)).await["errcode"], 40007);

    let convert = |media_id: &str| json!({"media_id":media_id,"title":"新品","description":"三款"});
    let made = stage.post("media/uploadvideo", &convert(&film)).await;
    assert_eq!(made["type"], "video");
    let made = id(made);
    assert_eq!(stage.post("media/uploadvideo", &convert(&voice)).await["errcode"], 40007);
    assert_eq!(stage.post("media/uploadvideo", &json!({})).await["errcode"], 41006);

    let send = |kind: &str, name: &str, body: Value| {
        let mut message = json!({"touser":people,"msgtype":kind});
        message[name] = body;
        message
    };
    let path = "message/mass/send";
    let cases = [
        (send("voice", "voice", json!({"media_id":voice})), 0),
        (send("voice", "voice", json!({"media_id":picture})), 40007),
        (send("image", "images", json!({"media_ids":[picture,temporary]})), 0),
        (send("image", "image", json!({"media_id":picture})), 0),
        (send("image", "images", json!({"media_ids":[voice]})), 40007),
        (send("mpvideo", "mpvideo", json!({"media_id":film})), 45161),
        (send("mpvideo", "mpvideo", json!({"media_id":"unknown"})), 40007),
        (send("mpvideo", "mpvideo", json!({"media_id":made})), 0),
    ];
    for (body, code) in cases {
        assert_eq!(stage.post(path, &body).await["errcode"], code, "{body}");
    }
    stage.wait(10).await;
    assert_eq!(stage.truth("2026-03").await[0].1, 4);
}

#[tokio::test]
async fn permanent_material_is_open_to_all_and_temporary_is_not() {
    let mut account = spec(10);
    account.verified = false;
    let stage = Stage::new(account).await;
    let refused = upload(&stage, "media/upload", "image", PNG.to_vec()).await;
    assert_eq!(refused["errcode"], 48001);
    let added = upload(&stage, "material/add_material", "image", PNG.to_vec()).await;
    assert!(added["media_id"].is_string(), "{added}");
}

#[tokio::test]
async fn a_recording_of_a_page_comes_back_as_it_was_for_three_days() {
    let mut stage = Stage::new(spec(3)).await;
    let url = stage.control_url("{a}/recordings");
    let kept = stage.client.post(url).body(b"Speex   1.2".to_vec()).send().await.unwrap();
    let kept: Value = kept.json().await.unwrap();
    let media_id = kept["media_id"].as_str().unwrap_or_else(|| panic!("{kept}")).to_owned();
    let path = "media/get/jssdk";
    let get = async |stage: &Stage| {
        let query = format!("access_token={}&media_id={media_id}", stage.token);
        let url = format!("{}/cgi-bin/{path}?{query}", stage.url);
        let answer = stage.client.get(url).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.bytes().await.unwrap().to_vec())
    };
    assert_eq!(get(&stage).await, ("audio/speex".to_owned(), b"Speex   1.2".to_vec()));
    assert_eq!(stage.get(path, "").await["errcode"], 41006);
    assert_eq!(stage.get(path, "&media_id=none").await["errcode"], 40007);
    let query = format!("&media_id={media_id}");
    assert_eq!(stage.get("media/get", &query).await["errcode"], 40007);
    assert!(stage.control("{a}/recordings", &json!({})).await["media_id"].is_string());
    stage.wait(3 * 86_400).await;
    stage.refresh().await;
    assert_eq!(stage.get(path, &query).await["errcode"], 40007);
}
