//! `fourcast sandbox settings`: what to set so that an SDK speaks to a running sandbox.
//!
//! The sandbox tells where its doors are; the table below tells how each SDK is led to them.
//!
//! How sure each entry is:
//! - `wechatpy`, `co-wechat-api` and `node-easywechat` are run through all three doors by every test
//!   run, at the versions that `tests/sdk/` pins.
//! - `WxJava`, `EasyWeChat`, `silenceper/wechat` and `SKIT` were read, not run. Read in their source:
//!   the switch for the base address and which calls go past it (WxJava's `WxMpHostConfig.buildUrl`
//!   and its sign-in, EasyWeChat 6's `AccessToken` and `getOAuth`, `util/http.go` of silenceper,
//!   `WechatApiClientOptions` of SKIT), and where WxJava takes its proxy and what it trusts.
//!   Read in documentation: the properties of WxJava's Spring starter. Taken from what their
//!   languages do by custom, so not checked with the SDK: the environment's proxy and
//!   `SSL_CERT_FILE` for Go and .NET, `cafile`, `verify` and `proxy` for PHP's two HTTP clients.

use std::fmt::Write as _;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cli::Out;
use crate::rest::Rest;
use crate::{Error, cli::table};

/// What `settings` takes.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Options {
    /// Which SDK; all of them when left out
    sdk: Option<String>,
    /// Address of the running sandbox
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7150")]
    at: String,
}

/// Where the sandbox's doors are, as it tells.
#[derive(Debug, Clone, Deserialize)]
struct Doors {
    base_url: String,
    tls: Option<String>,
    proxy: Option<String>,
    authority: Option<String>,
    hosts: Vec<String>,
}

/// How an SDK is led to a door. `{base}`, `{proxy}`, `{proxy_host}`, `{proxy_port}` stand for the
/// addresses; `authority.pem` for the file that holds the authority.
struct Sdk {
    name: &'static str,
    language: &'static str,
    /// The base address: what to set, empty when the SDK has no switch.
    base: &'static [&'static str],
    /// What does not go there all the same.
    beside: Option<&'static str>,
    /// How it comes to trust the authority.
    trust: &'static [&'static str],
    /// How it takes a proxy.
    proxy: Proxy,
}

/// How an SDK takes a proxy.
enum Proxy {
    /// With these lines beside those for trusting.
    Beside(&'static [&'static str]),
    /// With these lines alone.
    Alone(&'static [&'static str]),
}

const JAVA_TRUST: &[&str] = &[
    "keytool -importcert -noprompt -alias fourcast -file authority.pem -keystore fourcast.jks -storepass changeit",
    "java -Djavax.net.ssl.trustStore=fourcast.jks -Djavax.net.ssl.trustStorePassword=changeit …",
];
const PROXY_ENVIRONMENT: &[&str] =
    &["export HTTPS_PROXY={proxy} HTTP_PROXY={proxy}", "export NO_PROXY=127.0.0.1,localhost"];

