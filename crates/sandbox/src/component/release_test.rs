//! The release test (全网发布检测, `platform/11 §7`): WeChat authorises an account of its own to a
//! platform, plays a fan of it, and looks at the answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use wire::{AppId, OriginalId};

use super::authorization::{Code, NotAuthorized, authorize};
use super::{PreAuthCode, notice, permission};
use crate::inbox::Channel;
use crate::push::events;
use crate::spec::AccountSpec;
use crate::world::{Shared, World};

/// The official accounts WeChat tests with; one group is chosen by chance.
const GROUPS: [(&str, &str); 5] = [
    ("wx570bc396a51b8ff8", "gh_3c884a361561"),
    ("wx9252c5e0bb1836fc", "gh_c0f28a78b318"),
    ("wx8e1097c5bc82cde9", "gh_3f222ed8d140"),
    ("wx14550af28c71a144", "gh_26128078e9ab"),
    ("wxa35b9c23cfe664eb", "gh_2b3713f184a6"),
];
const TEXT: &str = "TESTCOMPONENT_MSG_TYPE_TEXT";
/// Real seconds a platform has to call back with the code it was written.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// One step and how it went.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was asked for.
    pub step: &'static str,
    /// Whether it went as it must.
    pub passed: bool,
    /// What was seen.
    pub seen: String,
}

/// The test could not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRun {
    /// No such platform.
    #[error("there is no such third-party platform")]
    Unknown,
    /// The account of WeChat's cannot be made or authorised.
    #[error("the account of the test cannot be authorised: {0}")]
    Account(String),
}

impl From<NotAuthorized> for NotRun {
    fn from(reason: NotAuthorized) -> Self {
        Self::Account(reason.to_string())
    }
}

/// What the steps need.
struct Actor {
    component: usize,
    account: usize,
    person: u32,
    manages_messages: bool,
}

/// Plays all steps and reports on each.
///
/// # Errors
/// When it cannot begin.
pub async fn run(shared: &Arc<Shared>, component: usize) -> Result<Vec<Step>, NotRun> {
    let actor = {
        let mut world = shared.world();
        let actor = enter(&mut world, component)?;
        notice::push_ticket(&mut world, component);
        actor
    };
    let mut steps = vec![ticket(shared, component).await];
    // The rest is played where messages are managed (`platform/11 §7`).
    if actor.manages_messages {
        steps.push(text(shared, &actor).await);
        steps.push(query_auth(shared, &actor).await);
    }
    Ok(steps)
}

/// An account of WeChat's authorises the platform, released or not.
fn enter(world: &mut World, component: usize) -> Result<Actor, NotRun> {
    let now = world.now();
    let free: Vec<_> =
        GROUPS.into_iter().filter(|(appid, _)| is_free(world, component, appid)).collect();
    let platform = world.components.get_mut(component).ok_or(NotRun::Unknown)?;
    let drawn = platform.chance.number().checked_rem(free.len() as u64).unwrap_or(0);
    let (appid, original_id) = usize::try_from(drawn)
        .ok()
        .and_then(|drawn| free.get(drawn))
        .copied()
        .ok_or_else(|| NotRun::Account("other platforms hold all of WeChat's".to_owned()))?;
    let unusable = |error: wire::ids::Malformed| NotRun::Account(error.to_string());
    let original_id = OriginalId::parse(original_id).map_err(unusable)?;
    // WeChat's own need not stand on the platform's list.
    if !platform.settings.released && !platform.settings.test_accounts.contains(&original_id) {
        platform.settings.test_accounts.push(original_id.clone());
    }
    let sets: BTreeSet<u32> = platform.settings.permission_sets.iter().copied().collect();
    let code = format!("preauthcode@@@{}", platform.chance.text(43));
    platform.pre_auth_codes.insert(code.clone(), PreAuthCode { made: now, used: false });
    let manages_messages =
        sets.contains(&permission::MESSAGES) && platform.settings.message_url.is_some();
    let account = match world.position(appid) {
        Some(account) => account,
        None => world
            .add_account(AccountSpec {
                followers: 1,
                appid: Some(AppId::parse(appid).map_err(unusable)?),
                original_id: Some(original_id),
                name: Some("全网发布检测".to_owned()),
                ..AccountSpec::default()
            })
            .map_err(|error| NotRun::Account(error.to_string()))?,
    };
    authorize(world, component, account, &sets, &code)?;
    Ok(Actor { component, account, person: 0, manages_messages })
}

