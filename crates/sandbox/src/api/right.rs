//! Who may call what (`platform/01 §2`).

use wire::Endpoint;
use wire::rules::{AccountKind, Limits};

use super::refusal::Refused;
use crate::account::Account;

/// 48001 for an account that may not. Drafts, permanent material and body pictures are open to
/// all (`platform/08 §2–3`).
pub(super) fn check(account: &Account, endpoint: Endpoint, limits: &Limits) -> Result<(), Refused> {
    let assumptions = &account.assumptions;
    let allowed = match endpoint {
        Endpoint::UploadImage
        | Endpoint::MaterialAdd
        | Endpoint::MaterialGet
        | Endpoint::MaterialDelete
        | Endpoint::MaterialCount
        | Endpoint::MaterialList
        | Endpoint::DraftAdd
        | Endpoint::DraftGet
        | Endpoint::DraftList
        | Endpoint::DraftDelete
        | Endpoint::DraftUpdate
        | Endpoint::DraftCount
        | Endpoint::DraftSwitch
        | Endpoint::QuotaGet
        | Endpoint::ClearQuota
        // Every account (`platform/09 §1–2`); the rest assumed.
        | Endpoint::SelfMenuInfo
        | Endpoint::AutoReplyInfo
        | Endpoint::TicketGet
        | Endpoint::CallbackAddresses
        | Endpoint::ApiAddresses
        | Endpoint::CallbackCheck
        | Endpoint::QuotaClear
        | Endpoint::ClearQuotaV2
        | Endpoint::RidGet => true,
        // Unverified service accounts could publish once (`platform/08 §4`).
        Endpoint::PublishSubmit
        | Endpoint::PublishGet
        | Endpoint::PublishList
        | Endpoint::PublishArticle
        | Endpoint::PublishDelete => {
            let closed = limits.publish_needs_verification.is_some();
            account.verified || account.kind == AccountKind::Service && !closed
        }
        Endpoint::MenuCreate
        | Endpoint::MenuGet
        | Endpoint::MenuDelete
        | Endpoint::MenuAddConditional
        | Endpoint::MenuDeleteConditional
        | Endpoint::MenuTryMatch => account.verified || assumptions.unverified_may_make_menus,
        Endpoint::MediaUpload | Endpoint::MediaGet => {
            account.verified || assumptions.unverified_may_upload
        }
        Endpoint::ShortKeyCreate | Endpoint::ShortKeyFetch if assumptions.short_keys_for_all => {
            true
        }
        // QR codes: `platform/09 §3`; short keys: assumed there; templates: `platform/04 A1, C1`.
        Endpoint::MassSend
        | Endpoint::UpdateRemark
        | Endpoint::QrCodeCreate
        | Endpoint::ShortKeyCreate
        | Endpoint::ShortKeyFetch
        | Endpoint::IndustrySet
        | Endpoint::IndustryGet
        | Endpoint::TemplateAdd
        | Endpoint::TemplateList
        | Endpoint::TemplateDelete
        | Endpoint::TemplateSend
        | Endpoint::BlockedNotices
        | Endpoint::SubscriptionTemplateAdd
        | Endpoint::SubscriptionTemplateDelete
        | Endpoint::SubscriptionTemplateList
        | Endpoint::SubscriptionCategories
        | Endpoint::SubscriptionKeywords
        | Endpoint::SubscriptionTitles
        | Endpoint::SubscriptionSend => account.verified && account.kind == AccountKind::Service,
        _ => account.verified,
    };
    if allowed { Ok(()) } else { Err(Refused::new(48001)) }
}
