//! Commands made from the sandbox's own table of control operations: one for each that no typed
//! command covers, so that a new operation needs a line here and no code. Fields of the query and
//! the body are options of the same names; what is no plain value is JSON.

use std::collections::HashMap;
use std::sync::LazyLock;

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Subcommand, value_parser};
use sandbox::control::description::{Field, Gives, Kind, OPERATIONS, Operation};
use serde_json::{Map, Value};
use wire::Timestamp;

use super::control::Place;
use super::{refusal, shown};
use crate::Error;
use crate::cli::Out;
use crate::rest::{self, segment};

/// Noun, verb, method and path.
type Named = (&'static str, &'static str, &'static str, &'static str);

/// Operations with a command made here.
pub(super) const MADE: &[Named] = &[
    ("interface", "describe", "get", "/openapi.json"),
    ("doors", "show", "get", "/doors"),
    ("doors", "certificate", "get", "/authority.pem"),
    ("account", "show", "get", "/accounts/{appid}"),
    ("account", "memory", "get", "/accounts/{appid}/memory"),
    ("account", "callback", "put", "/accounts/{appid}/callback"),
    ("account", "assumptions", "get", "/accounts/{appid}/assumptions"),
    ("account", "assume", "put", "/accounts/{appid}/assumptions"),
    ("account", "allow-list", "put", "/accounts/{appid}/ip-allow-list"),
    ("account", "people", "put", "/accounts/{appid}/people"),
    ("account", "auto-replies", "put", "/accounts/{appid}/auto-replies"),
    ("account", "website-menu", "put", "/accounts/{appid}/website-menu"),
    ("account", "options", "put", "/accounts/{appid}/options"),
    ("account", "verify", "post", "/accounts/{appid}/verification"),
    ("account", "migrate", "post", "/accounts/{appid}/migration"),
    ("account", "oauth", "put", "/accounts/{appid}/oauth"),
    ("account", "profile", "put", "/accounts/{appid}/profile"),
    ("account", "open-platform", "put", "/accounts/{appid}/open-platform"),
    ("account", "mass-protection", "put", "/accounts/{appid}/mass-protection"),
    ("account", "banned-templates", "put", "/accounts/{appid}/banned-templates"),
    ("account", "invitations", "put", "/accounts/{appid}/invitations"),
    ("person", "privacy", "post", "/accounts/{appid}/followers/{openid}/privacy/{act}"),
    ("person", "prompt", "post", "/accounts/{appid}/followers/{openid}/prompt"),
    ("person", "withdraw", "post", "/accounts/{appid}/followers/{openid}/withdraw"),
    ("person", "restore", "post", "/accounts/{appid}/followers/{openid}/restore"),
    ("person", "confirm", "post", "/accounts/{appid}/followers/{openid}/confirm"),
    ("person", "order", "post", "/accounts/{appid}/followers/{openid}/order"),
    ("person", "read", "post", "/accounts/{appid}/followers/{openid}/read"),
    ("person", "share", "post", "/accounts/{appid}/followers/{openid}/share"),
    ("person", "send", "post", "/accounts/{appid}/followers/{openid}/messages"),
    ("person", "enter", "post", "/accounts/{appid}/followers/{openid}/enter"),
    ("agent", "act", "post", "/accounts/{appid}/agents/{kf_account}/{act}"),
    ("components", "list", "get", "/components"),
    ("components", "add", "post", "/components"),
    ("components", "show", "get", "/components/{component}"),
    ("components", "change", "put", "/components/{component}"),
    ("components", "ticket", "post", "/components/{component}/tickets"),
    ("components", "callbacks", "get", "/components/{component}/callbacks"),
    ("components", "release-test", "post", "/components/{component}/release-test"),
    ("components", "authorize", "post", "/components/{component}/authorizers/{appid}/authorize"),
    ("components", "withdraw", "post", "/components/{component}/authorizers/{appid}/withdraw"),
    ("job", "decide", "post", "/accounts/{appid}/jobs/{msg_id}/{act}"),
    ("job", "kind", "put", "/accounts/{appid}/jobs/{msg_id}/kind"),
    ("content", "former-articles", "post", "/accounts/{appid}/former-articles"),
    ("content", "record", "post", "/accounts/{appid}/recordings"),
    ("content", "ban", "post", "/accounts/{appid}/publications/{publish_id}/ban"),
    ("article", "limit", "put", "/accounts/{appid}/articles/{msg_data_id}/{index}/limited"),
    ("article", "read", "post", "/accounts/{appid}/articles/{msg_data_id}/{index}/readings"),
    ("article", "act", "post", "/accounts/{appid}/articles/{msg_data_id}/{index}/acts"),
    ("comments", "show", "get", "/accounts/{appid}/articles/{msg_data_id}/{index}/comments"),
    ("comments", "write", "post", "/accounts/{appid}/articles/{msg_data_id}/{index}/comments"),
    (
        "comments",
        "take-back",
        "delete",
        "/accounts/{appid}/articles/{msg_data_id}/{index}/comments/{id}",
    ),
    ("originals", "list", "get", "/originals"),
    ("originals", "set", "put", "/originals"),
    ("responses", "types", "get", "/accounts/{appid}/truth/types"),
    ("responses", "people", "get", "/accounts/{appid}/truth/types.csv"),
    ("responses", "list", "get", "/accounts/{appid}/truth/responses"),
    ("responses", "of", "get", "/accounts/{appid}/truth/responses/{msg_id}"),
    ("responses", "orders", "get", "/accounts/{appid}/truth/orders.csv"),
    ("shop", "customers", "get", "/accounts/{appid}/shop/customers.csv"),
    ("shop", "orders", "get", "/accounts/{appid}/shop/orders.csv"),
    ("chance", "stop", "delete", "/faults/random"),
];

