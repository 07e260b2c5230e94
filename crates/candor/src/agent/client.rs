//! The HTTP client: one connection pool, the pinned authority, our certificate, a limit on every wait.

use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::wire::{OBJECT_BYTES_MAX, Problem};

/// How long a whole request may take, upload included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one vault.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
    url: String,
}

/// The vault's no: it understood and refused. Trying again as it is will not help, except where `retry` says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: u16,
    /// What it said.
    pub(crate) problem: Problem,
}

impl Refused {
    /// Whether the same request may succeed later: the vault is busy, restarting or broken.
    pub(crate) const fn retry(&self) -> bool {
        self.status >= 500 || self.status == 429 || self.status == 408
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.problem.error, self.problem.remedy)
    }
}

impl std::error::Error for Refused {}

impl Client {
    /// A client of the vault at `url`; `ca` is the pinned authority, `member` our certificate and its key, all PEM.
    ///
    /// # Errors
    /// Where one of the PEM texts is none.
    pub(crate) fn new(url: &str, ca: &str, member: Option<(&str, &str)>) -> Result<Self> {
        let ca = Certificate::from_pem(ca.as_bytes()).context("the vault's authority in `ca.pem`")?;
        let member = member.map(|(certificate, key)| {
            let certificate = Certificate::from_pem(certificate.as_bytes()).context("the certificate in `tls.pem`")?;
            let key = PrivateKey::from_pem(key.as_bytes()).context("the key in `keys/tls.pem`")?;
            anyhow::Ok(ClientCert::new_with_certs(&[certificate], key))
        });
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[ca]))
            .client_cert(member.transpose()?)
            .unversioned_rustls_crypto_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent("candor")
            .timeout_global(Some(REQUEST_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .build()
            .new_agent();
        Ok(Self { agent, url: url.to_owned() })
    }

    /// GET, JSON back.
    ///
    /// # Errors
    /// [`Refused`] where the vault says no; anything else where it was not reached or not understood.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        json(self.agent.get(format!("{}{path}", self.url)).call().context(UNREACHED)?)
    }

    /// GET, bytes back.
    ///
    /// # Errors
    /// As [`Self::get`].
    #[cfg(any(feature = "vault", feature = "dataset"))]
    pub(crate) fn get_bytes(&self, path: &str) -> Result<Vec<u8>> {
        bytes(self.agent.get(format!("{}{path}", self.url)).call().context(UNREACHED)?)
    }

    /// POST of JSON, JSON back.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(body)?;
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        json(request.send(&body[..]).context(UNREACHED)?)
    }

    /// PUT of bytes with headers, JSON back.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) fn put<T: DeserializeOwned>(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Result<T> {
        let mut request =
            self.agent.put(format!("{}{path}", self.url)).header("content-type", "application/octet-stream");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        json(request.send(body).context(UNREACHED)?)
    }
}

const UNREACHED: &str = "cannot reach the vault; check the network and try again";

fn json<T: DeserializeOwned>(response: Response<Body>) -> Result<T> {
    let body = bytes(response)?;
    serde_json::from_slice(&body).context("the vault answered something this version does not understand; update it")
}

fn bytes(response: Response<Body>) -> Result<Vec<u8>> {
    let status = response.status();
    let mut body = Vec::new();
    response
        .into_body()
        .into_reader()
        .take(OBJECT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut body)
        .context("the vault's answer was cut off; try again")?;
    if status.is_success() { Ok(body) } else { Err(refused(status, &body).into()) }
}

fn refused(status: StatusCode, body: &[u8]) -> Refused {
    let problem = serde_json::from_slice(body).unwrap_or_else(|_| Problem {
        error: format!("the vault answered {status}"),
        remedy: "see the vault's own log".to_owned(),
    });
    Refused { status: status.as_u16(), problem }
}
