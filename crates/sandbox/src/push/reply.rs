//! What answers a person without a call: the merchant's XML in answer to a push (被动回复,
//! `platform/06 §5`), and the replies set on the website, which are given while no address is
//! configured (`platform/09 §2`). Neither takes from what customer-service messages are allowed.

use serde_json::{Value, json};
use wire::Timestamp;
use wire::callback::crypt::{CallbackKey, signature};
use wire::callback::xml::Element;

use super::{Push, Receiver, json};
use crate::account::Account;
use crate::api::auto_reply::{Kind, MatchMode, Reply, ReplyMode};
use crate::api::media::file;
use crate::chance::draw;
use crate::inbox::{Channel, Notice, Place, Shown};
use crate::population::topic;
use crate::spec::{CallbackFormat, CallbackMode};

/// Longest text of a reply, bytes.
const TEXT_BYTES: usize = 2048;
/// What a person reads when the merchant's side fails.
const OUT_OF_ORDER: &str = "该公众号暂时无法提供服务，请稍后再试";

/// Whether a reply to this push is shown: to messages and to what people do with the account; not
/// to the ends of jobs, nor to somebody who left.
fn is_answerable(event: &str) -> bool {
    is_message(event)
        || matches!(
            event,
            "subscribe"
                | "SCAN"
                | "CLICK"
                | "scancode_waitmsg"
                | "scancode_push"
                | "pic_sysphoto"
                | "pic_photo_or_album"
                | "pic_weixin"
                | "location_select"
                | "LOCATION"
                | "VIEW"
                | "view_miniprogram"
        )
}

fn is_message(event: &str) -> bool {
    matches!(event, "text" | "image" | "voice" | "video" | "shortvideo" | "location" | "link")
}

fn notice(channel: Channel, kind: &str, text: String, body: Value, at: Timestamp) -> Notice {
    let (template_id, msg_id) = (None, None);
    let (kind, body) = (kind.to_owned().into(), Shown::Read(body));
    Notice { at, channel, place: Place::Chat, kind, template_id, msg_id, text, body }
}

/// The receiver took a push with this body.
pub(super) fn taken(
    account: &mut Account,
    receiver: Option<&Receiver>,
    push: &Push,
    body: &str,
    now: Timestamp,
) {
    if !body.starts_with(['<', '{']) || !is_answerable(push.event) {
        return;
    }
    let Some(person) = account.people.person(&push.openid) else { return };
    match read(account, receiver, push, body, now) {
        Some(Answered::Shown(notice)) => account.inbox.add(person, notice),
        Some(Answered::HandedOver(kf_account)) => {
            let online = kf_account.filter(|agent| account.agents.is_online(agent));
            match online {
                Some(agent) => account.agents.talks.begin(person, &agent, now),
                None => account.agents.talks.wait(person, now),
            }
        }
        None => failed(account, push, now),
    }
}

/// The last attempt to push a message failed, or its answer cannot be read: the person is told.
pub fn failed(account: &mut Account, push: &Push, now: Timestamp) {
    if !is_message(push.event) {
        return;
    }
    if let Some(person) = account.people.person(&push.openid) {
        let told = notice(Channel::Passive, "failure", OUT_OF_ORDER.to_owned(), json!({}), now);
        account.inbox.add(person, told);
    }
}

enum Answered {
    Shown(Notice),
    HandedOver(Option<String>),
}

/// The message inside what the receiver sent: the account's own server, or the third-party platform
/// that holds its messages (`platform/11 §5`). Encrypted where the mode asks for it.
fn opened(receiver: &Receiver, body: &str) -> Option<Element> {
    let Receiver { callback, sealed_for } = receiver;
    let read = |text: &str| match callback.format {
        CallbackFormat::Xml => Element::read(text).ok(),
        CallbackFormat::Json => json::read(text),
    };
    let outer = read(body)?;
    let Some(encrypt) = outer.text_of("Encrypt") else {
        return (callback.mode != CallbackMode::Safe).then_some(outer);
    };
    let (time, nonce) = (outer.text_of("TimeStamp")?, outer.text_of("Nonce")?);
    let signed = signature(&[&callback.token, time, nonce, encrypt]);
    if outer.text_of("MsgSignature")? != signed {
        return None;
    }
    let key = CallbackKey::parse(&callback.encoding_aes_key).ok()?;
    read(&key.open(encrypt, sealed_for).ok()?)
}

