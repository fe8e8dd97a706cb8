//! QR codes with scenes, and short keys.

use sandbox::{AccountSpec, CallbackMode, CallbackSpec};
use serde_json::{Value, json};

use crate::{Receiver, Stage, spec};

async fn told(receiver: &Receiver) -> Stage {
    let callback = CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "token".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    Stage::new(AccountSpec { callback: Some(callback), ..spec(5) }).await
}

fn code(action: &str, scene: Value, seconds: Option<i64>) -> Value {
    let mut body = json!({"action_name":action,"action_info":{"scene":scene}});
    if let Some(seconds) = seconds {
        body["expire_seconds"] = json!(seconds);
    }
    body
}

#[tokio::test]
async fn who_scans_follows_with_the_scene_and_a_follower_is_told_of() {
    let receiver = Receiver::new(&[]).await;
    let stage = told(&receiver).await;
    let made = stage
        .post("qrcode/create", &code("QR_STR_SCENE", json!({"scene_str":"春季 7"}), Some(600)))
        .await;
    assert_eq!(made["expire_seconds"], 600);
    let ticket = made["ticket"].as_str().unwrap();
    assert!(ticket.starts_with("gQ") && ticket.len() == 96);
    let new = stage.control("{a}/followers", &json!({"ticket":ticket})).await;
    let person = new["openid"].as_str().unwrap().to_owned();
    let body = receiver.bodies().pop().unwrap();
    assert!(body.contains("<Event><![CDATA[subscribe]]>"), "{body}");
    assert!(body.contains("<EventKey><![CDATA[qrscene_春季 7]]></EventKey>"), "{body}");
    assert!(body.contains(ticket));
    let info = stage.get("user/info", &format!("&openid={person}")).await;
    assert_eq!(info["subscribe_scene"], "ADD_SCENE_QR_CODE");
    assert_eq!((&info["qr_scene"], &info["qr_scene_str"]), (&json!(0), &json!("春季 7")));

    let made =
        stage.post("qrcode/create", &code("QR_LIMIT_SCENE", json!({"scene_id":4711}), None)).await;
    assert!(made.get("expire_seconds").is_none());
    let scan = format!("{{a}}/followers/{person}/scan");
    stage.control(&scan, &json!({"ticket":made["ticket"]})).await;
    let body = receiver.bodies().pop().unwrap();
    assert!(body.contains("<Event><![CDATA[SCAN]]>"), "{body}");
    assert!(body.contains("<EventKey><![CDATA[4711]]></EventKey>"), "{body}");
    let info = stage.get("user/info", &format!("&openid={person}")).await;
    assert_eq!(info["qr_scene_str"], "春季 7", "a scan while following changes nothing");

    stage.control(&format!("{{a}}/followers/{person}/leave"), &json!({})).await;
    stage.control(&scan, &json!({"ticket":made["ticket"]})).await;
    let info = stage.get("user/info", &format!("&openid={person}")).await;
    assert_eq!((&info["subscribe"], &info["qr_scene"]), (&json!(1), &json!(4711)));

    stage.wait(600).await;
    let pushed = receiver.bodies().len();
    let late = stage.control(&scan, &json!({"ticket":ticket})).await;
    assert!(late["error"].as_str().unwrap().contains("expired"));
    assert_eq!(receiver.bodies().len(), pushed);
}

#[tokio::test]
async fn a_permanent_scene_has_one_code_and_a_temporary_one_many() {
    let stage = Stage::new(spec(1)).await;
    let permanent = code("QR_LIMIT_STR_SCENE", json!({"scene_str":"shop"}), None);
    let first = stage.post("qrcode/create", &permanent).await;
    assert_eq!(stage.post("qrcode/create", &permanent).await, first);
    let temporary = code("QR_SCENE", json!({"scene_id":u32::MAX}), None);
    let first = stage.post("qrcode/create", &temporary).await;
    assert_eq!(first["expire_seconds"], 60);
    assert_ne!(stage.post("qrcode/create", &temporary).await["ticket"], first["ticket"]);
}

