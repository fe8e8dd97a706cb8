//! The corpus of the fuzz targets (fuzz/corpus) replayed, and mutated: whatever comes in is answered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use sandbox::in_process::{Answered, InProcess};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wire::Endpoint;
use wire::callback::xml::Element;

/// Lists of lists of long texts would only measure this test.
const MOST_BYTES: usize = 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(20);

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus of {target} is empty");
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Gives one input to a world at its beginning.
async fn ask(world: &InProcess, target: &str, input: &[u8]) -> Option<Answered> {
    world.begin_anew();
    let answered = async {
        match target {
            "multipart" => world.upload(input).await,
            _ => world.replay(input).await,
        }
    };
    let Ok(answered) = tokio::time::timeout(LONGEST, answered).await else {
        panic!("no answer within {LONGEST:?}: {}", String::from_utf8_lossy(input));
    };
    answered
}

fn errcode(answered: &Answered) -> Option<i64> {
    let body: Value = serde_json::from_slice(answered.body.as_ref()?).ok()?;
    Some(body.get("errcode").and_then(Value::as_i64).unwrap_or(0))
}

#[test]
fn every_call_has_a_written_one_that_is_answered() {
    let runtime = runtime();
    let world = runtime.block_on(InProcess::small()).unwrap();
    let mut seen = Vec::new();
    for (path, input) in corpus("sandbox_call") {
        let answered = runtime.block_on(ask(&world, "sandbox_call", &input));
        let answered = answered.unwrap_or_else(|| panic!("{} is no call", path.display()));
        assert!(answered.status.as_u16() < 500, "{} {answered:?}", path.display());
        let text = String::from_utf8_lossy(&input);
        let line = text.split("\n====\n").last().unwrap().lines().next().unwrap_or_default();
        let address = line.split(' ').nth(1).unwrap_or_default();
        let asked = address.split('?').next().unwrap_or_default().to_owned();
        // People's own calls (`/sns/`) refuse their tokens by the same codes.
        let is_well_formed = !asked.starts_with("/sns/") && !path.to_string_lossy().contains("odd");
        if Endpoint::of_path(&asked).is_some() && is_well_formed {
            // They get past the gate: their bodies are read.
            let code = errcode(&answered);
            let gate = [40014, 41001, 40001, 43001, 43002, 44002, 47001];
            assert!(
                !code.is_some_and(|code| gate.contains(&code)),
                "{}: {answered:?}",
                path.display()
            );
        }
        seen.push(asked);
    }
    for endpoint in Endpoint::ALL {
        assert!(
            seen.iter().any(|path| path == endpoint.path()),
            "{endpoint}: write a call of it into fuzz/corpus/sandbox_call"
        );
    }
}

#[test]
fn uploads_and_callback_bodies_are_answered() {
    let runtime = runtime();
    let world = runtime.block_on(InProcess::small()).unwrap();
    let mut taken = 0;
    for (path, input) in corpus("multipart") {
        let answered = runtime.block_on(ask(&world, "multipart", &input)).unwrap();
        assert_eq!(answered.status, 200, "{}", path.display());
        taken += u32::from(errcode(&answered) == Some(0));
    }
    assert!(taken > 0, "one upload at least is a picture");
    let mut read = 0;
    for (_, input) in corpus("callback_xml") {
        read += u32::from(callback_body(&input));
    }
    assert!(read > 0, "one body at least is XML");
}

/// Reads a body; what can be read is written and read again the same.
fn callback_body(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let _ = wire::callback::message::Incoming::parse(&text);
    let Ok(element) = Element::read(&text) else { return false };
    let written = element.write();
    assert_eq!(Element::read(&written).unwrap().write(), written, "{text}");
    true
}

#[derive(Debug, Clone)]
enum Change {
    /// One byte becomes another.
    Byte(Index, u8),
    /// A part is cut out.
    Cut(Index, Index),
    /// A part comes twice.
    Double(Index, Index),
    /// A number or word that is often forgotten is put in.
    Word(Index, usize),
    /// A value in the JSON of one of the calls becomes another, or two become one list.
    Value(Index, Index, usize),
}

