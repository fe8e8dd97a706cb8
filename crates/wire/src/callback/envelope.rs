//! How a push is signed and wrapped: verified here before anything in it is believed
//! (`platform/06 §1–2, §6`).
//!
//! Invariant: [`CallbackSettings::read`] gives back only what the account's token signed, and in
//! the encrypted modes only what its key encrypted for this very account. The plain mode's
//! signature covers no body: whoever saw one push could forge others, so that prefer the safe mode
//! and check [`Query::age`] as well.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Error;
use super::crypt::{CallbackKey, signature, signature_matches};
use super::xml::Element;
use crate::{AppId, Timestamp};

/// How an account's pushes travel, as set in the platform's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 明文: plain fields.
    #[default]
    Plain,
    /// 兼容: plain fields and the encrypted text.
    Compatible,
    /// 安全: the encrypted text alone.
    Safe,
}

/// What stands in the URL of a push, or of the check of the URL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Query {
    /// Over token, timestamp and nonce.
    #[serde(default)]
    pub signature: String,
    /// Unix seconds as text; part of the signature as it stands.
    #[serde(default)]
    pub timestamp: String,
    /// A number drawn for this attempt.
    #[serde(default)]
    pub nonce: String,
    /// Over the encrypted text as well; only when encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg_signature: Option<String>,
    /// `aes` when encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt_type: Option<String>,
    /// Only when the URL is checked: the text to answer with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echostr: Option<String>,
}

impl Query {
    /// Whether the push says it is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypt_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("aes"))
    }

    /// Seconds between its timestamp and `now`, whichever is later; `None` without a timestamp.
    /// Every attempt of a push carries a fresh one, so that an old one is somebody's copy.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<i64> {
        let sent: i64 = self.timestamp.parse().ok()?;
        Some(now.0.saturating_sub(sent).saturating_abs())
    }
}

/// Longest `echostr` answered, bytes; the platform's has about 20.
const MOST_ECHO: usize = 1024;

/// What an account's pushes are verified with.
#[derive(Clone)]
pub struct CallbackSettings {
    /// The console's Token; a secret.
    pub token: String,
    /// The present `EncodingAESKey`; needed in the compatible and the safe mode.
    pub key: Option<CallbackKey>,
    /// The key before it, tried when the present one fails.
    pub former_key: Option<CallbackKey>,
    /// The account.
    pub appid: AppId,
    /// How pushes travel.
    pub mode: Mode,
}

impl CallbackSettings {
    /// Settings in the safest mode there can be: with a key the safe mode, which reads pushes of
    /// the compatible mode too; without one the plain mode.
    #[must_use]
    pub fn new(token: String, key: Option<CallbackKey>, appid: AppId) -> Self {
        let mode = if key.is_some() { Mode::Safe } else { Mode::Plain };
        Self { token, key, former_key: None, appid, mode }
    }

    /// Verifies a push and gives the plain XML of its message. What is encrypted is always taken
    /// from the encrypted text: plain fields beside it are signed by nobody.
    ///
    /// # Errors
    /// When the signature, the key or the body is not what the settings ask for.
    pub fn read(&self, query: &Query, body: &str) -> Result<String, Error> {
        if !query.is_encrypted() {
            return match self.mode {
                Mode::Plain => self.check(query, None).map(|()| body.to_owned()),
                Mode::Compatible | Mode::Safe => Err(Error::NotEncrypted),
            };
        }
        let xml = Element::read(body)?;
        let encrypted = xml.text_of("Encrypt").ok_or(Error::NotEncrypted)?;
        self.check(query, Some(encrypted))?;
        self.open(encrypted)
    }

    /// Verifies the check of the URL that the console makes on saving. The answer is then
    /// `echostr` as it stands, as plain text.
    ///
    /// # Errors
    /// When the signature does not match, or `echostr` is empty or over 1,024 bytes.
    pub fn verify_echo(&self, query: &Query, echostr: &str) -> Result<(), Error> {
        self.check(query, None)?;
        if echostr.is_empty() || echostr.len() > MOST_ECHO { Err(Error::NoEcho) } else { Ok(()) }
    }

    /// Signs a push as the platform does and wraps it as the mode asks.
    ///
    /// # Errors
    /// [`Error::NoKey`] when the mode needs a key and there is none; otherwise when `plain` is not
    /// XML.
    pub fn write_push(
        &self,
        plain: &str,
        at: Timestamp,
        nonce: &str,
        random: &[u8; 16],
    ) -> Result<(Query, String), Error> {
        let mut query =
            Query { timestamp: at.0.to_string(), nonce: nonce.into(), ..Query::default() };
        query.signature = signature(&[&self.token, &query.timestamp, nonce]);
        if self.mode == Mode::Plain {
            return Ok((query, plain.to_owned()));
        }
        let encrypted = self.seal(plain, random)?;
        query.encrypt_type = Some("aes".into());
        query.msg_signature = Some(signature(&[&self.token, &query.timestamp, nonce, &encrypted]));
        let mut xml = Element::read(plain)?;
        if self.mode == Mode::Safe {
            xml.children.retain(|child| child.name == "ToUserName");
        }
        Ok((query, xml.with(Element::string("Encrypt", &encrypted)).write()))
    }