/// Operations with a typed command.
pub(super) const TYPED: &[Named] = &[
    ("clock", "show", "get", "/clock"),
    ("clock", "advance", "post", "/clock"),
    ("accounts", "list", "get", "/accounts"),
    ("accounts", "add", "post", "/accounts"),
    ("followers", "list", "get", "/accounts/{appid}/followers"),
    ("followers", "arrive", "post", "/accounts/{appid}/followers"),
    ("followers", "show", "get", "/accounts/{appid}/followers/{openid}"),
    ("followers", "act", "post", "/accounts/{appid}/followers/{openid}/{act}"),
    ("website-send", "", "post", "/accounts/{appid}/website-sends"),
    ("jobs", "list", "get", "/accounts/{appid}/jobs"),
    ("jobs", "received", "get", "/accounts/{appid}/jobs/{msg_id}/received"),
    ("truth", "", "get", "/accounts/{appid}/truth"),
    ("callbacks", "", "get", "/accounts/{appid}/callbacks"),
    ("faults", "list", "get", "/faults"),
    ("faults", "add", "post", "/faults"),
    ("faults", "clear", "delete", "/faults"),
    ("faults", "list", "get", "/faults/random"),
    ("faults", "random", "put", "/faults/random"),
    ("faults", "struck", "get", "/faults/struck"),
    ("calls", "", "get", "/calls"),
    ("calls", "", "get", "/calls/counts"),
    ("snapshots", "list", "get", "/snapshots"),
    ("snapshots", "take", "post", "/snapshots"),
    ("snapshots", "delete", "delete", "/snapshots/{name}"),
    ("snapshots", "restore", "post", "/snapshots/{name}/restore"),
    ("reset", "", "post", "/reset"),
];

/// What each noun is about.
const NOUNS: &[(&str, &str)] = &[
    ("interface", "The control interface itself"),
    ("doors", "Where the sandbox can be reached"),
    ("account", "One account: what is set on the website, and what becomes of it"),
    ("person", "What one person does beside `followers act`"),
    ("agent", "Customer-service agents (客服)"),
    ("components", "Third-party platforms (第三方平台)"),
    ("job", "What the administrator decides about one mass job"),
    ("content", "Content that no call brings, and what the platform does to it"),
    ("article", "Articles that went out: readers from outside, and limits"),
    ("comments", "Comments under an article (留言)"),
    ("originals", "The library that articles are held against (原创校验)"),
    ("responses", "The true answer of people to mass messages"),
    ("shop", "The shop of the people"),
    ("chance", "Faults that chance lays out"),
];

/// The option that says where the sandbox is; a field is called like it.
const AT: &str = "at";
const ADDRESS: &str = "address of the sandbox";
const WHOLE_BODY: &str = "body";
const FILE: &str = "file";
/// The operation whose body is a file as it is.
const TAKES_FILE: &str = "/accounts/{appid}/recordings";

/// A command made from the table, and what was given to it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Call {
    operation: &'static Operation,
    given: ArgMatches,
}

fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|one| one.method == method && one.path == path)
}

/// Names in braces that are given in their order; the account is named by an option.
fn places(path: &'static str) -> impl Iterator<Item = &'static str> {
    let names = path.split('/').filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'));
    names.filter(|name| *name != "appid")
}

fn fields(operation: &'static Operation) -> impl Iterator<Item = &'static Field> {
    operation.query.iter().chain(operation.body.unwrap_or_default())
}

/// The options of all fields, and what stands for their values. Made once, because commands hold
/// their words for as long as the program runs.
static OPTIONS: LazyLock<HashMap<&'static str, (String, String)>> = LazyLock::new(|| {
    let words = |field: &'static Field| {
        // The address of the sandbox is `--at` everywhere.
        let option = if field.name == AT { "moment".into() } else { field.name.replace('_', "-") };
        let value = option.to_uppercase();
        (field.name, (option, value))
    };
    OPERATIONS.iter().flat_map(fields).map(words).collect()
});