const WORDS: [&str; 16] = [
    "-1",
    "9223372036854775807",
    "18446744073709551616",
    "1e309",
    "null",
    "[]",
    "{}",
    "\"\"",
    "\\ud800",
    "\u{0}",
    "%00",
    "]]>",
    "<!--",
    "true",
    "\r\n",
    "你",
];

/// What may stand where another value is expected.
fn odd_value(which: usize, former: &Value) -> Value {
    let values = [
        json!(-1),
        json!(0),
        json!(1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(""),
        json!("\u{0}"),
        json!("-9223372036854775808"),
        json!("你".repeat(30_000)),
        json!("<a href='https://example.com'>x</a>"),
        json!("2026-02-30"),
        json!(true),
        json!([]),
        json!({}),
        Value::Null,
        json!([former]),
        json!(vec![former; 200]),
        json!({ "": former }),
    ];
    values[which % values.len()].clone()
}

/// The places of all values inside, itself included.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                places(item, format!("{at}/{nth}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(item, format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

/// The calls with one value of one of their bodies replaced; as they were where there is no JSON.
fn with_value(input: &[u8], call: Index, place: Index, which: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(input).ok()?;
    let mut calls: Vec<String> = text.split("\n====\n").map(str::to_owned).collect();
    let call = call.index(calls.len());
    let (head, body) = calls[call].split_once("\n\n")?;
    let mut body: Value = serde_json::from_str(body).ok()?;
    let mut found = Vec::new();
    places(&body, String::new(), &mut found);
    let former = body.pointer_mut(&found[place.index(found.len())])?;
    *former = odd_value(which, former);
    let body = body.to_string();
    if body.len() > MOST_BYTES {
        return None;
    }
    calls[call] = format!("{head}\n\n{body}");
    Some(calls.join("\n====\n").into_bytes())
}

fn changed(mut input: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if input.is_empty() {
            break;
        }
        let length = input.len();
        match change {
            Change::Byte(place, byte) => input[place.index(length)] = *byte,
            Change::Cut(one, other) | Change::Double(one, other) => {
                let (one, other) = (one.index(length), other.index(length));
                let part = one.min(other)..one.max(other);
                if matches!(change, Change::Cut(..)) {
                    input.drain(part);
                } else {
                    let doubled = input[part.clone()].to_vec();
                    input.splice(part.start..part.start, doubled);
                }
            }
            Change::Value(call, place, which) => {
                if let Some(with_value) = with_value(&input, *call, *place, *which) {
                    input = with_value;
                }
            }
            Change::Word(place, word) => {
                let place = place.index(length);
                input.splice(place..place, WORDS[word % WORDS.len()].bytes());
            }
        }
    }
    input
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Change::Byte(place, byte)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Cut(one, other)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Double(one, other)),
        1 => (any::<Index>(), 0..WORDS.len()).prop_map(|(place, word)| Change::Word(place, word)),
        // Only these are read beyond the gate, as a rule.
        8 => (any::<Index>(), any::<Index>(), 0..20_usize)
            .prop_map(|(call, place, which)| Change::Value(call, place, which)),
    ]
}

/// How many mutated inputs; `FOURCAST_FUZZ_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("FOURCAST_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500)
}

#[test]
fn no_change_of_the_corpus_breaks_anything() {
    let runtime = runtime();
    let world = runtime.block_on(InProcess::small()).unwrap();
    let mut inputs = Vec::new();
    for target in ["sandbox_call", "multipart", "callback_xml"] {
        inputs.extend(corpus(target).into_iter().map(|(_, input)| (target, input)));
    }
    let config = ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() };
    let strategy = (any::<Index>(), prop::collection::vec(change(), 1..6));
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&strategy, |(which, changes)| {
            let (target, input) = which.get(&inputs);
            let input = changed(input.clone(), &changes);
            if *target == "callback_xml" {
                callback_body(&input);
            } else {
                let answered = runtime.block_on(ask(&world, target, &input));
                let broken = answered.is_some_and(|answered| answered.status.as_u16() == 500);
                prop_assert!(!broken, "{}", String::from_utf8_lossy(&input));
            }
            Ok(())
        })
        .unwrap();
}
