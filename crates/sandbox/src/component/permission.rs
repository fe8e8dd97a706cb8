//! Permission sets of official accounts (公众号权限集, `platform/11 §6`) and the calls they open.

use wire::Endpoint;

/// 消息管理: whoever holds it receives the account's messages.
pub const MESSAGES: u32 = 1;
/// 网页服务: web authorisation.
pub const WEB: u32 = 4;
/// Sets that one platform at a time may hold.
pub const EXCLUSIVE: [u32; 4] = [WEB, 24, 34, 54];

/// Number, Chinese and English name of each set the pages name.
pub const SETS: [(u32, &str, &str); 22] = [
    (1, "消息管理", "Messages"),
    (2, "用户管理", "Followers"),
    (3, "帐号服务", "Account and QR codes"),
    (4, "网页服务", "Web pages"),
    (5, "微信小店", "Shop"),
    (6, "微信多客服", "Customer service"),
    (7, "群发与通知", "Mass messages and notices"),
    (8, "微信卡券", "Cards"),
    (9, "微信扫一扫", "Scanning goods"),
    (10, "微信连WIFI", "Wi-Fi"),
    (11, "素材管理", "Material"),
    (12, "微信摇周边", "Shake nearby"),
    (13, "微信门店", "Branches"),
    (15, "自定义菜单", "Menus"),
    (22, "城市服务", "City services"),
    (23, "广告管理", "Advertisements"),
    (24, "开放平台帐号管理", "Open Platform account"),
    (26, "微信电子发票", "Invoices"),
    (27, "快速注册小程序", "Registering mini programs"),
    (33, "小程序管理", "Linked mini programs"),
    (34, "微信商品库", "Product library"),
    (89, "服务号订阅通知", "Subscription notices"),
];

/// Whether the pages name the set.
#[must_use]
pub fn is_known(set: u32) -> bool {
    SETS.iter().any(|(number, ..)| *number == set)
        || [44, 46, 47, 54, 66, 100, 113, 121].contains(&set)
}

/// Sets any of which opens the call; an empty list for calls every authorisation opens: counters
/// and the platform's own addresses (assumed).
#[must_use]
pub fn opening(endpoint: Endpoint) -> &'static [u32] {
    match endpoint {
        // `platform/10 §1`; messages and callbacks are assumed there.
        Endpoint::UserSummary | Endpoint::UserCumulate => &[2],
        // `platform/08 §2`.
        Endpoint::UploadImage => &[1, 8, 9, 11, 18, 37, 100],
        Endpoint::TicketGet => &[WEB],
        Endpoint::ComponentOptionGet | Endpoint::ComponentOptionSet => &[],
        _ => by_path(endpoint.path()),
    }
}

/// Whole families share their sets, so that a new call of a family needs no line here.
fn by_path(path: &str) -> &'static [u32] {
    const FAMILIES: [(&str, &[u32]); 25] = [
        ("/cgi-bin/user/", &[2, 100]),
        ("/cgi-bin/tags/", &[2, 100]),
        ("/cgi-bin/groups/", &[2, 100]),
        ("/cgi-bin/changeopenid", &[2, 100]),
        ("/cgi-bin/media/", &[1, 11, 100]),
        ("/cgi-bin/material/", &[11, 100]),
        ("/cgi-bin/draft/", &[11, 100]),
        ("/cgi-bin/freepublish/", &[7]),
        ("/cgi-bin/comment/", &[7]),
        ("/cgi-bin/message/mass/", &[7]),
        ("/cgi-bin/message/custom/", &[1, 6]),
        ("/cgi-bin/customservice/", &[1, 6]),
        ("/customservice/", &[1, 6]),
        // Before its family: one-time subscriptions ask for messages.
        ("/cgi-bin/message/template/subscribe", &[1]),
        ("/cgi-bin/message/template/", &[7]),
        ("/cgi-bin/template/", &[7]),
        ("/cgi-bin/message/subscribe/", &[89]),
        ("/wxaapi/newtmpl/", &[89]),
        ("/cgi-bin/qrcode/", &[3]),
        ("/cgi-bin/shorten/", &[3, 17]),
        ("/cgi-bin/menu/", &[15]),
        ("/cgi-bin/get_current_selfmenu_info", &[15]),
        ("/cgi-bin/get_current_autoreply_info", &[1]),
        ("/datacube/getupstream", &[1]),
        ("/datacube/getinterface", &[1]),
    ];
    let family = FAMILIES.iter().find(|(start, _)| path.starts_with(start));
    match family {
        Some((_, sets)) => sets,
        // The rest of the statistics are of articles.
        None if path.starts_with("/datacube/") => &[7],
        None if path.starts_with("/cgi-bin/open/") => &[24],
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_its_sets() {
        for (endpoint, sets) in [
            (Endpoint::UserGet, vec![2, 100]),
            (Endpoint::MassSend, vec![7]),
            (Endpoint::BizSummary, vec![7]),
            (Endpoint::UserSummary, vec![2]),
            (Endpoint::UpstreamMessages, vec![1]),
            (Endpoint::TemplateSend, vec![7]),
            (Endpoint::OneTimeSend, vec![1]),
            (Endpoint::SubscriptionSend, vec![89]),
            (Endpoint::CustomSend, vec![1, 6]),
            (Endpoint::DraftAdd, vec![11, 100]),
            (Endpoint::MenuCreate, vec![15]),
            (Endpoint::QrCodeCreate, vec![3]),
            (Endpoint::QuotaGet, vec![]),
        ] {
            assert_eq!(opening(endpoint), sets, "{endpoint}");
        }
    }

    #[test]
    fn sets_that_open_something_or_exclude_others_are_known() {
        for endpoint in Endpoint::ALL {
            for set in opening(*endpoint) {
                assert!(is_known(*set) || [17, 18, 37].contains(set), "{endpoint}: {set}");
            }
        }
        assert!(EXCLUSIVE.iter().all(|set| is_known(*set)));
        assert!(!is_known(0));
    }
}
