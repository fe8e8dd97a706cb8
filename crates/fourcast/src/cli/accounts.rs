//! `fourcast accounts …`

use clap::{Args, Subcommand};
use delivery::view::{AccountView, NewAccount};
use wire::rules::AccountKind;

use super::table::{Table, grouped};
use super::{Out, Talk, sheet};
use crate::Error;

/// Accounts.
#[derive(Debug, Args)]
pub struct Accounts {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Every connected account
    List,
    /// Connect an account
    Add(Add),
    /// One account
    Show,
}

#[derive(Debug, Args)]
struct Add {
    /// Name shown to operators
    #[arg(long)]
    name: String,
    /// The account's AppID, wx…
    #[arg(long)]
    appid: String,
    /// The AppSecret; better given in the environment than on the command line
    #[arg(long, env = "FOURCAST_SECRET", hide_env_values = true)]
    secret: String,
    /// The account's original id, gh_…
    #[arg(long)]
    original_id: String,
    /// service (服务号) or subscription (订阅号)
    #[arg(long, default_value = "service", value_parser = kind)]
    kind: AccountKind,
    /// Where the platform is, when it is not the live one
    #[arg(long)]
    base_url: Option<String>,
    /// Token of the callback settings
    #[arg(long)]
    callback_token: String,
    /// EncodingAESKey of the callback settings
    #[arg(long, env = "FOURCAST_ENCODING_AES_KEY", hide_env_values = true)]
    encoding_aes_key: String,
}

pub(super) fn kind(text: &str) -> Result<AccountKind, String> {
    match text {
        "service" => Ok(AccountKind::Service),
        "subscription" => Ok(AccountKind::Subscription),
        _ => Err("an account is \"service\" or \"subscription\"".into()),
    }
}

pub(super) async fn run(noun: Accounts, out: Out) -> Result<(), Error> {
    match noun.verb {
        Verb::List => {
            let all: Vec<AccountView> = noun.talk.rest()?.get("/api/v1/accounts").await?;
            out.show(&all, |all| list(all))
        }
        Verb::Add(add) => {
            let wish = NewAccount {
                name: add.name,
                appid: add.appid,
                secret: add.secret,
                original_id: add.original_id,
                kind: add.kind,
                base_url: add.base_url,
                callback_token: add.callback_token,
                encoding_aes_key: add.encoding_aes_key,
            };
            let view: AccountView = noun.talk.rest()?.post("/api/v1/accounts", &wish).await?;
            out.show(&view, one)
        }
        Verb::Show => {
            let (rest, path) = noun.talk.account().await?;
            let view: AccountView = rest.get(&path).await?;
            out.show(&view, one)
        }
    }
}

fn list(all: &[AccountView]) -> String {
    let mut table = Table::new(&[">id", "name", "appid", ">following", ">known", "trouble"]);
    for account in all {
        table.row([
            account.id.to_string(),
            account.name.clone(),
            account.appid.clone(),
            grouped(account.following),
            grouped(account.known),
            account.trouble.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

fn one(account: &AccountView) -> String {
    sheet(&[
        ("account", account.id.to_string()),
        ("name", account.name.clone()),
        ("appid", account.appid.clone()),
        ("original id", account.original_id.clone()),
        ("following", grouped(account.following)),
        ("known", grouped(account.known)),
        ("callback", account.callback_path.clone()),
        ("trouble", account.trouble.clone().unwrap_or_else(|| "none".into())),
    ])
}