const SDKS: [Sdk; 7] = [
    Sdk {
        name: "WxJava",
        language: "Java",
        base: &[
            "WxMpHostConfig hosts = new WxMpHostConfig();",
            "hosts.setApiHost(\"{base}\"); hosts.setMpHost(\"{base}\"); hosts.setOpenHost(\"{base}\");",
            "storage.setHostConfig(hosts);",
            // Path and host are put together as they are.
            "# with the Spring starter: wx.mp.hosts.api-host, wx.mp.hosts.mp-host and wx.mp.hosts.open-host = {base}, without a slash at the end",
        ],
        beside: None,
        trust: JAVA_TRUST,
        proxy: Proxy::Beside(&[
            "storage.setHttpProxyHost(\"{proxy_host}\"); storage.setHttpProxyPort({proxy_port});",
            "# with the Spring starter: wx.mp.config-storage.http-proxy-host = {proxy_host}, wx.mp.config-storage.http-proxy-port = {proxy_port}",
        ]),
    },
    Sdk {
        name: "EasyWeChat",
        language: "PHP",
        base: &["'http' => ['base_uri' => '{base}/'],"],
        beside: Some(
            "stable tokens (use_stable_access_token) and signing in (getOAuth) go to absolute addresses",
        ),
        // Signing in has an HTTP client of its own.
        trust: &[
            "'http' => ['cafile' => 'authority.pem'],",
            "$app->getOAuth()->setGuzzleOptions(['verify' => 'authority.pem'])   // where people sign in",
        ],
        proxy: Proxy::Alone(&[
            "'http' => ['proxy' => '{proxy}', 'cafile' => 'authority.pem'],",
            "$app->getOAuth()->setGuzzleOptions(['proxy' => '{proxy}', 'verify' => 'authority.pem'])   // where people sign in",
        ]),
    },
    Sdk {
        name: "wechatpy",
        language: "Python",
        base: &["WeChatClient.API_BASE_URL = '{base}/cgi-bin/'"],
        beside: Some(
            "the token and some families (datacube, OAuth, customer-service accounts) go to absolute addresses",
        ),
        trust: &["export REQUESTS_CA_BUNDLE=$PWD/authority.pem"],
        proxy: Proxy::Beside(PROXY_ENVIRONMENT),
    },
    Sdk {
        name: "silenceper/wechat",
        language: "Go",
        base: &[
            "// import \"github.com/silenceper/wechat/v2/util\"; versions that have no SetURIModifier need another door",
            "util.SetURIModifier(func(uri string) string {",
            "\treturn strings.Replace(uri, \"https://api.weixin.qq.com\", \"{base}\", 1)",
            "})",
        ],
        beside: None,
        trust: &[
            "export SSL_CERT_FILE=$PWD/authority.pem   # Linux; elsewhere add it to the system's store",
        ],
        proxy: Proxy::Beside(PROXY_ENVIRONMENT),
    },
    Sdk {
        name: "SKIT",
        language: "C#",
        base: &[
            "var options = new WechatApiClientOptions { Endpoint = \"{base}\", … };   // Endpoints in version 2",
        ],
        beside: None,
        trust: &[
            "export SSL_CERT_FILE=$PWD/authority.pem   # Linux; elsewhere add it to the system's store",
        ],
        proxy: Proxy::Beside(PROXY_ENVIRONMENT),
    },
    Sdk {
        name: "co-wechat-api",
        language: "JavaScript",
        base: &[
            "api.prefix = '{base}/cgi-bin/'; api.mpPrefix = '{base}/cgi-bin/'; api.fileServerPrefix = '{base}/cgi-bin/';",
            "api.snsPrefix = '{base}/sns/'; api.customservicePrefix = '{base}/customservice/';",
        ],
        beside: Some("datacube and customer-service accounts go to absolute addresses"),
        trust: &["export NODE_EXTRA_CA_CERTS=$PWD/authority.pem"],
        proxy: Proxy::Beside(&[
            "api.setOpts({ agent: new HttpsProxyAgent('{proxy}') });   // npm: https-proxy-agent; takes https calls",
        ]),
    },
    Sdk {
        name: "node-easywechat",
        language: "JavaScript",
        base: &["http: { baseURL: '{base}/' },"],
        beside: Some("OAuth goes to an absolute address"),
        trust: &["export NODE_EXTRA_CA_CERTS=$PWD/authority.pem"],
        proxy: Proxy::Beside(PROXY_ENVIRONMENT),
    },
];

/// What to set for one SDK.
#[derive(Debug, Serialize)]
struct Settings {
    sdk: &'static str,
    language: &'static str,
    doors: Vec<Door>,
}

/// One way in.
#[derive(Debug, Serialize)]
struct Door {
    door: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Lines to write, in the language of the SDK or of the shell.
    set: Vec<String>,
    /// What to know beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Asks the sandbox for its doors and shows what to set.
pub(super) async fn run(options: &Options, out: Out) -> Result<(), Error> {
    let chosen = choose(options.sdk.as_deref())?;
    let doors: Doors =
        Rest::new(&options.at, None)?.get("/sandbox/doors").await.map_err(|error| {
            let hint = "start one with `fourcast sandbox --tls-listen 127.0.0.1:443 --proxy-listen \
                    127.0.0.1:7180`, or name another address with --at";
            Error::asked(error.to_string(), hint)
        })?;
    let settings: Vec<Settings> = chosen.into_iter().map(|sdk| sdk.settings(&doors)).collect();
    out.show(&settings, |settings| settings.iter().map(Settings::text).collect())
}

fn choose(name: Option<&str>) -> Result<Vec<&'static Sdk>, Error> {
    let Some(name) = name else { return Ok(SDKS.iter().collect()) };
    match SDKS.iter().find(|sdk| sdk.is_called(name)) {
        Some(sdk) => Ok(vec![sdk]),
        None => {
            let known: Vec<&str> = SDKS.iter().map(|sdk| sdk.name).collect();
            let hint = format!("known are {}", known.join(", "));
            Err(Error::asked(format!("nothing is known of the SDK {name:?}"), hint))
        }
    }
}

impl Sdk {
    fn is_called(&self, name: &str) -> bool {
        // `silenceper/wechat` is silenceper to most.
        self.name.eq_ignore_ascii_case(name)
            || self.name.split('/').next().is_some_and(|owner| owner.eq_ignore_ascii_case(name))
    }

