//! Third-party platforms made and looked at, tickets on demand, and administrators who authorise
//! without the page or withdraw.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::{Deserialize, Serialize};
use serde_json::json as value;

use super::{Answer, Refusal, json, position, read, tell};
use crate::component::authorization::{authorize, withdraw};
use crate::component::spec::{ComponentSpec, Settings};
use crate::component::{Component, PreAuthCode, notice, release_test};
use crate::world::{Shared, World};

/// Attempts of pushes shown.
const SHOWN_PUSHES: usize = 200;

#[derive(Serialize)]
struct Shown {
    appid: String,
    secret: String,
    settings: Settings,
    pushes_tickets: bool,
    authorizers: Vec<Authorizer>,
}

#[derive(Serialize)]
struct Authorizer {
    appid: String,
    permission_sets: Vec<u32>,
    since: wire::Timestamp,
}

fn shown(world: &World, component: &Component) -> Shown {
    let authorizer =
        |(position, authorization): (&usize, &crate::component::authorization::Authorization)| {
            let account = world.accounts().get(*position)?;
            Some(Authorizer {
                appid: account.appid.to_string(),
                permission_sets: authorization.sets.iter().copied().collect(),
                since: authorization.since,
            })
        };
    Shown {
        appid: component.appid.to_string(),
        secret: component.secret.clone(),
        settings: component.settings.clone(),
        pushes_tickets: component.is_pushing,
        authorizers: component.authorizations.iter().filter_map(authorizer).collect(),
    }
}

fn component(world: &World, appid: &str) -> Result<usize, Refusal> {
    world.components.position(appid).ok_or_else(|| {
        let sentence =
            format!("there is no third-party platform {appid:?}; see GET /sandbox/components");
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })
}

/// `POST /sandbox/components`: a third-party platform, whose tickets are pushed from now on when it
/// has an event address.
pub async fn create(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let spec: ComponentSpec = read(&body)?;
    let made = {
        let mut world = shared.world();
        if spec.appid.as_ref().is_some_and(|appid| world.position(appid.as_str()).is_some()) {
            return Err(Refusal::bad("appid is an account's; give another or leave it out"));
        }
        let now = world.now();
        let has_address = spec.settings.event_url.is_some();
        let position =
            world.components.add(spec, now).map_err(|error| Refusal::bad(error.to_string()))?;
        if has_address {
            notice::start_tickets(&mut world, position);
        }
        world.components.get(position).map(|component| shown(&world, component))
    };
    tell(&shared).await;
    Ok((StatusCode::CREATED, axum::Json(made)).into_response())
}

/// `GET /sandbox/components`.
pub async fn list(State(shared): State<Arc<Shared>>) -> Answer {
    let world = shared.world();
    let all: Vec<Shown> =
        world.components.all().iter().map(|component| shown(&world, component)).collect();
    json(&all)
}

/// `GET /sandbox/components/{component}`.
pub async fn show(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let position = component(&world, &appid)?;
    json(&world.components.get(position).map(|component| shown(&world, component)))
}

/// `PUT /sandbox/components/{component}`: what it set, all of it anew.
pub async fn change(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let settings: Settings = read(&body)?;
    settings.check().map_err(|error| Refusal::bad(error.to_string()))?;
    let mut world = shared.world();
    let position = component(&world, &appid)?;
    if let Some(component) = world.components.get_mut(position) {
        component.settings = settings;
    }
    json(&world.components.get(position).map(|component| shown(&world, component)))
}

/// `POST /sandbox/components/{component}/tickets`: a ticket now, beside those of every ten minutes.
pub async fn push_ticket(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let ticket = {
        let mut world = shared.world();
        let position = component(&world, &appid)?;
        notice::push_ticket(&mut world, position)
    };
    tell(&shared).await;
    json(&value!({ "component_verify_ticket": ticket }))
}

/// `GET /sandbox/components/{component}/callbacks`: attempts at the event address, newest first.
pub async fn callbacks(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let position = component(&world, &appid)?;
    let pushes: Vec<_> = world
        .components
        .get(position)
        .into_iter()
        .flat_map(|component| component.pushes().take(SHOWN_PUSHES).cloned())
        .collect();
    json(&pushes)
}

/// `POST /sandbox/components/{component}/release-test`: plays the steps of 全网发布检测, which takes
/// up to five real seconds for each answer that does not come.
pub async fn test_release(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let position = component(&shared.world(), &appid)?;
    let steps = release_test::run(&shared, position)
        .await
        .map_err(|reason| Refusal::conflict(reason.to_string()))?;
    let passed = steps.iter().all(|step| step.passed);
    json(&value!({ "passed": passed, "steps": steps }))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Granted {
    /// All that the platform asks for when it is left out.
    permission_sets: Option<BTreeSet<u32>>,
}

/// `POST /sandbox/components/{component}/authorizers/{appid}/authorize`: the administrator agrees
/// without the page.
pub async fn agree(
    State(shared): State<Arc<Shared>>,
    Path((appid, authorizer)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let granted: Granted = read(&body)?;
    let answer = {
        let mut world = shared.world();
        let platform = component(&world, &appid)?;
        let account = position(&world, &authorizer)?;
        let now = world.now();
        let Some(held) = world.components.get_mut(platform) else {
            return Err(Refusal::bad("there is no such third-party platform"));
        };
        let asked: BTreeSet<u32> = held.settings.permission_sets.iter().copied().collect();
        let sets = granted.permission_sets.unwrap_or_else(|| asked.clone());
        if let Some(set) = sets.difference(&asked).next() {
            let sentence =
                format!("permission_sets holds {set}, which the platform does not ask for");
            return Err(Refusal::bad(sentence));
        }
        let code = format!("preauthcode@@@{}", held.chance.text(43));
        held.pre_auth_codes.insert(code.clone(), PreAuthCode { made: now, used: false });
        authorize(&mut world, platform, account, &sets, &code)
            .map_err(|reason| Refusal::conflict(reason.to_string()))?
    };
    tell(&shared).await;
    json(&value!({ "authorization_code": answer.0, "expires_in": answer.1 }))
}

/// `POST /sandbox/components/{component}/authorizers/{appid}/withdraw`: the administrator withdraws.
pub async fn take_back(
    State(shared): State<Arc<Shared>>,
    Path((appid, authorizer)): Path<(String, String)>,
) -> Answer {
    let changed = {
        let mut world = shared.world();
        let platform = component(&world, &appid)?;
        let account = position(&world, &authorizer)?;
        withdraw(&mut world, platform, account)
    };
    tell(&shared).await;
    json(&value!({ "changed": changed }))
}
