//! 微信认证 and what the account is told of it (`platform/01 §1`, `platform/06 §4`): rights arrive
//! when the qualification part succeeds; it is renewed every year.

use serde::Deserialize;
use wire::Timestamp;

use super::events::head;
use super::{Push, To, emit};
use crate::world::World;

const YEAR_SECONDS: i64 = 365 * 86_400;

/// What happens to an account's verification; the names are those of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 资质认证 succeeds: the account has the rights of a verified one.
    QualificationVerifySuccess,
    /// 资质认证 fails.
    QualificationVerifyFail,
    /// 名称认证 succeeds.
    NamingVerifySuccess,
    /// 名称认证 fails.
    NamingVerifyFail,
    /// The yearly renewal is due.
    AnnualRenew,
    /// It ran out.
    VerifyExpired,
}

impl Step {
    fn event(self) -> &'static str {
        match self {
            Self::QualificationVerifySuccess => "qualification_verify_success",
            Self::QualificationVerifyFail => "qualification_verify_fail",
            Self::NamingVerifySuccess => "naming_verify_success",
            Self::NamingVerifyFail => "naming_verify_fail",
            Self::AnnualRenew => "annual_renew",
            Self::VerifyExpired => "verify_expired",
        }
    }

    /// Whether it carries when and why it failed, in place of when it ends.
    #[must_use]
    pub fn fails(self) -> bool {
        matches!(self, Self::QualificationVerifyFail | Self::NamingVerifyFail)
    }
}

/// Carries the step out and tells the account. `at` is when it ends or failed: in a year, or now,
/// unless given. Whether the account is verified then.
pub fn take(
    world: &mut World,
    position: usize,
    step: Step,
    at: Option<Timestamp>,
    reason: &str,
) -> bool {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return false };
    match step {
        Step::QualificationVerifySuccess => account.verified = true,
        Step::VerifyExpired if account.assumptions.rights_end_with_verification => {
            account.verified = false;
        }
        _ => {}
    }
    let verified = account.verified;
    // Some OpenID of the account is named, as for the ends of jobs.
    let openid = account.people.openid(0);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", step.event());
    let usual = if step.fails() || step == Step::VerifyExpired { now } else { now + YEAR_SECONDS };
    let at = at.unwrap_or(usual);
    if step.fails() {
        xml.number("FailTime", at.0).text("FailReason", reason);
    } else {
        xml.number("ExpiredTime", at.0);
    }
    let (event, fields) = (step.event(), xml.finish());
    emit(world, Push { to: To::Account(position), event, openid, fields, attempts: 0 });
    verified
}
