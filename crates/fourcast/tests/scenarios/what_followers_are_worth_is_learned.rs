//! A shop's people, two months of campaigns that leave some out by chance, and then: what is
//! expected of each follower, beside the truth that the sandbox keeps of them.

use std::collections::HashMap;

use delivery::view::{CampaignView, EstimateView, EstimatesView, PlanView, WorkView};
use fourcast::demo::control::Wish;
use fourcast::demo::drive::QUIET_STEP;
use sandbox::population::description::Description;
use serde_json::{Value, json};
use wire::{Day, Timestamp};

use crate::an_approved_month_is_delivered_as_forecast::drafts;
use crate::harness::World;

/// Month, day, kind and words of each message: every follower is sent at most four a month.
const MESSAGES: [(i8, i8, &str, &str); 8] = [
    (3, 3, "promotion", "全场满减,今晚八点开始"),
    (3, 10, "launch", "春季新品首发"),
    (3, 17, "care", "敏感肌护肤教程"),
    (3, 24, "promotion", "会员大促,限时优惠"),
    (4, 3, "launch", "四月上新"),
    (4, 10, "care", "防晒成分怎么看"),
    (4, 17, "promotion", "换季特价"),
    (4, 24, "launch", "新品试用首发"),
];
const KINDS: [&str; 3] = ["promotion", "launch", "care"];

fn moment(month: i8, day: i8) -> Timestamp {
    Day::new(2026, month, day).unwrap().at(10, 0)
}

/// A menu, so that readers have something to tap: without one the account sees no clicks.
async fn give_menu(world: &World) {
    let control = world.driver.control();
    let accounts: Value = control.rest().get("/sandbox/accounts").await.unwrap();
    let told = json!({"grant_type": "client_credential", "appid": accounts[0]["appid"],
        "secret": accounts[0]["secret"]});
    let token: Value = control.rest().post("/cgi-bin/stable_token", &told).await.unwrap();
    let token = token["access_token"].as_str().unwrap();
    let menu = json!({"button": [{"type": "click", "name": "新品", "key": "MENU_NEW"},
        {"type": "click", "name": "会员", "key": "MENU_MEMBER"}]});
    let path = format!("/cgi-bin/menu/create?access_token={token}");
    let made: Value = control.rest().post(&path, &menu).await.unwrap();
    assert_eq!(made["errcode"], 0, "{made}");
}

async fn send(world: &mut World, key: &str, kind: &str, words: &str) {
    let new = json!({"key": key, "name": key, "kind": kind,
        "segment": format!("subscribed and not share \"{key}\" 20%"),
        "message": {"type": "text", "content": words}});
    let campaigns = world.driver.path("/campaigns");
    let made: CampaignView = world.driver.rest().post(&campaigns, &new).await.unwrap();
    assert_eq!(made.kind.as_deref(), Some(kind));
    let path = format!("{campaigns}/{}/send", made.id);
    let _: CampaignView = world.driver.rest().post(&path, &json!({})).await.unwrap();
    let work: WorkView = world.driver.rest().get("/api/v1/work?wait=true").await.unwrap();
    assert!(work.idle, "{work:?}");
    // Its result comes within the hour; the days after pass quickly.
    world.driver.pass_quiet_hours_in(QUIET_STEP);
    world.advance_to(world.driver.now() + 3_600).await;
    world.driver.pass_quiet_hours_in(6 * 3_600);
}

/// Of each type: what a first message of the month brings, in cents and orders, by kind.
struct Truth {
    types: HashMap<String, HashMap<String, (f64, f64)>>,
    people: HashMap<String, String>,
}

async fn truth(world: &World) -> Truth {
    let control = world.driver.control();
    let shown: Value = control.rest().get(&control.path("truth/types")).await.unwrap();
    let mut types = HashMap::new();
    for one in shown.as_array().unwrap() {
        let kinds = one["kinds"].as_object().unwrap().iter().map(|(kind, places)| {
            let first = &places[0];
            (kind.clone(), (first["cents"].as_f64().unwrap(), first["order"].as_f64().unwrap()))
        });
        types.insert(one["name"].as_str().unwrap().to_owned(), kinds.collect());
    }
    let mut people = HashMap::new();
    let path = control.path("truth/types.csv");
    let line = |line: &str| {
        let (openid, name) = line.split_once(',').unwrap();
        people.insert(openid.to_owned(), name.to_owned());
    };
    control.rest().lines(&path, line).await.unwrap();
    Truth { types, people }
}

