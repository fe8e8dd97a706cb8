//! In which language somebody reads: as chosen on a page and kept in a cookie, else as the browser
//! asks, else Chinese.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use wire::Timestamp;

use super::words::{self, Words};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    fn of_tag(tag: &str) -> Option<Self> {
        match tag.trim().to_ascii_lowercase().split('-').next() {
            Some("zh") => Some(Self::Chinese),
            Some("en") => Some(Self::English),
            _ => None,
        }
    }

    fn short(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

/// Who asks for a page: their language, and what they asked for.
#[derive(Debug, Clone)]
pub struct Reader {
    language: Language,
    /// Chosen by this very request.
    chosen: bool,
    path: String,
    /// The query without the language, in its order.
    query: Vec<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let mut query = pairs.map(|query| query.0).unwrap_or_default();
        let wished = query.iter().find(|(name, _)| name == "lang");
        let wished = wished.and_then(|(_, value)| Language::of_tag(value));
        query.retain(|(name, _)| name != "lang");
        let language = wished.or_else(|| kept(&parts.headers)).or_else(|| asked(&parts.headers));
        Ok(Self {
            language: language.unwrap_or(Language::Chinese),
            chosen: wished.is_some(),
            path: parts.uri.path().to_owned(),
            query,
        })
    }
}

fn kept(headers: &HeaderMap) -> Option<Language> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies.filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
    pairs.find_map(|pair| Language::of_tag(pair.trim().strip_prefix("lang=")?))
}

/// The known language the browser likes best.
fn asked(headers: &HeaderMap) -> Option<Language> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Language, f32)> = None;
    for wish in wishes.split(',') {
        let mut parts = wish.split(';');
        let Some(language) = parts.next().and_then(Language::of_tag) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
        let weight = weight.unwrap_or(1.0);
        if best.is_none_or(|(_, former)| weight > former) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

impl Reader {
    /// The words of the pages.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        words::of(self.language)
    }

    /// Which language it is.
    #[must_use]
    pub fn reads(&self) -> Language {
        self.language
    }

    /// The tag of the language for the page's head.
    #[must_use]
    pub fn language(&self) -> &'static str {
        match self.language {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The same page in the other language.
    #[must_use]
    pub fn switch(&self) -> String {
        let other = match self.language {
            Language::Chinese => Language::English,
            Language::English => Language::Chinese,
        };
        let mut query = self.query.clone();
        query.retain(|(name, _)| name != "note");
        query.push(("lang".to_owned(), other.short().to_owned()));
        format!("{}?{}", self.path, encoded(&query))
    }

    /// What came of the button that led here.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        self.words().note(self.value("note")?)
    }

    /// A value of the query; `None` when it is absent or empty.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A number of the query; 0 when there is none.
    #[must_use]
    pub fn number(&self, name: &str) -> usize {
        self.value(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// The cookie that keeps a choice.
    #[must_use]
    pub fn cookie(&self) -> Option<HeaderValue> {
        if !self.chosen {
            return None;
        }
        let short = self.language.short();
        let cookie = format!("lang={short}; Path=/sandbox; Max-Age=31536000; SameSite=Lax");
        HeaderValue::from_str(&cookie).ok()
    }

    /// A moment with its weekday, China Standard Time.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        let day = self.words().weekday(at.day());
        format!("{} {day}", super::written(at))
    }
}

/// The pairs as a query.
#[must_use]
pub fn encoded(pairs: &[(String, String)]) -> String {
    // The host is of no meaning; the type is what knows how a query is written.
    let Ok(mut url) = reqwest::Url::parse("http://inspector.invalid/") else {
        return String::new();
    };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}
