//! Comments under articles (留言, `platform/08 §5`): opened and closed, read, chosen, answered and
//! deleted. Readers write through the control interface.

pub mod thread;

use serde::{Deserialize, Serialize};
use wire::MsgDataId;

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use thread::{Comment, Remover, Reply, Thread};

/// Most comments of one list: 88010 says over 50, the table under 50.
const MOST_LISTED: i64 = 50;

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    msg_data_id: Option<MsgDataId>,
    #[serde(default)]
    index: i64,
    #[serde(default)]
    user_comment_id: i64,
    #[serde(default)]
    content: String,
}

/// The article's thread: 88000 without the feature, 88001 when there is no such article, 88002 or
/// 88011 while it is limited for safety.
fn thread<'a>(
    scene: &'a mut Scene<'_>,
    msg_data_id: Option<MsgDataId>,
    index: i64,
) -> Result<&'a mut Thread, Refused> {
    if !scene.account.has_comments {
        return Err(Refused::new(88000));
    }
    let msg_data_id = msg_data_id.ok_or(Refused::new(88001))?.0;
    let thread = scene.account.threads.get_mut(msg_data_id, index).ok_or(Refused::new(88001))?;
    match thread.limited {
        Some(code) => Err(Refused::new(code)),
        None => Ok(thread),
    }
}

/// 88008 when there is no such comment or the account deleted it, 88004 when its writer did.
fn standing(thread: &mut Thread, id: i64) -> Result<&mut Comment, Refused> {
    let comment = thread.get_mut(id).ok_or(Refused::new(88008))?;
    match comment.removed {
        None => Ok(comment),
        Some(Remover::Account) => Err(Refused::new(88008)),
        Some(Remover::Writer) => Err(Refused::new(88004)),
    }
}

/// `comment/open` and `comment/close`.
///
/// # Errors
/// 88000 without the feature, 88001 when there is no such article.
pub fn set_open(call: &Call, scene: &mut Scene<'_>, open: bool) -> Answer {
    let named: Named = call.json()?;
    thread(scene, named.msg_data_id, named.index)?.open = open;
    done()
}

/// `comment/markelect` and `comment/unmarkelect`.
///
/// # Errors
/// As [`delete`], and 88003 when enough are chosen.
pub fn elect(call: &Call, scene: &mut Scene<'_>, elected: bool) -> Answer {
    let named: Named = call.json()?;
    let most = scene.account.assumptions.elected_comments;
    let thread = thread(scene, named.msg_data_id, named.index)?;
    let chosen = thread.standing().filter(|comment| comment.elected).count();
    let comment = standing(thread, named.user_comment_id)?;
    if elected && !comment.elected && chosen >= most {
        return Err(Refused::new(88003));
    }
    comment.elected = elected;
    done()
}

/// `comment/delete`.
///
/// # Errors
/// 88000 without the feature, 88001 when there is no such article, 88008 when there is no such
/// comment, 88004 when its writer took it back.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let named: Named = call.json()?;
    let thread = thread(scene, named.msg_data_id, named.index)?;
    standing(thread, named.user_comment_id)?.removed = Some(Remover::Account);
    done()
}

/// `comment/reply/add`.
///
/// # Errors
/// As [`delete`], 88007 for an empty answer or one that is too long, 88005 when there is one.
pub fn reply(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let named: Named = call.json_with_literal_escapes()?;
    let created = scene.now;
    let most = scene.account.assumptions.comment_reply_characters;
    let thread = thread(scene, named.msg_data_id, named.index)?;
    let comment = standing(thread, named.user_comment_id)?;
    if !(1..=most).contains(&named.content.chars().count()) {
        return Err(Refused::new(88007));
    }
    if comment.reply.is_some() {
        return Err(Refused::new(88005));
    }
    comment.reply = Some(Reply { content: named.content, created });
    done()
}

/// `comment/reply/delete`.
///
/// # Errors
/// As [`delete`], and 88009 when there is no answer.
pub fn delete_reply(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let named: Named = call.json()?;
    let thread = thread(scene, named.msg_data_id, named.index)?;
    let comment = standing(thread, named.user_comment_id)?;
    comment.reply.take().ok_or(Refused::new(88009))?;
    done()
}

#[derive(Deserialize)]
struct ListRequest {
    #[serde(default)]
    msg_data_id: Option<MsgDataId>,
    #[serde(default)]
    index: i64,
    #[serde(default)]
    begin: i64,
    #[serde(default)]
    count: i64,
    #[serde(default, rename = "type")]
    kind: i64,
}

#[derive(Serialize)]
struct Listed {
    user_comment_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<String>,
    create_time: i64,
    content: String,
    comment_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<ListedReply>,
}

#[derive(Serialize)]
struct ListedReply {
    content: String,
    create_time: i64,
}

#[derive(Serialize)]
struct List {
    errcode: i64,
    errmsg: &'static str,
    total: usize,
    comment: Vec<Listed>,
}

/// `comment/list`, newest first (assumed).
///
/// # Errors
/// 88000 without the feature, 88001 when there is no such article, 88010 for a count outside 1–50,
/// 40097 for an unknown type or a negative beginning.
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: ListRequest = call.json()?;
    thread(scene, request.msg_data_id, request.index)?;
    if !(1..=MOST_LISTED).contains(&request.count) {
        return Err(Refused::new(88010));
    }
    let (Ok(begin), 0..=2) = (usize::try_from(request.begin), request.kind) else {
        return Err(Refused::new(40097));
    };
    let account = &*scene.account;
    let number = request.msg_data_id.map_or(0, |number| number.0);
    let thread = account.threads.get(number, request.index).ok_or(Refused::new(88001))?;
    let fits = |comment: &&Comment| match request.kind {
        1 => !comment.elected,
        2 => comment.elected,
        _ => true,
    };
    let listed = |comment: &Comment| Listed {
        user_comment_id: comment.id,
        openid: comment.person.map(|person| account.people.openid(person)),
        create_time: comment.created.0,
        content: comment.content.clone(),
        comment_type: u8::from(comment.elected),
        reply: comment.reply.as_ref().map(|reply| ListedReply {
            content: reply.content.clone(),
            create_time: reply.created.0,
        }),
    };
    let count = usize::try_from(request.count).unwrap_or(0);
    let total = thread.standing().filter(fits).count();
    let comment = thread.standing().filter(fits).skip(begin).take(count).map(listed).collect();
    answer(&List { errcode: 0, errmsg: "ok", total, comment })
}