/// Whether no other platform holds this account of WeChat's: some sets one platform alone may hold.
fn is_free(world: &World, component: usize, appid: &str) -> bool {
    let Some(account) = world.position(appid) else { return true };
    let mut all = world.components.all().iter().enumerate();
    all.all(|(place, platform)| {
        place == component || !platform.authorizations.contains_key(&account)
    })
}

/// Lets what is due go out, and looks until something is seen or patience ends.
async fn seen<T>(shared: &Arc<Shared>, look: impl Fn(&World) -> Option<T>) -> Option<T> {
    crate::control::tell(shared).await;
    let begun = Instant::now();
    loop {
        let found = look(&shared.world());
        if found.is_some() || begun.elapsed() > PATIENCE {
            return found;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn ticket(shared: &Arc<Shared>, component: usize) -> Step {
    let step = "a ticket is pushed and answered with success";
    let newest = |world: &World| {
        let platform = world.components.get(component)?;
        let ticket = &platform.tickets.back()?.text;
        let mut pushes = platform.pushes();
        pushes.find(|push| push.xml.contains(ticket.as_str())).cloned()
    };
    match seen(shared, newest).await {
        Some(push) => {
            let passed = push.taken && push.answer == "success";
            Step { step, passed, seen: push.answer }
        }
        None => Step { step, passed: false, seen: "nothing was pushed".to_owned() },
    }
}

/// A fan writes; how many things they had got before.
fn write(shared: &Shared, actor: &Actor, content: &str) -> usize {
    let mut world = shared.world();
    events::write(&mut world, actor.account, actor.person, content);
    let account = world.accounts().get(actor.account);
    account.map_or(0, |account| account.inbox.of(actor.person).count())
}

/// The first of what the fan got since then that is of this channel, in their words.
fn got(world: &World, actor: &Actor, before: usize, channel: Channel) -> Option<String> {
    let account = world.accounts().get(actor.account)?;
    let mut since = account.inbox.of(actor.person).skip(before);
    since.find(|notice| notice.channel == channel).map(|notice| notice.text.clone())
}

async fn text(shared: &Arc<Shared>, actor: &Actor) -> Step {
    let before = write(shared, actor, TEXT);
    let answer = seen(shared, |world| got(world, actor, before, Channel::Passive)).await;
    let answer = answer.unwrap_or_else(|| "no passive reply came".to_owned());
    Step {
        step: "a text is answered by a passive text with _callback after it",
        passed: answer == format!("{TEXT}_callback"),
        seen: answer,
    }
}

async fn query_auth(shared: &Arc<Shared>, actor: &Actor) -> Step {
    let step = "a code that a fan writes is redeemed and told back by a customer-service message";
    let code = {
        let mut world = shared.world();
        let now = world.now();
        let Some(platform) = world.components.get_mut(actor.component) else {
            return Step { step, passed: false, seen: "no platform".to_owned() };
        };
        let code = format!("queryauthcode@@@{}", platform.chance.text(64));
        let kept = Code { account: actor.account, made: now, used: false };
        platform.codes.insert(code.clone(), kept);
        code
    };
    let before = write(shared, actor, &format!("QUERY_AUTH_CODE:{code}"));
    let told = seen(shared, |world| got(world, actor, before, Channel::CustomerService)).await;
    let told = told.unwrap_or_else(|| "no customer-service message came".to_owned());
    // The push itself asks for an empty answer.
    match got(&shared.world(), actor, before, Channel::Passive) {
        Some(passive) => Step { step, passed: false, seen: format!("a passive reply: {passive}") },
        None => Step { step, passed: told == format!("{code}_from_api"), seen: told },
    }
}
