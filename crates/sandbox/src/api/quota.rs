//! Call counters read and cleared (`platform/01 §6`).

use serde::Serialize;
use wire::Endpoint;
use wire::quota::{ClearQuotaRequest, Quota, QuotaRequest, RateLimit};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};

#[derive(Serialize)]
struct Counters {
    errcode: i64,
    errmsg: &'static str,
    quota: Quota,
    rate_limit: RateLimit,
    component_rate_limit: RateLimit,
}

/// `openapi/quota/get`.
///
/// # Errors
/// 76021 for a path nobody knows, 76003 for one with a host.
pub fn get(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: QuotaRequest = call.json()?;
    if !request.cgi_path.starts_with('/') {
        return Err(Refused::new(76003));
    }
    let endpoint = Endpoint::of_path(&request.cgi_path).ok_or(Refused::new(76021))?;
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
