//! Mass messages (`platform/03`): what is asked is checked in the order of `platform/03 §8`, an
//! accepted job stands in the queue, its result comes by callback.
//!
//! The key is looked up before media and budget, so that repeating a job that was accepted is told
//! so (45065) and not that its draft or its budget is gone.

pub mod budget;
pub mod job;
pub mod message;
pub mod original;
pub mod protection;
pub mod run;
pub mod speed;

use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use wire::mass::{JobStatus, PreviewAnswer, StatusAnswer};
use wire::{MsgId, TagId};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use crate::assumptions::Digest;
use crate::clock::Due;
use crate::population::openid;
use job::{Audience, Job, Kind};
use message::{Body, Content};
use protection::Confirmation;

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    is_to_all: bool,
    #[serde(default)]
    tag_id: Option<TagId>,
    /// Former name of the same.
    #[serde(default)]
    group_id: Option<TagId>,
}

#[derive(Deserialize)]
struct ToList {
    #[serde(default)]
    touser: Vec<String>,
}

#[derive(Deserialize)]
struct ToMany {
    #[serde(default)]
    filter: Option<Filter>,
}

/// What a call says beside recipients and message.
#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    clientmsgid: Option<String>,
    #[serde(default, deserialize_with = "number")]
    send_ignore_reprint: Option<i64>,
}

/// A number, or a text that is one: programs send both.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let given = Option::<wire::MsgId>::deserialize(deserializer)?;
    Ok(given.map(|given| given.0))
}

/// `message/mass/send`.
///
/// # Errors
/// The codes of `platform/03 §3`.
pub fn send(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let content = message::read(call, &call.json::<Body>()?, 45162, scene)?;
    let list = call.json::<ToList>()?.touser;
    let most = scene.limits.list_most.unwrap_or(i64::MAX);
    if (list.len() as i64) < scene.limits.list_least.unwrap_or(0) {
        return Err(Refused::new(40130));
    }
    if list.len() as i64 > most {
        return Err(Refused::new(40032));
    }
    let people = list.iter().filter_map(|openid| scene.account.people.person(openid)).collect();
    if roaring::RoaringBitmap::is_empty(&people) {
        let shaped = list.iter().any(|openid| openid::has_shape(openid));
        return Err(Refused::new(if shaped { 40003 } else { 40031 }));
    }
    let mut range = Sha1::new();
    for openid in &list {
        range.update(openid.as_bytes());
        range.update([0]);
    }
    let audience = Audience::List { people, given: list.len() as u64 };
    accept(call, scene, Kind::List, audience, content, range)
}

/// `message/mass/sendall`.
///
/// # Errors
/// The codes of `platform/03 §2`.
pub fn send_all(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let content = message::read(call, &call.json::<Body>()?, 40008, scene)?;
    let filter = call.json::<ToMany>()?.filter.ok_or(Refused::new(40097))?;
    let mut range = Sha1::new();
    let (kind, audience) = if filter.is_to_all {
        range.update(b"all");
        (Kind::All, Audience::All)
    } else {
        let tag = filter.tag_id.or(filter.group_id).ok_or(Refused::new(40152))?.0;
        scene.account.tags.members(tag).ok_or(Refused::new(40152))?;
        range.update(b"tag");
        range.update(tag.to_be_bytes());
        (Kind::Tag, Audience::Tag(tag))
    };
    accept(call, scene, kind, audience, content, range)
}

#[derive(serde::Serialize)]
struct Accepted {
    errcode: i64,
    errmsg: &'static str,
    msg_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_data_id: Option<i64>,
}

