//! Mistakes and the sentence each one gets.

use super::*;

fn error(text: &str) -> String {
    let (index, world) = shop();
    let result = Segment::parse(text).and_then(|segment| segment.compile(&index, &world));
    result.map_or_else(|error| error.to_string(), |segment| format!("no error: {segment}"))
}

#[test]
fn names_nobody_knows_are_proposed_anew() {
    for (text, expected) in [
        ("tag \"油皮\"", "column 5: no tag \"油皮\"; did you mean \"油性皮肤\"?"),
        ("subscribed and tag \"火星\"", "column 20: no tag \"火星\""),
        ("tag #103", "column 6: no tag \"#103\"; did you mean \"#101\"?"),
        ("own tag \"梅雨季\"", "column 9: no own tag \"梅雨季\"; did you mean \"梅雨\"?"),
        (
            "birthdya < 1990-01-01",
            "column 1: no attribute \"birthdya\"; did you mean \"birthday\"?",
        ),
        ("has 城", "column 5: no attribute \"城\"; did you mean \"城市\"?"),
        (
            "非 count(clik \"新品\") = 0",
            "column 9: no kind of event \"clik\"; did you mean \"click\"?",
        ),
        (
            "never(orders)",
            "column 7: found \"orders\", wanted order, or a kind of event such as \
          click or message",
        ),
        ("never(oder)", "column 7: no kind of event \"oder\"; did you mean \"order\"?"),
        (
            "received \"spring-2025\"",
            "column 10: no campaign \"spring-2025\"; did you mean \"spring-2026\"?",
        ),
        // A tree built by a program has no columns.
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
    let (index, world) = shop();
    let tree: Segment = serde_json::from_str(r#"{"tag":"油皮"}"#).unwrap();
    let error = tree.compile(&index, &world).unwrap_err();
    assert_eq!(error.to_string(), "no tag \"油皮\"; did you mean \"油性皮肤\"?");
    assert_eq!(error.nearest(), Some("油性皮肤"));
}

#[test]
fn what_stands_in_the_wrong_place_is_named() {
    for (text, expected) in [
        (
            "",
            "column 1: found the end, wanted a condition such as tag \"…\", subscribed or 城市 = \"…\"",
        ),
        (
            "tag \"油性皮肤\" and",
            "column 15: found the end, wanted a condition such as tag \"…\", subscribed or 城市 = \"…\"",
        ),
        ("subscribed subscribed", "column 12: found \"subscribed\", wanted and, or, or the end"),
        ("(subscribed", "column 12: found the end, wanted and, or, or \")\""),
        (
            "tag 油性皮肤",
            "column 5: found \"油性皮肤\", wanted the tag's name in quotes, or # and its number",
        ),
        ("城市 = 上海", "column 6: found \"上海\", wanted a text in quotes"),
        (
            "tags \"x\"",
            "column 6: found the text \"x\", wanted a comparison (= != < <= > >=), in (…) or contains \"…\"; \
             did you mean tag in place of tags?",
        ),
        (
            "城市 = \"上海",
            "column 6: found no end of the text, wanted \" at the end of the text begun here",
        ),
        ("slots >= 1.5", "column 10: found the number 1.5, wanted a number of slots, 0 to 255"),
        ("slots >= 300", "column 10: found the number 300, wanted a number of slots, 0 to 255"),
        (
            "orders.sum(amount) > 0.001",
            "column 22: found the number 0.001, wanted an amount in yuan with at most two decimals",
        ),
        (
            "orders.count(90) > 1",
            "column 14: found the number 90, wanted a time such as 90d or 2026-01-01..2026-03-31",
        ),
        (
            "orders.count(3w) > 1",
            "column 14: found \"3w\", wanted a number, or whole days or hours such as 90d or 48h",
        ),
        (
            "birthday < 1990-13-01",
            "column 12: found \"1990-13-01\", wanted a day such as 2026-03-02",
        ),
        ("birthday < 1990-1-1", "column 12: found \"1990-1-1\", wanted a day such as 2026-03-02"),
        ("last(order) > 180d", "column 19: found the end, wanted \"ago\""),
        (
            "last(order) > 180",
            "column 15: found the number 180, wanted a time such as 180d ago or 2026-03-02",
        ),
        (
            "subscribed & slots > 1",
            "column 12: found '&', wanted a word, a \"text\", a number or a sign such as ( ) , = < >",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn what_can_never_hold_is_said() {
    for (text, expected) in [
        (
            "orders.count(2026-03-31..2026-03-01) > 0",
            "column 26: 2026-03-01 is before 2026-03-31; swap the days",
        ),
        ("城市 < \"上海\"", "column 1: only numbers and days have an order; compare with = or !="),
        ("城市 = 5", "column 1: attribute \"城市\" holds no numbers; write the value in quotes"),
        (
            "城市 > 1990-01-01",
            "column 1: attribute \"城市\" holds no days written as 2026-03-02; compare with a text \
             in quotes or a number",
        ),
        (
            "非会员 = \"是\"",
            "column 1: attribute \"非会员\" holds no texts; write the value without quotes",
        ),
        (
            "城市 = 是",
            "column 1: attribute \"城市\" holds no yes or no; compare with a text or a number",
        ),
        (
            "last(order) = 30d ago",
            "column 13: a time so long ago is one second; ask for longer ago with > or more \
             recently with <",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn defined_attributes_say_what_they_hold() {
    for (text, expected) in [
        ("等级 = \"金\"", "column 1: no choice \"金\"; did you mean \"金卡\"?"),
        (
            "等级 = 3",
            "column 1: attribute \"等级\" is defined to hold one of its choices; compare with one \
             of them in quotes",
        ),
        (
            "到期 = \"2026\"",
            "column 1: attribute \"到期\" is defined to hold days; compare with a day such as \
             2026-03-02 or 30d ago",
        ),
        (
            "到期 contains \"2026\"",
            "column 1: attribute \"到期\" is defined to hold days; compare with a day such as \
             2026-03-02 or 30d ago",
        ),
        ("登级 = \"金卡\"", "column 1: no attribute \"登级\"; did you mean \"等级\"?"),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn newer_conditions_name_what_is_wrong_too() {
    for (text, expected) in [
        ("in list \"员\"", "column 9: no list \"员\"; did you mean \"员工\"?"),
        ("in \"员工\"", "column 4: found the text \"员工\", wanted list \"…\" or segment \"…\""),
        ("in segment \"新客\"", "column 12: no saved segment \"新客\"; did you mean \"老客\"?"),
        (
            "subscribed and in segment \"坏\"",
            "column 27: in saved segment \"坏\", column 5: no tag \"油皮\"; did you mean \
             \"油性皮肤\"?",
        ),
        ("consents(\"TID-2\") > 0", "column 10: no template \"TID-2\"; did you mean \"TID-1\"?"),
        (
            "reacted \"spring-2025\"",
            "column 9: no campaign \"spring-2025\"; did you mean \"spring-2026\"?",
        ),
        ("count(bought \"SKU-3\") > 0", "column 14: no product \"SKU-3\"; did you mean \"SKU-1\"?"),
        (
            "orders.sum(amount \"面膜\") > 0",
            "column 19: no product \"面膜\"; did you mean \"面霜\"?",
        ),
        (
            "sum(bought \"SKU-1\") > 0",
            "column 5: found \"bought\", wanted a kind of event; products have orders.sum(items \"…\")",
        ),
        ("never(bought)", "column 13: found \")\", wanted a product's number or name in quotes"),
        (
            "reacted \"spring-2026\" by clik",
            "column 26: no kind of event \"clik\"; did you mean \"click\"?",
        ),
        (
            "reacted \"spring-2026\" within 3",
            "column 30: found the number 3, wanted a time such as 3d or 48h",
        ),
        (
            "window = 2h",
            "column 8: a window that ends in so many hours ends in one second; ask for longer \
             with > or less with <",
        ),
        ("window < 2d", "column 10: found \"2d\", wanted a number of hours such as 2h"),
        (
            "share \"x\" 101%",
            "column 11: found \"101%\", wanted a share such as 10%, from 0% to 100% with at most \
             four decimals",
        ),
        (
            "share \"x\" 10",
            "column 11: found the number 10, wanted a share such as 10%, from 0% to 100% with at \
             most four decimals",
        ),
        ("sum(积) > 1", "column 5: no kind of event \"积\"; did you mean \"积分\"?"),
        (
            "sum(order) > 1",
            "column 5: found \"order\", wanted a kind of event; orders have orders.sum(amount, …)",
        ),
        ("orders.sum(money) > 1", "column 12: found \"money\", wanted amount or items"),
        ("到期 < 30d", "column 9: found the end, wanted \"ago\""),
        ("城市 starts \"上\"", "column 11: found the text \"上\", wanted \"with\""),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}

#[test]
fn a_saved_segment_never_contains_itself() {
    let (index, mut world) = shop();
    for (name, text) in [
        ("甲", "in segment \"乙\" and subscribed"),
        ("乙", "not in segment \"丙\""),
        ("丙", "everyone or in segment \"甲\""),
    ] {
        world.saved.insert(name.into(), text.into());
    }
    let compile = |text: &str| Segment::parse(text).unwrap().compile(&index, &world);
    let error = compile("in segment \"甲\"").unwrap_err();
    assert_eq!(error.to_string(), "column 12: a saved segment contains itself: 甲 → 乙 → 丙 → 甲");
    // Saved nevertheless, it is answered, and by both readings alike.
    let segment = Segment::parse("in segment \"甲\"").unwrap();
    let found = segment.evaluate(&index, &world, now());
    for ord in 0..6 {
        let explained = segment.explain(&index, &world, now(), ord);
        assert_eq!(explained.holds, found.contains(ord), "{ord}");
    }
    // What would close the circle is refused before it is saved.
    world.saved.insert("丙".into(), "everyone".into());
    let new = Segment::parse("in segment \"甲\"").unwrap();
    assert!(new.clone().compile(&index, &world).is_ok());
    let error = new.compile_as("丙", &index, &world).unwrap_err();
    assert_eq!(error.to_string(), "column 12: a saved segment contains itself: 丙 → 甲 → 乙 → 丙");
}
