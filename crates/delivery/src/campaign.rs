//! Campaigns as an operator makes them: created, forecast, scheduled, cancelled.
//!
//! A campaign's key is its maker's own, so making it twice makes it once. Nothing is sent here:
//! `send` only writes down when; the worker does the rest.

use audience::{Segment, Set};
use planner::{Forecast, Parts, Question, Reason, Way};
use serde::{Deserialize, Serialize};
use store::CampaignId;
use store::batch::{BatchKind, BatchState};
use store::campaign::{self, Campaign, CampaignState};
use wire::Timestamp;
use wire::draft::Article;

use crate::books::{Books, read_set};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{
    CampaignArticle, CampaignMessage, CampaignView, ForecastView, NewCampaign, ReasonCount,
    SendWish, WayWish,
};

/// What of a campaign is stored as one JSON object beside its columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) message: CampaignMessage,
    pub(crate) way: WayWish,
    pub(crate) include_possible: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
}

/// The kind of campaigns that tell none.
pub(crate) const GENERAL: &str = "general";

/// Reads the word for a kind of campaign.
pub(crate) fn kind(told: &str) -> Result<String, Error> {
    let word = told.trim();
    if word.is_empty() || word.chars().count() > 40 || word.chars().any(char::is_control) {
        return Err(Error::bad("kind", "use 1 to 40 characters, such as promotion"));
    }
    Ok(word.to_owned())
}

pub(crate) fn wish(campaign: &Campaign) -> Result<Wish, Error> {
    serde_json::from_str(&campaign.message)
        .map_err(|error| Error::unreadable("the message of a campaign", error))
}

pub(crate) fn view(campaign: &Campaign) -> Result<CampaignView, Error> {
    let wish = wish(campaign)?;
    Ok(CampaignView {
        id: campaign.id.0,
        key: campaign.key.clone(),
        name: campaign.name.clone(),
        segment: campaign.segment.clone(),
        state: campaign.state.to_string(),
        starts_at: campaign.starts_at,
        frozen_at: campaign.frozen_at,
        message: wish.message,
        kind: wish.kind,
        note: Some(campaign.note.clone()).filter(|note| !note.is_empty()),
    })
}

pub(crate) async fn get(owner: &Owner, id: CampaignId) -> Result<Campaign, Error> {
    Ok(campaign::get(&owner.store, owner.id(), id).await?)
}

/// Makes a campaign, or gives back the one made before with the same key and content.
pub(crate) async fn create(owner: &Owner, new: NewCampaign) -> Result<CampaignView, Error> {
    check(owner, &new)?;
    let segment = Segment::parse(&new.segment)?;
    let mut books = owner.books.write().await;
    segment.compile(&books.index, &books.context(owner.month()))?;
    let wish = Wish {
        message: new.message,
        way: new.way,
        include_possible: new.include_possible,
        kind: new.kind.as_deref().map(kind).transpose()?,
    };
    let message = serde_json::to_string(&wish)
        .map_err(|error| Error::unreadable("the message of a campaign", error))?;
    let row = campaign::NewCampaign {
        key: new.key.clone(),
        name: new.name.clone(),
        segment: new.segment.clone(),
        message: message.clone(),
        way: String::new(),
        starts_at: None,
        state: CampaignState::Draft,
        created_at: owner.now(),
    };
    let account = owner.id();
    let (stored, _) = owner
        .store
        .write(move |tx| Box::pin(async move { campaign::create(tx, account, &row).await }))
        .await?;
    let same =
        stored.segment == new.segment && stored.name == new.name && stored.message == message;
    if !same {
        return Err(Error::Conflict(format!(
            "there is a campaign {:?} already, with another name, segment or message: choose another key",
            new.key
        )));
    }
    books.add_campaign(&new.key);
    view(&stored)
}

