//! The certificate authority that the sandbox makes for itself, and the certificates it signs.
//!
//! An authority lasts ten years and may be kept in a folder, so that it need be trusted only once.
//! The folder holds `authority.key`, the truth: key and certificate in one file, so that a crash
//! leaves both or neither; and `authority.pem`, the certificate alone, written again when missing.
//! Certificates for the platform's names are made anew at each start and never kept.
//! Validity counts on the machine's clock, as that is what clients check it against.

use std::io::{ErrorKind, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{RootCertStore, ServerConfig};

use super::hosts;

const DAY: Duration = Duration::from_secs(86_400);
/// Ten years.
const AUTHORITY_DAYS: u32 = 3_652;
/// The most that clients accept of a server's certificate (398) less a day.
const SERVER_DAYS: u32 = 397;
const NAME: &str = "Fourcast sandbox authority";
const KEY_FILE: &str = "authority.key";
const CERTIFICATE_FILE: &str = "authority.pem";
const CERTIFICATE_MARK: &str = "-----BEGIN CERTIFICATE-----";

/// The authority cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key or certificate could not be made.
    #[error("failed to make a certificate")]
    Make(#[from] rcgen::Error),
    /// The TLS side could not be set up.
    #[error("failed to set up TLS")]
    Tls(#[from] rustls::Error),
    /// The folder cannot be read or written.
    #[error("failed to use {}: give a folder that can be written", path.display())]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What the folder holds is no authority, or one that has run out.
    #[error("{} holds no authority that can be used ({reason}): remove it to have another made", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// A certificate authority.
pub struct Authority {
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one that is gone with the process.
    ///
    /// # Errors
    /// When the machine cannot make keys.
    pub fn in_memory() -> Result<Self, Error> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let parameters = parameters()?;
        let made = parameters.self_signed(&key)?;
        Ok(Self {
            certificate_pem: made.pem(),
            certificate: made.der().clone(),
            issuer: Issuer::new(parameters, key),
        })
    }

    /// The one kept in the folder; made there when there is none.
    ///
    /// # Errors
    /// When the folder cannot be used, or holds something else.
    pub fn kept_in(folder: &Path) -> Result<Self, Error> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Folder { path, source }
        };
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let key_file = folder.join(KEY_FILE);
        if !key_file.try_exists().map_err(failed(&key_file))? {
            let made = Self::in_memory()?;
            let text = format!("{}{}", made.issuer.key().serialize_pem(), made.certificate_pem);
            publish(folder, &key_file, &text).map_err(failed(&key_file))?;
        }
        // Read back even when just made: of two that start at once, one has won.
        let text = std::fs::read_to_string(&key_file).map_err(failed(&key_file))?;
        let authority =
            Self::parse(&text).map_err(|reason| Error::Unusable { path: key_file, reason })?;
        let shown = folder.join(CERTIFICATE_FILE);
        if std::fs::read_to_string(&shown).ok().as_ref() != Some(&authority.certificate_pem) {
            std::fs::write(&shown, &authority.certificate_pem).map_err(failed(&shown))?;
        }
        Ok(authority)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (key, certificate) =
            text.find(CERTIFICATE_MARK).map_or((text, ""), |at| text.split_at(at));
        let key = KeyPair::from_pem(key).map_err(|error| format!("its key: {error}"))?;
        let der = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|error| format!("its certificate: {error}"))?;
        let parameters = parameters().map_err(|error| error.to_string())?;
        let authority = Self {
            certificate_pem: certificate.to_owned(),
            certificate: der,
            issuer: Issuer::new(parameters, key),
        };
        authority.check()?;
        Ok(authority)
    }

    /// Signs one certificate and verifies it as a client would.
    fn check(&self) -> Result<(), String> {
        let (leaf, _) = self.sign(&[]).map_err(|error| error.to_string())?;
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(|error| error.to_string())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| error.to_string())?;
        let name = ServerName::try_from(hosts::PLATFORM[0]).map_err(|error| error.to_string())?;
        verifier
            .verify_server_cert(&leaf, &[], &name, &[], UnixTime::now())
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// The certificate to trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// TLS under the platform's names, `localhost`, and these addresses.
    ///
    /// # Errors
    /// When the machine cannot make keys.
    pub fn server_config(&self, addresses: &[IpAddr]) -> Result<ServerConfig, Error> {
        let (leaf, key) = self.sign(addresses)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf, self.certificate.clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn sign(
        &self,
        addresses: &[IpAddr],
    ) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Error> {
        let mut names: Vec<String> = hosts::PLATFORM.map(str::to_owned).to_vec();
        names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        names.extend(addresses.iter().filter(|ip| !ip.is_loopback()).map(IpAddr::to_string));
        let mut leaf = CertificateParams::new(names)?;
        leaf.distinguished_name.push(DnType::CommonName, "Fourcast sandbox");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let now = SystemTime::now();
        leaf.not_before = (now - DAY).into();
        leaf.not_after = (now + DAY * SERVER_DAYS).into();
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let signed = leaf.signed_by(&key, &self.issuer)?;
        Ok((signed.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into())))
    }
}

/// What an authority's certificate says. A kept authority is read back against the same words.
fn parameters() -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, NAME);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = SystemTime::now();
    parameters.not_before = (now - DAY).into();
    parameters.not_after = (now + DAY * AUTHORITY_DAYS).into();
    Ok(parameters)
}

/// Puts the file there whole, readable by its owner alone, unless there is one by now.
fn publish(folder: &Path, file: &Path, text: &str) -> std::io::Result<()> {
    let draft = folder.join(format!("{KEY_FILE}.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&draft)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_authority_is_the_same_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Authority::kept_in(folder.path()).unwrap();
        let second = Authority::kept_in(folder.path()).unwrap();
        assert_eq!(first.certificate_pem(), second.certificate_pem());
        let shown = folder.path().join(CERTIFICATE_FILE);
        assert_eq!(std::fs::read_to_string(&shown).unwrap(), first.certificate_pem());

        std::fs::remove_file(&shown).unwrap();
        Authority::kept_in(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&shown).unwrap(), first.certificate_pem());
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "nothing else is left in the folder");
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Authority::kept_in(folder.path()).unwrap();
        let mode = folder.path().join(KEY_FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_authority_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(KEY_FILE);
        std::fs::write(&file, "a shopping list").unwrap();
        let error = Authority::kept_in(folder.path()).err().unwrap().to_string();
        assert!(error.contains("authority.key") && error.contains("remove it"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a shopping list");

        // A key beside another's certificate signs what nobody can verify.
        let (one, other) = (Authority::in_memory().unwrap(), Authority::in_memory().unwrap());
        let mixed = format!("{}{}", one.issuer.key().serialize_pem(), other.certificate_pem);
        std::fs::write(&file, mixed).unwrap();
        assert!(matches!(Authority::kept_in(folder.path()), Err(Error::Unusable { .. })));
    }

    #[test]
    fn a_folder_that_cannot_be_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Authority::kept_in(&file).err().unwrap();
        assert!(error.to_string().contains("file"), "{error}");
    }
}
