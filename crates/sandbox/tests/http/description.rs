use serde_json::{Map, Value, json};

use crate::{Receiver, Stage, spec, text_to};
use sandbox::population::description::Description;
use sandbox::{AccountSpec, CallbackMode, CallbackSpec};

/// The fields that a schema names, and those among them that must be there.
fn fields(schema: &Value) -> (&Map<String, Value>, Vec<&str>) {
    let required = schema["required"].as_array().unwrap();
    (
        schema["properties"].as_object().unwrap(),
        required.iter().map(|f| f.as_str().unwrap()).collect(),
    )
}

fn is_of(value: &Value, schema: &Value) -> bool {
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    types.iter().any(|kind| match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => {
            value.as_array().is_some_and(|all| all.iter().all(|one| is_of(one, &schema["items"])))
        }
        "null" => value.is_null(),
        other => panic!("{other} is no type used here"),
    })
}

/// Whether the answer has the described fields, each of its kind, and no others.
fn check(place: &str, answer: &Value, schema: &Value) {
    if let Some(items) = schema.get("items") {
        let all = answer.as_array().unwrap_or_else(|| panic!("{place}: {answer} is no list"));
        assert!(!all.is_empty(), "{place} shows nothing to check");
        all.iter().for_each(|one| check(place, one, items));
        return;
    }
    if schema.get("properties").is_none() {
        assert!(schema.get("type").is_none() || answer.is_object(), "{place}: {answer}");
        return;
    }
    let (properties, required) = fields(schema);
    let answer = answer.as_object().unwrap_or_else(|| panic!("{place}: {answer} is no object"));
    for name in required {
        assert!(answer.contains_key(name), "{place} answers no {name}: {answer:?}");
    }
    for (name, value) in answer {
        let schema = properties.get(name);
        let schema = schema.unwrap_or_else(|| panic!("{place}: {name} is not described"));
        assert!(is_of(value, schema), "{place}: {name} is {value}, not {schema}");
    }
}

#[tokio::test]
async fn what_the_sandbox_answers_is_what_its_description_says() {
    let receiver = Receiver::new(&[]).await;
    let callback = CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "sbxtoken".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    let population = Some(Description::default());
    let stage = Stage::new(AccountSpec { callback: Some(callback), population, ..spec(20) }).await;
    let document = stage.seen("openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let people = stage.people(5).await;
    let draft = stage.draft().await;
    let article = json!({"touser":people,"msgtype":"mpnews","mpnews":{"media_id":draft}});
    let sent = stage.post("message/mass/send", &article).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    stage.post("message/mass/send", &text_to(&people, "k")).await;
    stage.fault(json!({"endpoint":"/cgi-bin/tags/get","kind":"slow","ms":1,"times":2})).await;
    stage.get("tags/get", "").await;
    stage.wait(60).await;
    let key = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let component = json!({"token":"component","encoding_aes_key":key});
    let component = stage.control("components", &component).await;
    let component = component["appid"].as_str().unwrap();

    let (mut checked, mut left_out) = (0, Vec::new());
    let in_order = ["get", "post", "put"];
    for method in in_order {
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(operation) = item.get(method) else { continue };
            let place = format!("{method} {path}");
            let body = match place.as_str() {
                "post /sandbox/clock" => json!({"by":1}),
                "post /sandbox/accounts" => json!({"followers":1,"seed":3}),
                "post /sandbox/snapshots" => json!({"name":"described"}),
                "post /sandbox/faults" => json!({"kind":"http_500","endpoint":"callback"}),
                "put /sandbox/faults/random" => {
                    json!({"seed":1,"per_mille":0,"kinds":["slow"]})
                }
                "put /sandbox/accounts/{appid}/callback" => {
                    json!({"url":receiver.url,"token":"sbxtoken"})
                }
                "post /sandbox/accounts/{appid}/followers/{openid}/confirm" => {
                    json!({"scene":"7"})
                }
                "post /sandbox/reset"
                | "post /sandbox/snapshots/{name}/restore"
                | "post /sandbox/accounts/{appid}/website-sends"
                | "post /sandbox/accounts/{appid}/followers"
                | "post /sandbox/accounts/{appid}/followers/{openid}/{act}"
                | "put /sandbox/accounts/{appid}/ip-allow-list"
                | "put /sandbox/accounts/{appid}/people"
                | "put /sandbox/accounts/{appid}/assumptions" => json!({}),
                // Only there with a TLS address or a proxy.
                "get /sandbox/authority.pem" => {
                    left_out.push(place);
                    continue;
                }
                get if get.starts_with("get ") => json!({}),
                // The rest needs a world of its own, and has tests of its own.
                _ => {
                    left_out.push(place);
                    continue;
                }
            };
            let url = path
                .replace("{appid}", &stage.appid)
                .replace("{openid}", &people[1])
                .replace("{component}", component)
                .replace("{act}", "write")
                .replace("{name}", "described")
                .replace("{msg_id}", &sent["msg_id"].to_string())
                .replace("{msg_data_id}", &sent["msg_data_id"].to_string())
                .replace("{index}", "0");
            let url = format!("{}{url}", stage.url);
            let request = match method {
                "get" => stage.client.get(url),
                "post" => stage.client.post(url).json(&body),
                _ => stage.client.put(url).json(&body),
            };
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16().to_string();
            let told = answer.text().await.unwrap();
            let described = operation["responses"].get(&status);
            let described = described.unwrap_or_else(|| panic!("{place} answers {status}: {told}"));
            checked += 1;
            if let Some(schema) = described["content"]["application/json"].get("schema") {
                check(&place, &serde_json::from_str(&told).unwrap(), schema);
            } else {
                let kind = described["content"].as_object().map(|kinds| kinds.len());
                assert_eq!(kind.unwrap_or(0), usize::from(!told.is_empty()), "{place}");
            }
        }
    }
    assert!(checked >= 30, "{checked} checked, left out {left_out:?}");
}