/// The option of a field, and what stands for its value.
fn words_of(field: &str) -> (&'static str, &'static str) {
    OPTIONS.get(field).map_or((AT, AT), |(option, value)| (option, value))
}

/// The option of a field, without its dashes.
pub(super) fn option_of(field: &str) -> &'static str {
    words_of(field).0
}

fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::Texts | Kind::Wholes)
}

fn parser(kind: Kind) -> ValueParser {
    match kind {
        Kind::Whole | Kind::Wholes => value_parser!(i64).into(),
        Kind::Number => value_parser!(f64).into(),
        Kind::Flag => PossibleValuesParser::new(["true", "false"]).into(),
        Kind::Moment => ValueParser::new(moment),
        Kind::Text | Kind::Texts => ValueParser::string(),
        Kind::Object | Kind::Objects => ValueParser::new(json),
    }
}

fn moment(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    text.parse::<Timestamp>().map(|moment| moment.0).map_err(|error| error.to_string())
}

/// JSON, or `@` and the name of a file that holds it.
fn json(text: &str) -> Result<Value, String> {
    let held;
    let text = match text.strip_prefix('@') {
        Some(file) => {
            held = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            &held
        }
        None => text,
    };
    serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))
}

fn command(verb: &'static str, operation: &'static Operation) -> Command {
    let at = Arg::new(ADDRESS)
        .long(AT)
        .value_name("URL")
        .env("FOURCAST_SANDBOX")
        .default_value("http://127.0.0.1:7150")
        .help("Address of the running sandbox");
    let mut command = Command::new(verb).about(operation.summary).arg(at);
    if operation.path.contains("{appid}") {
        let appid = Arg::new("appid").long("appid");
        command = command.arg(appid.help("The account, by AppID; needed when there are several"));
    }
    for name in places(operation.path) {
        command = command.arg(Arg::new(name).required(true));
    }
    for field in fields(operation) {
        let (long, value) = words_of(field.name);
        let mut option = Arg::new(field.name)
            .long(long)
            .value_name(value)
            .value_parser(parser(field.kind))
            .allow_hyphen_values(true)
            // With a whole body nothing else must be there.
            .required_unless_present_any((!field.optional).then_some(WHOLE_BODY))
            .help(field.text);
        if field.optional {
            option = option.required(false);
        }
        if is_list(field.kind) {
            option = option.action(ArgAction::Append);
        }
        command = command.arg(option);
    }
    if operation.path == TAKES_FILE {
        return command.arg(Arg::new(FILE).required(true).help("The file as it is"));
    }
    let body = Arg::new(WHOLE_BODY)
        .long(WHOLE_BODY)
        .value_name("JSON")
        .value_parser(ValueParser::new(json))
        .hide(operation.body.is_none())
        .help("The whole body, or @FILE; other options go over it");
    command.arg(body)
}

