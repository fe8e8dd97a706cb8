//! Pushes of accounts that chose JSON as their data format, read as the tree that the XML form
//! gives: keys are element names, a list is its key again for each of its values, numbers and flags
//! are text (`platform/04 C4`, `platform/06 §1`).
//!
//! Invariant: as of the XML, reading never panics and never grows without bound.

use serde_json::Value;

use super::Error;
use super::xml::{Element, MOST_BYTES, MOST_DEPTH};

/// Reads a JSON body whose whole is an object.
pub(super) fn read(body: &str) -> Result<Element, Error> {
    if body.len() > MOST_BYTES {
        return Err(Error::TooLong(body.len()));
    }
    let value: Value =
        serde_json::from_str(body).map_err(|error| Error::MalformedJson(error.to_string()))?;
    element("xml", &value, 1)
}

fn element(name: &str, value: &Value, depth: usize) -> Result<Element, Error> {
    if depth > MOST_DEPTH {
        return Err(Error::TooDeep);
    }
    let mut element = Element::new(name);
    match value {
        Value::Null => {}
        Value::Bool(flag) => element.text = flag.to_string(),
        Value::Number(number) => element.text = number.to_string(),
        Value::String(text) => return Ok(Element::string(name, text)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Array(values) => {
                        for value in values {
                            element.children.push(self::element(key, value, depth + 1)?);
                        }
                    }
                    value => element.children.push(self::element(key, value, depth + 1)?),
                }
            }
        }
        // Only a list in a list comes here: a list's own name is its key.
        Value::Array(_) => return Err(Error::Forbidden("a list in a list")),
    }
    Ok(element)
}