/// What is expected of one follower and what is true, in cents.
struct Pair {
    told: f64,
    low: f64,
    high: f64,
    truth: f64,
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / f64::max(count, 1.0)
}

/// Spearman's rank correlation; equal values share their mean rank.
fn rank_correlation(pairs: &[Pair]) -> f64 {
    let ranks = |of: fn(&Pair) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|one, other| of(&pairs[*one]).total_cmp(&of(&pairs[*other])));
        let mut ranks = vec![0.0; pairs.len()];
        for same in order.chunk_by(|one, other| of(&pairs[*one]) == of(&pairs[*other])) {
            let first = order.partition_point(|place| of(&pairs[*place]) < of(&pairs[same[0]]));
            let rank = first as f64 + (same.len() - 1) as f64 / 2.0;
            same.iter().for_each(|place| ranks[*place] = rank);
        }
        ranks
    };
    let (told, truth) = (ranks(|pair| pair.told), ranks(|pair| pair.truth));
    let middle = (pairs.len() - 1) as f64 / 2.0;
    let product = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| (one - middle) * (other - middle)).sum()
    };
    product(&told, &truth) / (product(&told, &told) * product(&truth, &truth)).sqrt()
}

/// How the estimates of a kind do.
struct Grade {
    /// The mean expected over the mean true worth.
    level: f64,
    /// How far the fifths by expected worth are off, of the mean true worth.
    off: f64,
    rank: f64,
    /// The share of people whose group's true mean lies in the group's interval; a group are
    /// people of the same estimate, at least a hundred.
    covered: f64,
    /// The mean true worth of the fifth that is expected to be worth most, of the whole mean.
    top: f64,
    /// The same, had everybody's type been known.
    best_top: f64,
}

fn grade(mut pairs: Vec<Pair>) -> Grade {
    let rank = rank_correlation(&pairs);
    let whole = mean(pairs.iter().map(|pair| pair.truth));
    let level = mean(pairs.iter().map(|pair| pair.told)) / whole;
    let fifth = pairs.len().div_ceil(5);
    pairs.sort_by(|one, other| other.truth.total_cmp(&one.truth));
    let best_top = mean(pairs[..fifth].iter().map(|pair| pair.truth)) / whole;
    let key = |pair: &Pair| (pair.told, pair.low, pair.high);
    pairs.sort_by(|one, other| key(other).partial_cmp(&key(one)).unwrap());
    let top = mean(pairs[..fifth].iter().map(|pair| pair.truth)) / whole;
    let off = pairs.chunks(fifth).map(|part| {
        mean(part.iter().map(|pair| pair.told)) - mean(part.iter().map(|pair| pair.truth))
    });
    let off = mean(off.map(f64::abs)) / whole;
    let (mut inside, mut grouped) = (0, 0);
    for group in pairs.chunk_by(|one, other| key(one) == key(other)) {
        if group.len() >= 100 {
            let truth = mean(group.iter().map(|pair| pair.truth));
            let holds = (group[0].low..=group[0].high).contains(&truth);
            inside += if holds { group.len() } else { 0 };
            grouped += group.len();
        }
    }
    let covered = inside as f64 / f64::max(grouped as f64, 1.0);
    Grade { level, off, rank, covered, top, best_top }
}