impl FromArgMatches for Call {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (noun, inner) = matches.subcommand().ok_or_else(missing)?;
        let (verb, given) = inner.subcommand().ok_or_else(missing)?;
        let named = MADE.iter().find(|one| (one.0, one.1) == (noun, verb));
        let operation = named.and_then(|one| operation(one.2, one.3)).ok_or_else(missing)?;
        Ok(Self { operation, given: given.clone() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Call {
    fn augment_subcommands(mut command: Command) -> Command {
        for (noun, about) in NOUNS {
            let verbs = MADE.iter().filter(|one| one.0 == *noun).filter_map(|one| {
                let (_, verb, method, path) = *one;
                Some(self::command(verb, operation(method, path)?))
            });
            let noun = Command::new(*noun).about(*about).subcommand_required(true);
            command = command.subcommand(noun.arg_required_else_help(true).subcommands(verbs));
        }
        command
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        NOUNS.iter().any(|(noun, _)| *noun == name)
    }
}

impl Call {
    fn text(&self, name: &str) -> Option<&str> {
        self.given.try_get_one::<String>(name).ok().flatten().map(String::as_str)
    }

    /// The value of a field, if it was given.
    fn value(&self, field: &Field) -> Option<Value> {
        let name = field.name;
        Some(match field.kind {
            Kind::Text => self.text(name)?.into(),
            Kind::Whole | Kind::Moment => (*self.given.get_one::<i64>(name)?).into(),
            Kind::Number => (*self.given.get_one::<f64>(name)?).into(),
            Kind::Flag => (self.text(name)? == "true").into(),
            Kind::Texts => self.given.get_many::<String>(name)?.cloned().collect::<Vec<_>>().into(),
            Kind::Wholes => self.given.get_many::<i64>(name)?.copied().collect::<Vec<_>>().into(),
            Kind::Object | Kind::Objects => self.given.get_one::<Value>(name)?.clone(),
        })
    }

    fn body(&self) -> Value {
        let whole = self.given.try_get_one::<Value>(WHOLE_BODY).ok().flatten();
        let given: Map<String, Value> = self
            .operation
            .body
            .unwrap_or_default()
            .iter()
            .filter_map(|field| Some((field.name.to_owned(), self.value(field)?)))
            .collect();
        match whole.cloned() {
            Some(Value::Object(mut whole)) => {
                whole.extend(given);
                whole.into()
            }
            Some(other) => other,
            None => given.into(),
        }
    }

    async fn path(&self, place: &Place, rest: &rest::Rest) -> Result<String, Error> {
        let mut path = String::from("/sandbox");
        for word in self.operation.path.split('/').skip(1) {
            path.push('/');
            match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
                Some("appid") => path.push_str(&segment(&place.appid(rest).await?)),
                Some(name) => path.push_str(&segment(self.text(name).unwrap_or_default())),
                None => path.push_str(word),
            }
        }
        let mut mark = '?';
        for field in self.operation.query {
            if let Some(value) = self.value(field) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                path.push_str(&format!("{mark}{}={}", field.name, segment(&value)));
                mark = '&';
            }
        }
        Ok(path)
    }

    /// Does what was asked and shows what the sandbox answered.
    pub(super) async fn run(&self, out: Out) -> Result<(), Error> {
        self.carry_out(out).await.map_err(|error| refusal::told(error, fields(self.operation)))
    }

    async fn carry_out(&self, out: Out) -> Result<(), Error> {
        let at = self.text(ADDRESS).unwrap_or_default().to_owned();
        let place = Place::new(at, self.text("appid").map(str::to_owned));
        let rest = place.rest()?;
        let path = self.path(&place, &rest).await?;
        if matches!(self.operation.gives, Gives::Lines(..)) {
            return lines(&rest, &path, out).await;
        }
        let answer: Value = match self.operation.method {
            "get" => rest.get(&path).await?,
            "put" => rest.put(&path, &self.body()).await?,
            "delete" => rest.delete_and_read(&path).await?,
            _ if self.operation.path == TAKES_FILE => {
                let file = self.text(FILE).unwrap_or_default();
                let bytes = std::fs::read(file).map_err(Error::failed(format!("read {file}")))?;
                rest.upload(&path, bytes).await?
            }
            _ => rest.post(&path, &self.body()).await?,
        };
        out.show(&answer, shown::anything)
    }
}

/// Passes lines on as they come: of a million none is kept.
pub(super) async fn lines(rest: &rest::Rest, path: &str, out: Out) -> Result<(), Error> {
    let mut stream = out.stream();
    rest.lines(path, |line| stream.line(&line, || line.to_owned())).await?;
    stream.end()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// Whether the words lead to a command that takes no further one.
    fn is_command(noun: &str, verb: &str) -> bool {
        let cli = Cli::command();
        let found = cli.find_subcommand("sandbox").and_then(|one| one.find_subcommand(noun));
        let found =
            if verb.is_empty() { found } else { found.and_then(|one| one.find_subcommand(verb)) };
        found.is_some_and(|one| !one.has_subcommands())
    }

    #[test]
    fn every_control_operation_has_its_command_and_every_command_an_operation() {
        let named: Vec<&Named> = MADE.iter().chain(TYPED).collect();
        for one in OPERATIONS {
            let commands = named
                .iter()
                .filter(|(_, _, method, path)| (*method, *path) == (one.method, one.path));
            assert_eq!(commands.count(), 1, "{} {} needs one line here", one.method, one.path);
        }
        for (noun, verb, method, path) in named {
            assert!(operation(method, path).is_some(), "{method} {path} is no operation");
            assert!(is_command(noun, verb), "there is no command {noun} {verb}");
        }
    }

    #[test]
    fn options_are_read_as_what_they_are() {
        let words = [
            "fourcast",
            "sandbox",
            "account",
            "verify",
            "--event",
            "annual_renew",
            "--moment",
            "2026-03-02T10:00:00+08:00",
        ];
        let matches = Cli::command().try_get_matches_from(words).unwrap();
        let (_, sandbox) = matches.subcommand().unwrap();
        let call = Call::from_arg_matches(sandbox).unwrap();
        let body = call.body();
        assert_eq!(body, serde_json::json!({"event":"annual_renew","at":1_772_416_800}));
        let missing = Cli::command().try_get_matches_from(&words[..4]).unwrap_err();
        assert!(missing.to_string().contains("--event"), "{missing}");
    }
}
