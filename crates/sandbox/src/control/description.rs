//! The control interface described: an OpenAPI document made from the table of operations.
//!
//! The table is written by hand and kept true by tests: every route is in it and nothing else is,
//! and what the sandbox answers has the fields it names.

mod operations;

use axum::response::Response;
use serde_json::{Map, Value, json};

pub use operations::OPERATIONS;

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A moment: unix seconds of the sandbox's clock.
    Moment,
    /// Yes or no.
    Flag,
    /// Texts.
    Texts,
    /// Whole numbers.
    Wholes,
    /// An object of its own.
    Object,
    /// Objects.
    Objects,
}

/// A field of a body, or a value of the query.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether it may be absent or null.
    pub optional: bool,
    /// What it means.
    pub text: &'static str,
}

/// What an operation answers when all goes well.
#[derive(Debug, Clone, Copy)]
pub enum Gives {
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list of such objects.
    List(&'static [Field]),
    /// A whole number for each of some names.
    Numbers(&'static str),
    /// Lines of text of this content type.
    Lines(&'static str, &'static str),
    /// Any JSON, described in words.
    Any(&'static str),
    /// Nothing but its status.
    Nothing,
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// `get`, `post`, `put` or `delete`.
    pub method: &'static str,
    /// Below `/sandbox`.
    pub path: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Values of the query.
    pub query: &'static [Field],
    /// Fields of the body; `None`: it takes none.
    pub body: Option<&'static [Field]>,
    /// HTTP status when all goes well.
    pub status: u16,
    /// What it answers then.
    pub gives: Gives,
}

impl Operation {
    const fn new(method: &'static str, path: &'static str, summary: &'static str) -> Self {
        let gives = Gives::Nothing;
        Self { method, path, summary, query: &[], body: None, status: 200, gives }
    }

    const fn asks(mut self, query: &'static [Field]) -> Self {
        self.query = query;
        self
    }

    const fn takes(mut self, body: &'static [Field]) -> Self {
        self.body = Some(body);
        self
    }

    const fn gives(mut self, gives: Gives) -> Self {
        self.gives = gives;
        self
    }

    const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The first word of the path, by which operations are grouped.
    fn tag(&self) -> &'static str {
        let mut words = self.path.split('/').filter(|word| !word.is_empty());
        match (words.next(), words.nth(1)) {
            (Some("accounts"), Some(word)) => word,
            (Some(word), _) => word,
            (None, _) => "sandbox",
        }
    }
}

/// `GET /sandbox/openapi.json`.
pub async fn show() -> Response {
    use axum::response::IntoResponse as _;
    axum::Json(openapi()).into_response()
}

/// The whole document.
#[must_use]
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let item = paths.entry(format!("/sandbox{}", operation.path)).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.to_owned(), described(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fourcast sandbox: control interface",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What lies outside the platform that the sandbox plays: its clock, \
                accounts, people's acts, faults, logs, snapshots, and the truth. No key is asked \
                for. Moments are unix seconds on the sandbox's clock.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": { "Refusal": {
            "type": "object",
            "required": ["error"],
            "properties": { "error": {
                "type": "string",
                "description": "What is wrong and what would be right, in one sentence.",
            } },
        } } },
    })
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = placeholders(operation.path)
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true,
                "schema": { "type": "string" } })
        })
        .collect();
    for field in operation.query {
        parameters.push(json!({ "name": field.name, "in": "query", "required": !field.optional,
            "description": field.text, "schema": schema_of(field.kind) }));
    }
    let mut answer = json!({ "description": "Done." });
    if let Some((kind, schema)) = answered(operation.gives) {
        answer["content"] = json!({ kind: { "schema": schema } });
    }
    let refusal = json!({
        "description": "It cannot be done; the body says why.",
        "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Refusal" } } },
    });
    let mut described = json!({
        "tags": [operation.tag()],
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "responses": { operation.status.to_string(): answer, "4XX": refusal },
    });
    if !parameters.is_empty() {
        described["parameters"] = json!(parameters);
    }
    if let Some(body) = operation.body {
        let required = body.iter().any(|field| !field.optional);
        described["requestBody"] = json!({ "required": required,
            "content": { "application/json": { "schema": object(body) } } });
    }
    described
}

/// Names in braces.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'))
}

fn operation_id(operation: &Operation) -> String {
    let words = operation.path.split(|c: char| !c.is_ascii_alphanumeric());
    let path: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!("{}_{}", operation.method, path.join("_"))
}

fn answered(gives: Gives) -> Option<(&'static str, Value)> {
    const JSON: &str = "application/json";
    Some(match gives {
        Gives::Nothing => return None,
        Gives::Object(fields) => (JSON, object(fields)),
        Gives::List(fields) => (JSON, json!({ "type": "array", "items": object(fields) })),
        Gives::Numbers(text) => {
            let numbers = json!({ "type": "integer" });
            (
                JSON,
                json!({ "type": "object", "description": text, "additionalProperties": numbers }),
            )
        }
        Gives::Any(text) => (JSON, json!({ "description": text })),
        Gives::Lines(kind, text) => (kind, json!({ "type": "string", "description": text })),
    })
}

fn object(fields: &[Field]) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = schema_of(field.kind);
        schema["description"] = json!(field.text);
        if field.optional {
            schema["type"] = json!([schema["type"], "null"]);
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<&str> =
        fields.iter().filter(|field| !field.optional).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn schema_of(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Whole => json!({ "type": "integer" }),
        Kind::Moment => json!({ "type": "integer", "format": "unix-time" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Wholes => json!({ "type": "array", "items": { "type": "integer" } }),
        Kind::Object => json!({ "type": "object" }),
        Kind::Objects => json!({ "type": "array", "items": { "type": "object" } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method and path of every route of the source, and of nothing else.
    fn routes() -> Vec<(String, String)> {
        let source = include_str!("../control.rs");
        let mut routes = Vec::new();
        for route in source.split(".route(").skip(1) {
            let route = route.split(".fallback(").next().unwrap();
            let path = route.split('"').nth(1).unwrap();
            for method in ["get", "post", "put", "delete", "patch"] {
                let first = format!(" {method}(");
                let later = format!(".{method}(");
                if route.contains(&first) || route.contains(&later) {
                    routes.push((path.to_owned(), method.to_owned()));
                }
            }
        }
        routes.sort();
        routes
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let routes = routes();
        assert!(routes.len() > 40, "{routes:?}");
        let mut described: Vec<_> = OPERATIONS
            .iter()
            .map(|operation| (operation.path.to_owned(), operation.method.to_owned()))
            .collect();
        described.sort();
        let missing: Vec<_> = routes.iter().filter(|route| !described.contains(route)).collect();
        assert!(missing.is_empty(), "add to control/description/operations.rs: {missing:?}");
        let gone: Vec<_> = described.iter().filter(|route| !routes.contains(route)).collect();
        assert!(gone.is_empty(), "take out of control/description/operations.rs: {gone:?}");
        described.dedup();
        assert_eq!(described.len(), OPERATIONS.len(), "an operation is described twice");
    }

    /// `UPDATE=1 cargo test -p sandbox description` writes the copy anew.
    #[test]
    fn the_description_in_the_repository_is_that_of_the_sandbox() {
        let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/sandbox-openapi.json");
        let mut current = serde_json::to_string_pretty(&openapi()).unwrap();
        current.push('\n');
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&kept, &current).unwrap();
        }
        let kept = std::fs::read_to_string(&kept).unwrap_or_default();
        assert!(kept == current, "docs/sandbox-openapi.json is out of date: run with UPDATE=1");
    }
}
