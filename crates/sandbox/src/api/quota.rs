//! Call counters read and cleared (`platform/01 §6`).

use serde::{Deserialize, Serialize};
use wire::Endpoint;
use wire::quota::{ClearQuotaRequest, Quota, QuotaRequest, RateLimit};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, check_method, done, token};
use crate::world::World;

#[derive(Serialize)]
struct Counters {
    errcode: i64,
    errmsg: &'static str,
    quota: Quota,
    rate_limit: RateLimit,
    component_rate_limit: RateLimit,
}

/// The endpoint of a path: 76003 with a host, 76022 under `/sns/`, 76021 when nobody knows it.
fn endpoint_of(path: &str) -> Result<Endpoint, Refused> {
    if !path.starts_with('/') {
        return Err(Refused::new(76003));
    }
    if path.starts_with("/sns/") {
        return Err(Refused::new(76022));
    }
    Endpoint::of_path(path).ok_or(Refused::new(76021))
}

/// `openapi/quota/get`.
///
/// # Errors
/// 76021 for a path nobody knows, 76003 for one with a host, 76022 under `/sns/`.
pub fn get(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: QuotaRequest = call.json()?;
    let endpoint = endpoint_of(&request.cgi_path)?;
    let used = scene.account.counters.today(endpoint, scene.now);
    let quota = scene.limits.calls_per_day(endpoint).map_or_else(Quota::default, |daily_limit| {
        Quota { daily_limit, used, remain: (daily_limit - used).max(0) }
    });
    let rate_limit = match scene.limits.mass_calls_per_minute {
        Some(call_count) if endpoint.is_mass_send() => RateLimit { call_count, refresh_second: 60 },
        _ => RateLimit::default(),
    };
    answer(&Counters {
        errcode: 0,
        errmsg: "ok",
        quota,
        rate_limit,
        component_rate_limit: RateLimit::default(),
    })
}

/// `clear_quota`.
///
/// # Errors
/// 40013 for another account, 48006 over ten a month.
pub fn clear(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: ClearQuotaRequest = call.json()?;
    if request.appid != scene.account.appid {
        return Err(Refused::new(40013));
    }
    scene.account.counters.clear(&scene.limits, scene.now)?;
    done()
}

/// `openapi/quota/clear`.
///
/// # Errors
/// As [`get`] for the path, 45009 over fifty a month.
pub fn clear_one(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: QuotaRequest = call.json()?;
    let endpoint = endpoint_of(&request.cgi_path)?;
    scene.account.counters.clear_one(endpoint, &scene.limits, scene.now)?;
    done()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BySecret {
    appid: String,
    appsecret: String,
}

/// `clear_quota/v2`, in the body or, as the platform's own sample has it, in the query.
///
/// # Errors
/// 41002 and 41004 when one is missing, 40013, 40125, 48006 over ten a month, the other call's
/// among them.
pub fn clear_by_secret(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    let request = match (call.query("appid"), call.query("appsecret")) {
        (None, None) => call.json()?,
        (appid, appsecret) => BySecret {
            appid: appid.unwrap_or_default().to_owned(),
            appsecret: appsecret.unwrap_or_default().to_owned(),
        },
    };
    if request.appid.is_empty() {
        return Err(Refused::new(41002));
    }
    if request.appsecret.is_empty() {
        return Err(Refused::new(41004));
    }
    let position = world.position(&request.appid).ok_or(Refused::new(40013))?;
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    if account.secret != request.appsecret {
        return Err(Refused::new(40125));
    }
    if !account.assumptions.clear_quota_ignores_allow_list {
        token::check_peer(account, call.peer)?;
    }
    let (limits, now) = (world.limits(account)?, world.now());
    let account = world.account_mut(position).ok_or(Refused::new(40013))?;
    account.counters.count(call.endpoint, &limits, now)?;
    account.counters.clear(&limits, now)?;
    done()
}
