//! How a command finds the server: `--url` and `--api-key`, their environment variables, or the page
//! that the server wrote into its data folder at its first start.

use std::path::{Path, PathBuf};

use clap::Args;
use delivery::view::AccountView;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::rest::Rest;

/// Where the server is, who asks, and about which account.
#[derive(Debug, Clone, Args)]
pub struct Talk {
    /// The server's address [default: what cli.toml in the data folder says]
    #[arg(long, global = true, env = "FOURCAST_URL")]
    url: Option<String>,
    /// An API key of the server [default: what cli.toml in the data folder says]
    #[arg(long, global = true, env = "FOURCAST_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// The server's data folder, when it is on this machine
    #[arg(long, global = true, env = "FOURCAST_DATA", default_value = "./data")]
    data: PathBuf,
    /// The account, by number or AppID; needed when there are several
    #[arg(long, global = true, env = "FOURCAST_ACCOUNT")]
    account: Option<String>,
}

/// What the server leaves for the commands in its data folder, readable by its owner alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The server's address.
    pub url: String,
    /// A key made at the first start.
    pub key: String,
}

impl Saved {
    /// Where it lies in a data folder.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("cli.toml")
    }

    /// What is there; `None` when there is nothing.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = Self::path(folder);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::failed(format!("read {}", path.display()))(error)),
        };
        toml::from_str(&text).map(Some).map_err(Error::failed(format!("read {}", path.display())))
    }

    /// Writes it, readable by its owner alone.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, Error> {
        let path = Self::path(folder);
        let text = format!(
            "# Written by `fourcast serve`; the commands read it. Keep it to yourself.\n\
             url = \"{}\"\nkey = \"{}\"\n",
            self.url, self.key
        );
        write_privately(&path, &text)
            .map_err(Error::failed(format!("write {}", path.display())))?;
        Ok(path)
    }
}

// A new file beside the old one, then renamed: a crash leaves one of the two, whole.
fn write_privately(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let beside = path.with_extension("toml.new");
    // A rest of an earlier crash would keep its own rights.
    let _ = std::fs::remove_file(&beside);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

impl Talk {
    /// A caller of the server.
    ///
    /// # Errors
    /// When neither the arguments nor the data folder say where the server is and who asks.
    pub fn rest(&self) -> Result<Rest, Error> {
        let saved = match (&self.url, &self.api_key) {
            (Some(_), Some(_)) => None,
            _ => Saved::read(&self.data)?,
        };
        let (saved_url, saved_key) = saved.map_or((None, None), |s| (Some(s.url), Some(s.key)));
        let missing = |what: &str| {
            Error::asked(
                format!("No {what} is known: there is no {}.", Saved::path(&self.data).display()),
                "give --data with the server's data folder, or --url and --api-key",
            )
        };
        let url = self.url.clone().or(saved_url).ok_or_else(|| missing("server"))?;
        let key = self.api_key.clone().or(saved_key).ok_or_else(|| missing("API key"))?;
        Ok(Rest::new(&url, Some(&key))?)
    }

    /// A caller of the server and the path of the account asked about.
    ///
    /// # Errors
    /// When the account is not there, or there are several and none was named.
    pub async fn account(&self) -> Result<(Rest, String), Error> {
        let rest = self.rest()?;
        let all: Vec<AccountView> = rest.get("/api/v1/accounts").await?;
        let id = choose(&all, self.account.as_deref())?;
        Ok((rest, format!("/api/v1/accounts/{id}")))
    }
}

fn choose(all: &[AccountView], wanted: Option<&str>) -> Result<i64, Error> {
    let known = || {
        let names: Vec<String> = all.iter().map(|a| format!("{} ({})", a.id, a.appid)).collect();
        format!("the server knows {}", names.join(", "))
    };
    match (wanted, all) {
        (_, []) => Err(Error::asked(
            "The server has no account yet.",
            "connect one with `fourcast accounts add`",
        )),
        (None, [only]) => Ok(only.id),
        (None, _) => Err(Error::asked(
            format!("The server has {} accounts; which one is meant?", all.len()),
            format!("give --account; {}", known()),
        )),
        (Some(wanted), _) => all
            .iter()
            .find(|account| account.appid == wanted || account.id.to_string() == wanted)
            .map(|account| account.id)
            .ok_or_else(|| Error::asked(format!("No account is called {wanted:?}."), known())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: i64, appid: &str) -> AccountView {
        serde_json::from_value(serde_json::json!({
            "id": id, "name": "店", "appid": appid, "original_id": "gh_1", "kind": "service",
            "known": 0, "following": 0, "callback_path": "/callback/x"
        }))
        .unwrap()
    }

    #[test]
    fn the_only_account_needs_no_name() {
        let one = [account(7, "wxa")];
        assert_eq!(choose(&one, None).unwrap(), 7);
        let two = [account(7, "wxa"), account(8, "wxb")];
        assert!(choose(&two, None).unwrap_err().hint().unwrap().contains("8 (wxb)"));
        assert_eq!(choose(&two, Some("wxb")).unwrap(), 8);
        assert_eq!(choose(&two, Some("7")).unwrap(), 7);
        assert!(choose(&two, Some("wxc")).is_err());
        assert!(choose(&[], None).unwrap_err().to_string().contains("no account"));
    }

    #[test]
    fn what_is_saved_is_read_again_and_private() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Saved::read(folder.path()).unwrap(), None);
        let saved = Saved { url: "http://127.0.0.1:7140".into(), key: "fck_x".into() };
        let path = saved.write(folder.path()).unwrap();
        saved.write(folder.path()).unwrap();
        assert_eq!(Saved::read(folder.path()).unwrap(), Some(saved));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
