//! Callbacks and replies as JSON, for accounts that chose this data format (`platform/06 §1`): the
//! keys are those of the XML. What repeats is a list, what does not repeat is none, as `List` of
//! the subscription events is (`platform/04 C4`); for other events this is assumed.

use serde_json::{Map, Value};
use wire::callback::xml::Element;

/// Wrappers that the JSON form leaves out; beside them numbers are texts (`platform/04 C4`).
const WITHOUT_WRAPPER: [&str; 3] =
    ["SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent"];
/// Deepest reply that is read.
const MOST_DEPTH: usize = 8;

/// The fields of a callback, as they were written for XML; `None` when they are no such fields.
#[must_use]
pub fn of(fields: &str) -> Option<Map<String, Value>> {
    let root = Element::read(&format!("<xml>{fields}</xml>")).ok()?;
    let is_wrapper = |child: &Element| WITHOUT_WRAPPER.contains(&child.name.as_str());
    let numbers_are_texts = root.children.iter().any(is_wrapper);
    let mut object = Map::new();
    for child in &root.children {
        if is_wrapper(child) {
            put_all(&mut object, &child.children, numbers_are_texts);
        } else {
            put(&mut object, child, numbers_are_texts);
        }
    }
    Some(object)
}

fn put_all(object: &mut Map<String, Value>, elements: &[Element], numbers_are_texts: bool) {
    elements.iter().for_each(|element| put(object, element, numbers_are_texts));
}

fn put(object: &mut Map<String, Value>, element: &Element, numbers_are_texts: bool) {
    let value = value(element, numbers_are_texts);
    match object.get_mut(&element.name) {
        Some(Value::Array(list)) => list.push(value),
        Some(former) => {
            let first = former.take();
            *former = Value::Array(vec![first, value]);
        }
        None => {
            object.insert(element.name.clone(), value);
        }
    }
}

fn value(element: &Element, numbers_are_texts: bool) -> Value {
    if !element.children.is_empty() {
        let mut object = Map::new();
        put_all(&mut object, &element.children, numbers_are_texts);
        return object.into();
    }
    let number = || serde_json::from_str(&element.text).ok().filter(Value::is_number);
    match element.is_string() || numbers_are_texts {
        true => element.text.clone().into(),
        false => number().unwrap_or_else(|| element.text.clone().into()),
    }
}

/// A receiver's reply as the elements it would have as XML: of a list each entry is an `item`.
/// `None` when it is no JSON object.
#[must_use]
pub fn read(body: &str) -> Option<Element> {
    let value: Value = serde_json::from_str(body).ok()?;
    value.is_object().then(|| element("xml", &value, 0))
}

fn element(name: &str, value: &Value, depth: usize) -> Element {
    let mut read = Element::new(name);
    match value {
        _ if depth > MOST_DEPTH => {}
        Value::Null => {}
        Value::String(text) => read.text.clone_from(text),
        Value::Bool(_) | Value::Number(_) => read.text = value.to_string(),
        Value::Array(list) => {
            read.children = list.iter().map(|one| element("item", one, depth + 1)).collect();
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                // `Articles` may hold its list bare or under `item`, as the XML does.
                match value {
                    Value::Array(list) if name == "item" => {
                        read.children
                            .extend(list.iter().map(|one| element("item", one, depth + 1)));
                    }
                    _ => read.children.push(element(name, value, depth + 1)),
                }
            }
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_those_of_the_xml() {
        let fields = "<ToUserName><![CDATA[gh_1]]></ToUserName><CreateTime>1767225600</CreateTime>\
             <Content><![CDATA[12]]></Content><MsgId>24500000000000001</MsgId>";
        let object = of(fields).unwrap();
        assert_eq!(
            Value::from(object),
            json!({"ToUserName":"gh_1","CreateTime":1_767_225_600,"Content":"12",
                "MsgId":24_500_000_000_000_001_i64})
        );
    }

    #[test]
    fn the_list_of_subscription_events_is_an_object_or_a_list_without_a_wrapper() {
        let one = "<List><TemplateId><![CDATA[T]]></TemplateId><PopupScene>1</PopupScene></List>";
        let wrapped = |inside: &str| {
            format!(
                "<CreateTime>7</CreateTime><SubscribeMsgPopupEvent>{inside}</SubscribeMsgPopupEvent>"
            )
        };
        let told = json!({"TemplateId":"T","PopupScene":"1"});
        let object = Value::from(of(&wrapped(one)).unwrap());
        assert_eq!(object, json!({"CreateTime":"7","List":told}));
        let object = Value::from(of(&wrapped(&one.repeat(2))).unwrap());
        assert_eq!(object["List"], json!([told, told]));
    }

    #[test]
    fn replies_are_read_in_the_same_words() {
        let read = super::read(
            r#"{"MsgType":"news","ArticleCount":1,"Articles":[{"Title":"T"}],"Image":{"MediaId":"M"}}"#,
        )
        .unwrap();
        assert_eq!(read.text_of("ArticleCount"), Some("1"));
        assert_eq!(read.child("Articles").unwrap().children[0].text_of("Title"), Some("T"));
        assert_eq!(read.child("Image").unwrap().text_of("MediaId"), Some("M"));
        let read = super::read(r#"{"Articles":{"item":[{"Title":"T"}]}}"#).unwrap();
        assert_eq!(read.child("Articles").unwrap().children[0].text_of("Title"), Some("T"));
        assert!(super::read("[1]").is_none() && super::read("success").is_none());
    }
}
