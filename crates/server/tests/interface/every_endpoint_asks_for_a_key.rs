use reqwest::Method;
use serde_json::Value;

use crate::world::{Answer, World};

/// Starts from the document that the server gives out, so that a new endpoint cannot be forgotten.
#[tokio::test]
async fn every_endpoint_of_the_document_asks_for_a_key() {
    let world = World::new().await;
    let document = Answer::of(world.plain(Method::GET, "/api/v1/openapi.json")).await.json();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = filled_in(path);
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let told = format!("{method} {path}");
            let without = Answer::of(world.plain(method.clone(), &path)).await;
            assert_eq!((without.status, without.code().as_str()), (401, "no_key"), "{told}");
            let wrong = world.plain(method.clone(), &path).bearer_auth("fck_wrong");
            let wrong = Answer::of(wrong).await;
            assert_eq!((wrong.status, wrong.code().as_str()), (401, "unknown_key"), "{told}");
            let right = Answer::of(world.keyed(method, &path)).await;
            assert_ne!(right.status, 401, "{told}");
            assert!(!right.text.contains("no_such_path"), "{told} is described and not served");
            assert!(operation["responses"]["401"].is_object(), "{told}");
            asked += 1;
        }
    }
    assert!(asked >= 27, "only {asked} operations are described");
    assert_eq!(document["security"], serde_json::json!([{ "key": [] }]));
    assert!(every_reference_leads_somewhere(&document, &document), "a schema is missing");
}

#[tokio::test]
async fn only_the_description_and_the_health_check_are_open() {
    let world = World::new().await;
    let health = Answer::of(world.plain(Method::GET, "/healthz")).await;
    assert_eq!((health.status, health.text.as_str()), (200, "ok"));
    let challenge = world.plain(Method::GET, "/api/v1/accounts").send().await.unwrap();
    assert_eq!(challenge.headers()["www-authenticate"], "Bearer");
    let basic = world.plain(Method::GET, "/api/v1/accounts").basic_auth(&world.key, None::<&str>);
    assert_eq!(Answer::of(basic).await.status, 401);
    assert_eq!(world.get("/api/v1/accounts").await.text, "[]");
}

fn filled_in(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{openid}" => "oSBX0000000000000000000000",
        part if part.starts_with('{') => "1",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn every_reference_leads_somewhere(value: &Value, document: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|(name, member)| match member.as_str() {
            Some(target) if name == "$ref" => {
                let found = document.pointer(target.trim_start_matches('#')).is_some();
                if !found {
                    eprintln!("{target} is missing");
                }
                found
            }
            _ => every_reference_leads_somewhere(member, document),
        }),
        Value::Array(items) => {
            items.iter().all(|item| every_reference_leads_somewhere(item, document))
        }
        _ => true,
    }
}
