//! What a customer-service message carries (`platform/05 §2`). Where the page names no code for a
//! part that is missing, 44004 is assumed.

use serde_json::Value;

use crate::api::Scene;
use crate::api::media::file::Kind;
use crate::api::publish::publication::State;
use crate::api::refusal::Refused;
use crate::assumptions::Assumptions;

/// A message that may be shown.
pub struct Message {
    /// Its kind.
    pub kind: String,
    /// The words it shows.
    pub text: String,
    /// All that it carries.
    pub body: Value,
}

/// A text of an object; empty when it is not there.
fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn needed<'a>(object: &'a Value, name: &str) -> Result<&'a str, Refused> {
    Some(text(object, name)).filter(|found| !found.is_empty()).ok_or(Refused::new(44004))
}

fn entries<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Reads the message and checks that what it names is there.
///
/// # Errors
/// 40008 for an unknown kind, 45050 for one of mass messages only, 45113 for coupons, 44003, 44004,
/// 45002, 45008, 45098, 45099 for what it carries, 40007 for files and articles, 40165 and 40166 for mini
/// programs.
pub fn read(body: &Value, scene: &Scene<'_>) -> Result<Message, Refused> {
    let kind = text(body, "msgtype");
    let object = body.get(kind).unwrap_or(&Value::Null);
    let account = &*scene.account;
    let found = |there: bool| if there { Ok(()) } else { Err(Refused::new(40007)) };
    let file =
        |kind: Kind| found(account.kind_of_file(text(object, "media_id"), scene.now) == Some(kind));
    let thumb = || found(account.has_picture(text(object, "thumb_media_id"), scene.now));
    let shown = match kind {
        "text" => {
            let content = needed(object, "content")?;
            if content.len() as i64 > scene.limits.reply_text_bytes {
                return Err(Refused::new(45002));
            }
            content.to_owned()
        }
        "image" => file(Kind::Image).map(|()| "[图片]".to_owned())?,
        "voice" => file(Kind::Voice).map(|()| "[语音]".to_owned())?,
        "video" => {
            file(Kind::Video)?;
            if !text(object, "thumb_media_id").is_empty() {
                thumb()?;
            }
            text(object, "title").to_owned()
        }
        "music" => {
            needed(object, "musicurl")?;
            needed(object, "hqmusicurl")?;
            thumb()?;
            text(object, "title").to_owned()
        }
        "news" => match entries(object, "articles") {
            [] => return Err(Refused::new(44003)),
            articles if articles.len() as i64 > scene.limits.reply_articles => {
                return Err(Refused::new(45008));
            }
            articles => joined(articles.iter().map(|article| text(article, "title"))),
        },
        // A draft of one article may stand in for former ones: assumed.
        "mpnews" => {
            let draft = account.articles(text(object, "media_id")).ok_or(Refused::new(40007))?;
            if draft.articles.len() as i64 > scene.limits.reply_articles {
                return Err(Refused::new(45008));
            }
            joined(draft.articles.iter().map(|kept| kept.article.title.as_str()))
        }
        "mpnewsarticle" => {
            let publication = account.publications.of_article(text(object, "article_id"));
            let Some(State::Published { articles, .. }) = publication.map(|one| &one.state) else {
                return Err(Refused::new(40007));
            };
            let left: Vec<_> = articles.iter().filter(|article| !article.is_deleted).collect();
            found(!left.is_empty())?;
            // As with drafts: assumed.
            if left.len() as i64 > scene.limits.reply_articles {
                return Err(Refused::new(45008));
            }
            joined(left.iter().map(|article| article.kept.article.title.as_str()))
        }
        "msgmenu" => read_menu(object, &account.assumptions)?,
        "wxcard" => return Err(Refused::new(45113)),
        "miniprogrampage" => {
            if !account.is_linked(text(object, "appid")) {
                return Err(Refused::new(40166));
            }
            if text(object, "pagepath").is_empty() {
                return Err(Refused::new(40165));
            }
            thumb()?;
            text(object, "title").to_owned()
        }
        "mpvideo" | "images" => return Err(Refused::new(45050)),
        _ => return Err(Refused::new(40008)),
    };
    Ok(Message { kind: kind.to_owned(), text: shown, body: object.clone() })
}

/// The page gives the codes of a menu's sizes and no numbers.
fn read_menu(object: &Value, assumptions: &Assumptions) -> Result<String, Refused> {
    let list = entries(object, "list");
    if list.is_empty() || list.len() > assumptions.sent_menu_entries {
        return Err(Refused::new(45098));
    }
    for entry in list {
        needed(entry, "id")?;
        let most = assumptions.sent_menu_characters;
        if needed(entry, "content")?.chars().count() > most {
            return Err(Refused::new(45099));
        }
    }
    let lines = list.iter().map(|entry| text(entry, "content"));
    let head = std::iter::once(text(object, "head_content"));
    Ok(joined(head.chain(lines).chain(std::iter::once(text(object, "tail_content")))))
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
