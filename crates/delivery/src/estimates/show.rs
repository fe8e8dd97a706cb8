//! What was learned, as the interface shows it: in words, in both languages.

use audience::{Segment, Set};
use planner::learn::{Basis, Estimate, Feature};
use store::follower::FollowerRow;
use wire::Timestamp;

use super::{Asked, Compared, Estimates, Estimator};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{
    BasisCount, BinView, CheckLine, EstimateReason, EstimateView, EstimatesView, FeatureView,
    ModelView, PastView, PlaceView, WorthPart,
};

/// Parts of the people by worth.
const PARTS: usize = 5;
/// OpenIDs read at a time.
const ROWS: usize = 50_000;
/// Shares are shown of a thousand.
const THOUSAND: f64 = 1_000.0;

pub(super) fn view(
    asked: &Asked,
    estimator: &Estimator,
    estimates: &Estimates,
    now: Timestamp,
) -> Result<EstimatesView, Error> {
    let kind = estimator.past.kind(&asked.kind);
    let learned = &estimator.learned;
    let model = learned.strength_and_slope().map(|(strength, slope)| ModelView {
        strength,
        slope,
        check: learned
            .check()
            .iter()
            .map(|fifth| CheckLine {
                sent: fifth.sent,
                left_out: fifth.left_out,
                expected: fifth.expected * THOUSAND,
                seen: fifth.seen * THOUSAND,
                error: fifth.error * THOUSAND,
            })
            .collect(),
    });
    let places = learned.places(kind).into_iter().map(|place| PlaceView {
        nth: place.nth as u64,
        orders: place.uplift * THOUSAND,
        of_first: place.of_first,
        leaving: place.leaving * THOUSAND,
    });
    let each = estimates.which.iter().map(|number| &estimates.found[*number as usize]);
    Ok(EstimatesView {
        kind: asked.kind.clone(),
        segment: Segment::parse(&asked.segment)?.to_string(),
        as_of: now,
        people: estimates.people.len() as u64,
        unit_cents: estimates.unit_cents,
        total_cents: each.clone().map(|one| one.cents).sum(),
        parts: parts(each.collect()),
        bases: bases(estimates),
        past: past(estimator, kind),
        model,
        places: places.collect(),
        features: features(estimator, kind),
    })
}

fn parts(mut people: Vec<&Estimate>) -> Vec<WorthPart> {
    people.sort_by(|one, other| one.cents.total_cmp(&other.cents));
    let size = people.len().div_ceil(PARTS).max(1);
    people
        .chunks(size)
        .map(|part| {
            let mean = |of: fn(&Estimate) -> f64| {
                part.iter().map(|one| of(one)).sum::<f64>() / part.len() as f64
            };
            WorthPart {
                people: part.len() as u64,
                cents: mean(|one| one.cents),
                orders: mean(Estimate::uplift) * THOUSAND,
                low_cents: mean(|one| one.low),
                high_cents: mean(|one| one.high),
            }
        })
        .collect()
}

fn bases(estimates: &Estimates) -> Vec<BasisCount> {
    Basis::ALL
        .into_iter()
        .map(|basis| BasisCount {
            basis: basis.as_str().into(),
            people: estimates.bases.iter().filter(|one| **one == basis).count() as u64,
            sentence: basis.english().into(),
            sentence_zh: basis.chinese().into(),
        })
        .filter(|line| line.people > 0)
        .collect()
}

fn past(estimator: &Estimator, kind: Option<u8>) -> PastView {
    let (past, examples) = (&estimator.past, estimator.learned.examples());
    let (sent, left_out) = (examples.total(true), examples.total(false));
    let of_kind = kind.map(|kind| examples.total_of(kind, true)).unwrap_or_default();
    let (compared, sentence, sentence_zh) = match past.compared {
        Compared::HeldOut => (
            "held_out",
            "Compared with people whom the campaigns left out by chance.",
            "与活动随机留出的对照组比较。",
        ),
        Compared::NotSent => (
            "not_sent",
            "Compared with others who followed and were not sent it, since too few were left out \
             by chance: what differs between them and is not among the features is taken for an \
             effect of the message.",
            "随机留出的人太少,改与未收到消息的其他粉丝比较:两者之间未被特征涵盖的差异会被算作消息的效果。",
        ),
    };
    PastView {
        from: past.from,
        days: past.days,
        messages: past.sends as u64,
        sent: sent.people,
        sent_ordered: sent.ordered,
        sent_of_kind: of_kind.people,
        sent_of_kind_ordered: of_kind.ordered,
        left_out: left_out.people,
        left_out_ordered: left_out.ordered,
        set_aside: estimator.set_aside.0,
        compared: compared.into(),
        sentence: sentence.into(),
        sentence_zh: sentence_zh.into(),
    }
}

