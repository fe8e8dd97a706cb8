use sandbox::faults::Fault;
use sandbox::pace::Pace;
use sandbox::steering::Act;
use sandbox::{AccountSpec, CallbackMode, CallbackSpec, Config, Sandbox};

use crate::callbacks::inside;
use crate::{Receiver, spec};

#[tokio::test]
async fn a_sandbox_is_steered_from_its_own_process() {
    let receiver = Receiver::new(&[]).await;
    let callback = CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "sbxtoken".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    let account = AccountSpec { callback: Some(callback), ..spec(10) };
    let running =
        Sandbox::start(Config { accounts: vec![account], ..Config::default() }).await.unwrap();
    let appid = running.appids().remove(0);
    let people = running.people(&appid, 3).unwrap();
    let start = running.now();
    assert!(running.act(&appid, &people[0], Act::Write("在".into())).await.unwrap());
    assert_eq!(inside(&receiver.bodies()[0], "Content"), "在", "told before it returns");
    assert!(running.act(&appid, &people[1], Act::Leave).await.unwrap());
    assert!(!running.act(&appid, &people[1], Act::Leave).await.unwrap());
    let refused = running.act(&appid, &people[1], Act::Write("在".into())).await.unwrap_err();
    assert!(refused.to_string().contains("does not follow"), "{refused}");
    let refused = running.act(&appid, "nobody", Act::Pay).await.unwrap_err();
    assert!(refused.to_string().contains("nobody"), "{refused}");

    let fault: Fault =
        serde_json::from_str(r#"{"kind":"finish_status","status":"err(20431)"}"#).unwrap();
    running.lay_out(fault.clone()).unwrap();
    running.send_from_website(&appid, "上新").unwrap();
    let moved = running.advance(60).await.unwrap();
    assert_eq!((moved.pushed, running.now()), (1, start + 60));
    assert_eq!(running.struck().len(), 1);
    let lacking = Fault { kind: sandbox::faults::Kind::Slow, ..fault };
    assert!(running.lay_out(lacking).unwrap_err().to_string().contains("ms"));
    assert!(running.advance_to(start).await.unwrap_err().to_string().contains("forward"));
    running.set_pace(Pace::running(60, running.now())).unwrap();
    assert!(running.advance(1).await.unwrap_err().to_string().contains("manual"));
    let taken = AccountSpec { appid: Some(appid.clone()), ..spec(1) };
    assert!(running.add_account(taken).unwrap_err().to_string().contains("there already"));
    let second = running.add_account(spec(1)).unwrap();
    assert_eq!(running.appids(), [appid.clone(), second]);
    running.reset().unwrap();
    assert_eq!(running.now(), start);
    assert!(running.struck().is_empty());
    running.stop().await;
}
