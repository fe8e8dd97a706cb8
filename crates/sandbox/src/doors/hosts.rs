//! The platform's own names.

/// Every name the platform is called by in this field: the calls and their alternates
/// (`platform/01`, general facts), the website that also shows QR codes (`platform/09`), the pages
/// of authorisation (`platform/09`, `platform/11`), the former file server, and static files.
pub const PLATFORM: [&str; 9] = [
    "api.weixin.qq.com",
    "api2.weixin.qq.com",
    "sh.api.weixin.qq.com",
    "sz.api.weixin.qq.com",
    "hk.api.weixin.qq.com",
    "mp.weixin.qq.com",
    "open.weixin.qq.com",
    "file.api.weixin.qq.com",
    "res.wx.qq.com",
];

/// Whether this is one of the platform's names, however it is written.
#[must_use]
pub fn is_platform(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    PLATFORM.iter().any(|name| name.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_known_in_any_case_and_nothing_else_is() {
        assert!(is_platform("api.weixin.qq.com"));
        assert!(is_platform("MP.Weixin.QQ.com."));
        assert!(!is_platform("weixin.qq.com"));
        assert!(!is_platform("api.weixin.qq.com.example.com"));
        assert!(!is_platform(""));
    }
}
