//! Every statement of this crate, taken from its source, is explained by SQLite: none may read a
//! whole table that grows with followers, orders, events, sends or callbacks.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use super::scratch;

/// What a plan may read from end to end: the few accounts and keys, lists handed over as a
/// parameter, and results of an inner query.
const SMALL: &[&str] =
    &["account", "api_key", "j", "json_each", "jsonb_each", "d", "listed", "(subquery", "CONSTANT"];
/// Tables that hold rows of all accounts: the search must begin with the account or a row number.
const SEARCHED: &[&str] = &["account=?", "seq=?", "rowid", "id=?", "digest=?", "key=?", "appid=?"];

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let scratch = scratch().await;
    let path = scratch.folder.path().join("fourcast.db");
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let statements = statements();
    assert!(statements.len() > 90, "only {} statements were found", statements.len());
    let mut wrong = Vec::new();
    for statement in &statements {
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{error} in {statement}"));
        for row in rows {
            let step: String = row.get("detail");
            let scans = step
                .strip_prefix("SCAN ")
                .is_some_and(|of| !SMALL.iter().any(|small| starts_with_word(of, small)));
            // `SEARCH purchase` alone is one step to the highest row number.
            let loose = step.starts_with("SEARCH ")
                && !["SEARCH purchase", "SEARCH event", "SEARCH consent", "SEARCH purchase_line"]
                    .contains(&step.as_str())
                && !SEARCHED.iter().any(|found| step.contains(found));
            if scans || loose || step.contains("AUTOMATIC") {
                wrong.push(format!("{step}\n    in {statement}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A plan that starts from an account's followers and looks through the list for each of them is
/// a search by index too, and takes hours for a million.
#[tokio::test]
async fn lists_handed_over_lead_the_plan() {
    let scratch = scratch().await;
    let path = scratch.folder.path().join("fourcast.db");
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let mut with_lists = 0;
    for statement in statements().iter().filter(|statement| statement.contains("json_each")) {
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let list = steps.iter().position(|step| step.contains("VIRTUAL TABLE")).unwrap();
        let before: Vec<_> =
            steps[..list].iter().filter(|step| step.starts_with("SEARCH")).collect();
        assert!(before.is_empty(), "{before:?} comes before the list in {statement}");
        with_lists += 1;
    }
    assert!(with_lists >= 15, "{with_lists}");
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| {
        !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
    })
}

/// The string literals of `src` that begin like a statement over tables.
fn statements() -> Vec<String> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
        {
            let text = std::fs::read_to_string(&path).unwrap();
            let begins = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
            found.extend(
                literals(&text)
                    .into_iter()
                    .filter(|literal| begins.iter().any(|begin| literal.starts_with(begin))),
            );
        }
    }
}

/// Plain string literals, with `\` at a line's end joining lines as the compiler does.
fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line_or_more in text.split("\n\n") {
        let code: String = line_or_more
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let mut rest = code.as_str();
        while let Some(start) = rest.find('"') {
            let mut literal = String::new();
            let mut signs = rest[start + 1..].char_indices();
            let mut end = rest.len();
            while let Some((at, sign)) = signs.next() {
                match sign {
                    '"' => {
                        end = start + 1 + at + 1;
                        break;
                    }
                    '\\' => match signs.next() {
                        Some((_, '\n')) => {
                            while signs.clone().next().is_some_and(|(_, sign)| sign == ' ') {
                                signs.next();
                            }
                        }
                        Some((_, sign)) => literal.push(sign),
                        None => {}
                    },
                    other => literal.push(other),
                }
            }
            found.push(literal);
            rest = &rest[end..];
        }
    }
    found
}
