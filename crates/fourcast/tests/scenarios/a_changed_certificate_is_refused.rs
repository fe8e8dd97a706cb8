//! A plan by the command line, from the question to its proof: the files are checked without any
//! server, and a file that was changed is refused with the reason.

use delivery::view::{PersonExport, PlanView};
use planner::record::{Claim, digest};
use serde_json::{Value, json};

use crate::an_approved_month_is_delivered_as_forecast::{SIX, drafts, six};
use crate::every_command_speaks_to_the_server::Shell;
use crate::harness::{World, at};

type Change = fn(&mut Claim);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_certificate_is_refused() {
    let mut world = World::start(200).await;
    drafts(&mut world, SIX).await;
    let shell = Shell { url: world.server_url(), key: world.key() };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(file("question.json"), six().to_string()).unwrap();

    let made = shell.once(&["plan", "make", &file("question.json")]).await;
    assert_eq!((made["id"].as_i64(), made["gap"].as_f64()), (Some(1), Some(0.0)));
    let (text, shown) = shell.say(&["plan", "show"]).await;
    assert_eq!(shown, made);
    assert!(text.contains("first come 先到先得") && text.contains("the plan brings +"), "{text}");
    let (text, _) = shell.say(&["plan", "list"]).await;
    assert!(text.contains("2026-03") && text.contains("draft"), "{text}");
    let (text, people) = shell.say(&["plan", "recipients", "--campaign", "sale"]).await;
    assert_eq!(people.as_array().unwrap().len() as u64, made["campaigns"][3]["recipients"]);
    assert_eq!(text.lines().next(), people[0].as_str());
    let told = shell.fail(&["plan", "recipients", "--campaign", "autumn"]).await;
    assert!(told.contains("autumn") && told.contains("spring"), "{told}");
    let one = world.openids(1).await.remove(0);
    let (text, why) = shell.say(&["plan", "why", "--follower", &one, "--campaign", "spring"]).await;
    assert!(text.contains(why["sentence_zh"].as_str().unwrap()), "{text}");
    let (text, tried) = shell
        .say(&[
            "plan",
            "what-if",
            "--drop",
            "club",
            "--resize",
            "story=..50",
            "--move",
            "care=2026-03-04T09:00:00+08:00",
        ])
        .await;
    assert!(tried["difference"].as_f64().unwrap() < 0.0, "{text}");
    let told = shell.fail(&["plan", "what-if", "--resize", "story=5"]).await;
    assert!(told.contains("story=5") && told.contains("hint:"), "{told}");

    let certificate = file("march.json");
    shell.say(&["plan", "export", "--to", &certificate]).await;
    let (text, proven) = shell.say(&["plan", "verify", &certificate]).await;
    assert_eq!(
        (proven["proven_best"].as_bool(), proven["followers"].as_u64()),
        (Some(true), Some(200))
    );
    assert!(text.contains("nothing lawful is worth more"), "{text}");

    // The certificate is changed.
    let good: Claim =
        serde_json::from_str(&std::fs::read_to_string(&certificate).unwrap()).unwrap();
    let changes: [(Change, &str); 4] = [
        (|claim| claim.value += 10, "the value is"),
        (
            |claim| claim.campaigns[4].recipients -= 1,
            "the number of recipients of campaign \"club\"",
        ),
        (|claim| claim.campaigns[3].price += 1, "bound is"),
        (|claim| claim.values_sha256 = digest(b"other"), "the values were changed"),
    ];
    for (change, wanted) in changes {
        let mut claim = good.clone();
        change(&mut claim);
        std::fs::write(file("changed.json"), serde_json::to_string(&claim).unwrap()).unwrap();
        let told = shell
            .fail(&["plan", "verify", &file("changed.json"), "--values", &file("march.values")])
            .await;
        assert!(told.contains(wanted) && told.contains("hint:"), "{told} lacks {wanted}");
    }
    // The values are changed, with and without a digest that fits.
    let mut values = std::fs::read(file("march.values")).unwrap();
    let last = values.len() - 1;
    values[last] ^= 1;
    std::fs::write(file("changed.values"), &values).unwrap();
    let told =
        shell.fail(&["plan", "verify", &certificate, "--values", &file("changed.values")]).await;
    assert!(told.contains("were changed"), "{told}");
    let claim = Claim { values_sha256: digest(&values), ..good.clone() };
    std::fs::write(file("changed.json"), serde_json::to_string(&claim).unwrap()).unwrap();
    let told = shell
        .fail(&["plan", "verify", &file("changed.json"), "--values", &file("changed.values")])
        .await;
    assert!(told.contains("is not proven"), "{told}");
    let told = shell.fail(&["plan", "verify", &file("nowhere.json")]).await;
    assert!(told.contains("nowhere.json"), "{told}");

    let approved = shell.once(&["plan", "approve", "--plan", "1"]).await;
    assert_eq!(approved["state"], "approved");
    let released = shell.once(&["plan", "release", "--plan", "1", "sale"]).await;
    assert_eq!(released["campaigns"][3]["state"], "released");
    let again = shell.once(&["plan", "replan", "--plan", "1", "--stay", "0.5"]).await;
    assert_eq!(again["replans"]["plan"], 1);
    let told = shell.fail(&["plan", "show", "--plan", "99"]).await;
    assert!(told.contains("99"), "{told}");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_erased_leaves_the_plans_and_their_proof_holds() {
    let mut world = World::start(120).await;
    let plan = crate::an_approved_month_is_delivered_as_forecast::plan(&mut world).await;
    let rest = world.driver.rest();
    let path = world.driver.path(&format!("/plans/{}", plan.id));
    let openids = world.openids(120).await;
    let mut somebody = None;
    for openid in &openids {
        let path = world.driver.path(&format!("/followers/{openid}/export"));
        let export: PersonExport = rest.get(&path).await.unwrap();
        if export.plans.first().is_some_and(|one| one.campaigns.len() == 4) {
            somebody = Some((openid.clone(), export.plans[0].campaigns.clone()));
            break;
        }
    }
    let (gone, campaigns) = somebody.unwrap();
    let again = json!({"stay": 0.3});
    let second: PlanView = rest.post(&format!("{path}/replan"), &again).await.unwrap();
    rest.delete(&world.driver.path(&format!("/followers/{gone}"))).await.unwrap();
    for before in [&plan, &second] {
        let path = world.driver.path(&format!("/plans/{}", before.id));
        let after: PlanView = rest.get(&path).await.unwrap();
        for (was, is) in before.campaigns.iter().zip(&after.campaigns) {
            let planned = u64::from(campaigns.contains(&was.campaign));
            assert_eq!(was.recipients - is.recipients, planned, "{}", was.campaign);
        }
        assert!(after.value < before.value && after.value <= after.bound);
        let worth: f64 = after.campaigns.iter().map(|line| line.worth).sum();
        assert!((worth - after.value).abs() < 1e-6, "{after:?}");
        let claim: Claim = rest.get(&format!("{path}/certificate")).await.unwrap();
        let values = rest.open(&format!("{path}/values")).await.unwrap().bytes().await.unwrap();
        planner::record::verify(&claim, &values).unwrap();
    }
    // The other plan can be approved without them.
    let _: Value = rest.post(&format!("{path}/approve"), &()).await.unwrap();
    world.advance_to(at(21, 10)).await;
    for line in &plan.campaigns {
        let report = world.reported(&line.campaign).await;
        let left = u64::from(campaigns.contains(&line.campaign));
        assert_eq!(report.delivered, line.recipients - left, "{}", line.campaign);
    }
    world.teardown_without(1).await;
}