fn check(owner: &Owner, new: &NewCampaign) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if new.key.is_empty() || new.key.len() > 64 || !new.key.bytes().all(allowed) {
        return Err(Error::bad("key", "use 1 to 64 letters, digits, '-', '_' or '.'"));
    }
    if new.name.trim().is_empty() || new.name.chars().count() > 100 {
        return Err(Error::bad("name", "use 1 to 100 characters"));
    }
    let limits = owner.limits()?;
    match &new.message {
        CampaignMessage::Text { content } => content::check_text(content, &limits)?,
        CampaignMessage::Articles { articles } => {
            content::check_articles(&drafted(articles), &limits)?;
        }
    }
    Ok(())
}

/// The articles as a draft carries them.
pub(crate) fn drafted(articles: &[CampaignArticle]) -> Vec<Article> {
    articles
        .iter()
        .map(|article| Article {
            title: article.title.clone(),
            author: article.author.clone(),
            digest: article.digest.clone(),
            content: article.content.clone(),
            content_source_url: article.source_url.clone(),
            thumb_media_id: article.cover_media_id.clone(),
            ..Article::default()
        })
        .collect()
}

/// What would happen if the campaign went out now.
pub(crate) struct Outlook {
    pub(crate) segment: Set,
    pub(crate) forecast: Forecast,
    pub(crate) way: Way,
    pub(crate) parts: Parts,
    /// Possible ones that the campaign does not try.
    pub(crate) not_tried: Set,
}

impl Outlook {
    /// Everybody the campaign would be sent to.
    pub(crate) fn recipients(&self) -> Set {
        let mut all = self.forecast.certain.union(&self.forecast.possible);
        all.and_not_with(&self.parts.alone);
        all.and_not_with(&self.not_tried);
        all
    }

    /// Why the others are not: every follower of the segment is either a recipient or in exactly
    /// one of these.
    pub(crate) fn skipped(&self) -> Vec<(Reason, Set)> {
        let mut alone = self.parts.alone.clone();
        if self.way != Way::Lists {
            alone = Set::new();
        }
        vec![
            (Reason::Left, self.forecast.left.clone()),
            (Reason::MonthFull, self.forecast.full.clone()),
            (Reason::Alone, alone),
            (Reason::NotTried, self.not_tried.clone()),
        ]
    }

    pub(crate) fn calls(&self) -> usize {
        match self.way {
            Way::ToAll | Way::Tag(_) => 1,
            Way::Lists => self.parts.lists.len(),
        }
    }
}

/// Looks ahead: the segment (or the frozen audience of a campaign that goes on) against the slots
/// of this month. The one function behind forecast and send.
pub(crate) async fn outlook(
    owner: &Owner,
    books: &Books,
    campaign: &Campaign,
) -> Result<Outlook, Error> {
    let frozen = campaign::audience(&owner.store, owner.id(), campaign.id).await?;
    let (segment, goes_on) = match frozen {
        Some(frozen) => {
            let frozen = read_set("a frozen audience", &frozen)?;
            if is_planned(owner, campaign).await? {
                (frozen, false)
            } else {
                (still_to_reach(owner, campaign, frozen).await?, true)
            }
        }
        None => (evaluate(owner, books, &campaign.segment)?, false),
    };
    look_ahead(owner, books, campaign, segment, goes_on).await
}

/// Whether the campaign was frozen by a plan and is still to be cut into batches.
pub(crate) async fn is_planned(owner: &Owner, campaign: &Campaign) -> Result<bool, Error> {
    Ok(campaign.frozen_at.is_some()
        && store::batch::of_campaign(&owner.store, owner.id(), campaign.id).await?.is_empty())
}

