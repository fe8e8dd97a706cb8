//! Menus: the default one, and those for some followers only (`platform/09 §1`).

pub mod button;
pub mod website;

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use crate::account::Account;
use crate::chance::draw;
use crate::population::topic;
use button::Button;
use website::WebsiteButton;

/// The number of an account's first menu.
const FIRST: i64 = 208_379_533;

/// The client somebody uses: 1 iOS, 2 Android, 3 another.
pub type ClientPlatform = i64;

#[derive(Debug, Clone)]
struct Menu {
    id: i64,
    buttons: Vec<Button>,
}

/// Whom a conditional menu is for; what is absent fits everybody.
#[derive(Debug, Clone, Default)]
struct Rule {
    tag: Option<i64>,
    platform: Option<ClientPlatform>,
}

/// The menus of one account.
#[derive(Debug, Clone, Default)]
pub struct Menus {
    default: Option<Menu>,
    /// Oldest first.
    conditional: Vec<(Rule, Menu)>,
    /// Made on the website; not beside a default one.
    website: Option<Vec<WebsiteButton>>,
    made: i64,
}

impl Menus {
    /// Whether a button sends this file.
    #[must_use]
    pub fn show(&self, media_id: &str) -> bool {
        let conditional = self.conditional.iter().map(|(_, menu)| menu);
        let menus = self.default.iter().chain(conditional);
        let mut leaves = menus.flat_map(|menu| button::leaves(&menu.buttons));
        let mut sent = self.website.iter().flatten().flat_map(website::files);
        leaves.any(|leaf| leaf.media_id.as_deref() == Some(media_id))
            || sent.any(|(_, id)| id == media_id)
    }

    /// The operator makes a menu on the website, or takes it away; one made by calls is gone.
    pub fn set_website(&mut self, buttons: Option<Vec<WebsiteButton>>) {
        if buttons.is_some() {
            self.default = None;
            self.conditional.clear();
        }
        self.website = buttons;
    }

    /// Whether people see a menu that was made on the website, whose taps are told to nobody.
    #[must_use]
    pub fn is_of_website(&self) -> bool {
        self.website.is_some()
    }

    /// The default menu and the conditional ones, latest first: whom each is for and its buttons.
    pub fn all(&self) -> impl Iterator<Item = (Option<i64>, Option<ClientPlatform>, &[Button])> {
        let conditional = self.conditional.iter().rev();
        let conditional =
            conditional.map(|(rule, menu)| (rule.tag, rule.platform, menu.buttons.as_slice()));
        let default = self.default.iter().map(|menu| (None, None, menu.buttons.as_slice()));
        default.chain(conditional)
    }

    fn menu(&mut self, buttons: Vec<Button>) -> Menu {
        self.made += 1;
        Menu { id: FIRST + self.made - 1, buttons }
    }
}

/// The client this person uses, drawn from the seed.
#[must_use]
pub fn platform(account: &Account, person: u32) -> ClientPlatform {
    match draw(account.people.seed(), topic::CLIENT, person.into()) % 100 {
        0..40 => 1,
        40..95 => 2,
        _ => 3,
    }
}

/// The menu this person sees, and its number: the latest made that fits, else the default one.
/// Of several tags the one put on last counts.
#[must_use]
pub fn seen_by(account: &Account, person: u32) -> Option<(i64, &[Button])> {
    let menus = &account.menus;
    let default = menus.default.as_ref()?;
    let (tag, platform) = (account.tags.last_of(person), platform(account, person));
    let fits = |rule: &Rule| {
        rule.tag.is_none_or(|wanted| tag == Some(wanted))
            && rule.platform.is_none_or(|wanted| platform == wanted)
    };
    let conditional = menus.conditional.iter().rev().find(|(rule, _)| fits(rule));
    let menu = conditional.map_or(default, |(_, menu)| menu);
    Some((menu.id, &menu.buttons))
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    button: Vec<Button>,
    #[serde(default)]
    matchrule: Map<String, Value>,
}

fn wish(call: &Call) -> Result<Wish, Refused> {
    if call.has_unicode_escapes() {
        return Err(Refused::new(40033));
    }
    call.json()
}

/// `menu/create`: in the place of the default menu; conditional ones stay.
///
/// # Errors
/// 40033 for `\uXXXX`, and what [`button::check`] finds.
pub fn create(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish = wish(call)?;
    button::check(&wish.button, scene.account)?;
    let menus = &mut scene.account.menus;
    menus.website = None;
    menus.default = Some(menus.menu(wish.button));
    done()
}

/// `menu/get`.
///
/// # Errors
/// 46003 without a menu.
pub fn get(scene: &mut Scene<'_>) -> Answer {
    let menus = &scene.account.menus;
    let default = menus.default.as_ref().ok_or(Refused::new(46003))?;
    if menus.conditional.is_empty() {
        return answer(&json!({ "menu": { "button": default.buttons } }));
    }
    let conditional = |(rule, menu): &(Rule, Menu)| {
        let mut matchrule = Map::new();
        if let Some(tag) = rule.tag {
            matchrule.insert("tag_id".to_owned(), tag.to_string().into());
        }
        if let Some(platform) = rule.platform {
            matchrule.insert("client_platform_type".to_owned(), platform.to_string().into());
        }
        json!({ "button": menu.buttons, "matchrule": matchrule, "menuid": menu.id })
    };
    let conditional: Vec<Value> = menus.conditional.iter().rev().map(conditional).collect();
    answer(&json!({ "menu": { "button": default.buttons, "menuid": default.id },
        "conditionalmenu": conditional }))
}

