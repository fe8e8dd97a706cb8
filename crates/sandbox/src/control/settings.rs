//! What an account's operator sets on the website: options, the menu; and what becomes of its
//! verification.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::{Answer, Refusal, json, position, read, tell};
use crate::account::Options;
use crate::api::menu::website::{self, WebsiteButton};
use crate::push::verification::{self, Step};
use crate::world::Shared;

fn no_account() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is no such account")
}

/// `PUT …/options`: where people are, words of recordings and agents, as third-party platforms may
/// choose them, too.
pub async fn set_options(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: Options = read(&body)?;
    let fields = [
        ("location_report", wished.location_report, 2),
        ("voice_recognize", wished.voice_recognize, 1),
        ("customer_service", wished.customer_service, 1),
    ];
    if let Some((name, value, most)) = fields.into_iter().find(|(_, value, most)| value > most) {
        return Err(Refusal::bad(format!("{name} is {value}; give 0 to {most}")));
    }
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    world.account_mut(position).ok_or_else(no_account)?.options = wished;
    json(&wished)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Menu {
    button: Option<Vec<WebsiteButton>>,
}

/// `PUT …/website-menu`: the menu made on the website, in the place of one made by a call; null
/// takes it away.
pub async fn set_menu(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let menu: Menu = read(&body)?;
    if let Some(buttons) = &menu.button {
        website::check(buttons).map_err(Refusal::bad)?;
    }
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    let account = world.account_mut(position).ok_or_else(no_account)?;
    let files = menu.button.iter().flatten().flat_map(website::files);
    let missing = files
        .into_iter()
        .find(|(kind, id)| account.library.get(id).is_none_or(|kept| kept.file.kind != *kind));
    if let Some((kind, id)) = missing {
        let kind = kind.name();
        let sentence = format!(
            "value {id:?} is no permanent {kind} of the account; add one with material/add_material"
        );
        return Err(Refusal::bad(sentence));
    }
    account.menus.set_website(menu.button.clone());
    json(&menu)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verification {
    event: Step,
    at: Option<Timestamp>,
    #[serde(default)]
    reason: String,
}

/// `POST …/verification`: 微信认证 succeeds, fails, is due or runs out.
pub async fn verify(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let told: Verification = read(&body)?;
    if !told.reason.is_empty() && !told.event.fails() {
        return Err(Refusal::bad(
            "reason goes with qualification_verify_fail and naming_verify_fail",
        ));
    }
    let verified = {
        let mut world = shared.world();
        let position = position(&world, &appid)?;
        verification::take(&mut world, position, told.event, told.at, &told.reason)
    };
    tell(&shared).await;
    json(&serde_json::json!({ "verified": verified }))
}
