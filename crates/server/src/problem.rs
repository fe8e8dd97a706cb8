//! The one shape of every error answer: RFC 9457 problem details with a stable code, one sentence
//! and, where there is one, a hint. What broke inside goes to the log, never to the caller.

use std::borrow::Cow;
use std::error::Error as StdError;

use axum::Json;
use axum::extract::rejection::{
    BytesRejection, JsonRejection, PathRejection, QueryRejection, StringRejection,
};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use delivery::ErrorKind;
use delivery::view::ImportView;
use serde::{Deserialize, Serialize};
use tracing::error;
use utoipa::ToSchema;

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    hint: Option<Cow<'static, str>>,
    field: Option<String>,
    report: Option<Box<ImportView>>,
}

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// Always `about:blank`: the code says which problem it is.
    #[serde(rename = "type")]
    pub about: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable word for programs.
    pub code: String,
    /// One sentence: what is wrong, which field or number, what would be right.
    pub detail: String,
    /// What to do next, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The field, column or parameter at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For imports: the lines that were refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ImportView>,
}

impl Problem {
    /// A problem with this status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), hint: None, field: None, report: None }
    }

    /// A request that cannot be understood or carried out as it stands (422).
    pub fn bad_input(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// Logs the cause and tells the caller only that there is one.
    pub fn internal(cause: &(dyn StdError + 'static)) -> Self {
        error!(error = %with_sources(cause), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server could not carry this out; its log has the cause",
        )
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Names the field, column or parameter at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds the report of a refused import.
    #[must_use]
    pub fn report(mut self, report: ImportView) -> Self {
        self.report = Some(Box::new(report));
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<Problem> for ProblemView {
    fn from(problem: Problem) -> Self {
        Self {
            about: "about:blank".to_owned(),
            title: problem.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: problem.status.as_u16(),
            code: problem.code.to_owned(),
            detail: problem.detail,
            hint: problem.hint.map(Cow::into_owned),
            field: problem.field,
            report: problem.report.map(|report| *report),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut answer = (status, Json(ProblemView::from(self))).into_response();
        let headers = answer.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<delivery::Error> for Problem {
    fn from(error: delivery::Error) -> Self {
        if let delivery::Error::BadLines(report) = error {
            let detail = format!(
                "{} of {} cannot be used, see `report`; nothing was taken in",
                report.refused, report.lines
            );
            return Self::bad_input("bad_lines", detail).report(*report);
        }
        let status = match error.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::BadInput => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::Platform => StatusCode::BAD_GATEWAY,
            ErrorKind::Internal => return Self::internal(&error),
        };
        Self {
            status,
            code: error.code(),
            detail: error.to_string(),
            hint: error.hint().map(Cow::Owned),
            field: error.field().map(str::to_owned),
            report: None,
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match &rejection {
            JsonRejection::JsonDataError(_) => {
                unreadable(StatusCode::UNPROCESSABLE_ENTITY, "the body", &rejection.body_text())
            }
            JsonRejection::JsonSyntaxError(_) => {
                let detail = format!("the body is not JSON: {}", inner(&rejection.body_text()));
                Self::new(StatusCode::BAD_REQUEST, "bad_json", detail)
            }
            JsonRejection::MissingJsonContentType(_) => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "the body must be JSON and the request must say so",
            )
            .hint("send the header `Content-Type: application/json`"),
            _ => body_unread(rejection.status(), &rejection.body_text()),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        body_unread(rejection.status(), &rejection.body_text())
    }
}

impl From<StringRejection> for Problem {
    fn from(rejection: StringRejection) -> Self {
        body_unread(rejection.status(), &rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        unreadable(StatusCode::UNPROCESSABLE_ENTITY, "the address", &rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    /// A path whose number is none names nothing, so this is "not found".
    fn from(rejection: PathRejection) -> Self {
        let text = rejection.body_text();
        let problem = Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is nothing at this address: {}", inner(&text)),
        );
        match in_backticks(&text) {
            Some(field) => problem.field(field),
            None => problem,
        }
    }
}

/// The answer to a path that nothing serves.
pub(crate) async fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_such_path", "there is nothing at this address")
        .hint("the paths are listed in /api/v1/openapi.json")
}

/// The answer to a path that does not take this method.
pub(crate) async fn wrong_method(method: Method, _: Uri) -> Problem {
    let detail = format!("this address does not take {method}");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", detail)
        .hint("the methods are listed in /api/v1/openapi.json")
}

fn body_unread(status: StatusCode, text: &str) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(status, "body_too_large", "the body is larger than is taken here");
    }
    Problem::new(status, "body_unread", format!("the body did not arrive whole: {}", inner(text)))
}

/// A value of the wrong kind; names the field that axum and serde found at fault.
fn unreadable(status: StatusCode, place: &str, text: &str) -> Problem {
    let text = inner(text);
    let (path, reason) = match text.split_once(": ") {
        Some((path, reason)) if !path.contains([' ', '`']) => (Some(path), reason),
        _ => (None, text),
    };
    // serde counts lines and columns of a body that nobody keeps in that layout.
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let missing = reason.strip_prefix("missing field ").and_then(in_backticks);
    let field = match (path, missing) {
        (Some(path), Some(name)) => Some(format!("{path}.{name}")),
        (Some(path), None) => Some(path.to_owned()),
        (None, name) => name.map(str::to_owned),
    };
    match (field, missing) {
        (Some(field), Some(_)) => Problem::new(
            status,
            "missing_field",
            format!("the field `{field}` is missing in {place}"),
        )
        .field(field),
        (Some(field), None) => {
            Problem::new(status, "bad_field", format!("`{field}` in {place}: {reason}"))
                .field(field)
        }
        (None, _) => Problem::new(status, "bad_field", format!("in {place}: {reason}")),
    }
}

/// What axum says after its own introduction.
fn inner(text: &str) -> &str {
    const INTRODUCTIONS: [&str; 5] = [
        "Failed to deserialize the JSON body into the target type: ",
        "Failed to parse the request body as JSON: ",
        "Failed to deserialize query string: ",
        "Failed to buffer the request body: ",
        "Invalid URL: ",
    ];
    INTRODUCTIONS.iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text)
}

fn in_backticks(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

fn with_sources(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        // Many errors already say what their source says.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
