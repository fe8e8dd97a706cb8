//! Speaks JSON over HTTP with the server's REST interface and the sandbox's control interface.
//! A refusal becomes the sentence and the hint that the other side gave.

use std::time::Duration;

use delivery::view::ImportView;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Why a call gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answered, or the connection broke before the whole answer was there.
    #[error("failed to reach {url}: {}", innermost(source))]
    Unreachable {
        /// The address called.
        url: String,
        /// What the connection said.
        #[source]
        source: reqwest::Error,
    },
    /// The other side refused.
    #[error("{sentence}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable word for programs; empty when none was given.
        code: String,
        /// What is wrong.
        sentence: String,
        /// What to do.
        hint: Option<String>,
        /// Of a refused import: the lines at fault.
        report: Option<Box<ImportView>>,
    },
    /// The answer was not what this version knows.
    #[error("failed to read the answer of {url}: {source}")]
    Unreadable {
        /// The address called.
        url: String,
        /// Where reading stopped.
        #[source]
        source: serde_json::Error,
    },
}

impl Error {
    /// What the person can do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { url, .. } => Some(format!(
                "start it with `fourcast serve`, or name another address than {} with --url",
                origin(url)
            )),
            Self::Refused { hint, .. } => hint.clone(),
            Self::Unreadable { .. } => {
                Some("server and command line must be of the same version".into())
            }
        }
    }

    /// The stable word of a refusal.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

// reqwest's own text repeats the address; the innermost cause is what helps.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |at| &url[..host + at])
}

/// The error bodies of both interfaces: problem details, or one sentence under `error`.
#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default, alias = "error", alias = "message")]
    detail: String,
    #[serde(default)]
    hint: Option<String>,
    #[serde(default)]
    report: Option<Box<ImportView>>,
}

/// A caller of one interface.
#[derive(Debug, Clone)]
pub struct Rest {
    http: Client,
    base: String,
    key: Option<String>,
}

impl Rest {
    /// Calls go to `base` followed by a path; `key` is sent as bearer token.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(base: &str, key: Option<&str>) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        // No limit on the whole call: waiting for work to end and clearing a month's evening are
        // single calls.
        let http = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .no_proxy()
            .build()
            .map_err(|source| Error::Unreachable { url: base.clone(), source })?;
        Ok(Self { http, base, key: key.map(str::to_owned) })
    }

    /// Where the calls go.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// GET, answer as JSON.
    ///
    /// # Errors
    /// See [`Error`]; the same for all calls below.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.json(path, self.request(Method::GET, path)).await
    }

    /// POST of JSON, answer as JSON.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        self.json(path, self.request(Method::POST, path).json(body)).await
    }

    /// PUT of JSON, answer as JSON.
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        self.json(path, self.request(Method::PUT, path).json(body)).await
    }

    /// PATCH of JSON, answer as JSON.
    pub async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        self.json(path, self.request(Method::PATCH, path).json(body)).await
    }

    /// DELETE; nothing is answered.
    pub async fn delete(&self, path: &str) -> Result<(), Error> {
        self.accepted(path, self.request(Method::DELETE, path)).await.map(drop)
    }

    /// DELETE, answer as JSON; null when nothing is answered.
    pub async fn delete_and_read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.json(path, self.request(Method::DELETE, path)).await
    }

    /// POST of a file as it comes, answer as JSON.
    pub async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<T, Error> {
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "text/csv; charset=utf-8")
            .body(body);
        self.json(path, request).await
    }

    /// GET of text that is passed on as it comes.
    pub async fn open(&self, path: &str) -> Result<Response, Error> {
        self.accepted(path, self.request(Method::GET, path)).await
    }

    /// GET of text, line by line, without ever holding all of it.
    pub async fn lines(&self, path: &str, mut line: impl FnMut(&str)) -> Result<(), Error> {
        let mut answer = self.open(path).await?;
        let mut lines = Lines::default();
        while let Some(chunk) = answer.chunk().await.map_err(|source| self.broken(path, source))? {
            lines.take(&chunk, &mut line);
        }
        lines.end(&mut line);
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn broken(&self, path: &str, source: reqwest::Error) -> Error {
        Error::Unreachable { url: self.url(path), source }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.url(path));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    async fn json<T: DeserializeOwned>(
        &self,
        path: &str,
        request: RequestBuilder,
    ) -> Result<T, Error> {
        let answer = self.accepted(path, request).await?;
        let bytes = answer.bytes().await.map_err(|source| self.broken(path, source))?;
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(text)
            .map_err(|source| Error::Unreadable { url: self.url(path), source })
    }

    async fn accepted(&self, path: &str, request: RequestBuilder) -> Result<Response, Error> {
        let answer = request.send().await.map_err(|source| self.broken(path, source))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = answer.text().await.map_err(|source| self.broken(path, source))?;
        Err(refused(status, &self.url(path), &body))
    }
}

