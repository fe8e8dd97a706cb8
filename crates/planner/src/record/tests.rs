use proptest::prelude::*;

use super::*;
use crate::plan::Threads;

fn record() -> (Record, Claim) {
    let wish = |audience: Vec<u32>, worth, least, most| Wish {
        audience: audience.into_iter().collect(),
        worth,
        least,
        most,
    };
    let month = Staged {
        places: vec![1, 2, 1, 0, 1, 1],
        classes: vec![0, 1, 0, 0, 1, 1],
        wishes: vec![
            wish(vec![0, 1, 2, 3], Worth::Same(5), 0, Some(2)),
            wish(vec![1, 2, 4, 5], Worth::Each(vec![7, 9, 1, 4]), 0, None),
            wish(vec![0, 1, 4, 5], Worth::ByClass(vec![3, 6]), 2, Some(3)),
        ],
        stages: vec![1, 1, 2],
    };
    let plan = month.best(Threads(1)).unwrap();
    let record = Record {
        month,
        keys: ["spring", "care", "club"].map(str::to_owned).to_vec(),
        recipients: plan.recipients.clone(),
        rules: None,
    };
    let claim = claim(&record, &plan.prices, None);
    (record, claim)
}

fn claim(record: &Record, prices: &[i32], claimed: Option<&ClaimedCalendar>) -> Claim {
    let Sums { stages, short, calendar } = record.add_up(prices, claimed).unwrap();
    Claim {
        about: ABOUT.into(),
        account: "wx1".into(),
        month: "2026-03".into(),
        plan: 1,
        unit_exponent: 0,
        value: stages.iter().map(|stage| stage.value).sum(),
        bound: stages.iter().map(|stage| stage.bound).sum(),
        values_sha256: digest(&record.to_bytes()),
        stages,
        calendar,
        campaigns: (0..record.keys.len())
            .map(|place| {
                let wish = &record.month.wishes[place];
                ClaimedCampaign {
                    key: record.keys[place].clone(),
                    stage: record.month.stages[place],
                    audience: wish.audience.len() as u64,
                    least: wish.least,
                    most: wish.most,
                    recipients: record.recipients[place].len() as u64,
                    short: short[place],
                    price: prices[place],
                }
            })
            .collect(),
    }
}

#[test]
fn what_is_written_is_read_and_proven() {
    let (record, claim) = record();
    assert_eq!(claim.value, claim.bound);
    let read = verify(&claim, &record.to_bytes()).unwrap();
    assert_eq!(read.to_bytes(), record.to_bytes());
    let json = serde_json::to_string(&claim).unwrap();
    assert_eq!(serde_json::from_str::<Claim>(&json).unwrap(), claim);
}

type Change = fn(&mut Claim);

#[test]
fn each_change_of_the_certificate_is_found() {
    let (record, good) = record();
    let values = record.to_bytes();
    let changes: [(Change, &str); 12] = [
        (|claim| claim.value += 1, "the value is"),
        (|claim| claim.bound -= 1, "the bound is"),
        (|claim| (claim.stages[0].value, claim.value) = (99, 99), "value is"),
        (|claim| claim.campaigns[0].price += 100, "bound is"),
        (|claim| claim.campaigns[1].price = 1, "no limit it could stand for"),
        (|claim| claim.campaigns[0].recipients += 1, "the number of recipients of campaign"),
        (|claim| claim.campaigns[0].most = None, "the most of campaign \"spring\""),
        (|claim| claim.campaigns[2].least = 0, "the least of campaign \"club\""),
        (|claim| claim.campaigns[2].short = 1, "what is lacking of campaign \"club\""),
        (|claim| claim.campaigns[0].key = "autumn".into(), "the key of campaign 1"),
        (|claim| drop(claim.campaigns.pop()), "the number of campaigns"),
        (|claim| claim.about = "something".into(), "this version checks"),
    ];
    for (change, wanted) in changes {
        let mut claim = good.clone();
        change(&mut claim);
        let told = verify(&claim, &values).unwrap_err().to_string();
        assert!(told.contains(wanted), "{told} lacks {wanted}");
    }
}

#[test]
fn changed_values_are_found_even_with_their_digest_mended() {
    let (mut record, mut claim) = record();
    record.recipients[0].insert(3);
    let told = verify(&claim, &record.to_bytes()).unwrap_err().to_string();
    assert!(told.contains("were changed"), "{told}");
    claim.values_sha256 = digest(&record.to_bytes());
    claim.campaigns[0].recipients += 1;
    // Follower 3 has no place.
    let told = verify(&claim, &record.to_bytes()).unwrap_err().to_string();
    assert!(told.contains("\"spring\"") || told.contains("follower 3"), "{told}");
}