/// The same for these people, whatever the campaign's text says; one that goes on keeps to lists.
pub(crate) async fn look_ahead(
    owner: &Owner,
    books: &Books,
    campaign: &Campaign,
    segment: Set,
    goes_on: bool,
) -> Result<Outlook, Error> {
    let wish = wish(campaign)?;
    let limits = owner.limits()?;
    let slots = books.slots(owner.month());
    let forecast = planner::forecast(planner::Inputs {
        segment: &segment,
        following: books.index.following(),
        slots: &slots,
    });
    let (certain, mut possible) = (forecast.certain.clone(), forecast.possible.clone());
    let mut not_tried = Set::new();
    if !wish.include_possible {
        not_tried = std::mem::take(&mut possible);
    }
    let least = usize::try_from(limits.list_least.unwrap_or(2)).unwrap_or(2);
    let most = usize::try_from(limits.list_most.unwrap_or(10_000)).unwrap_or(10_000);
    let mut parts = planner::parts(&certain, &possible, least, most);
    // One call to certain and possible ones together would come back as a range for all of them;
    // lists of their own keep the certain ones exact, while the calls of today suffice.
    let mixed = !certain.is_empty() && !possible.is_empty();
    let calls = i64::try_from(parts.lists.len()).unwrap_or(i64::MAX);
    let affordable = owner.mass_calls_left().today.is_none_or(|left| calls <= left / 2);
    let lists = goes_on || wish.way == WayWish::Lists || !not_tried.is_empty();
    let way = if lists || (mixed && affordable) {
        Way::Lists
    } else {
        let to_all = may_send_to_all(owner, &limits).await?;
        let candidates = forecast.candidates().subtract(&parts.alone);
        let tags: Vec<_> = books.index.tags().collect();
        planner::choose_way(Question {
            segment: &segment,
            following: books.index.following(),
            forecast: &forecast,
            candidates: &candidates,
            tags: &tags,
            to_all_allowed: to_all,
            list_most: most,
        })
    };
    if way != Way::Lists {
        parts = Parts { lists: Vec::new(), alone: Set::new() };
    }
    Ok(Outlook { segment, forecast, way, parts, not_tried })
}

/// The followers a text describes, over everybody known.
pub(crate) fn evaluate(owner: &Owner, books: &Books, text: &str) -> Result<Set, Error> {
    let context = books.context(owner.month());
    let segment = Segment::parse(text)?.compile(&books.index, &context)?;
    let mut people = segment.evaluate(&books.index, &context, owner.now());
    // Whoever was erased left a number behind, and `not …` would take it for somebody.
    people.and_not_with(&books.erased);
    Ok(people)
}

/// Of a frozen audience, those whose batches were cancelled before any call; all others have been
/// reached, are under way, or were skipped for a reason that is on record.
async fn still_to_reach(owner: &Owner, campaign: &Campaign, frozen: Set) -> Result<Set, Error> {
    let batches =
        store::batch::of_campaign_with_recipients(&owner.store, owner.id(), campaign.id).await?;
    let (mut open, mut reached) = (Set::new(), Set::new());
    for batch in &batches {
        let recipients = crate::books::recipients(batch)?;
        match batch.head.state {
            BatchState::Cancelled => open.or_with(&recipients),
            BatchState::Refused if batch.head.kind == BatchKind::All => open.or_with(&recipients),
            _ => reached.or_with(&recipients),
        }
    }
    open.and_with(&frozen);
    open.and_not_with(&reached);
    Ok(open)
}

/// Whether the account has a send to everybody left (`platform/01 §3.1`): sends of the website
/// count too, as far as they were seen.
async fn may_send_to_all(owner: &Owner, limits: &wire::rules::Limits) -> Result<bool, Error> {
    let (now, month) = (owner.now(), owner.month());
    let mut this_month = 0;
    let mut today = 0;
    for batch in store::batch::of_month(&owner.store, owner.id(), month).await? {
        if matches!(batch.head.kind, BatchKind::All | BatchKind::Foreign) {
            this_month += 1;
            let day = batch.head.intended_at.map(Timestamp::day);
            today += i64::from(day == Some(now.day()));
        }
    }
    Ok(limits.to_all_per_month.is_some_and(|most| this_month < most)
        && limits.to_all_per_day.is_none_or(|most| today < most))
}

