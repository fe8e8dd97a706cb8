//! Refusals: an `errcode` and a text ending in the request's id, built as `platform/02 §4` says.

use serde::Serialize;
use wire::Timestamp;

/// A call refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    code: i64,
    text: Option<String>,
    msg_id: Option<i64>,
    failed: Vec<String>,
    tells_request_id: bool,
}

impl Refused {
    /// With the code's usual words.
    #[must_use]
    pub const fn new(code: i64) -> Self {
        Self { code, text: None, msg_id: None, failed: Vec::new(), tells_request_id: true }
    }

    /// With words of its own.
    #[must_use]
    pub fn with_text(code: i64, text: String) -> Self {
        Self { text: Some(text), ..Self::new(code) }
    }

    /// 45065, which carries the former job's id.
    #[must_use]
    pub fn sent_before(msg_id: i64, tells_request_id: bool) -> Self {
        Self { msg_id: Some(msg_id), tells_request_id, ..Self::new(45065) }
    }

    /// 45171, which lists whom it could not tag.
    #[must_use]
    pub fn partly(failed: Vec<String>) -> Self {
        Self { failed, ..Self::new(45171) }
    }

    /// The `errcode`.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.code
    }

    /// The answer's body; `random` makes the request id.
    #[must_use]
    pub fn body(&self, now: Timestamp, random: u64) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            errcode: i64,
            errmsg: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            msg_id: Option<i64>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            fail_openid_list: &'a [String],
        }
        let words = self.text.as_deref().unwrap_or_else(|| words(self.code));
        let errmsg = if self.tells_request_id {
            format!("{words} rid: {}", request_id(now, random))
        } else {
            words.to_owned()
        };
        let (errcode, msg_id, fail_openid_list) = (self.code, self.msg_id, &*self.failed);
        let body = Body { errcode, errmsg: &errmsg, msg_id, fail_openid_list };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

/// The id of a refused call: its second and a draw.
#[must_use]
pub fn request_id(now: Timestamp, random: u64) -> String {
    let (first, second) = ((random >> 32) as u32, random as u32);
    format!("{:08x}-{first:08x}-{second:08x}", now.0 as u32)
}

/// The platform's own words, spelling errors among them (`platform/02 §6`).
fn words(code: i64) -> &'static str {
    match code {
        -1 => "system error",
        40001 => {
            "invalid credential, access_token is invalid or not latest, could get access_token by \
             getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
        }
        40002 => "invalid grant_type",
        40003 => "invalid openid",
        40004 => "invalid media type",
        40005 => "invalid file type",
        40007 => "invalid media_id",
        40008 => "invalid message type",
        40009 => "invalid image size",
        40010 => "invalid voice size",
        40011 => "invalid video size",
        40012 => "invalid thumb size",
        40013 => "invalid appid",
        40014 => "invalid access_token",
        40031 => "invalid openid list",
        40032 => "invalid openid list size",
        40033 => "invalid charset",
        40059 => "invalid msg id",
        40060 => "invalid article idx",
        40065 => "invalid msg status",
        40066 => "invalid url",
        40097 => "invalid args",
        40114 => "invalid index value",
        40125 => "invalid appsecret",
        40130 => "invalid openid list size, at least two openid",
        40132 => "invalid username",
        40152 => "invalid group id",
        40215 => "invalid image count",
        41001 => "access_token missing",
        41002 => "appid missing",
        41004 => "appsecret missing",
        41005 => "media data missing",
        41006 => "media_id missing",
        41009 => "missing openid",
        41039 => "invalid content_source_url",
        42001 => "access_token expired",
        43001 => "require GET method",
        43002 => "require POST method",
        43004 => "require subscribe",
        44001 => "empty media data",
        44002 => "empty post data",
        44003 => "empty news data",
        44004 => "empty content",
        45002 => "content size out of limit",
        45003 => "title size out of limit",
        45004 => "description size out of limit",
        45005 => "url size out of limit",
        45007 => "playtime out of limit",
        45008 => "article size out of limit",
        45009 => "reach max api daily quota limit",
        45011 => "api minute-quota reach limit, must slower, retry next minute",
        45028 => "has no masssend quota",
        45034 => "media file count is out of limit",
        45056 => "too many tag now, no need to add new",
        45057 => "can't delete the tag that has too many fans",
        45058 => "can't modify sys tag",
        45059 => "can not tagging one user too much",
        45065 => "clientmsgid exist",
        45066 => "same clientmsgid retry too fast",
        45067 => "clientmsgid size out of limit",
        45083 => "the speed out of range",
        45084 => "No speed message",
        45110 => "author size out of limit",
        45113 => "This API has been unsupported",
        45157 => "invalid tag name",
        45158 => "tag name too long",
        45159 => "invalid tag id",
        45161 => "this video id must be generated by calling upload api",
        45162 => "invalid type",
        47001 => "data format error",
        48001 => "api unauthorized",
        48006 => "forbid to clear quota because of reaching the limit",
        49003 => "not match openid with appid",
        53503 => "draft failed the publish check",
        53504 => "use the draft on the website",
        53505 => "save the draft by hand on the website first",
        53600 => "Article ID invalid",
        76003 => "cgi_path invalid",
        76021 => "cgi_path not found, please check",
        _ => wire::codes::Code(code).text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_id_is_built_as_the_platform_builds_it() {
        let body = Refused::new(45028).body(Timestamp(0x6955_b980), 0x1a2b_3c4d_5e6f_7081);
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"errcode":45028,"errmsg":"has no masssend quota rid: 6955b980-1a2b3c4d-5e6f7081"}"#
        );
        let body = Refused::sent_before(3_147_483_671, true).body(Timestamp(1), 2);
        assert!(String::from_utf8(body).unwrap().ends_with(r#","msg_id":3147483671}"#));
    }
}