    /// Writes a passive reply as the mode asks: plain, or encrypted and signed. `success` and the
    /// empty answer are never encrypted and do not come this way.
    ///
    /// # Errors
    /// [`Error::NoKey`] when the mode needs a key and there is none.
    pub fn write_reply(
        &self,
        plain: &str,
        at: Timestamp,
        nonce: &str,
        random: &[u8; 16],
    ) -> Result<String, Error> {
        if self.mode == Mode::Plain {
            return Ok(plain.to_owned());
        }
        let encrypted = self.seal(plain, random)?;
        let signed = signature(&[&self.token, &at.0.to_string(), nonce, &encrypted]);
        Ok(Element::new("xml")
            .with(Element::string("Encrypt", &encrypted))
            .with(Element::string("MsgSignature", &signed))
            .with(Element::number("TimeStamp", at.0))
            .with(Element::string("Nonce", nonce))
            .write())
    }

    /// Reads a passive reply as the platform does, and gives its plain XML. Outside the safe mode
    /// a reply may be plain.
    ///
    /// # Errors
    /// When it is not XML, or its signature or encryption is not right.
    pub fn read_reply(&self, body: &str) -> Result<String, Error> {
        let xml = Element::read(body)?;
        let field = |name| xml.text_of(name).unwrap_or_default();
        let Some(encrypted) = xml.text_of("Encrypt") else {
            let plain_allowed = self.mode != Mode::Safe;
            return if plain_allowed { Ok(body.to_owned()) } else { Err(Error::NotEncrypted) };
        };
        let expected =
            signature(&[&self.token, field("TimeStamp").trim(), field("Nonce"), encrypted]);
        if !signature_matches(&expected, field("MsgSignature")) {
            return Err(Error::Signature);
        }
        self.open(encrypted)
    }

    fn check(&self, query: &Query, encrypted: Option<&str>) -> Result<(), Error> {
        let mut parts = vec![self.token.as_str(), &query.timestamp, &query.nonce];
        parts.extend(encrypted);
        let given = match encrypted {
            Some(_) => query.msg_signature.as_deref().unwrap_or_default(),
            None => &query.signature,
        };
        if signature_matches(&signature(&parts), given) { Ok(()) } else { Err(Error::Signature) }
    }

    fn open(&self, encrypted: &str) -> Result<String, Error> {
        let key = self.key.as_ref().ok_or(Error::NoKey)?;
        let refused = match key.open(encrypted, &self.appid) {
            Ok(plain) => return Ok(plain),
            Err(error) => error,
        };
        let former = self.former_key.as_ref().and_then(|key| key.open(encrypted, &self.appid).ok());
        former.ok_or(refused)
    }

    fn seal(&self, plain: &str, random: &[u8; 16]) -> Result<String, Error> {
        let key = self.key.as_ref().ok_or(Error::NoKey)?;
        Ok(key.seal(random, plain, &self.appid))
    }
}