fn accept(
    call: &Call,
    scene: &mut Scene<'_>,
    kind: Kind,
    audience: Audience,
    content: Content,
    range: Sha1,
) -> Answer {
    let wish: Wish = call.json()?;
    let given = wish.clientmsgid.filter(|key| !key.is_empty());
    let key = check_key(scene, given.as_deref(), &content, range)?;
    let asks = protection::asks(scene.account, kind);
    if asks || scene.account.assumptions.waiting_send_stops_others {
        protection::check(scene.account)?;
    }
    message::check_media(&content, scene)?;
    // A test account has no budget for these (`platform/01 §2`).
    let has_none = scene.account.is_test && kind != Kind::List;
    if has_none || budget::used_up(scene.account, kind, &scene.limits, scene.now).is_some() {
        return Err(Refused::new(45028));
    }

    let draft = match &content {
        Content::News(media_id) => {
            let account = &mut *scene.account;
            let former = account.former_articles.get(media_id).cloned();
            former.or_else(|| account.drafts.take(media_id))
        }
        _ => None,
    };
    let reaches_nobody = budget::runs_empty(scene.account, kind, &scene.limits, scene.now);
    let mut job = Job::new(kind, audience, content, draft, given, scene.now, scene.account);
    job.reaches_nobody = reaches_nobody;
    job.ignores_reprint = wish.send_ignore_reprint == Some(1);
    let (msg_id, msg_data_id, run_at) = (job.msg_id, job.msg_data_id, job.run_at);
    let taken_later = asks && !scene.account.assumptions.protected_send_is_accepted;
    if taken_later {
        job.key = key;
    } else if let Some(key) = key {
        scene.account.jobs.remember(key, msg_id, scene.now);
    }
    if asks {
        job.confirmation = Some(Confirmation::Waiting);
        scene.account.jobs.awaiting = Some(msg_id);
        let until = scene.now + scene.limits.confirmation_seconds;
        scene.queue.add(until, Due::Confirmation { account: scene.position, msg_id });
    } else {
        scene.queue.add(run_at, Due::Job { account: scene.position, msg_id });
    }
    scene.account.jobs.add(job);
    if taken_later {
        return protection::check(scene.account).and_then(|()| done());
    }
    let errmsg = "send job submission success";
    answer(&Accepted { errcode: 0, errmsg, msg_id, msg_data_id })
}

/// The key the job will be remembered by: the sender's own, or a digest of range and content.
/// `None` before the platform had keys.
fn check_key(
    scene: &Scene<'_>,
    given: Option<&str>,
    content: &Content,
    mut range: Sha1,
) -> Result<Option<String>, Refused> {
    let (Some(most), Some(hours)) =
        (scene.limits.clientmsgid_bytes, scene.limits.clientmsgid_hours)
    else {
        return Ok(None);
    };
    let most = scene.account.assumptions.clientmsgid_bytes.unwrap_or(most);
    let key = match given {
        Some(given) if given.len() as i64 > most => return Err(Refused::new(45067)),
        Some(given) => format!("={given}"),
        None => {
            if scene.account.assumptions.digest_covers == Digest::Content {
                range = Sha1::new();
            }
            content.digest(&mut range);
            let mut key = "#".to_owned();
            for byte in range.finalize() {
                key.push_str(&format!("{byte:02x}"));
            }
            key
        }
    };
    let assumptions = &scene.account.assumptions;
    let in_hand = assumptions.key_in_hand_seconds;
    match scene.account.jobs.remembered(&key, scene.now, hours * 3600) {
        Some((_, at)) if scene.now - at < in_hand => Err(Refused::new(45066)),
        Some((msg_id, _)) => {
            Err(Refused::sent_before(msg_id, assumptions.repeated_key_tells_request_id))
        }
        None => Ok(Some(key)),
    }
}

#[derive(Deserialize)]
struct ToOne {
    #[serde(default)]
    touser: Option<String>,
    #[serde(default)]
    towxname: Option<String>,
}

