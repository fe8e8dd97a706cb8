//! Each call and who answers it.

use wire::Endpoint;

use super::refusal::Refused;
use super::{
    Answer, Call, Scene, agent, auto_reply, blacklist, comment, custom, datacube, draft, group,
    mass, material, media, menu, migration, network, one_time, publish, qr_code, quota, remark,
    short_key, subscription, tag, template, ticket, user,
};

/// Answers a call that passed the gate.
pub(super) fn dispatch(call: &Call, scene: &mut Scene<'_>) -> Answer {
    match call.endpoint {
        Endpoint::GroupCreate
        | Endpoint::GroupList
        | Endpoint::GroupUpdate
        | Endpoint::GroupDelete
        | Endpoint::GroupOf
        | Endpoint::GroupMove
        | Endpoint::GroupMoveBatch
            if !scene.account.assumptions.groups_work =>
        {
            short_key::withdrawn()
        }
        // Answered before.
        Endpoint::Token
        | Endpoint::StableToken
        | Endpoint::ClearQuotaV2
        | Endpoint::RidGet
        | Endpoint::OpenCreate
        | Endpoint::OpenBind
        | Endpoint::OpenUnbind
        | Endpoint::OpenGet
        | Endpoint::WebToken
        | Endpoint::WebTokenRefresh
        | Endpoint::WebUserInfo
        | Endpoint::WebTokenCheck => Err(Refused::new(-1)),
        Endpoint::ComponentTicketStart
        | Endpoint::ComponentToken
        | Endpoint::ComponentPreAuthCode
        | Endpoint::ComponentQueryAuth
        | Endpoint::ComponentAuthorizerToken
        | Endpoint::ComponentAuthorizerInfo
        | Endpoint::ComponentAuthorizerList
        | Endpoint::ComponentOptionGet
        | Endpoint::ComponentOptionSet
        | Endpoint::ComponentFormerOptionGet
        | Endpoint::ComponentFormerOptionSet
        | Endpoint::ComponentClearQuota
        | Endpoint::ComponentWebToken
        | Endpoint::ComponentWebTokenRefresh => Err(Refused::new(-1)),
        Endpoint::UserGet => user::list(call, scene),
        Endpoint::UserInfo => user::info(call, scene),
        Endpoint::UserInfoBatch => user::info_batch(call, scene),
        Endpoint::TagCreate => tag::create(call, scene),
        Endpoint::TagList => tag::list(scene),
        Endpoint::TagUpdate => tag::rename(call, scene),
        Endpoint::TagDelete => tag::delete(call, scene),
        Endpoint::TagMembersAdd => tag::add_members(call, scene),
        Endpoint::TagMembersRemove => tag::remove_members(call, scene),
        Endpoint::TagMembers => tag::members(call, scene),
        Endpoint::TagsOf => tag::of_person(call, scene),
        Endpoint::UploadImage => media::upload_image(call, scene),
        Endpoint::MediaUpload => media::upload(call, scene),
        Endpoint::MediaGet => media::get(call, scene),
        Endpoint::VideoUpload => media::upload_video(call, scene),
        Endpoint::MaterialAdd => material::add(call, scene),
        Endpoint::MaterialGet => material::get(call, scene),
        Endpoint::MaterialDelete => material::delete(call, scene),
        Endpoint::MaterialCount => material::count(scene),
        Endpoint::MaterialList => material::list(call, scene),
        Endpoint::DraftAdd => draft::add(call, scene),
        Endpoint::DraftGet => draft::get(call, scene),
        Endpoint::DraftList => draft::list(call, scene),
        Endpoint::DraftDelete => draft::delete(call, scene),
        Endpoint::DraftUpdate => draft::update(call, scene),
        Endpoint::DraftCount => draft::count(scene),
        Endpoint::DraftSwitch => draft::switch(),
        Endpoint::PublishSubmit => publish::submit(call, scene),
        Endpoint::PublishGet => publish::status(call, scene),
        Endpoint::PublishList => publish::list(call, scene),
        Endpoint::PublishArticle => publish::article(call, scene),
        Endpoint::PublishDelete => publish::delete(call, scene),
        Endpoint::CommentOpen => comment::set_open(call, scene, true),
        Endpoint::CommentClose => comment::set_open(call, scene, false),
        Endpoint::CommentList => comment::list(call, scene),
        Endpoint::CommentElect => comment::elect(call, scene, true),
        Endpoint::CommentUnelect => comment::elect(call, scene, false),
        Endpoint::CommentDelete => comment::delete(call, scene),
        Endpoint::CommentReply => comment::reply(call, scene),
        Endpoint::CommentReplyDelete => comment::delete_reply(call, scene),
        Endpoint::MassSpeedGet => mass::speed::get(scene),
        Endpoint::MassSpeedSet => mass::speed::set(call, scene),
        Endpoint::MassSend => mass::send(call, scene),
        Endpoint::MassSendAll => mass::send_all(call, scene),
        Endpoint::MassPreview => mass::preview(call, scene),
        Endpoint::MassGet => mass::status(call, scene),
        Endpoint::MassDelete => mass::delete(call, scene),
        Endpoint::CustomSend => custom::send(call, scene),
        Endpoint::CustomTyping => custom::typing(call, scene),
        Endpoint::IndustrySet => template::industry::set(call, scene),
        Endpoint::IndustryGet => template::industry::get(scene),
        Endpoint::TemplateAdd => template::add(call, scene),
        Endpoint::TemplateList => template::list(scene),
        Endpoint::TemplateDelete => template::delete(call, scene),
        Endpoint::TemplateSend => template::send(call, scene),
        Endpoint::SubscriptionTemplateAdd => subscription::add(call, scene),
        Endpoint::SubscriptionTemplateDelete => subscription::delete(call, scene),
        Endpoint::SubscriptionTemplateList => subscription::list(scene),
        Endpoint::SubscriptionCategories => subscription::library::categories(),
        Endpoint::SubscriptionKeywords => subscription::library::keywords(call),
        Endpoint::SubscriptionTitles => subscription::library::titles(call),
        Endpoint::SubscriptionSend => subscription::send(call, scene),
        Endpoint::OneTimeSend => one_time::send(call, scene),
        Endpoint::QuotaGet => quota::get(call, scene),
        Endpoint::ClearQuota => quota::clear(call, scene),
        Endpoint::UpdateRemark => remark::update(call, scene),
        Endpoint::Blacklist => blacklist::list(call, scene),
        Endpoint::BlacklistAdd => blacklist::add(call, scene),
        Endpoint::BlacklistRemove => blacklist::remove(call, scene),
        Endpoint::GroupCreate => group::create(call, scene),
        Endpoint::GroupList => group::list(scene),
        Endpoint::GroupUpdate => group::rename(call, scene),
        Endpoint::GroupDelete => group::delete(call, scene),
        Endpoint::GroupOf => group::of_person(call, scene),
        Endpoint::GroupMove => group::move_one(call, scene),
        Endpoint::GroupMoveBatch => group::move_batch(call, scene),
        Endpoint::ChangeOpenId => migration::change(call, scene),
        Endpoint::QrCodeCreate => qr_code::create(call, scene),
        Endpoint::ShortKeyCreate => short_key::create(call, scene),
        Endpoint::ShortKeyFetch => short_key::fetch(call, scene),
        Endpoint::ShortUrl => short_key::withdrawn(),
        Endpoint::MenuCreate => menu::create(call, scene),
        Endpoint::MenuGet => menu::get(scene),
        Endpoint::MenuDelete => menu::delete(scene),
        Endpoint::MenuAddConditional => menu::add_conditional(call, scene),
        Endpoint::MenuDeleteConditional => menu::delete_conditional(call, scene),
        Endpoint::MenuTryMatch => menu::try_match(call, scene),
        Endpoint::SelfMenuInfo => menu::current(scene),
        Endpoint::AutoReplyInfo => auto_reply::current(scene),
        Endpoint::MediaGetSpeech => media::get_speech(call, scene),
        // For mini programs alone (`platform/05 §2`): no official account has the right.
        Endpoint::CustomBusinessSend | Endpoint::CustomBusinessTyping => Err(Refused::new(48001)),
        Endpoint::TicketGet => ticket::get(call, scene),
        Endpoint::CallbackAddresses | Endpoint::ApiAddresses => network::addresses(),
        Endpoint::CallbackCheck => network::check(call, scene),
        Endpoint::QuotaClear => quota::clear_one(call, scene),
        Endpoint::AgentList => agent::list(scene),
        Endpoint::AgentsOnline => agent::online(scene),
        Endpoint::AgentAdd => agent::add(call, scene),
        Endpoint::AgentUpdate => agent::update(call, scene),
        Endpoint::AgentDelete => agent::delete(call, scene),
        Endpoint::AgentInvite => agent::invite(call, scene),
        Endpoint::AgentPicture => agent::upload_picture(call, scene),
        Endpoint::TalkBegin => agent::session::create(call, scene),
        Endpoint::TalkEnd => agent::session::close(call, scene),
        Endpoint::TalkOf => agent::session::of_person(call, scene),
        Endpoint::TalkList => agent::session::of_agent(call, scene),
        Endpoint::TalkWaiting => agent::session::waiting(scene),
        Endpoint::TalkRecords => agent::session::records(call, scene),
        Endpoint::BlockedNotices => template::block::list(call, scene),
        Endpoint::NewsAdd | Endpoint::NewsUpdate | Endpoint::NewsUpload => short_key::withdrawn(),
        Endpoint::UserSummary
        | Endpoint::UserCumulate
        | Endpoint::ArticleRead
        | Endpoint::ArticleShare
        | Endpoint::BizSummary
        | Endpoint::ArticleTotalDetail
        | Endpoint::ArticleSummary
        | Endpoint::ArticleTotal
        | Endpoint::UserRead
        | Endpoint::UserReadHour
        | Endpoint::UserShare
        | Endpoint::UserShareHour
        | Endpoint::UpstreamMessages
        | Endpoint::UpstreamMessagesHour
        | Endpoint::UpstreamMessagesOfWeek
        | Endpoint::UpstreamMessagesOfMonth
        | Endpoint::UpstreamDistribution
        | Endpoint::UpstreamDistributionOfWeek
        | Endpoint::UpstreamDistributionOfMonth
        | Endpoint::InterfaceSummary
        | Endpoint::InterfaceSummaryHour => datacube::rows(call, scene),
    }
}
