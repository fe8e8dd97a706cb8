//! What an answer means. The platform answers 200 to everything and its content types are not to
//! be relied on: `errcode` alone decides, and its absence is success (`platform/01`).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use wire::{Code, Endpoint, MsgId, Refusal};

use crate::redact::redact;
use crate::{Doubt, Error, Secret};

/// The fields every answer may carry.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    errcode: Option<Code>,
    #[serde(default)]
    errmsg: Option<String>,
    #[serde(default)]
    msg_id: Option<MsgId>,
}

/// What the platform said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Done,
    Refused(Refusal),
    Doubtful(Doubt),
}

/// Judges the answer with HTTP `status`; nothing of `secrets` gets into the judgement.
pub(crate) fn judge(status: u16, body: &[u8], secrets: &[&Secret]) -> Judgement {
    if status >= 500 {
        return Judgement::Doubtful(Doubt::Server { status });
    }
    // Serde would read a list as the fields in their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Judgement::Doubtful(Doubt::Unreadable { why: "no JSON object".to_owned() });
    }
    let head: Head = match serde_json::from_slice(body) {
        Ok(head) => head,
        Err(error) => return Judgement::Doubtful(Doubt::Unreadable { why: place(&error) }),
    };
    match head.errcode {
        Some(Code(0)) => Judgement::Done,
        Some(errcode) => Judgement::Refused(Refusal {
            errcode,
            errmsg: redact(&head.errmsg.unwrap_or_default(), secrets),
            msg_id: head.msg_id,
        }),
        None if (200..300).contains(&status) => Judgement::Done,
        // Not the platform's own words: something in between answered.
        None => Judgement::Doubtful(Doubt::Unreadable {
            why: format!("HTTP {status} without an errcode"),
        }),
    }
}

/// Reads a successful answer.
pub(crate) fn read<T: DeserializeOwned>(endpoint: Endpoint, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Doubtful {
        endpoint,
        why: Doubt::Unreadable { why: place(&error) },
    })
}

/// Where an answer stops making sense. The parser's own words may quote an OpenID.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "an unexpected field",
        serde_json::error::Category::Eof => "cut off",
        _ => "no JSON",
    };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Judgement {
        judge(status, body.as_bytes(), &[])
    }

    #[test]
    fn errcode_alone_decides() {
        assert_eq!(judged(200, r#"{"errcode":0,"errmsg":"ok"}"#), Judgement::Done);
        assert_eq!(judged(200, r#"{"tags":[]}"#), Judgement::Done);
        let Judgement::Refused(refusal) =
            judged(200, r#"{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":3147483671}"#)
        else {
            panic!("a code is a refusal");
        };
        assert_eq!(refusal.msg_id, Some(MsgId(3_147_483_671)));
        assert!(matches!(judged(400, r#"{"errcode":-1}"#), Judgement::Refused(_)));
    }

    #[test]
    fn what_the_platform_did_not_say_is_doubtful() {
        for (status, body) in [
            (502, "{\"errcode\":0}"),
            (200, "<html>busy</html>"),
            (200, ""),
            (200, "[]"),
            (403, "{\"message\":\"forbidden\"}"),
            (302, ""),
        ] {
            assert!(matches!(judged(status, body), Judgement::Doubtful(_)), "{status} {body}");
        }
    }

    #[test]
    fn a_parser_does_not_quote() {
        let error = read::<wire::mass::SendAnswer>(Endpoint::MassSend, br#"{"msg_id":"oSBX01"}"#)
            .unwrap_err();
        assert!(!error.to_string().contains("oSBX01"), "{error}");
    }
}
