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
            "column 6: found the text \"x\", wanted a comparison (= != < <= > >=) or in (…); \
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
            "orders.count(3h) > 1",
            "column 14: found \"3h\", wanted a number, or whole days such as 90d",
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
            "column 13: a time so many days ago is one second; ask for longer ago with > or more \
             recently with <",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
}
