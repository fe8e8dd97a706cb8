//! `fourcast attributes …`, `fourcast lists …`, `fourcast own-tags …`: what the merchant defines.

use clap::{Args, Subcommand};
use delivery::view::{
    AttributeView, FollowerPatch, ListOfPeople, Members, MembersView, OwnTagView, PatchedView, Who,
};
use serde_json::Value;
use store::attribute::AttributeKind;
use wire::OpenId;

use super::table::{Table, grouped};
use super::{Out, Talk, sheet};
use crate::Error;
use crate::rest::{Rest, segment};

/// Attributes.
#[derive(Debug, Args)]
pub struct Attributes {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: AttributeVerb,
}

/// Lists of people.
#[derive(Debug, Args)]
pub struct Lists {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: GroupVerb,
}

/// The merchant's own tags.
#[derive(Debug, Args)]
pub struct OwnTags {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: TagVerb,
}

#[derive(Debug, Subcommand)]
enum AttributeVerb {
    /// What attributes may hold
    List,
    /// Define one, or define it anew
    Define {
        /// Its name
        name: String,
        /// text, number, date, flag or choice
        kind: AttributeKind,
        /// Of a choice: the values there are
        choices: Vec<String>,
    },
    /// Take a definition away; values stay
    Remove {
        /// Its name
        name: String,
    },
    /// Enter values of one follower: name=value; name= takes one away
    Set {
        /// Whom
        openid: OpenId,
        /// name=value; numbers, true and false are taken as such unless quoted as JSON text
        #[arg(required = true)]
        values: Vec<String>,
    },
}

/// Who goes on and who goes off.
#[derive(Debug, Args)]
struct People {
    /// OpenIDs
    openids: Vec<String>,
    /// Everybody of this segment
    #[arg(long)]
    segment: Option<String>,
}

#[derive(Debug, Subcommand)]
enum GroupVerb {
    /// Every list
    List,
    /// Put people onto one; makes it when there is none
    Add {
        /// Its name
        name: String,
        #[command(flatten)]
        people: People,
    },
    /// Take people off one
    Drop {
        /// Its name
        name: String,
        /// OpenIDs
        #[arg(required = true)]
        openids: Vec<String>,
    },
    /// Take one away
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum TagVerb {
    /// Those that somebody carries
    List,
    /// Give one to people
    Give {
        /// Its name
        name: String,
        #[command(flatten)]
        people: People,
    },
    /// Take one from people
    Take {
        /// Its name
        name: String,
        /// OpenIDs
        #[arg(required = true)]
        openids: Vec<String>,
    },
}

pub(super) async fn attributes(noun: Attributes, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        AttributeVerb::List => {
            let view: Vec<AttributeView> = rest.get(&format!("{path}/attributes")).await?;
            out.show(&view, definitions)
        }
        AttributeVerb::Define { name, kind, choices } => {
            let wish = AttributeView { name: name.clone(), kind, choices };
            let path = format!("{path}/attributes/{}", segment(&name));
            let view: AttributeView = rest.put(&path, &wish).await?;
            out.show(&vec![view], definitions)
        }
        AttributeVerb::Remove { name } => {
            rest.delete(&format!("{path}/attributes/{}", segment(&name))).await?;
            gone(&name, out)
        }
        AttributeVerb::Set { openid, values } => {
            let mut patch = FollowerPatch::default();
            for value in values {
                let Some((name, text)) = value.split_once('=') else {
                    return Err(Error::asked(
                        format!("{value:?} has no `=`."),
                        "write name=value, such as level=gold",
                    ));
                };
                patch.attributes.insert(name.to_owned(), given(text));
            }
            let path = format!("{path}/followers/{openid}");
            let view: PatchedView = rest.patch(&path, &patch).await?;
            out.show(&view, |view| sheet(&[("followers", grouped(view.followers))]))
        }
    }
}

/// A value as JSON where it is some, and as text otherwise.
fn given(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::String(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn definitions(view: &Vec<AttributeView>) -> String {
    let mut table = Table::new(&["name", "kind", "choices"]);
    for one in view {
        table.row([one.name.clone(), one.kind.to_string(), one.choices.join(", ")]);
    }
    table.text()
}

fn gone(name: &str, out: Out) -> Result<(), Error> {
    out.show(&serde_json::json!({ "removed": name }), |_| format!("{name} is gone"))
}

fn by_openid(openids: Vec<String>) -> Vec<Who> {
    openids.into_iter().map(Who::OpenId).collect()
}

async fn change(rest: &Rest, path: &str, members: &Members, out: Out) -> Result<(), Error> {
    let view: MembersView = rest.post(path, members).await?;
    out.show(&view, |view| {
        sheet(&[
            ("people", grouped(view.people)),
            ("added", grouped(view.added)),
            ("removed", grouped(view.removed)),
            ("not known here", grouped(view.unknown)),
        ])
    })
}

pub(super) async fn lists(noun: Lists, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    let of = |name: &str| format!("{path}/lists/{}", segment(name));
    match noun.verb {
        GroupVerb::List => {
            let view: Vec<ListOfPeople> = rest.get(&format!("{path}/lists")).await?;
            out.show(&view, |view| {
                let mut table = Table::new(&["name", ">people", "changed"]);
                for one in view {
                    table.row([one.name.clone(), grouped(one.people), one.changed_at.to_string()]);
                }
                table.text()
            })
        }
        GroupVerb::Add { name, people } => {
            let members = Members {
                add: by_openid(people.openids),
                add_segment: people.segment,
                ..Members::default()
            };
            change(&rest, &of(&name), &members, out).await
        }
        GroupVerb::Drop { name, openids } => {
            let members = Members { remove: by_openid(openids), ..Members::default() };
            change(&rest, &of(&name), &members, out).await
        }
        GroupVerb::Remove { name } => {
            rest.delete(&of(&name)).await?;
            gone(&name, out)
        }
    }
}

pub(super) async fn own_tags(noun: OwnTags, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    let of = |name: &str| format!("{path}/own-tags/{}/members", segment(name));
    match noun.verb {
        TagVerb::List => {
            let view: Vec<OwnTagView> = rest.get(&format!("{path}/own-tags")).await?;
            out.show(&view, |view| {
                let mut table = Table::new(&["name", ">people"]);
                for one in view {
                    table.row([one.name.clone(), grouped(one.people)]);
                }
                table.text()
            })
        }
        TagVerb::Give { name, people } => {
            let members = Members {
                add: by_openid(people.openids),
                add_segment: people.segment,
                ..Members::default()
            };
            change(&rest, &of(&name), &members, out).await
        }
        TagVerb::Take { name, openids } => {
            let members = Members { remove: by_openid(openids), ..Members::default() };
            change(&rest, &of(&name), &members, out).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        assert_eq!(given("12.5"), serde_json::json!(12.5));
        assert_eq!(given("true"), serde_json::json!(true));
        assert_eq!(given("\"12\""), serde_json::json!("12"));
        assert_eq!(given("上海"), serde_json::json!("上海"));
        assert_eq!(given("1990-01-01"), serde_json::json!("1990-01-01"));
        assert_eq!(given(""), Value::Null);
    }
}