/// The outlook in numbers.
pub(crate) fn forecast_view(owner: &Owner, outlook: &Outlook) -> Result<ForecastView, Error> {
    let recipients = outlook.recipients();
    let certain = recipients.intersection_len(&outlook.forecast.certain);
    Ok(ForecastView {
        as_of: owner.now(),
        month: owner.month().to_string(),
        segment: outlook.segment.len() as u64,
        certain: certain as u64,
        possible: (recipients.len() - certain) as u64,
        reasons: reasons(&outlook.skipped()),
        way: match outlook.way {
            Way::ToAll => "to_all",
            Way::Tag(_) => "tag",
            Way::Lists => "lists",
        }
        .into(),
        calls: outlook.calls() as u64,
        calls_left_today: owner.mass_calls_left().today.map(|left| left.max(0).unsigned_abs()),
        wasted_by_ignoring_the_cap: outlook.forecast.full.len() as u64,
    })
}

/// A forecast of planned recipients, with those of the segment whom the plan leaves out.
pub(crate) fn with_left_out(forecast: ForecastView, left_out: &[(Reason, Set)]) -> ForecastView {
    let people: u64 = left_out.iter().map(|(_, people)| people.len() as u64).sum();
    let mut all = reasons(left_out);
    all.extend(forecast.reasons);
    ForecastView { segment: forecast.segment + people, reasons: all, ..forecast }
}

pub(crate) fn reasons(skipped: &[(Reason, Set)]) -> Vec<ReasonCount> {
    skipped
        .iter()
        .filter(|(_, people)| !people.is_empty())
        .map(|(reason, people)| ReasonCount {
            reason: reason.as_str().into(),
            people: people.len() as u64,
            sentence: reason.english().into(),
            sentence_zh: reason.chinese().into(),
        })
        .collect()
}

/// The forecast a campaign was frozen with.
pub(crate) fn stored_forecast(campaign: &Campaign) -> Result<Option<ForecastView>, Error> {
    let stored = campaign.forecast.as_deref().map(serde_json::from_str).transpose();
    stored.map_err(|error| Error::unreadable("a forecast", error))
}

pub(crate) async fn forecast(owner: &Owner, id: CampaignId) -> Result<ForecastView, Error> {
    let campaign = get(owner, id).await?;
    // Once frozen, the forecast is the one its send was based on.
    if let Some(stored) = stored_forecast(&campaign)? {
        return Ok(stored);
    }
    let books = owner.books.read().await;
    let outlook = outlook(owner, &books, &campaign).await?;
    forecast_view(owner, &outlook)
}

/// Writes down when the campaign goes; refuses at once what nobody could receive now.
pub(crate) async fn send(
    owner: &Owner,
    id: CampaignId,
    wish: SendWish,
) -> Result<CampaignView, Error> {
    if !owner.may_send() {
        return Err(Error::Fenced);
    }
    let found = get(owner, id).await?;
    let at = wish.at.unwrap_or_else(|| owner.now());
    match found.state {
        CampaignState::Draft | CampaignState::Scheduled if found.frozen_at.is_none() => {}
        // Asked again, as after a lost answer.
        CampaignState::Scheduled | CampaignState::Sending | CampaignState::Settled => {
            return view(&found);
        }
        state => {
            return Err(Error::Conflict(format!("campaign {id} is {state} and cannot be sent")));
        }
    }
    if at <= owner.now() {
        let books = owner.books.read().await;
        let outlook = outlook(owner, &books, &found).await?;
        if let Some(sentence) = nobody(&outlook) {
            return Err(Error::NobodyReachable(sentence));
        }
    }
    let account = owner.id();
    owner
        .store
        .write(move |tx| Box::pin(async move { schedule(tx, account, id, at).await }))
        .await?;
    owner.signal.ring();
    view(&get(owner, id).await?)
}