#[test]
fn whoever_is_forgotten_leaves_a_claim_that_holds() {
    for gone in 0..6 {
        let (mut record, before) = record();
        let knew = record.knows(gone);
        record.forget(gone);
        assert!(knew && !record.knows(gone));
        let prices: Vec<i32> = before.campaigns.iter().map(|one| one.price).collect();
        let after = claim(&record, &prices, None);
        assert!(after.value <= after.bound, "{after:?}");
        verify(&after, &record.to_bytes()).unwrap();
    }
}

/// A month of three days: one quiet day between two messages, a topic once, two calls a day.
fn with_a_calendar() -> (Record, Claim) {
    let wish = |audience: Vec<u32>, worths: Vec<i16>| Wish {
        audience: audience.into_iter().collect(),
        worth: Worth::Each(worths),
        least: 0,
        most: None,
    };
    let month = Staged {
        places: vec![2; 6],
        classes: Vec::new(),
        wishes: vec![
            wish(vec![0, 1, 2, 3], vec![5, 9, 4, 3]),
            wish(vec![1, 2, 4, 5], vec![7, 9, 1, 4]),
            wish(vec![0, 1, 4, 5], vec![3, 6, 3, 6]),
        ],
        stages: vec![1; 3],
    };
    let rules = Rules {
        days_of_month: 30,
        windows: vec![0b1, 0b11, 0b110],
        spacing: 2,
        earlier: vec![0, -3, i8::MIN, i8::MIN, i8::MIN, i8::MIN],
        kept_back: vec![0, 0, 0, 0, 2, 0],
        kept_until: 3,
        topics: vec![Some(0), None, Some(0)],
        topic_most: vec![1],
        disturbing: vec![[0, 1, 2, 2]],
        calls_left: vec![2; 30],
        list_least: 2,
        list_most: 10,
    };
    let question = rules.question(&month);
    let calendar = crate::plan::days::calendar::best(&question, Threads(1)).unwrap();
    let recipients = calendar.recipients();
    let keys = ["spring", "care", "club"].map(str::to_owned).to_vec();
    let claimed = ClaimedCalendar::of(&calendar);
    let record = Record { month, keys, recipients, rules: Some(rules) };
    let claim = claim(&record, &calendar.prices_of_days.wishes, Some(&claimed));
    assert_eq!((claim.value, claim.bound), (calendar.value, calendar.bound));
    assert_eq!(claim.calendar.as_ref(), Some(&claimed));
    (record, claim)
}

#[test]
fn a_plan_with_a_calendar_is_written_read_and_proven() {
    let (record, good) = with_a_calendar();
    assert!(good.value > 0 && good.value <= good.bound);
    let values = record.to_bytes();
    let read = verify(&good, &values).unwrap();
    assert_eq!((read.to_bytes(), read.rules), (values.clone(), record.rules.clone()));
    let changes: [(Change, &str); 5] = [
        (|claim| (claim.value, claim.stages[0].value) = (99, 99), "the value is 99"),
        (|claim| (claim.bound, claim.stages[0].bound) = (1, 1), "the bound is 1"),
        (|claim| claim.calendar.as_mut().unwrap().bound_of_days += 1, "the bound of the days is"),
        (|claim| claim.calendar.as_mut().unwrap().days[0] = 0b1000, "campaign \"spring\""),
        (|claim| claim.calendar = None, "the calendar is"),
    ];
    for (change, wanted) in changes {
        let mut claim = good.clone();
        change(&mut claim);
        let told = verify(&claim, &values).unwrap_err().to_string();
        assert!(told.contains(wanted), "{told} lacks {wanted}");
    }
    for gone in 0..6 {
        let (mut record, before) = with_a_calendar();
        record.forget(gone);
        let prices: Vec<i32> = before.campaigns.iter().map(|one| one.price).collect();
        let after = claim(&record, &prices, before.calendar.as_ref());
        let verdict = verify(&after, &record.to_bytes());
        // A list of one is not sent: what is left of it shows as unlawful, never as proven.
        let alone = record.recipients.iter().any(|set| set.len() == 1);
        assert_eq!(verdict.is_err(), alone, "{gone}: {:?}", verdict.map(|_| ()));
    }
}

proptest! {
    /// Whatever the file holds, it is read or refused with a sentence.
    #[test]
    fn broken_files_are_refused(at in 0usize..400, byte: u8, cut in 0usize..400) {
        let (record, mut claim) = record();
        let mut values = record.to_bytes();
        let at = at % values.len();
        let changed = values[at] != byte;
        values[at] = byte;
        values.truncate(values.len() - cut % 40);
        claim.values_sha256 = digest(&values);
        let verdict = verify(&claim, &values);
        // Some changes make another question with the same proof; none is read where nothing is.
        let untouched = !changed && cut % 40 == 0;
        prop_assert_eq!(untouched, untouched && verdict.is_ok());
        prop_assert!(cut % 40 == 0 || verdict.is_err());
    }
}