/// Lives the two months, learns, and compares with the truth.
async fn learned(followers: u32) -> (World, Vec<(&'static str, EstimatesView, Grade)>) {
    let people = Wish { population: Some(Description::default()), ..Wish::of(followers, 7) };
    let mut world = World::bare(people).await;
    give_menu(&world).await;
    for (number, (month, day, kind, words)) in (1..).zip(MESSAGES) {
        world.advance_to(moment(month, day)).await;
        send(&mut world, &format!("{number:02}-{kind}"), kind, words).await;
    }
    world.advance_to(moment(5, 1)).await;
    world.driver.import_shop().await.unwrap();
    let truth = truth(&world).await;
    let mut grades = Vec::new();
    for kind in KINDS {
        let path = world.driver.path(&format!("/estimates?kind={kind}"));
        let view: EstimatesView = world.driver.rest().get(&path).await.unwrap();
        let mut pairs = Vec::new();
        let path = world.driver.path(&format!("/estimates.csv?kind={kind}"));
        let mut line = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            let Ok(told) = cells[1].parse::<f64>() else { return };
            let cents = |cell: usize| cells[cell].parse::<f64>().unwrap() * view.unit_cents;
            let name = &truth.people[cells[0]];
            pairs.push(Pair {
                told: told * view.unit_cents,
                low: cents(2),
                high: cents(3),
                truth: truth.types[name][kind].0,
            });
        };
        world.driver.rest().lines(&path, &mut line).await.unwrap();
        assert_eq!(pairs.len() as u64, view.people);
        grades.push((kind, view, grade(pairs)));
    }
    (world, grades)
}