/// `menu/delete`: the conditional ones as well.
///
/// # Errors
/// 46003 without a menu.
pub fn delete(scene: &mut Scene<'_>) -> Answer {
    let menus = &mut scene.account.menus;
    menus.default.take().ok_or(Refused::new(46003))?;
    menus.conditional.clear();
    done()
}

/// `menu/addconditional`.
///
/// # Errors
/// 65303 without a default menu, 65320 for a withdrawn rule, 65304 without a rule, 45159 for an
/// unknown tag and 40097 for an unknown client (both assumed), 65316 for too many domains, 65305 for too many
/// menus, and what [`button::check`] finds.
pub fn add_conditional(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish = wish(call)?;
    if scene.account.menus.default.is_none() {
        return Err(Refused::new(65303));
    }
    button::check(&wish.button, scene.account)?;
    let rule = rule(&wish.matchrule, scene.account)?;
    let menus = &mut scene.account.menus;
    let others = menus.conditional.iter().map(|(_, menu)| menu.buttons.as_slice());
    let domains: HashSet<String> = others
        .chain([wish.button.as_slice()])
        .flat_map(button::leaves)
        .filter_map(|leaf| button::domain(leaf.url.as_deref()?))
        .collect();
    if domains.len() as i64 > scene.limits.conditional_menu_domains {
        return Err(Refused::new(65316));
    }
    let most = scene.account.assumptions.conditional_menus;
    let menus = &mut scene.account.menus;
    if most.is_some_and(|most| menus.conditional.len() as i64 >= most) {
        return Err(Refused::new(65305));
    }
    let menu = menus.menu(wish.button);
    let id = menu.id;
    menus.conditional.push((rule, menu));
    answer(&json!({ "menuid": id.to_string() }))
}

fn rule(wished: &Map<String, Value>, account: &Account) -> Result<Rule, Refused> {
    let given = |name: &str| {
        let value = wished.get(name)?;
        let empty = value.is_null() || value.as_str().is_some_and(str::is_empty);
        (!empty).then_some(value)
    };
    if ["sex", "country", "province", "city", "language"].iter().any(|name| given(name).is_some()) {
        return Err(Refused::new(65320));
    }
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    let mut rule = Rule::default();
    // `group_id` is the older name.
    if let Some(value) = given("tag_id").or_else(|| given("group_id")) {
        let known = number(value).filter(|tag| account.tags.members(*tag).is_some());
        rule.tag = Some(known.ok_or(Refused::new(45159))?);
    }
    if let Some(value) = given("client_platform_type") {
        let known = number(value).filter(|platform| (1..=3).contains(platform));
        rule.platform = Some(known.ok_or(Refused::new(40097))?);
    }
    if rule.tag.is_none() && rule.platform.is_none() {
        return Err(Refused::new(65304));
    }
    Ok(rule)
}

#[derive(Deserialize)]
struct Numbered {
    #[serde(default)]
    menuid: Value,
}

/// `menu/delconditional`.
///
/// # Errors
/// 65301 for an unknown number.
pub fn delete_conditional(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Numbered = call.json()?;
    let id = wish.menuid.as_i64().or_else(|| wish.menuid.as_str()?.parse().ok());
    let conditional = &mut scene.account.menus.conditional;
    let found = conditional.iter().position(|(_, menu)| Some(menu.id) == id);
    conditional.remove(found.ok_or(Refused::new(65301))?);
    done()
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    user_id: String,
}

/// `menu/trymatch`, for an OpenID or a WeChat name.
///
/// # Errors
/// 65302 for nobody that follows, 46003 without a menu.
pub fn try_match(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Person = call.json()?;
    let account = &*scene.account;
    let people = &account.people;
    let person = people.person(&wish.user_id).or_else(|| people.named(&wish.user_id));
    let person = person.filter(|person| people.following().contains(*person));
    let person = person.ok_or(Refused::new(65302))?;
    let (_, buttons) = seen_by(account, person).ok_or(Refused::new(46003))?;
    if account.assumptions.match_is_wrapped {
        return answer(&json!({ "menu": { "button": buttons } }));
    }
    answer(&json!({ "button": buttons }))
}

/// `get_current_selfmenu_info`: the menu made on the website, or the default one in the form the
/// website knows.
///
/// # Errors
/// None of its own.
pub fn current(scene: &mut Scene<'_>) -> Answer {
    if let Some(buttons) = scene.account.menus.website.clone() {
        let buttons = website::shown(&buttons, scene);
        return answer(&json!({ "is_menu_open": 1, "selfmenu_info": { "button": buttons } }));
    }
    let default = scene.account.menus.default.as_ref();
    let buttons: Vec<Value> =
        default.map_or_else(Vec::new, |menu| menu.buttons.iter().map(as_on_website).collect());
    answer(&json!({ "is_menu_open": i64::from(default.is_some()),
        "selfmenu_info": { "button": buttons } }))
}

fn as_on_website(button: &Button) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            shown.insert(name.to_owned(), value.clone().into());
        }
    };
    put("type", &button.kind);
    put("name", &Some(button.name.clone()));
    put("key", &button.key);
    put("url", &button.url);
    put("value", &button.media_id);
    put("appid", &button.appid);
    put("pagepath", &button.pagepath);
    put("article_id", &button.article_id);
    if !button.sub_button.is_empty() {
        let list: Vec<Value> = button.sub_button.iter().map(as_on_website).collect();
        shown.insert("sub_button".to_owned(), json!({ "list": list }));
    }
    Value::Object(shown)
}
