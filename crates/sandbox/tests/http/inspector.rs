//! The pages without a browser: what a person without a script, a stranger's site or a hurried
//! visitor gets.

use axum::http::StatusCode;
use reqwest::Response;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, COOKIE, LOCATION};
use sandbox::AccountSpec;
use serde_json::json;
use wire::rules::AccountKind;

use crate::{Stage, spec, text_to, to_all};

const ROOT: &str = "/sandbox/inspector";

struct Pages {
    stage: Stage,
    /// Follows no redirect.
    client: reqwest::Client,
}

impl Pages {
    async fn new(spec: AccountSpec) -> Self {
        let stage = Stage::new(spec).await;
        let policy = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap();
        Self { stage, client }
    }

    fn path(&self, path: &str) -> String {
        let path = path.replace("{a}", &format!("/accounts/{}", self.stage.appid));
        format!("{}{ROOT}{path}", self.stage.url)
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(self.path(path)).send().await.unwrap()
    }

    async fn english(&self, path: &str) -> String {
        let request = self.client.get(self.path(path)).header(ACCEPT_LANGUAGE, "en");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// Sends a form; says where it leads.
    async fn press(&self, path: &str, form: &[(&str, &str)]) -> String {
        let mut body = reqwest::Url::parse("http://form.invalid/").unwrap();
        body.query_pairs_mut().extend_pairs(form);
        let request = self
            .client
            .post(self.path(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path} {form:?}");
        answer.headers()[LOCATION].to_str().unwrap().to_owned()
    }

    async fn somebody(&self) -> String {
        self.stage.people(1).await.remove(0)
    }
}

/// The text of a page's own part, a piece a line.
fn text_of(page: &str) -> String {
    let main = page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
    let mut text = String::new();
    let mut rest = main.split_once('>').unwrap().1;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push('\n');
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    let text = text.replace("&#39;", "'");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_browser_is_led_to_the_pages_and_a_program_to_the_platform() {
    let pages = Pages::new(spec(1)).await;
    let door = format!("{}/", pages.stage.url);
    let browser = pages.client.get(&door).header(ACCEPT, "text/html,*/*").send().await.unwrap();
    assert_eq!(browser.status(), StatusCode::SEE_OTHER);
    assert_eq!(browser.headers()[LOCATION], format!("{ROOT}/"));
    let unknown = pages.client.get(format!("{door}nothing")).send().await.unwrap();
    let program = pages.client.get(&door).send().await.unwrap();
    assert_eq!(program.status(), unknown.status());
    let asked = pages.client.get(format!("{door}nothing")).header(ACCEPT, "text/html");
    assert_eq!(asked.send().await.unwrap().status(), unknown.status());
    assert!(pages.get("").await.status().is_redirection());
    assert_eq!(pages.get("/nothing").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_language_is_asked_for_chosen_and_kept() {
    let pages = Pages::new(spec(1)).await;
    let in_language = |answer: String| answer.split("lang=\"").nth(1).unwrap()[..2].to_owned();
    let asking = |wish: &str| {
        let request = pages.client.get(pages.path("/")).header(ACCEPT_LANGUAGE, wish.to_owned());
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    assert_eq!(in_language(pages.get("/").await.text().await.unwrap()), "zh");
    assert_eq!(in_language(asking("en-GB,zh;q=0.8").await), "en");
    assert_eq!(in_language(asking("fr,zh-TW;q=0.9,en;q=0.8").await), "zh");
    assert_eq!(in_language(asking("fr").await), "zh");
    let chosen = pages.get("/log?refused=1&lang=en").await;
    let cookie = chosen.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("lang=en; "), "{cookie}");
    let page = chosen.text().await.unwrap();
    assert!(page.contains("href=\"/sandbox/inspector/log?refused=1&#38;lang=zh\""), "{page}");
    let later = pages.client.get(pages.path("/")).header(COOKIE, "other=1; lang=en");
    assert_eq!(in_language(later.send().await.unwrap().text().await.unwrap()), "en");
}

#[tokio::test]
async fn nothing_from_elsewhere_is_let_in() {
    let pages = Pages::new(spec(3)).await;
    for path in ["/", "/log", "{a}", "{a}/followers", "/style.css", "/quiet.js", "/nothing"] {
        let answer = pages.get(path).await;
        let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("src=\"http") && !page.contains(" style="), "{path}");
    }
    let elsewhere = pages.client.post(pages.path("/faults/clear"));
    let answer = elsewhere.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn names_are_shown_and_never_run() {
    let name = "<script>alert(1)</script>\"'";
    let account = AccountSpec { name: Some(name.to_owned()), ..spec(2) };
    let pages = Pages::new(account).await;
    let person = pages.somebody().await;
    let chat = format!("{{a}}/phone/{person}");
    pages.press(&format!("{chat}/write"), &[("content", "<img src=x onerror=alert(2)>")]).await;
    pages.stage.post("message/mass/sendall", &to_all("<b onclick='x'>k</b>")).await;
    pages.stage.wait(60).await;
    for path in ["/", "{a}", "{a}/settings", &chat, &format!("{chat}?chat=account")] {
        let page = pages.get(path).await.text().await.unwrap();
        assert!(!page.contains("<script>alert"), "{path}");
        assert!(!page.contains("<img src=x") && !page.contains("<b onclick"), "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_found_or_read_is_said_in_the_readers_language() {
    let pages = Pages::new(spec(2)).await;
    let person = pages.somebody().await;
    for (path, sentence) in [
        ("/accounts/wx0000000000000000", "There is no such account"),
        ("{a}/phone/oNobody", "There is no such person"),
        ("{a}/articles/7/0", "There is no such article"),
        ("{a}/drafts/none/0", "There is no such article"),
        ("{a}/media/none", "There is no such file"),
        ("/nothing", "There is no such page"),
    ] {
        let request = pages.client.get(pages.path(path)).header(ACCEPT_LANGUAGE, "en");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(sentence), "{path}: {page}");
    }
    let phone = format!("{{a}}/phone/{person}");
    for (path, form, note) in [
        ("/clock".to_owned(), vec![("by", "moment"), ("to", "yesterday")], "clock_unread"),
        ("/clock".to_owned(), vec![("by", "moment"), ("to", "2020-01-01T00:00")], "clock_back"),
        ("/clock".to_owned(), vec![("by", "moment"), ("to", "2030-01-01T00:00")], "clock_far"),
        ("/pace".to_owned(), vec![("mode", "running"), ("factor", "0")], "pace_factor"),
        ("/snapshots".to_owned(), vec![("act", "take"), ("name", "a b")], "snapshot_name"),
        ("/snapshots".to_owned(), vec![("act", "restore"), ("name", "x")], "snapshot_unknown"),
        ("/accounts".to_owned(), vec![("followers", "-1"), ("seed", "1")], "account_numbers"),
        ("{a}/website-sends".to_owned(), vec![("content", " ")], "send_length"),
        ("/faults".to_owned(), vec![("kind", "slow"), ("times", "1")], "fault_unusable"),
        ("/faults".to_owned(), vec![("kind", "http_500"), ("endpoint", "/x")], "fault_unusable"),
        (format!("{phone}/follow"), vec![], "follows_already"),
        (format!("{phone}/write"), vec![("content", "")], "write_length"),
        (format!("{phone}/scan"), vec![("ticket", "gQnone")], "no_such_code"),
        (format!("{phone}/choose"), vec![("id", "9")], "cannot_choose"),
        (format!("{phone}/prompt"), vec![("template", "x")], "no_such_template"),
        (format!("{phone}/withdraw"), vec![("template", "x")], "no_such_template"),
    ] {
        let target = pages.press(&path, &form).await;
        assert!(target.contains(&format!("?note={note}")), "{path} {form:?}: {target}");
        let shown = pages.client.get(format!("{}{target}", pages.stage.url)).send().await.unwrap();
        assert!(shown.text().await.unwrap().contains("role=\"status\""), "{target}");
    }
    let odd = pages.client.post(pages.path(&format!("{phone}/write"))).body("x=%ff");
    assert_eq!(odd.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    let unknown = pages.client.post(pages.path(&format!("{phone}/fly")));
    let form = unknown.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(form.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_world_is_kept_and_gone_back_to_and_time_let_go() {
    let pages = Pages::new(spec(2)).await;
    pages.press("/snapshots", &[("act", "take"), ("name", "morning")]).await;
    pages.press("/clock", &[("by", "evening")]).await;
    assert!(pages.english("/").await.contains("2026-03-02 20:00:00 Monday"));
    pages.press("/clock", &[("by", "month")]).await;
    assert!(pages.english("/").await.contains("2026-04-01 10:00:00 Wednesday"));
    pages.press("/snapshots", &[("act", "restore"), ("name", "morning")]).await;
    assert!(pages.english("/").await.contains("2026-03-02 10:00:00 Monday"));
    pages.press("/pace", &[("mode", "running"), ("factor", "60")]).await;
    let target = pages.press("/clock", &[("by", "hour")]).await;
    assert!(target.ends_with("note=clock_real"));
    pages.press("/snapshots", &[("act", "reset")]).await;
    assert!(pages.english("/").await.contains("Time stands still"));
}

#[tokio::test]
async fn a_fault_laid_out_on_the_page_strikes_and_is_named_in_the_log() {
    let pages = Pages::new(spec(2)).await;
    let fault = [("kind", "system_error"), ("endpoint", "/cgi-bin/tags/get"), ("times", "2")];
    assert!(pages.press("/faults", &fault).await.ends_with("note=done"));
    assert_eq!(pages.stage.get("tags/get", "").await["errcode"], -1);
    let overview = text_of(&pages.english("/").await);
    assert!(overview.contains("/cgi-bin/tags/get\nsystem_error\n1"), "{overview}");
    let log = text_of(&pages.english("/log?refused=1").await);
    assert!(log.contains("The platform is busy") && log.contains("fault system_error"), "{log}");
    pages.press("/faults/clear", &[]).await;
    assert!(pages.stage.get("tags/get", "").await["tags"].is_array());
}

/// What stands on a page outside of what accounts and people wrote.
fn own_words(page: &str) -> Vec<String> {
    const WITHOUT_END: [&str; 5] = ["input", "img", "link", "meta", "option"];
    let mut words = Vec::new();
    let mut inside: Vec<(String, bool)> = Vec::new();
    let mut rest = page;
    while let Some((text, from)) = rest.split_once('<') {
        let is_data = inside.last().is_some_and(|(_, data)| *data);
        if !is_data && !text.trim().is_empty() {
            words.push(text.trim().to_owned());
        }
        let (tag, after) = from.split_once('>').unwrap();
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap().to_owned();
        if let Some(at) = inside.iter().rposition(|(open, _)| tag.starts_with('/') && *open == name)
        {
            inside.truncate(at);
        } else if !tag.starts_with(['/', '!']) && !WITHOUT_END.contains(&name.as_str()) {
            let class = tag.split("class=\"").nth(1).and_then(|class| class.split('"').next());
            let data = class.is_some_and(|class| class.split(' ').any(|word| word == "data"));
            inside.push((name, data || is_data));
        }
    }
    words
}

#[tokio::test]
async fn no_page_has_the_other_languages_words() {
    let account = AccountSpec { name: Some("Florals".to_owned()), ..spec(5) };
    let pages = Pages::new(account).await;
    let stage = &pages.stage;
    let people = stage.people(5).await;
    stage.control(&format!("{{a}}/followers/{}/refuse", people[1]), &json!({})).await;
    stage.post("message/mass/send", &text_to(&people, "k")).await;
    stage.post("message/mass/send", &text_to(&[], "k")).await;
    stage.wait(60).await;
    let draft = stage.draft().await;
    let phone = format!("{{a}}/phone/{}", people[0]);
    let missed = format!("{{a}}/phone/{}", people[1]);
    let (chat, folder) = (format!("{phone}?chat=account"), format!("{phone}?chat=notices"));
    let article = format!("{{a}}/drafts/{draft}/0");
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for path in [
        "/",
        "/log",
        "{a}",
        "{a}/content",
        "{a}/followers",
        "{a}/settings",
        "{a}/callbacks",
        "{a}/agents",
        "/platforms",
        &phone,
        &missed,
        &chat,
        &folder,
        &article,
    ] {
        let english = pages.english(path).await;
        for words in own_words(&english) {
            // The link to the other language is in that language.
            assert!(words == "中文" || !words.chars().any(is_han), "{path}: {words}");
        }
        let chinese = pages.get(path).await.text().await.unwrap();
        for words in own_words(&chinese) {
            let english = words
                .split_whitespace()
                .filter(|word| word.len() > 3 && word.chars().all(|c| c.is_ascii_lowercase()));
            assert!(english.count() < 2, "{path}: {words}");
        }
    }
}

#[tokio::test]
async fn a_phone_shows_every_kind_of_message() {
    let pages = Pages::new(spec(4)).await;
    let stage = &pages.stage;
    let person = pages.somebody().await;
    let menu = json!({"button":[
        {"type":"click","name":"上新","key":"NEW"},
        {"name":"更多","sub_button":[{"type":"view","name":"官网","url":"https://shop.example.com/"}]}]});
    assert_eq!(stage.post("menu/create", &menu).await["errcode"], 0);
    let news = json!({"filter":{"is_to_all":true},"msgtype":"mpnews",
        "mpnews":{"media_id":stage.draft().await},"clientmsgid":"news"});
    assert_eq!(stage.post("message/mass/sendall", &news).await["errcode"], 0);
    stage.wait(60).await;
    let added = json!({"template_id_short":"TM00001"});
    let _ = stage.post("template/api_add_template", &added).await;
    let phone = format!("{{a}}/phone/{person}");
    pages.press(&format!("{phone}/click"), &[("key", "NEW")]).await;
    pages.press(&format!("{phone}/write"), &[("content", "在吗")]).await;
    let custom = json!({"touser":person,"msgtype":"msgmenu","msgmenu":{"head_content":"满意吗",
        "list":[{"id":"1","content":"满意"},{"id":"2","content":"不满意"}],"tail_content":"谢谢"}});
    assert_eq!(stage.post("message/custom/send", &custom).await["errcode"], 0);
    let custom = json!({"touser":person,"msgtype":"image","image":{"media_id":stage.cover}});
    assert_eq!(stage.post("message/custom/send", &custom).await["errcode"], 0);
    pages.press(&format!("{phone}/choose"), &[("id", "1")]).await;
    let chat = pages.get(&format!("{phone}?chat=account")).await.text().await.unwrap();
    assert!(chat.contains("/media/") && chat.contains("class=\"article-card\""), "{chat}");
    insta::assert_snapshot!("phone_chat", text_of(&chat).replace(&person, "OPENID"));
    let picture = chat.split("src=\"").find(|part| part.contains("/media/")).unwrap();
    let picture = picture.split('"').next().unwrap();
    let answer = pages.client.get(format!("{}{picture}", stage.url)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
}

#[tokio::test]
async fn a_subscription_account_lies_in_the_folder() {
    let account = AccountSpec { kind: AccountKind::Subscription, ..spec(4) };
    let pages = Pages::new(account).await;
    let person = pages.somebody().await;
    pages.press("{a}/website-sends", &[("title", "早"), ("content", "早安")]).await;
    pages.press("/clock", &[("by", "minute")]).await;
    let phone = format!("{{a}}/phone/{person}");
    let chats = text_of(&pages.english(&phone).await);
    assert!(chats.contains("Subscriptions") && !chats.contains("Service notices"), "{chats}");
    let folder = text_of(&pages.english(&format!("{phone}?chat=folder")).await);
    assert!(folder.contains("早安"), "{folder}");
    let chat = text_of(&pages.english(&format!("{phone}?chat=account")).await);
    assert!(chat.contains("message 1 of this month's 31"), "{chat}");
}

#[tokio::test]
async fn every_reason_stands_beside_the_phone_and_the_job() {
    let pages = Pages::new(spec(8)).await;
    let stage = &pages.stage;
    let people = stage.people(8).await;
    stage.control(&format!("{{a}}/followers/{}/leave", people[0]), &json!({})).await;
    stage.control(&format!("{{a}}/followers/{}/refuse", people[1]), &json!({})).await;
    let list = json!({"openid_list":[people[2]]});
    stage.post("tags/members/batchblacklist", &list).await;
    for nth in 0..5 {
        stage.post("message/mass/send", &text_to(&people, &format!("k{nth}"))).await;
        stage.wait(60).await;
    }
    for (person, reason) in [
        (0, "did not follow when it was sent"),
        (1, "refused the account&#39;s messages"),
        (2, "was on the account&#39;s blacklist"),
        (3, "had all 4 messages of the month already"),
    ] {
        let page = pages.english(&format!("{{a}}/phone/{}", people[person])).await;
        assert!(page.contains(reason), "{reason}");
    }
    let office = text_of(&pages.english("{a}").await);
    let jobs = office.split("Mass jobs").nth(1).unwrap().to_owned();
    insta::assert_snapshot!("office_jobs", jobs);
}

#[tokio::test]
async fn the_administrator_confirms_on_the_page() {
    let pages = Pages::new(spec(3)).await;
    pages.press("{a}/protection", &[("on", "1")]).await;
    assert!(pages.english("{a}/settings").await.contains("On: a send to everybody"));
    let sent = pages.stage.post("message/mass/sendall", &to_all("k")).await;
    assert!(text_of(&pages.english("{a}").await).contains("awaits the administrator"));
    let job = format!("{{a}}/jobs/{}", sent["msg_id"]);
    pages.press(&format!("{job}/open"), &[]).await;
    assert!(text_of(&pages.english("{a}").await).contains("the administrator looks at it"));
    pages.press(&format!("{job}/confirm"), &[]).await;
    pages.press("/clock", &[("by", "minute")]).await;
    assert!(text_of(&pages.english("{a}").await).contains("sent\n3\n3\n3\n0"));
    let again = pages.press(&format!("{job}/refuse"), &[]).await;
    assert!(again.ends_with("note=waits_for_nobody"));
    let next = pages.stage.post("message/mass/sendall", &to_all("other")).await;
    if next["errcode"] == 0 {
        pages.press(&format!("{{a}}/jobs/{}/refuse", next["msg_id"]), &[]).await;
        let office = text_of(&pages.english("{a}").await);
        assert!(office.contains("err(40001) — the administrator refused"), "{office}");
    }
}

#[tokio::test]
async fn an_article_is_a_document_of_its_own_without_scripts() {
    let pages = Pages::new(spec(2)).await;
    let stage = &pages.stage;
    let content = "<p onclick='x()'>正文</p><img src=\"http://mmbiz.qpic.cn/none\">\
        <script>alert(1)</script><a href=\"javascript:alert(2)\">链接</a>";
    let body = json!({"articles":[{"title":"春季新品","content":content,"author":"林",
        "thumb_media_id":stage.cover,"content_source_url":"https://shop.example.com/"}]});
    let draft = stage.post("draft/add", &body).await;
    let draft = draft["media_id"].as_str().unwrap();
    let page = pages.english(&format!("{{a}}/drafts/{draft}/0")).await;
    assert!(page.contains("A draft: as it will look"), "{page}");
    let answer = pages.get(&format!("{{a}}/drafts/{draft}/0/body")).await;
    let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("sandbox") && !policy.contains("allow-scripts"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    let body = answer.text().await.unwrap();
    assert!(body.contains("正文") && body.contains("阅读原文"), "{body}");
    assert!(!body.contains("alert(1)") && !body.contains("qpic.cn"), "{body}");
}

#[tokio::test]
async fn callbacks_are_shown_with_what_they_said_and_every_attempt() {
    let receiver = crate::Receiver::new(&[StatusCode::INTERNAL_SERVER_ERROR]).await;
    let callback = json!({"url":receiver.url,"token":"abcdef","mode":"plain"});
    let callback = serde_json::from_value(callback).unwrap();
    let account = AccountSpec { callback: Some(callback), ..spec(2) };
    let pages = Pages::new(account).await;
    let person = pages.somebody().await;
    pages.press(&format!("{{a}}/phone/{person}/write"), &[("content", "在吗")]).await;
    pages.press("/clock", &[("by", "minute")]).await;
    let page = pages.english("{a}/callbacks").await;
    let text = text_of(&page);
    assert!(page.contains("&#60;Content&#62;&#60;![CDATA[在吗]]&#62;"), "{page}");
    assert!(text.contains("not taken\n500") && text.contains("taken\n200 success"), "{text}");
    let failed = text_of(&pages.english("{a}/callbacks?failed=1").await);
    assert!(failed.contains("500") && !failed.contains("200 success"), "{failed}");
}

/// A page of a million people costs what a page of a hundred costs: no list is walked through.
#[tokio::test]
#[ignore = "measures time; run with --release --ignored"]
async fn pages_of_a_million_people_are_quick() {
    let pages = Pages::new(spec(1_000_000)).await;
    let person = pages.somebody().await;
    for nth in 0..20 {
        pages.stage.post("message/mass/sendall", &to_all(&nth.to_string())).await;
        pages.stage.wait(86_400).await;
    }
    let phone = format!("{{a}}/phone/{person}");
    let chat = format!("{phone}?chat=account");
    let last = "{a}/followers?from=999950";
    for path in ["/", "{a}", "{a}/followers", last, "{a}/settings", &phone, &chat, "/log"] {
        let started = std::time::Instant::now();
        let answer = pages.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let took = started.elapsed();
        println!("{path}: {took:?}");
        assert!(took.as_millis() <= 100, "{path}: {took:?}");
    }
}

#[tokio::test]
async fn agents_come_and_go_and_people_invited_answer() {
    let pages = Pages::new(AccountSpec { wechat_id: Some("shop".to_owned()), ..spec(3) }).await;
    assert!(text_of(&pages.english("{a}/agents").await).contains("There is no agent"));
    for (call, body) in [
        ("add", json!({"kf_account":"s1@shop","nickname":"小一"})),
        ("inviteworker", json!({"kf_account":"s1@shop","invite_wx":"anna"})),
    ] {
        let path = format!("../customservice/kfaccount/{call}");
        assert_eq!(pages.stage.post(&path, &body).await["errcode"], 0);
    }
    let text = text_of(&pages.english("{a}/agents").await);
    for wanted in ["s1@shop", "小一", "anna", "invited, has not answered", "away"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let press = async |act: &str| {
        let form = [("kf_account", "s1@shop"), ("act", act)];
        pages.press("{a}/agents", &form).await
    };
    assert!(press("accept").await.ends_with("/agents?note=done"));
    assert!(press("accept").await.ends_with("/agents?note=no_invitation"));
    press("online").await;
    let somebody = pages.somebody().await;
    let body = json!({"kf_account":"s1@shop","openid":somebody});
    pages.stage.post("../customservice/kfsession/create", &body).await;
    let text = text_of(&pages.english("{a}/agents").await);
    assert!(text.contains("bound") && text.contains(&somebody) && text.contains("there"), "{text}");
}

#[tokio::test]
async fn platforms_originals_and_the_release_test_are_shown() {
    let pages = Pages::new(spec(3)).await;
    let text = text_of(&pages.english("/platforms").await);
    assert!(text.contains("There is none") && text.contains("It is empty"), "{text}");
    let receiver = crate::Receiver::new(&[]).await;
    let key = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU";
    let body = json!({"token":"component","encoding_aes_key":key,"event_url":receiver.url,
        "permission_sets":[2, 7]});
    let made = pages.stage.control("components", &body).await;
    let component = made["appid"].as_str().unwrap();
    let path = format!("components/{component}/authorizers/{}/authorize", pages.stage.appid);
    pages.stage.control(&path, &json!({})).await;
    let words =
        "原创一篇，写的是春天的三款新品，每一款都试用了两个星期，照片也是自己拍的。".repeat(3);
    let library = json!([{"content":format!("<p>{words}</p>"),"url":"https://mp.weixin.qq.com/s/a",
        "can_reprint":false}]);
    let kept = pages.stage.put("originals", &library).await;
    assert!(kept.is_array(), "{kept}");
    let text = text_of(&pages.english("/platforms").await);
    for wanted in [
        component,
        "7 Mass messages and notices",
        "component_verify_ticket",
        "原创一篇",
        "may not be reprinted",
        "Withdraw",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let form = [("component", component), ("act", "withdraw"), ("appid", &pages.stage.appid)];
    assert!(pages.press("/platforms", &form).await.ends_with("/platforms?note=done"));
    assert!(text_of(&pages.english("/platforms").await).contains("No account has authorised it"));
    let request = pages
        .client
        .post(pages.path("/platforms"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header(ACCEPT_LANGUAGE, "en")
        .body(format!("component={component}&act=release_test"));
    let tested = request.send().await.unwrap().text().await.unwrap();
    let text = text_of(&tested);
    assert!(text.contains("A ticket is answered with success\npassed"), "{text}");
}