fn print(followers: u32, grades: &[(&str, EstimatesView, Grade)]) {
    println!("{followers} followers; kind: level, off, rank, covered, top fifth (best possible)");
    for (kind, view, grade) in grades {
        let Grade { level, off, rank, covered, top, best_top } = grade;
        println!(
            "{kind}: {level:.2}, {off:.2}, {rank:.2}, {covered:.2}, {top:.2} ({best_top:.2}); \
             {} sent, {} ordered",
            view.past.sent_of_kind, view.past.sent_of_kind_ordered
        );
        println!("  {:?}", view.model);
        println!("  {:?}", view.places);
        println!("  {:?}", view.parts);
    }
    if let Some((_, view, _)) = grades.first() {
        println!("{:?}", view.past);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_followers_are_worth_is_learned() {
    let (mut world, grades) = learned(12_000).await;
    print(12_000, &grades);
    for (kind, view, grade) in &grades {
        assert_eq!(view.past.compared, "held_out");
        assert_eq!(view.past.messages, 8);
        assert_eq!(view.bases.iter().map(|line| line.people).sum::<u64>(), view.people);
        assert!(view.places.is_sorted_by(|one, next| one.of_first >= next.of_first), "{kind}");
        // Some hundreds of orders teach the level of a kind to a third or so.
        assert!((0.4..2.2).contains(&grade.level), "{kind}: level {}", grade.level);
        assert!(grade.off < 1.0, "{kind}: off {}", grade.off);
        assert!(grade.rank > 0.15, "{kind}: rank {}", grade.rank);
        assert!(grade.top > 1.3, "{kind}: top {}", grade.top);
    }
    let covered = mean(grades.iter().map(|(_, _, grade)| grade.covered));
    assert!(covered > 0.5, "covered {covered}");

    // One follower, in words.
    let somebody = world.somebody("count(click, 60d) >= 3").await;
    let path = world.driver.path(&format!("/estimates/{somebody}?kind=promotion"));
    let one: EstimateView = world.driver.rest().get(&path).await.unwrap();
    assert!(one.low_cents <= one.cents && one.cents <= one.high_cents, "{one:?}");
    let sum = one.reasons.iter().find(|reason| reason.feature == "acts").unwrap();
    assert!(sum.cents > 0.0, "who clicks is worth more: {one:?}");

    // Whoever was left out is told so in their record.
    let path = world.driver.path(&format!("/followers/{somebody}/export"));
    let all: Value = world.driver.rest().get(&path).await.unwrap();
    let outcomes: Vec<&str> =
        all["history"].as_array().unwrap().iter().filter_map(|l| l["outcome"].as_str()).collect();
    assert_eq!(outcomes.len(), MESSAGES.len(), "{outcomes:?}");

    // The price of losing somebody is held against it.
    let path = world.driver.path("/estimates?kind=care&follower_cents=1000000");
    let dear: EstimatesView = world.driver.rest().get(&path).await.unwrap();
    assert!(dear.total_cents < grades[2].1.total_cents, "{} is not less", dear.total_cents);
    is_planned_by(&mut world).await;
    world.teardown().await;
}

/// A month is planned by what was learned: with slots for everything, each campaign goes to everybody
/// to whom it is worth something, and is worth what the estimates add up to.
async fn is_planned_by(world: &mut World) {
    drafts(world, &[("may-sale", "subscribed"), ("may-care", "subscribed")]).await;
    let wish = |campaign: &str, day: i8, kind: &str| {
        let worth = json!({"learned": {"kind": kind, "follower": 5}});
        json!({"campaign": campaign, "at": moment(5, day), "worth": worth})
    };
    let campaigns = [wish("may-sale", 6, "promotion"), wish("may-care", 12, "care")];
    let question = json!({"month": "2026-05", "campaigns": campaigns});
    let rest = world.driver.rest();
    let plan: PlanView = rest.post(&world.driver.path("/plans"), &question).await.unwrap();
    assert_eq!(plan.gap, 0.0);
    for (line, kind) in plan.campaigns.iter().zip(["promotion", "care"]) {
        let (mut people, mut yuan) = (0, 0.0);
        let path = format!("/estimates.csv?kind={kind}&follower_cents=500&unit_cents=1");
        let mut add = |line: &str| {
            let told = line.split(',').nth(1).and_then(|cell| cell.parse::<f64>().ok());
            if let Some(cents) = told.filter(|cents| *cents > 0.0) {
                people += 1;
                yuan += cents / 100.0;
            }
        };
        rest.lines(&world.driver.path(&path), &mut add).await.unwrap();
        assert!(people > 0 && line.recipients >= people, "{line:?}: {people}");
        // The file is told in whole cents, the plan weighs finer.
        let off = (line.worth - yuan).abs();
        assert!(off <= 0.005 * line.audience as f64, "{line:?}: {yuan}");
    }
    let mut unknown = question;
    unknown["campaigns"][0]["worth"] = json!({"learned": {"days": 40}});
    let refused = rest.post::<PlanView>(&world.driver.path("/plans"), &unknown).await.unwrap_err();
    assert!(refused.to_string().contains("campaigns[0].worth.learned.days"), "{refused}");
}

/// The figures of `docs/learning.md`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: the figures of docs/learning.md"]
async fn what_many_followers_are_worth_is_learned() {
    let (world, grades) = learned(60_000).await;
    print(60_000, &grades);
    world.teardown().await;
}

/// Before anybody was left out nothing is told; who was left out is told so; bad input is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worth_is_not_told_before_it_is_known() {
    let mut world = World::start(300).await;
    world.advance_to(moment(3, 3)).await;
    let nothing = world.driver.path("/estimates?kind=promotion");
    let refused = world.driver.rest().get::<Value>(&nothing).await.unwrap_err();
    assert_eq!(refused.code(), Some("conflict"), "{refused}");
    assert!(refused.to_string().contains("not share"), "{refused}");
    send(&mut world, "01-launch", "launch", "春季新品首发").await;
    let somebody = world.somebody("not received \"01-launch\"").await;
    let path = world.driver.path(&format!("/followers/{somebody}/export"));
    let all: Value = world.driver.rest().get(&path).await.unwrap();
    assert_eq!(all["history"][0]["outcome"], "held_out", "{all}");
    let campaigns = world.driver.path("/campaigns");
    let all: Vec<CampaignView> = world.driver.rest().get(&campaigns).await.unwrap();
    assert_eq!(all[0].kind.as_deref(), Some("launch"));
    for (wish, field) in [
        ("days=0", "days"),
        ("days=15", "days"),
        ("nth=5", "nth"),
        ("unit_cents=0", "unit_cents"),
        ("kind=%20", "kind"),
        ("with=nobody", "with"),
        ("segment=tag%20%22none%22", "segment"),
    ] {
        let path = world.driver.path(&format!("/estimates?{wish}"));
        let error = world.driver.rest().get::<Value>(&path).await.unwrap_err();
        assert!(error.to_string().contains(field), "{wish}: {error}");
    }
    world.teardown().await;
}