#[tokio::test]
async fn what_is_no_code_is_refused() {
    let stage = Stage::new(spec(1)).await;
    let cases = [
        (code("QR_CARD", json!({"scene_id":1}), None), 40052),
        (json!({"action_name":"QR_SCENE"}), 40053),
        (code("QR_SCENE", json!({"scene_str":"a"}), None), 40053),
        (code("QR_STR_SCENE", json!({"scene_id":1}), None), 40053),
        (code("QR_SCENE", json!({"scene_id":0}), None), 40129),
        (code("QR_LIMIT_SCENE", json!({"scene_id":100_001}), None), 40129),
        (code("QR_STR_SCENE", json!({"scene_str":""}), None), 40129),
        (code("QR_LIMIT_STR_SCENE", json!({"scene_str":"x".repeat(65)}), None), 40129),
        (code("QR_SCENE", json!({"scene_id":1}), Some(2_592_001)), 40097),
        (code("QR_SCENE", json!({"scene_id":1}), Some(0)), 40097),
        (json!({"action_name":7}), 47001),
    ];
    for (body, expected) in cases {
        assert_eq!(stage.post("qrcode/create", &body).await["errcode"], expected, "{body}");
    }
}

#[tokio::test]
async fn a_short_key_gives_its_text_until_it_ends() {
    let stage = Stage::new(spec(1)).await;
    let made =
        stage.post("shorten/gen", &json!({"long_data":"loooong","expire_seconds":100})).await;
    let key = made["short_key"].as_str().unwrap();
    assert!(key.len() == 15 && key.bytes().all(|b| b.is_ascii_alphanumeric()));
    stage.wait(40).await;
    let kept = stage.post("shorten/fetch", &json!({"short_key":key})).await;
    assert_eq!((&kept["long_data"], &kept["expire_seconds"]), (&json!("loooong"), &json!(60)));
    assert_eq!(kept["create_time"], stage.now().await - 40);
    stage.wait(60).await;
    let late = stage.post("shorten/fetch", &json!({"short_key":key})).await;
    assert_eq!(late["errcode"], 9_410_012);
    assert_eq!(stage.post("shorten/gen", &json!({})).await["errcode"], 47003);
    let long = json!({"long_data":"x".repeat(4_097)});
    assert_eq!(stage.post("shorten/gen", &long).await["errcode"], 9_410_010);
    let lasting = json!({"long_data":"x","expire_seconds":2_592_001});
    assert_eq!(stage.post("shorten/gen", &lasting).await["errcode"], 9_410_011);
    let url = json!({"action":"long2short","long_url":"https://shop.example.com"});
    assert_eq!(stage.post("shorturl", &url).await["errcode"], 45103);
}

#[tokio::test]
async fn a_code_is_drawn_until_its_time_is_over() {
    let mut stage = Stage::new(spec(2)).await;
    let body = code("QR_STR_SCENE", json!({"scene_str":"a"}), Some(60));
    let made = stage.post("qrcode/create", &body).await;
    let draw = |ticket: &str| {
        let ticket = ticket.replace('=', "%3D");
        stage.client.get(format!("{}/cgi-bin/showqrcode?ticket={ticket}", stage.url)).send()
    };
    let ticket = made["ticket"].as_str().unwrap().to_owned();
    let drawn = draw(&ticket).await.unwrap();
    assert_eq!(drawn.status(), 200);
    assert_eq!(drawn.headers()["content-type"], "image/png");
    let bytes = drawn.bytes().await.unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes.as_ref())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (430, 430));
    // A camera looks for the three corners: dark, light, dark over the widths 1, 1, 3, 1, 1.
    let row = |y: usize| &pixels[y * 430..(y + 1) * 430];
    let first = (0..430).find(|y| row(*y).contains(&0)).unwrap();
    let line = row(first);
    let left = line.iter().position(|pixel| *pixel == 0).unwrap();
    let seven = line[left..].iter().position(|pixel| *pixel == 255).unwrap();
    assert_eq!(seven % 7, 0, "the edge of a corner is seven modules long");
    let module = seven / 7;
    assert!(left >= 4 * module, "four modules of margin");
    let middle = row(first + 3 * module + module / 2);
    let corner: Vec<u8> = (0..7).map(|nth| middle[left + nth * module + module / 2]).collect();
    assert_eq!(corner, [0, 255, 0, 0, 0, 255, 0]);
    assert_eq!(draw("gQnothing").await.unwrap().status(), 404);
    stage.wait(60).await;
    stage.refresh().await;
    let url = format!("{}/cgi-bin/showqrcode?ticket={}", stage.url, ticket.replace('=', "%3D"));
    assert_eq!(stage.client.get(url).send().await.unwrap().status(), 404);
}