/// A name as one part of a path: whatever is no plain letter or digit is escaped.
#[must_use]
pub fn segment(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn refused(status: StatusCode, url: &str, body: &str) -> Error {
    let problem: Problem = serde_json::from_str(body).unwrap_or_default();
    let sentence =
        if problem.detail.is_empty() { format!("{url} answered {status}") } else { problem.detail };
    Error::Refused {
        status: status.as_u16(),
        code: problem.code,
        sentence,
        hint: problem.hint,
        report: problem.report,
    }
}

/// Cuts chunks of bytes into lines; a line may lie across chunks.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    fn take(&mut self, chunk: &[u8], line: &mut impl FnMut(&str)) {
        let mut left = chunk;
        while let Some(end) = left.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = left.split_at(end);
            if self.rest.is_empty() {
                give(head, line);
            } else {
                self.rest.extend_from_slice(head);
                give(&self.rest, line);
                self.rest.clear();
            }
            left = tail.get(1..).unwrap_or_default();
        }
        self.rest.extend_from_slice(left);
    }

    fn end(&mut self, line: &mut impl FnMut(&str)) {
        give(&self.rest, line);
        self.rest.clear();
    }
}

fn give(bytes: &[u8], line: &mut impl FnMut(&str)) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\r');
    if !text.is_empty() {
        line(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_the_bytes_are_cut() {
        let text = "oAAA 1\r\noBBB 2\n\n油性 3";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                lines.take(chunk, &mut |line| seen.push(line.to_owned()));
            }
            lines.end(&mut |line| seen.push(line.to_owned()));
            assert_eq!(seen, ["oAAA 1", "oBBB 2", "油性 3"], "chunks of {size}");
        }
    }

    #[test]
    fn names_are_one_part_of_a_path() {
        assert_eq!(segment("a-b/c?"), "a-b%2Fc%3F");
        assert_eq!(segment("会员"), "%E4%BC%9A%E5%91%98");
    }

    #[test]
    fn a_refusal_keeps_sentence_code_and_hint() {
        let body = r#"{"code":"unknown_tag","detail":"No tag is called \"油性\".","hint":"It is 油性皮肤.","status":422}"#;
        let error = refused(StatusCode::UNPROCESSABLE_ENTITY, "http://h/x", body);
        assert_eq!(error.to_string(), "No tag is called \"油性\".");
        assert_eq!(error.code(), Some("unknown_tag"));
        assert_eq!(error.hint().as_deref(), Some("It is 油性皮肤."));
        let error = refused(StatusCode::NOT_FOUND, "http://h/x", r#"{"error":"no such account"}"#);
        assert_eq!(error.to_string(), "no such account");
        let error = refused(StatusCode::BAD_GATEWAY, "http://h/x", "<html>");
        assert_eq!(error.to_string(), "http://h/x answered 502 Bad Gateway");
    }

    #[test]
    fn the_hint_of_an_unreached_server_names_its_origin() {
        assert_eq!(origin("http://127.0.0.1:7140/api/v1/x"), "http://127.0.0.1:7140");
        assert_eq!(origin("http://127.0.0.1:7140"), "http://127.0.0.1:7140");
    }
}
