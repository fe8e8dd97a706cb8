//! Where an address inside an article leads, read as a browser reads it: character references
//! resolved, line ends and tabs left out, backslashes as slashes.

use std::borrow::Cow;

const PICTURE_HOSTS: [&str; 2] = ["mmbiz.qpic.cn", "mmbiz.qlogo.cn"];
const ARTICLE_HOST: &str = "mp.weixin.qq.com";
const FILM_HOSTS: [&str; 2] = ["v.qq.com", ARTICLE_HOST];
/// Character references that matter to addresses and styles, beside those by number.
const NAMED: [(&str, char); 15] = [
    ("amp;", '&'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("lt;", '<'),
    ("gt;", '>'),
    ("colon;", ':'),
    ("semi;", ';'),
    ("sol;", '/'),
    ("bsol;", '\\'),
    ("lpar;", '('),
    ("rpar;", ')'),
    ("num;", '#'),
    ("commat;", '@'),
    ("Tab;", '\t'),
    ("NewLine;", '\n'),
];

/// Host and path of an http or https address.
pub(super) struct Place {
    host: String,
    path: String,
}

impl Place {
    /// Where this address leads; `None` when it names no host.
    pub(super) fn of(address: &str) -> Option<Self> {
        let flat: String = decoded(address)
            .chars()
            .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
            .map(|c| if c == '\\' { '/' } else { c })
            .collect();
        let flat = flat.trim_matches(|c: char| c <= ' ');
        // Without a scheme the page's own is meant, which is https.
        let after = flat.strip_prefix("//").or_else(|| {
            let (scheme, after) = flat.split_once("://")?;
            let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            is_web.then_some(after)
        })?;
        let (authority, path) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        // A name before an @ is not the host.
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let host = host.split(':').next().filter(|host| !host.is_empty())?;
        Some(Self { host: host.to_ascii_lowercase(), path: path.to_owned() })
    }

    /// An article of some account, or another of the platform's pages inside one.
    pub(super) fn is_article(&self) -> bool {
        self.host == ARTICLE_HOST && ["/s", "/mp/"].iter().any(|start| self.path.starts_with(start))
    }

    /// One of the platform's pictures.
    pub(super) fn is_picture(&self) -> bool {
        PICTURE_HOSTS.contains(&self.host.as_str())
    }

    /// One of the platform's films.
    pub(super) fn is_film(&self) -> bool {
        FILM_HOSTS.contains(&self.host.as_str())
    }
}

/// Whether this value is a program.
pub(super) fn runs(value: &str) -> bool {
    let decoded = decoded(value);
    let mut flat = decoded.chars().filter(|c| !c.is_whitespace() && !c.is_control());
    // Long enough for the longer of the two.
    let start: String = flat.by_ref().take(11).flat_map(char::to_lowercase).collect();
    start.starts_with("javascript:") || start.starts_with("vbscript:")
}

/// The value with its character references resolved.
pub(super) fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let named = || NAMED.iter().find_map(|(name, c)| Some((*c, after.strip_prefix(name)?)));
        let (c, after) = numbered(after).or_else(named).unwrap_or(('&', after));
        decoded.push(c);
        rest = after;
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// The character after `&#` or `&#x`; the semicolon may be missing.
fn numbered(after: &str) -> Option<(char, &str)> {
    let digits = after.strip_prefix('#')?;
    let (digits, radix) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    let (number, rest) =
        digits.split_at(digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len()));
    if number.is_empty() {
        return None;
    }
    let number = u32::from_str_radix(number, radix).ok().and_then(char::from_u32);
    let c = number.unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((c, rest.strip_prefix(';').unwrap_or(rest)))
}
