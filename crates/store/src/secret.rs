//! Secrets at rest. Each one is sealed by AES-256-GCM-SIV under the key in `secret.key`, bound to
//! its account and column, so that a value copied into another row does not open.
//!
//! The key file is made at the first start, readable by its owner alone, and synced before anything
//! is sealed with it; a crash in the middle leaves at most an unused key.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use aes_gcm_siv::aead::{Aead as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _, Nonce};
use zeroize::Zeroizing;

use crate::{AccountId, Error};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Text that must not be seen: wiped when dropped, never printed, never serialised.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Seals and opens secrets.
pub(crate) struct Sealer {
    cipher: Aes256GcmSiv,
}

impl Sealer {
    /// The key of this folder; `fresh` allows to make one, when nothing was sealed yet.
    pub(crate) fn open(path: &Path, fresh: bool) -> Result<Self, Error> {
        let key = match fs::read(path) {
            Ok(key) => Zeroizing::new(key),
            Err(error) if error.kind() == io::ErrorKind::NotFound && fresh => {
                make_key(path).map_err(|error| Error::folder(path, error))?
            }
            Err(error) => return Err(Error::folder(path, error)),
        };
        let cipher = Aes256GcmSiv::new_from_slice(&key)
            .map_err(|_| Error::WrongKey { path: path.to_owned() })?;
        Ok(Self { cipher })
    }

    /// Nonce, then what was sealed and its tag.
    pub(crate) fn seal(
        &self,
        account: AccountId,
        column: &str,
        plain: &str,
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce).map_err(|error| Error::folder("the system's random source", error))?;
        let bound = bound_to(account, column);
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain.as_bytes(), aad: &bound })
            .map_err(|_| Error::corrupt(format!("{column} of account {account} is too long")))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What [`Sealer::seal`] sealed for the same account and column.
    pub(crate) fn unseal(
        &self,
        account: AccountId,
        column: &str,
        sealed: &[u8],
    ) -> Result<Secret, Error> {
        let broken = || Error::corrupt(format!("{column} of account {account} cannot be opened"));
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        let bound = bound_to(account, column);
        let plain = self
            .cipher
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: &bound })
            .map_err(|_| broken())?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| broken())
    }
}

fn bound_to(account: AccountId, column: &str) -> Vec<u8> {
    format!("account {account} {column}").into_bytes()
}

fn make_key(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
    random(&mut key)?;
    // Written beside and renamed, so that a crash never leaves half a key under the name.
    let beside = path.with_extension("key.new");
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(key)
}

pub(crate) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_own_place() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = Sealer::open(&folder.path().join("secret.key"), true).unwrap();
        let sealed = sealer.seal(AccountId(1), "secret", "s3cret").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("s3cret"));
        assert_eq!(sealer.unseal(AccountId(1), "secret", &sealed).unwrap().expose(), "s3cret");
        assert!(sealer.unseal(AccountId(2), "secret", &sealed).is_err());
        assert!(sealer.unseal(AccountId(1), "callback_key", &sealed).is_err());
        assert!(sealer.unseal(AccountId(1), "secret", &sealed[..20]).is_err());
        assert!(sealer.unseal(AccountId(1), "secret", b"").is_err());
        assert_ne!(sealed, sealer.seal(AccountId(1), "secret", "s3cret").unwrap());
    }

    #[test]
    fn the_key_is_kept_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        assert!(matches!(Sealer::open(&path, false), Err(Error::Folder { .. })));
        let sealed = Sealer::open(&path, true).unwrap().seal(AccountId(1), "secret", "x").unwrap();
        let again = Sealer::open(&path, false).unwrap();
        assert_eq!(again.unseal(AccountId(1), "secret", &sealed).unwrap().expose(), "x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, b"short").unwrap();
        assert!(matches!(Sealer::open(&path, false), Err(Error::WrongKey { .. })));
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("s3cret")), "Secret(…)");
    }
}