/// `message/mass/preview`. Spends nobody's slot and no budget.
///
/// # Errors
/// 40132 for a WeChat name nobody has, 40003 for a foreign OpenID, 43004 for somebody
/// who does not follow, 43019 for somebody on the blacklist, and the codes of the message.
pub fn preview(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let content = message::read(call, &call.json::<Body>()?, 40008, scene)?;
    let to: ToOne = call.json()?;
    let people = &scene.account.people;
    let person = match to.towxname.filter(|name| !name.is_empty()) {
        Some(name) => people.named(&name).ok_or(Refused::new(40132))?,
        None => {
            let openid = to.touser.ok_or(Refused::new(40003))?;
            people.person(&openid).ok_or(Refused::new(40003))?
        }
    };
    if !people.following().contains(person) {
        return Err(Refused::new(43004));
    }
    // Which calls answer 43019 is not known (`platform/07 §6`).
    if people.blacklisted().contains(person) {
        return Err(Refused::new(43019));
    }
    message::check_media(&content, scene)?;
    #[derive(serde::Serialize)]
    struct Previewed {
        errcode: i64,
        errmsg: &'static str,
        #[serde(flatten)]
        answer: PreviewAnswer,
    }
    let msg_id = scene.account.jobs.number_preview();
    let preview = PreviewAnswer { msg_id: Some(MsgId(msg_id)) };
    answer(&Previewed { errcode: 0, errmsg: "preview success", answer: preview })
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    msg_id: Option<MsgId>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    article_idx: Option<i64>,
}

/// Whether the platform has forgotten the job's number (`platform/03 §9.4`).
fn has_run_out(job: &Job, scene: &Scene<'_>) -> bool {
    let days = scene.account.assumptions.job_days;
    days.is_some_and(|days| scene.now - job.accepted_at >= days * 86_400)
}

/// `message/mass/get`.
///
/// # Errors
/// 40059 when there is no such job, 89504 and 89505 while it waits for the administrator.
pub fn status(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let msg_id = request.msg_id.ok_or(Refused::new(40059))?;
    let job = scene.account.jobs.get(msg_id.0).ok_or(Refused::new(40059))?;
    if has_run_out(job, scene) {
        return Err(Refused::new(40059));
    }
    protection::check_job(job)?;
    let msg_status = match &job.outcome {
        None => JobStatus::Sending,
        Some(_) if job.is_deleted => JobStatus::Delete,
        Some(outcome) if !outcome.is_success() => JobStatus::SendFail,
        // All filtered away: the event says success, this call says deleted (`platform/03 §5.3`).
        Some(outcome) if outcome.sent == 0 => JobStatus::Delete,
        Some(_) => JobStatus::SendSuccess,
    };
    answer(&StatusAnswer { msg_id, msg_status })
}

/// `message/mass/delete`: only what was sent by this interface, successfully, as article or film.
/// Gives no slot back.
///
/// # Errors
/// 40059 unknown, 40065 not sent, 40008 of another kind, 40060 no such article.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let forgotten = |job: &Job| has_run_out(job, scene);
    let jobs = &scene.account.jobs;
    let by_url = |jobs: &job::Jobs| {
        let url = request.url.as_deref()?;
        jobs.newest_first()
            .find(|job| job.article_urls().iter().any(|own| own == url))
            .map(|job| job.msg_id)
    };
    let msg_id =
        request.msg_id.map(|id| id.0).or_else(|| by_url(jobs)).ok_or(Refused::new(40059))?;
    let job = jobs.get(msg_id).ok_or(Refused::new(40059))?;
    if job.kind == Kind::Website || forgotten(job) {
        return Err(Refused::new(40059));
    }
    let articles = match &job.content {
        Content::News(_) => job.articles as i64,
        Content::Film(_) => 1,
        _ => return Err(Refused::new(40008)),
    };
    if !job.outcome.as_ref().is_some_and(job::Outcome::is_success) || job.is_deleted {
        return Err(Refused::new(40065));
    }
    let article = request.article_idx.filter(|_| request.msg_id.is_some()).unwrap_or(0);
    if !(0..=articles).contains(&article) {
        return Err(Refused::new(40060));
    }
    job::delete_article(scene.account, msg_id, article, scene.now);
    done()
}