/// Stable word, English and Chinese name of a feature.
fn named(estimator: &Estimator, feature: Feature) -> [String; 3] {
    let name = feature.name();
    if let Feature::Chosen(place) = feature {
        let chosen = estimator.learned.examples().chosen.get(usize::from(place));
        let chosen = chosen.cloned().unwrap_or_default();
        let (en, zh) = (format!("{} \"{chosen}\"", name.en), format!("{}“{chosen}”", name.zh));
        return [chosen, en, zh];
    }
    let word = serde_json::to_value(feature).ok();
    let word = word.as_ref().and_then(|word| word.as_str()).unwrap_or(name.en).to_owned();
    [word, name.en.to_owned(), name.zh.to_owned()]
}

fn features(estimator: &Estimator, kind: Option<u8>) -> Vec<FeatureView> {
    let mut features: Vec<(Feature, FeatureView)> = Vec::new();
    for found in estimator.learned.bins(kind) {
        if features.last().is_none_or(|(feature, _)| *feature != found.feature) {
            let [feature, name, name_zh] = named(estimator, found.feature);
            let view = FeatureView { feature, name, name_zh, bins: Vec::new() };
            features.push((found.feature, view));
        }
        let words = found.feature.bins()[found.bin];
        if let Some((_, view)) = features.last_mut() {
            view.bins.push(BinView {
                bin: words.en.into(),
                bin_zh: words.zh.into(),
                share: found.share,
                orders: found.uplift * THOUSAND,
                cents: found.cents,
            });
        }
    }
    features.into_iter().map(|(_, view)| view).collect()
}

pub(super) async fn csv(owner: &Owner, estimates: &Estimates) -> Result<String, Error> {
    let mut csv = String::from("openid,worth,low,high,basis\n");
    let ordinals: Vec<u32> = estimates.people.iter().collect();
    let mut place = 0;
    for part in ordinals.chunks(ROWS) {
        for openid in store::follower::openids_of(&owner.store, owner.id(), part).await? {
            let (worth, (low, high)) = (estimates.worths[place], estimates.intervals[place]);
            let basis = estimates.bases[place].as_str();
            csv.push_str(&format!("{openid},{worth},{low},{high},{basis}\n"));
            place += 1;
        }
    }
    Ok(csv)
}

pub(super) fn one(
    owner: &Owner,
    asked: &Asked,
    estimator: &Estimator,
    row: &FollowerRow,
) -> Result<EstimateView, Error> {
    let kind = estimator.past.kind(&asked.kind);
    let mut people = Set::new();
    people.insert(row.ord);
    let Some(traits) = estimator.past.now(owner, &people, kind).pop() else {
        return Err(Error::not_found("follower", &row.openid));
    };
    let found = estimator.estimate(traits, kind, asked.received)?;
    let reasons = estimator.learned.parts(traits, kind).into_iter().map(|part| {
        let [feature, name, name_zh] = named(estimator, part.feature);
        let words = part.feature.bins()[part.bin];
        EstimateReason {
            feature,
            name,
            name_zh,
            bin: words.en.into(),
            bin_zh: words.zh.into(),
            cents: part.cents,
        }
    });
    Ok(EstimateView {
        openid: row.openid.to_string(),
        kind: asked.kind.clone(),
        cents: found.cents,
        low_cents: found.low,
        high_cents: found.high,
        with: found.with * THOUSAND,
        without: found.without * THOUSAND,
        order_cents: found.order_cents,
        leaving: found.leaving * THOUSAND,
        basis: found.basis.as_str().into(),
        sentence: found.basis.english().into(),
        sentence_zh: found.basis.chinese().into(),
        reasons: reasons.collect(),
    })
}
