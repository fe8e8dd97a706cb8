//! The inspector in a real browser, headless: a person creates an account, sends, moves the clock,
//! looks at a phone, reads an article, changes the language and searches the log. Then every page
//! is photographed in both languages, light and dark, into `target/screenshots/`.
//!
//! Needs `chromium` and `chromedriver`; `cargo xtask test` runs it where both are there.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use axum::http::Method;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Url;
use sandbox::{ClockMode, Config, Sandbox};
use serde_json::{Value, json};
use wire::Timestamp;

/// 2026-03-02 10:00, a Monday.
const START: i64 = 1_772_416_800;
const ROOT: &str = "/sandbox/inspector";

/// The driver, ended with the test.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut child =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        Self { child, url: format!("http://127.0.0.1:{}", port.unwrap()) }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.0, "params": self.1 });
        (Method::POST, Some(body.to_string()))
    }
}

/// A person at the browser, and a program beside them that calls the platform.
struct Visit {
    browser: Client,
    http: reqwest::Client,
    url: String,
}

impl Visit {
    async fn open(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.url)).await.unwrap();
    }

    async fn press(&self, words: &str) {
        let path = format!("//button[normalize-space()=\"{words}\"]");
        self.click(Locator::XPath(&path)).await;
    }

    async fn follow(&self, words: &str) {
        self.click(Locator::LinkText(words)).await;
    }

    /// Clicks, and waits until the page that follows is there.
    async fn click(&self, what: Locator<'_>) {
        let former = self.browser.find(Locator::Css("html")).await.unwrap();
        let element = self.browser.find(what).await;
        element.unwrap_or_else(|error| panic!("{what:?}: {error}")).click().await.unwrap();
        for _ in 0..100 {
            if former.tag_name().await.is_err() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        self.browser.wait().for_element(Locator::Css("#main")).await.unwrap();
    }

    async fn fill(&self, name: &str, text: &str) {
        let css = format!("main [name={name}]");
        let field = self.browser.find(Locator::Css(&css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn text(&self) -> String {
        self.browser.find(Locator::Css("#main")).await.unwrap().text().await.unwrap()
    }

    async fn sees(&self, words: &str) {
        let text = self.text().await;
        assert!(text.contains(words), "{words:?} is not on the page:\n{text}");
    }

    async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn photograph(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.browser.screenshot().await.unwrap();
        assert!(picture.len() > 5_000, "{name} is an empty picture");
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        let command = DevTools("Emulation.setEmulatedMedia", json!({ "features": features }));
        self.browser.issue_cmd(command).await.unwrap();
    }
}

async fn browser(driver: &Driver, profile: &std::path::Path) -> Client {
    let arguments = [
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--window-size=1280,960".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    let options = json!({ "args": arguments, "prefs": { "intl.accept_languages": "en-US,en" } });
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&driver.url)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_person_understands_the_platform_by_looking_at_it() {
    let clock = ClockMode::Manual(Timestamp(START));
    let running = Sandbox::start(Config { clock, ..Config::default() }).await.unwrap();
    let driver = Driver::start();
    let profile = std::env::temp_dir().join(format!("inspector-{}", std::process::id()));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let visit = Visit { browser: browser(&driver, &profile).await, http, url: running.url() };

    let account = an_account_is_made(&visit).await;
    four_messages_go_out(&visit, &account).await;
    the_fifth_is_missing_with_its_reason(&visit, &account).await;
    a_person_acts(&visit, &account).await;
    an_article_is_read(&visit, &account).await;
    the_log_is_searched(&visit, &account).await;
    an_agent_comes_and_a_platform_is_authorised(&visit, &account).await;
    the_language_is_switched(&visit, &account).await;
    every_page_is_photographed(&visit, &account).await;

    visit.browser.clone().close().await.unwrap();
    drop(driver);
    let _ = std::fs::remove_dir_all(profile);
    running.stop().await;
}

/// What the program beside the person knows.
struct Account {
    appid: String,
    secret: String,
    /// Somebody who follows from the start.
    openid: String,
    draft: String,
}

async fn an_account_is_made(visit: &Visit) -> Account {
    visit.open("/").await;
    assert_eq!(visit.path().await, format!("{ROOT}/"));
    visit.sees("There is no account yet").await;
    visit.browser.find(Locator::Css("main details summary")).await.unwrap().click().await.unwrap();
    visit.fill("name", "Florals").await;
    visit.fill("followers", "60").await;
    visit.press("Create").await;
    visit.sees("The account is there.").await;
    let appid = visit.path().await.rsplit('/').next().unwrap().to_owned();

    let accounts = visit.http.get(format!("{}/sandbox/accounts", visit.url)).send().await.unwrap();
    let account = accounts.json::<Value>().await.unwrap()[0].clone();
    assert_eq!((&account["appid"], &account["name"]), (&json!(appid), &json!("Florals")));
    let secret = account["secret"].as_str().unwrap().to_owned();
    let people =
        visit.http.get(format!("{}/sandbox/accounts/{appid}/followers?limit=2", visit.url));
    let people: Value = people.send().await.unwrap().json().await.unwrap();
    let openid = people["followers"][0]["openid"].as_str().unwrap().to_owned();
    Account { appid, secret, openid, draft: String::new() }
        .with_draft(visit, account["cover_media_id"].as_str().unwrap())
        .await
}

impl Account {
    /// A call of the platform; a token lives two hours of the sandbox's own time.
    async fn call(&self, visit: &Visit, path: &str, body: &Value) -> Value {
        let asked = json!({"grant_type":"client_credential","appid":self.appid,
            "secret":self.secret});
        let token = visit.post("/cgi-bin/stable_token", &asked).await["access_token"].clone();
        let path = format!("/cgi-bin/{path}?access_token={}", token.as_str().unwrap());
        visit.post(&path, body).await
    }

    fn page(&self, path: &str) -> String {
        format!("{ROOT}/accounts/{}{path}", self.appid)
    }

    fn phone(&self) -> String {
        self.page(&format!("/phone/{}", self.openid))
    }

    async fn with_draft(mut self, visit: &Visit, cover: &str) -> Self {
        let content = "<p>Three new <b>creams</b> for dry skin.</p><script>alert(1)</script>\
            <p style=\"color:#a33\">From Friday on.</p>";
        let article = |title: &str| {
            json!({"title":title,"author":"Lin","content":content,
            "digest":"Three creams for dry skin","content_source_url":"https://shop.example.com/",
            "thumb_media_id":cover,"need_open_comment":1})
        };
        let body = json!({"articles":[article("Spring arrivals"), article("How to choose one")]});
        let draft = self.call(visit, "draft/add", &body).await;
        self.draft = draft["media_id"].as_str().unwrap_or_else(|| panic!("{draft}")).to_owned();
        self
    }
}

/// One to everybody through the interface, three from the website, a day apart.
async fn four_messages_go_out(visit: &Visit, account: &Account) {
    let body = json!({"filter":{"is_to_all":true},"msgtype":"mpnews",
        "mpnews":{"media_id":account.draft},"send_ignore_reprint":0});
    let sent = account.call(visit, "message/mass/sendall", &body).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    for day in 2..=4 {
        visit.open(&format!("{ROOT}/")).await;
        visit.press("To tomorrow 10:00").await;
        visit.sees("The clock was moved").await;
        visit.open(&account.page("")).await;
        visit.fill("content", &format!("Good morning, day {day}")).await;
        visit.press("Send to every follower").await;
        visit.sees("Accepted; it is delivered seconds later").await;
    }
    visit.fill("content", "Once more").await;
    visit.press("Send to every follower").await;
    visit.sees("All sends to everybody of this month are made").await;
}

async fn the_fifth_is_missing_with_its_reason(visit: &Visit, account: &Account) {
    visit.open(&account.page("/followers")).await;
    visit.press("Somebody new follows").await;
    let newcomer = visit.path().await.rsplit('/').next().unwrap().to_owned();
    visit.sees("Everything sent to this person came.").await;
    visit.open(&format!("{ROOT}/")).await;
    visit.press("+1 minute").await;

    let body = json!({"touser":[account.openid, newcomer],"msgtype":"text",
        "text":{"content":"The fifth of the month"},"clientmsgid":"fifth"});
    let sent = account.call(visit, "message/mass/send", &body).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    visit.open(&format!("{ROOT}/")).await;
    visit.press("+1 hour").await;

    visit.open(&account.phone()).await;
    visit.sees("The fifth of the month").await;
    visit.sees("had all 4 messages of the month already").await;
    visit.open(&format!("{}?chat=account", account.phone())).await;
    visit.sees("message 4 of this month's 4 · website").await;
    visit.sees("message 1 of this month's 4 · interface").await;
    let chat = visit.browser.find(Locator::Css("#screen")).await.unwrap().text().await.unwrap();
    assert!(!chat.contains("fifth"), "{chat}");
    visit.open(&account.page("")).await;
    visit.sees("have had all of this month's 1").await;
}

async fn a_person_acts(visit: &Visit, account: &Account) {
    visit.open(&format!("{}?chat=account", account.phone())).await;
    visit.fill("content", "Is it good for dry skin?").await;
    visit.press("Send").await;
    visit.sees("Is it good for dry skin?").await;
    visit.sees("May be written to").await;
    let reply = json!({"touser":account.openid,"msgtype":"text","text":{"content":"Yes, it is."}});
    let sent = account.call(visit, "message/custom/send", &reply).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    visit.open(&format!("{}?chat=account", account.phone())).await;
    visit.sees("customer service, not counted").await;
    notices_arrive(visit, account).await;
    visit.press("Refuse messages").await;
    visit.sees("refuses messages").await;
    visit.press("Accept messages again").await;
    visit.press("Leave").await;
    visit.sees("left").await;
    visit.press("Follow").await;
    visit.sees("follows").await;
}

/// A menu at the chat's foot, a template message, a notice the person agrees to, a menu in a message.
async fn notices_arrive(visit: &Visit, account: &Account) {
    let menu = json!({"button":[{"type":"click","name":"New","key":"NEW"},
        {"name":"Shop","sub_button":[
            {"type":"view","name":"Website","url":"https://shop.example.com/"},
            {"type":"click","name":"Coupons","key":"COUPON"}]}]});
    assert_eq!(account.call(visit, "menu/create", &menu).await["errcode"], 0);
    let template = json!({"template_id_short":"43216","keyword_name_list":["活动名称","开始时间"]});
    let template = account.call(visit, "template/api_add_template", &template).await;
    let notice = json!({"touser":account.openid,"template_id":template["template_id"],
        "url":"https://shop.example.com/a/1","data":{"thing1":{"value":"Autumn arrivals"},
        "time2":{"value":"2026年3月6日 10:00"}}});
    let sent = account.call(visit, "message/template/send", &notice).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    let wish = json!({"tid":"401","kidList":[1, 2],"sceneDesc":"到货提醒"});
    let wish = account.call(visit, "../wxaapi/newtmpl/addtemplate", &wish).await;
    visit.open(&account.phone()).await;
    visit.sees("never asked").await;
    visit.press("Allow in the prompt").await;
    visit.sees("1 more may come").await;
    let notice = json!({"touser":account.openid,"template_id":wish["priTmplId"],
        "data":{"thing1":{"value":"Face mask"},"date2":{"value":"2026年3月5日"}}});
    let sent = account.call(visit, "message/subscribe/bizsend", &notice).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    let question = json!({"touser":account.openid,"msgtype":"msgmenu","msgmenu":{
        "head_content":"Did we help?","list":[{"id":"1","content":"Yes"},{"id":"2","content":"No"}],
        "tail_content":"Thank you"}});
    let sent = account.call(visit, "message/custom/send", &question).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    visit.open(&format!("{ROOT}/")).await;
    visit.press("+1 minute").await;
    visit.open(&format!("{}?chat=account", account.phone())).await;
    visit.press("Yes").await;
    visit.sees("Autumn arrivals").await;
    visit.sees("Face mask").await;
    visit.sees("template message, not counted").await;
    visit.browser.find(Locator::Css(".menu summary")).await.unwrap().click().await.unwrap();
    visit.press("Coupons").await;
    visit.sees("tapped the menu").await;
    visit.photograph("chat-notices").await;
}

async fn an_article_is_read(visit: &Visit, account: &Account) {
    visit.open(&format!("{}?chat=account", account.phone())).await;
    visit.follow("Spring arrivals").await;
    visit.sees("Sent: as its readers see it").await;
    visit.fill("openid", &account.openid).await;
    visit.fill("content", "Which one is for the evening?").await;
    visit.press("Comment").await;
    visit.sees("Which one is for the evening?").await;
    visit.sees("not chosen, other readers do not see it").await;
    let frame = visit.browser.find(Locator::Css("iframe")).await.unwrap();
    frame.enter_frame().await.unwrap();
    let body = visit.browser.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
    assert!(body.contains("Three new creams for dry skin."), "{body}");
    assert!(body.contains("Read the original") && !body.contains("alert"), "{body}");
    let coloured = visit.browser.find(Locator::Css(".text p[style]")).await.unwrap();
    let colour = coloured.css_value("color").await.unwrap();
    assert!(colour.contains("170, 51, 51"), "the author's style is lost: {colour}");
    visit.browser.clone().enter_parent_frame().await.unwrap();
}

async fn the_log_is_searched(visit: &Visit, account: &Account) {
    let body = json!({"touser":[account.openid],"msgtype":"text","text":{"content":"one"}});
    let refused = account.call(visit, "message/mass/send", &body).await;
    assert_eq!(refused["errcode"], 40130);
    visit.open(&format!("{ROOT}/log")).await;
    let rows = || visit.browser.find_all(Locator::Css("table.log > tbody > tr"));
    let all = rows().await.unwrap().len();
    visit.browser.find(Locator::Css("[name=refused]")).await.unwrap().click().await.unwrap();
    visit.press("Filter").await;
    visit.sees("40130").await;
    visit.sees("A list send needs at least two recipients").await;
    visit.sees("rid ").await;
    assert!(rows().await.unwrap().len() < all);
    visit.fill("path", "draft/add").await;
    visit.press("Filter").await;
    visit.sees("No call fits.").await;
}

async fn an_agent_comes_and_a_platform_is_authorised(visit: &Visit, account: &Account) {
    let shown = visit.http.get(format!("{}/sandbox/accounts/{}", visit.url, account.appid));
    let shown: Value = shown.send().await.unwrap().json().await.unwrap();
    let agent = format!("anna@{}", shown["original_id"].as_str().unwrap());
    let asked = json!({"grant_type":"client_credential","appid":account.appid,
        "secret":account.secret});
    let token = visit.post("/cgi-bin/stable_token", &asked).await["access_token"].clone();
    let path = format!("/customservice/kfaccount/add?access_token={}", token.as_str().unwrap());
    let added = visit.post(&path, &json!({"kf_account":agent,"nickname":"安娜"})).await;
    assert_eq!(added["errcode"], 0, "{added}");
    visit.open(&account.page("/agents")).await;
    visit.sees("away").await;
    let comes = visit.browser.find(Locator::Css("button[value=online]")).await.unwrap();
    comes.click().await.unwrap();
    visit.sees("there").await;

    let key = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU";
    let made = json!({"token":"component","encoding_aes_key":key});
    let made = visit.post("/sandbox/components", &made).await;
    let component = made["appid"].as_str().unwrap();
    let path = format!("/sandbox/components/{component}/authorizers/{}/authorize", account.appid);
    visit.post(&path, &json!({})).await;
    visit.open(&format!("{ROOT}/platforms")).await;
    visit.sees("7 Mass messages and notices").await;
    let test = visit.browser.find(Locator::Css("button[value=release_test]")).await.unwrap();
    test.click().await.unwrap();
    // It has no address for its tickets.
    visit.sees("nothing was pushed").await;
}

async fn the_language_is_switched(visit: &Visit, account: &Account) {
    visit.open(&format!("{ROOT}/log?refused=1")).await;
    visit.follow("中文").await;
    visit.sees("按列表群发至少要两个接收人").await;
    let html = visit.browser.find(Locator::Css("html")).await.unwrap();
    assert_eq!(html.attr("lang").await.unwrap().as_deref(), Some("zh-CN"));
    // The choice stays on other pages.
    visit.open(&account.phone()).await;
    visit.sees("本月已收满 4 条").await;
    visit.follow("English").await;
    visit.sees("had all 4 messages of the month already").await;
}

async fn every_page_is_photographed(visit: &Visit, account: &Account) {
    let articles = visit.http.get(format!("{}/sandbox/accounts/{}/jobs", visit.url, account.appid));
    let jobs: Value = articles.send().await.unwrap().json().await.unwrap();
    let article = format!("/articles/{}/0", jobs[0]["msg_data_id"]);
    let pages = [
        ("overview", format!("{ROOT}/")),
        ("office", account.page("")),
        ("content", account.page("/content")),
        ("followers", account.page("/followers")),
        ("settings", account.page("/settings")),
        ("callbacks", account.page("/callbacks")),
        ("agents", account.page("/agents")),
        ("platforms", format!("{ROOT}/platforms")),
        ("phone", account.phone()),
        ("chat", format!("{}?chat=account", account.phone())),
        ("article", account.page(&article)),
        ("log", format!("{ROOT}/log?refused=1")),
    ];
    for dark in [false, true] {
        visit.dark(dark).await;
        for language in ["zh", "en"] {
            for (name, path) in &pages {
                let mark = if path.contains('?') { '&' } else { '?' };
                visit.open(&format!("{path}{mark}lang={language}")).await;
                let suffix = if dark { "-dark" } else { "" };
                visit.photograph(&format!("{name}-{language}{suffix}")).await;
            }
        }
    }
    visit.dark(false).await;
    visit.browser.set_window_size(420, 900).await.unwrap();
    for name in ["overview", "office", "chat", "agents", "platforms"] {
        let path = &pages.iter().find(|(known, _)| *known == name).unwrap().1;
        visit.open(path).await;
        let wide = "return document.documentElement.scrollWidth - window.innerWidth";
        let beyond = visit.browser.execute(wide, Vec::new()).await.unwrap();
        assert!(beyond.as_i64().unwrap() <= 0, "{name} is wider than a phone by {beyond}");
        visit.photograph(&format!("{name}-narrow")).await;
    }
}