/// Says in one sentence why nobody would receive; `None` when somebody would.
pub(crate) fn nobody(outlook: &Outlook) -> Option<String> {
    if !outlook.recipients().is_empty() {
        return None;
    }
    let people = outlook.segment.len();
    if people == 0 {
        return Some("the segment is empty: nobody matches it, look at its conditions".into());
    }
    if !outlook.parts.alone.is_empty() {
        return Some(
            "only one follower of the segment could receive, and the platform refuses a list of \
             one (40130): add somebody, or write to them by another way"
                .into(),
        );
    }
    let (full, left) = (outlook.forecast.full.len(), outlook.forecast.left.len());
    Some(format!(
        "nobody of the {people} in the segment can receive: {full} have no slot left this month, \
         {left} do not follow; wait for the next month or choose another segment"
    ))
}

/// Cancels what has not been called yet; what was called stays, and is reported.
pub(crate) async fn cancel(owner: &Owner, id: CampaignId) -> Result<CampaignView, Error> {
    let found = get(owner, id).await?;
    if matches!(found.state, CampaignState::Settled | CampaignState::Failed) {
        return Err(Error::Conflict(format!(
            "campaign {id} is {} already and cannot be cancelled",
            found.state
        )));
    }
    let mut books = owner.books.write().await;
    let batches = store::batch::of_campaign_with_recipients(&owner.store, owner.id(), id).await?;
    let (mut uncalled, mut called) = (Vec::new(), 0);
    for batch in batches {
        match batch.head.state {
            BatchState::Planned | BatchState::Intended if batch.head.attempts == 0 => {
                uncalled.push(batch);
            }
            BatchState::Cancelled | BatchState::Refused => {}
            _ => called += 1,
        }
    }
    crate::freeze::release(owner, &mut books, &found.key, &uncalled).await?;
    let note = if called > 0 {
        format!(
            "cancelled while it was being sent: {called} calls had been made, {} were not",
            uncalled.len()
        )
    } else {
        String::new()
    };
    set_state(owner, id, CampaignState::Cancelled, note).await?;
    view(&get(owner, id).await?)
}

pub(crate) async fn set_state(
    owner: &Owner,
    id: CampaignId,
    state: CampaignState,
    note: String,
) -> Result<(), Error> {
    let account = owner.id();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { campaign::set_state(tx, account, id, state, &note).await })
        })
        .await?;
    Ok(())
}

/// When the earliest scheduled campaign goes.
pub(crate) async fn next_start(owner: &Owner) -> Result<Option<Timestamp>, Error> {
    Ok(scheduled(owner).await?.iter().filter_map(|campaign| campaign.starts_at).min())
}

/// Campaigns that wait for their moment.
pub(crate) async fn scheduled(owner: &Owner) -> Result<Vec<Campaign>, Error> {
    let mut open = campaign::open(&owner.store, owner.id()).await?;
    open.retain(|campaign| campaign.state == CampaignState::Scheduled);
    Ok(open)
}

/// Puts a campaign down for a moment.
pub(crate) async fn schedule(
    tx: &mut store::Tx,
    account: store::AccountId,
    id: CampaignId,
    at: Timestamp,
) -> Result<(), store::Error> {
    campaign::set_starts_at(tx, account, id, Some(at)).await?;
    campaign::set_state(tx, account, id, CampaignState::Scheduled, "").await
}

/// Settles a campaign none of whose batches waits for a call or a result.
pub(crate) async fn settle_if_done(
    tx: &mut store::Tx,
    account: store::AccountId,
    id: CampaignId,
) -> Result<(), store::Error> {
    let heads = store::batch::of_campaign(&mut *tx, account, id).await?;
    let waits =
        heads.iter().any(|head| !head.state.is_final() && head.state != BatchState::Unsettled);
    if waits || campaign::get(&mut *tx, account, id).await?.state != CampaignState::Sending {
        return Ok(());
    }
    campaign::set_state(tx, account, id, CampaignState::Settled, "").await
}
