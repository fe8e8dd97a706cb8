//! What a sandbox answers, set for people.

use serde_json::Value;
use wire::Timestamp;

use crate::cli::table::Table;

/// Headings of a table and the fields under them; `>` sets a column to the right.
pub(super) type Columns = &'static [(&'static str, &'static str)];

pub(super) const ACCOUNTS: Columns = &[
    ("appid", "appid"),
    ("name 名称", "name"),
    ("kind", "kind"),
    (">followers 粉丝", "followers"),
    (">jobs", "jobs"),
    ("secret", "secret"),
];

pub(super) const FOLLOWERS: Columns = &[
    ("openid", "openid"),
    ("follows", "following"),
    ("refuses", "refusing"),
    (">received", "received_this_month"),
    ("customer", "customer_id"),
];

pub(super) const FAULTS: Columns = &[
    ("kind", "kind"),
    ("endpoint", "endpoint"),
    (">times", "times"),
    (">after", "after"),
    (">ms", "ms"),
    (">seconds", "seconds"),
    ("status", "status"),
    (">count", "count"),
    (">code", "code"),
];

pub(super) const STRUCK: Columns =
    &[("at", "at"), ("endpoint", "endpoint"), ("kind", "kind"), ("by chance", "random")];

pub(super) const JOBS: Columns = &[
    (">msg_id", "msg_id"),
    ("kind", "kind"),
    ("accepted", "accepted_at"),
    ("status", "status"),
    (">total", "total"),
    (">filtered", "filtered"),
    (">sent", "sent"),
    (">errors", "errors"),
];

pub(super) const CALLS: Columns =
    &[("at", "at"), ("path", "path"), (">errcode", "errcode"), ("fault", "fault"), (">ms", "ms")];

pub(super) const CALLBACKS: Columns = &[
    ("at", "at"),
    ("event", "event"),
    (">attempt", "attempt"),
    (">status", "status"),
    ("taken", "taken"),
    ("answer", "answer"),
    ("fault", "fault"),
];

pub(super) const SNAPSHOTS: Columns =
    &[("name", "name"), ("now", "now"), (">accounts", "accounts"), (">followers", "followers")];

/// Objects under each other.
pub(super) fn table(rows: &Value, columns: Columns) -> String {
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).collect();
    let mut table = Table::new(&headings);
    for row in rows.as_array().into_iter().flatten() {
        table.row(columns.iter().map(|(_, field)| cell(field, &row[*field])));
    }
    table.text()
}

/// The fields of one object, each with its value.
pub(super) fn sheet(object: &Value) -> String {
    let fields = object.as_object().into_iter().flatten();
    let lines: Vec<(&str, String)> =
        fields.map(|(name, value)| (name.as_str(), cell(name, value))).collect();
    crate::cli::sheet(&lines)
}

/// Whatever was answered: objects under each other with the fields of the first, the fields of one,
/// or JSON.
pub(super) fn anything(answer: &Value) -> String {
    let rows = answer.as_array().filter(|rows| rows.iter().all(Value::is_object));
    match (answer, rows.and_then(|rows| rows.first()?.as_object())) {
        (Value::Object(_), _) => sheet(answer),
        (Value::Array(rows), None) if rows.is_empty() => "none\n".to_owned(),
        (_, Some(first)) => {
            let fields: Vec<&str> = first.keys().map(String::as_str).collect();
            let mut table = Table::new(&fields);
            for row in answer.as_array().into_iter().flatten() {
                table.row(fields.iter().map(|field| cell(field, &row[*field])));
            }
            table.text()
        }
        _ => format!("{answer}\n"),
    }
}

fn cell(field: &str, value: &Value) -> String {
    let moment = matches!(field, "at" | "now" | "next_due" | "until") || field.ends_with("_at");
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match number.as_i64() {
            Some(seconds) if moment => Timestamp(seconds).to_string(),
            _ => number.to_string(),
        },
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_told_and_what_is_absent_is_a_dash() {
        let rows = json!([{"at":1_772_416_800,"path":"/cgi-bin/user/get","errcode":-1,"ms":3,
            "fault":"system_error"}, {"at":1_772_416_801,"path":"/cgi-bin/token","ms":12}]);
        insta::assert_snapshot!(table(&rows, CALLS), @r"
        at                         path               errcode  fault         ms
        2026-03-02T10:00:00+08:00  /cgi-bin/user/get       -1  system_error   3
        2026-03-02T10:00:01+08:00  /cgi-bin/token           -  -             12
        ");
        let clock = json!({"mode":"running","factor":60,"now":1_772_416_800,"next_due":null});
        insta::assert_snapshot!(sheet(&clock), @r"
        factor    60
        mode      running
        next_due  -
        now       2026-03-02T10:00:00+08:00
        ");
    }
}