impl fmt::Debug for CallbackSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackSettings")
            .field("appid", &self.appid)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::vectors::*;

    fn settings(mode: Mode) -> CallbackSettings {
        CallbackSettings {
            token: TOKEN.into(),
            key: Some(CallbackKey::parse(KEY).unwrap()),
            former_key: None,
            appid: AppId::parse(APPID).unwrap(),
            mode,
        }
    }

    fn push(mode: Mode) -> (Query, String) {
        let at = Timestamp(1_767_225_601);
        settings(mode).write_push(A_MESSAGE, at, NONCE, b"0123456789abcdef").unwrap()
    }

    #[test]
    fn a_safe_push_is_written_and_read_as_vector_a() {
        let (query, body) = push(Mode::Safe);
        assert_eq!(query.signature, A_SIGNATURE);
        assert_eq!(query.msg_signature.as_deref(), Some(A_MSG_SIGNATURE));
        assert_eq!(
            body,
            format!(
                "<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName>\
                 <Encrypt><![CDATA[{A_ENCRYPTED}]]></Encrypt></xml>"
            )
        );
        assert_eq!(settings(Mode::Safe).read(&query, &body).unwrap(), A_MESSAGE);
    }

    #[test]
    fn each_mode_reads_its_own_pushes() {
        for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
            let (query, body) = push(mode);
            assert_eq!(settings(mode).read(&query, &body).unwrap(), A_MESSAGE, "{mode:?}");
        }
    }

    #[test]
    fn with_a_key_the_safest_mode_is_taken() {
        let of = |key| CallbackSettings::new(TOKEN.into(), key, AppId::parse(APPID).unwrap());
        let keyed = of(settings(Mode::Safe).key);
        let (query, body) = push(Mode::Compatible);
        assert_eq!(keyed.read(&query, &body).unwrap(), A_MESSAGE);
        let (query, body) = push(Mode::Plain);
        assert_eq!(keyed.read(&query, &body), Err(Error::NotEncrypted));
        assert_eq!(of(None).read(&query, &body).unwrap(), A_MESSAGE);
    }

    #[test]
    fn plain_fields_beside_the_encrypted_text_are_not_believed() {
        let (query, body) = push(Mode::Compatible);
        let forged = body.replacen("1000000007", "1000000008", 1);
        assert_ne!(forged, body);
        assert_eq!(settings(Mode::Compatible).read(&query, &forged).unwrap(), A_MESSAGE);
    }

    #[test]
    fn a_plain_push_is_refused_where_encryption_is_asked_for() {
        let (query, body) = push(Mode::Plain);
        for mode in [Mode::Compatible, Mode::Safe] {
            assert_eq!(settings(mode).read(&query, &body), Err(Error::NotEncrypted));
        }
    }

    #[test]
    fn every_signed_part_counts() {
        let reader = settings(Mode::Safe);
        let (query, body) = push(Mode::Safe);
        let changed = [
            Query { nonce: "1".into(), ..query.clone() },
            Query { timestamp: "1767225600".into(), ..query.clone() },
            Query { msg_signature: None, ..query.clone() },
            // The signature that covers no body does not help.
            Query { msg_signature: Some(query.signature.clone()), ..query.clone() },
        ];
        for query in changed {
            assert_eq!(reader.read(&query, &body), Err(Error::Signature), "{query:?}");
        }
        let other = CallbackSettings { token: "another".into(), ..reader };
        assert_eq!(other.read(&query, &body), Err(Error::Signature));
    }

    #[test]
    fn the_former_key_is_tried_after_a_change() {
        let (query, body) = push(Mode::Safe);
        let new = CallbackKey::parse(&"A".repeat(43)).unwrap();
        let mut changed = CallbackSettings { key: Some(new), ..settings(Mode::Safe) };
        assert!(matches!(changed.read(&query, &body), Err(Error::Undecipherable(_))));
        changed.former_key = settings(Mode::Safe).key;
        assert_eq!(changed.read(&query, &body).unwrap(), A_MESSAGE);
        changed.key = None;
        assert_eq!(changed.read(&query, &body), Err(Error::NoKey));
    }

    #[test]
    fn the_official_check_of_the_url_passes() {
        let mut account = settings(Mode::Safe);
        account.token = "AAAAA".into();
        let query = Query {
            signature: "f464b24fc39322e44b38aa78f5edd27bd1441696".into(),
            timestamp: "1714036504".into(),
            nonce: "1514711492".into(),
            ..Query::default()
        };
        account.verify_echo(&query, "4375120948345356249").unwrap();
        assert_eq!(account.verify_echo(&query, ""), Err(Error::NoEcho));
        assert_eq!(account.verify_echo(&Query::default(), "1"), Err(Error::Signature));
    }

    #[test]
    fn a_reply_is_written_and_read_as_vector_b() {
        let at = Timestamp(1_767_225_602);
        let account = settings(Mode::Safe);
        let reply = account.write_reply(B_MESSAGE, at, NONCE, b"fedcba9876543210").unwrap();
        assert_eq!(
            reply,
            format!(
                "<xml><Encrypt><![CDATA[{B_ENCRYPTED}]]></Encrypt>\
                 <MsgSignature><![CDATA[{B_MSG_SIGNATURE}]]></MsgSignature>\
                 <TimeStamp>1767225602</TimeStamp><Nonce><![CDATA[889900112]]></Nonce></xml>"
            )
        );
        assert_eq!(account.read_reply(&reply).unwrap(), B_MESSAGE);
        assert_eq!(account.read_reply(B_MESSAGE), Err(Error::NotEncrypted));
        assert_eq!(settings(Mode::Compatible).read_reply(B_MESSAGE).unwrap(), B_MESSAGE);
    }

    #[test]
    fn nothing_secret_shows_and_ages_are_told() {
        let shown = format!("{:?}", settings(Mode::Safe));
        assert!(!shown.contains(TOKEN) && shown.contains(APPID), "{shown}");
        let (query, _) = push(Mode::Plain);
        assert_eq!(query.age(Timestamp(1_767_225_601 + 30)), Some(30));
        assert_eq!(query.age(Timestamp(1_767_225_601 - 30)), Some(30));
        assert_eq!(Query::default().age(Timestamp(0)), None);
    }
}