    fn settings(&self, doors: &Doors) -> Settings {
        let filled =
            |lines: &[&str]| -> Vec<String> { lines.iter().map(|line| doors.fill(line)).collect() };
        let mut ways = Vec::new();
        if !self.base.is_empty() {
            ways.push(Door {
                door: "base address",
                address: Some(doors.base_url.clone()),
                set: filled(self.base),
                note: self
                    .beside
                    .map(|what| format!("not complete: {what}; take another door for these")),
            });
        }
        let fetch = doors.authority.iter().map(|url| format!("curl -s {url} -o authority.pem"));
        if let Some(tls) = &doors.tls {
            let (host, port) = split(tls);
            let mut set: Vec<String> = fetch.clone().collect();
            set.push(format!("# in the hosts file: {host} {}", doors.hosts.join(" ")));
            set.extend(filled(self.trust));
            let note = (port != "443").then(|| {
                format!("a hosts file leads to port 443: start with --tls-listen {host}:443, or map the port {port}")
            });
            ways.push(Door { door: "TLS", address: Some(tls.clone()), set, note });
        }
        if let Some(proxy) = &doors.proxy {
            let mut set: Vec<String> = fetch.collect();
            match self.proxy {
                Proxy::Beside(lines) => {
                    set.extend(filled(self.trust));
                    set.extend(filled(lines));
                }
                Proxy::Alone(lines) => set.extend(filled(lines)),
            }
            ways.push(Door { door: "proxy", address: Some(proxy.clone()), set, note: None });
        }
        if doors.tls.is_none() && doors.proxy.is_none() {
            ways.push(Door {
                door: "TLS and proxy",
                address: None,
                set: Vec::new(),
                note: Some("closed: start the sandbox with --tls-listen or --proxy-listen".into()),
            });
        }
        Settings { sdk: self.name, language: self.language, doors: ways }
    }
}

impl Doors {
    fn fill(&self, line: &str) -> String {
        let proxy = self.proxy.as_deref().unwrap_or_default();
        let (host, port) = split(proxy.strip_prefix("http://").unwrap_or(proxy));
        line.replace("{base}", &self.base_url)
            .replace("{proxy}", proxy)
            .replace("{proxy_host}", host)
            .replace("{proxy_port}", port)
    }
}

/// Host and port of `127.0.0.1:443`.
fn split(address: &str) -> (&str, &str) {
    address.rsplit_once(':').unwrap_or((address, ""))
}

impl Settings {
    fn text(&self) -> String {
        let mut text = format!("{} ({})\n", self.sdk, self.language);
        let widest =
            self.doors.iter().map(|door| table::width(door.door)).max().unwrap_or_default();
        for door in &self.doors {
            let name = table::padded(door.door, widest, table::Align::Left);
            let _ = writeln!(text, "  {name}  {}", door.address.as_deref().unwrap_or("-"));
            for line in &door.set {
                let _ = writeln!(text, "      {line}");
            }
            if let Some(note) = &door.note {
                let _ = writeln!(text, "      ({note})");
            }
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(tls: Option<&str>, proxy: Option<&str>) -> Doors {
        Doors {
            base_url: "http://127.0.0.1:7150".into(),
            tls: tls.map(str::to_owned),
            proxy: proxy.map(str::to_owned),
            authority: tls
                .or(proxy)
                .map(|_| "http://127.0.0.1:7150/sandbox/authority.pem".to_owned()),
            hosts: vec!["api.weixin.qq.com".into(), "mp.weixin.qq.com".into()],
        }
    }

    #[test]
    fn every_sdk_is_led_to_every_door() {
        let doors = doors(Some("127.0.0.1:443"), Some("http://127.0.0.1:7180"));
        for sdk in &SDKS {
            let settings = sdk.settings(&doors);
            assert_eq!(settings.doors.len(), 3, "{}", sdk.name);
            let text = settings.text();
            assert!(!text.contains("{base}") && !text.contains("{proxy"), "{text}");
            assert!(text.contains("7150") && text.contains("7180"), "{text}");
            assert!(text.contains("hosts file: 127.0.0.1 api.weixin.qq.com"), "{text}");
            assert!(text.matches("curl -s").count() == 2, "{text}");
        }
        insta::assert_snapshot!(SDKS[2].settings(&doors).text());
    }

    #[test]
    fn a_closed_door_is_said_to_be_closed() {
        let text = SDKS[0].settings(&doors(None, None)).text();
        assert!(text.contains("closed: start the sandbox with --tls-listen"), "{text}");
        let text = SDKS[0].settings(&doors(Some("127.0.0.1:7143"), None)).text();
        assert!(text.contains("--tls-listen 127.0.0.1:443"), "{text}");
    }

    #[test]
    fn an_sdk_is_found_by_its_name_and_an_unknown_one_is_named() {
        assert_eq!(choose(Some("wxjava")).unwrap()[0].name, "WxJava");
        assert_eq!(choose(Some("silenceper")).unwrap()[0].name, "silenceper/wechat");
        assert_eq!(choose(None).unwrap().len(), 7);
        let error = choose(Some("wechat4u")).err().unwrap();
        assert!(error.to_string().contains("wechat4u"));
        assert!(error.hint().unwrap().contains("node-easywechat"));
    }
}