fn read(
    account: &Account,
    receiver: Option<&Receiver>,
    push: &Push,
    body: &str,
    now: Timestamp,
) -> Option<Answered> {
    let message = opened(receiver?, body)?;
    let named = |name: &str| message.text_of(name).unwrap_or_default();
    let is_addressed =
        named("ToUserName") == push.openid && named("FromUserName") == account.original_id.as_str();
    if !is_addressed {
        return None;
    }
    let kind = named("MsgType");
    let inside = |outer: &str, name: &str| {
        message.child(outer).and_then(|outer| outer.text_of(name)).unwrap_or_default().to_owned()
    };
    let has = |media_id: &str, kind: file::Kind| account.kind_of_file(media_id, now) == Some(kind);
    let (text, shown) = match kind {
        "text" => {
            let content = named("Content").to_owned();
            if content.is_empty() || content.len() > TEXT_BYTES {
                return None;
            }
            (content.clone(), json!({ "content": content }))
        }
        "image" => {
            let id = inside("Image", "MediaId");
            has(&id, file::Kind::Image).then(|| ("[图片]".to_owned(), json!({ "media_id": id })))?
        }
        "voice" => {
            let id = inside("Voice", "MediaId");
            has(&id, file::Kind::Voice).then(|| ("[语音]".to_owned(), json!({ "media_id": id })))?
        }
        "video" => {
            let id = inside("Video", "MediaId");
            let title = inside("Video", "Title");
            let body = json!({ "media_id": id, "title": title });
            has(&id, file::Kind::Video).then_some((title, body))?
        }
        "music" => {
            let thumb = inside("Music", "ThumbMediaId");
            let title = inside("Music", "Title");
            let body = json!({"title":title,"musicurl":inside("Music", "MusicUrl"),
                "thumb_media_id":thumb});
            account.has_picture(&thumb, now).then_some((title, body))?
        }
        "news" => {
            // A message is answered with one article; of more, the first alone is shown.
            let most = if is_message(push.event) { 1 } else { 8 };
            let articles = message.child("Articles")?;
            let items = articles.children.iter().filter(|item| item.name == "item").take(most);
            let items: Vec<Value> = items
                .map(|item| {
                    let of = |name: &str| item.text_of(name).unwrap_or_default().to_owned();
                    json!({"title":of("Title"),"description":of("Description"),
                        "picurl":of("PicUrl"),"url":of("Url")})
                })
                .collect();
            let title = items.first()?.get("title")?.as_str()?.to_owned();
            (title, json!({ "articles": items }))
        }
        "transfer_customer_service" => {
            let agent = inside("TransInfo", "KfAccount");
            return Some(Answered::HandedOver(Some(agent).filter(|agent| !agent.is_empty())));
        }
        _ => return None,
    };
    Some(Answered::Shown(notice(Channel::Passive, kind, text, shown, now)))
}

/// A follower does something that nobody is told of by a push: what the website holds answers.
pub(super) fn from_website(
    account: &mut Account,
    person: u32,
    words: Option<&str>,
    now: Timestamp,
) {
    let replies = &account.auto_replies;
    let chosen: Vec<Reply> = match words {
        None if replies.is_add_friend_reply_open == 1 => {
            replies.add_friend_autoreply_info.iter().cloned().collect()
        }
        Some(words) if replies.is_autoreply_open == 1 => {
            let rules = replies.keyword_autoreply_info.iter().flat_map(|rules| &rules.list);
            let fits = |mode, word: &str| match mode {
                MatchMode::Contain => words.contains(word),
                MatchMode::Equal => words == word,
            };
            let mut fitting = rules.filter(|rule| {
                rule.keyword_list_info.iter().any(|word| fits(word.match_mode, &word.content))
            });
            match fitting.next() {
                Some(rule) if rule.reply_mode == ReplyMode::ReplyAll => {
                    rule.reply_list_info.clone()
                }
                Some(rule) => {
                    let drawn = draw(account.people.seed(), topic::MENU, now.0.unsigned_abs());
                    let count = rule.reply_list_info.len().max(1) as u64;
                    let nth = usize::try_from(drawn % count).unwrap_or(0);
                    rule.reply_list_info.get(nth).cloned().into_iter().collect()
                }
                None => replies.message_default_autoreply_info.iter().cloned().collect(),
            }
        }
        _ => Vec::new(),
    };
    for reply in chosen {
        let kind = match reply.kind {
            Kind::Text => "text",
            Kind::Img => "image",
            Kind::Voice => "voice",
            Kind::Video => "video",
            Kind::News => "news",
        };
        let first = reply.news_info.as_ref().and_then(|news| news.list.first());
        let text = first.map_or_else(|| reply.content.clone(), |news| news.title.clone());
        let body = json!({ "content": reply.content, "news_info": reply.news_info });
        account.inbox.add(person, notice(Channel::AutoReply, kind, text, body, now));
    }
}
