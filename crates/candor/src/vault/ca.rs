//! The vault's own certificate authority: for its server certificate, and for the members it enrolled.
//!
//! Not provided: revocation lists. The gateway looks every certificate up in its own table on every request.

use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use candor_model::Hash;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber, date_time_ymd,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::files;
use crate::keys;

/// How long a certificate is valid, in years. Membership ends in the vault's table, not by waiting.
const YEARS: i16 = 10;

/// The authority with its key.
pub(crate) struct Authority {
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes a new authority in `dir` and returns it.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub(crate) fn create(dir: &Path) -> Result<Self> {
        let key = KeyPair::generate().context("cannot make a key for the certificate authority")?;
        let mut params = params("candor vault authority")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).context("cannot sign the authority's certificate")?;
        files::write_private(&dir.join("ca.key.pem"), key.serialize_pem().as_bytes())?;
        files::write_private(&dir.join("ca.pem"), certificate.pem().as_bytes())?;
        Self::open(dir)
    }

    /// Reads the authority of a vault.
    ///
    /// # Errors
    /// Where its files are missing or damaged.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let pem = files::read_private_text(&dir.join("ca.pem"))?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).context("`ca.pem`")?;
        let key = files::read_private_text(&dir.join("ca.key.pem"))?;
        let key = KeyPair::from_pem(&key).context("`ca.key.pem`")?;
        let issuer = Issuer::from_ca_cert_der(&der, key).context("`ca.pem`")?;
        Ok(Self { der, issuer })
    }

    /// The certificate.
    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// What invitations pin.
    pub(crate) fn pin(&self) -> Hash {
        Hash::of(&self.der)
    }

    /// A fresh server certificate for loopback and `names`, with its chain and key. It lives as long as the process.
    ///
    /// # Errors
    /// Where a name is none.
    pub(crate) fn server(&self, names: &[String]) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let key = KeyPair::generate().context("cannot make a TLS key")?;
        let mut params = params("candor vault")?;
        let names = names.iter().map(String::as_str);
        for name in ["localhost", "127.0.0.1", "::1"].into_iter().chain(names) {
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(name.try_into().with_context(|| format!("`names`: `{name}`"))?),
            });
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf = params.signed_by(&key, &self.issuer).context("cannot sign the server's certificate")?;
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok((vec![leaf.into(), self.der.clone()], secret))
    }

    /// Signs a member's certificate. Of the request only the public key is used, after its signature was checked.
    ///
    /// # Errors
    /// Where the request is none, or not signed by its own key.
    pub(crate) fn member(&self, csr: &[u8]) -> Result<Issued> {
        let csr = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr))
            .context("the certificate request")?;
        let mut params = params("candor member")?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let leaf = params.signed_by(&csr.public_key, &self.issuer).context("cannot sign the certificate")?;
        Ok(Issued { fingerprint: Hash::of(leaf.der()), pem: leaf.pem() })
    }
}

/// A certificate for a member.
pub(crate) struct Issued {
    /// The SHA-256 of its DER form: how the gateway knows the member.
    pub(crate) fingerprint: Hash,
    /// PEM.
    pub(crate) pem: String,
}

/// The name says nothing about whom the certificate is for: who watches the network learns no role.
fn params(name: &str) -> Result<CertificateParams> {
    let today = jiff::Timestamp::from_second(i64::try_from(crate::clock::unix_secs())?)?;
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    if today.year() < 2020 {
        bail!("the clock says {today}; set it first");
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(i32::from(today.year()) - 1, 1, 1);
    params.not_after = date_time_ymd(i32::from(today.year() + YEARS), 1, 1);
    params.serial_number = Some(SerialNumber::from_slice(&keys::random::<16>()));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
