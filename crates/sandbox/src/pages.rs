//! Pages the platform shows to people, on the same port as its calls: consent to signing in and to
//! one message, and an administrator's consent to a third-party platform. Plain HTML without scripts; Chinese or
//! English as the browser asks, or as `lang=` says.

pub mod authorization;
pub mod consent;
pub mod qr_code;
pub mod subscription;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::world::Shared;

/// Nothing may be loaded; the style stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;\
    margin:0;background:#ededed;color:#181818}main{max-width:26rem;margin:2rem auto;padding:1.5rem;\
    background:#fff;border-radius:12px}h1{font-size:1.25rem;margin:0 0 1rem}p{margin:.5rem 0}\
    fieldset{border:0;padding:0;margin:1rem 0}legend{padding:0;color:#666}\
    label{display:block;padding:.4rem 0}input[type=text]{width:100%;box-sizing:border-box;\
    padding:.5rem;font:inherit;border:1px solid #ccc;border-radius:6px}small{color:#666}\
    button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:6px;margin:.5rem .5rem 0 0;\
    background:#e4e4e4;color:#181818}button[value=agree],button[value=confirm]{background:#07894a;color:#fff}\
    .wrong{color:#b3261e}code{overflow-wrap:anywhere}\
    @media(prefers-color-scheme:dark){body{background:#111;color:#ddd}main{background:#1e1e1e}\
    legend,small{color:#aaa}button{background:#333;color:#ddd}input[type=text]{background:#111;\
    color:#ddd;border-color:#444}.wrong{color:#ff8a80}}";

/// The routes of all pages.
pub fn router() -> Router<Arc<Shared>> {
    let pages = Router::new()
        .route(consent::PATH, get(consent::show).post(consent::decide))
        .route(subscription::PATH, get(subscription::show).post(subscription::decide))
        .route(qr_code::PATH, get(qr_code::show));
    authorization::PATHS.into_iter().fold(pages, |router, path| {
        router.route(path, get(authorization::show).post(authorization::decide))
    })
}

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// As `lang=` of the query says, then as the browser asks; Chinese unless it prefers English.
    #[must_use]
    pub fn of(query: &HashMap<String, String>, headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let wished = query.get("lang").map(String::as_str).or(asked).unwrap_or_default();
        if wished.trim_start().to_ascii_lowercase().starts_with("en") {
            Self::English
        } else {
            Self::Chinese
        }
    }

    /// One of two wordings.
    #[must_use]
    pub fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// Text as it stands in HTML, quotes included.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A page; title and body are HTML.
#[must_use]
pub fn page(status: StatusCode, language: Language, title: &str, body: &str) -> Response {
    let lang = language.pick("zh-CN", "en");
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}\
         </main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, html).into_response()
}

/// A page that says what is wrong: a number of the platform's, where it has one, and a sentence.
#[must_use]
pub fn wrong(language: Language, number: Option<i64>, sentence: &str) -> Response {
    let title = language.pick("无法打开页面", "This page cannot be opened");
    let number = number.map_or_else(String::new, |number| {
        format!("<p>{}: <code>{number}</code></p>", language.pick("错误码", "Error"))
    });
    let body = format!("<p class=\"wrong\">{}</p>{number}", escaped(sentence));
    page(StatusCode::OK, language, title, &body)
}

/// Sends the browser on; `None` when the address cannot be put into a header.
#[must_use]
pub fn redirect(to: &str, cookie: Option<String>) -> Option<Response> {
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, to.parse().ok()?);
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie.and_then(|cookie| cookie.parse().ok()) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    Some((StatusCode::FOUND, headers).into_response())
}

/// The query as names and values; of a name given twice the last counts.
#[must_use]
pub fn query_of(uri: &Uri) -> HashMap<String, String> {
    axum::extract::Query::<HashMap<String, String>>::try_from_uri(uri)
        .map(|query| query.0)
        .unwrap_or_default()
}

/// The fields of a form, which is written as a query is.
#[must_use]
pub fn form_of(body: &[u8]) -> Vec<(String, String)> {
    let form = std::str::from_utf8(body).ok().and_then(|text| {
        let mut url = reqwest::Url::parse("http://form/").ok()?;
        url.set_query(Some(text));
        Some(url.query_pairs().into_owned().collect())
    });
    form.unwrap_or_default()
}

/// Sends the browser to an address with these values beside those it has.
#[must_use]
pub fn go(
    address: &str,
    pairs: &[(&str, &str)],
    cookie: Option<String>,
    language: Language,
) -> Response {
    let url = reqwest::Url::parse(address).ok().map(|mut url| {
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        url
    });
    url.and_then(|url| redirect(url.as_str(), cookie)).unwrap_or_else(|| {
        let sentence = language.pick("redirect_uri 不是网址。", "redirect_uri is no address.");
        wrong(language, None, sentence)
    })
}

/// Whether the text is a host and nothing more, with or without a port.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    host_of(&format!("http://{text}")).is_some() && !text.contains(['/', '@', '?', '#'])
}

/// The value of a cookie.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        Some((found.trim(), value.trim()))
    });
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

/// A hidden field of a form.
#[must_use]
pub fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value))
}

/// The host an address names, with its port when it names one; `None` unless it is an http or
/// https address.
#[must_use]
pub fn host_of(address: &str) -> Option<(String, Option<u16>)> {
    let url = reqwest::Url::parse(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    Some((url.host_str()?.to_owned(), url.port()))
}

/// Whether the address lies on exactly this host. A setting that names a port asks for it as well,
/// which the platform has no word for: its addresses have no ports.
#[must_use]
pub fn is_on(address: &str, domain: &str) -> bool {
    let Some((host, port)) = host_of(address) else { return false };
    match domain.rsplit_once(':').map(|(name, number)| (name, number.parse::<u16>())) {
        Some((name, Ok(number))) => host.eq_ignore_ascii_case(name) && port == Some(number),
        _ => host.eq_ignore_ascii_case(domain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_sub_domains_nor_parents_nor_other_schemes_are_on_a_domain() {
        assert!(is_on("https://shop.example.com/a?b=c#d", "shop.example.com"));
        assert!(is_on("http://Shop.Example.com:8080/", "shop.example.com"));
        assert!(is_on("http://127.0.0.1:8080/", "127.0.0.1:8080"));
        for address in [
            "https://a.shop.example.com/",
            "https://example.com/",
            "https://shop.example.com.evil.test/",
            "https://shop.example.com@evil.test/",
            "ftp://shop.example.com/",
            "javascript:alert(1)",
            "/back",
            "",
        ] {
            assert!(!is_on(address, "shop.example.com"), "{address}");
        }
        assert!(!is_on("http://127.0.0.1:8081/", "127.0.0.1:8080"));
    }

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; person_wx1=oX-_y ;b=2".parse().unwrap());
        assert_eq!(cookie(&headers, "person_wx1").as_deref(), Some("oX-_y"));
        assert_eq!(cookie(&headers, "person_wx"), None);
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escaped("<b title=\"a\" x='1'>&"),
            "&lt;b title=&quot;a&quot; x=&#39;1&#39;&gt;&amp;"
        );
    }
}
