//! Whom to believe that a server is the server.
//!
//! Authorities vouch for a name, which is always the domain of the account and never what DNS
//! says. A pin vouches for one certificate whatever it says. What is refused is told so that a
//! person can decide: an unknown certificate by its fingerprint, a wrong one by what is wrong.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use roost_xmpp_proto::{LinkFailure, LinkFailureCode, Trust};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use crate::failure::failure;

/// Why a certificate is refused, inside the library's error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: LinkFailureCode,
    pub(crate) detail: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate refused: {:?}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Refusal {}

/// What TLS is to do. Reads the system's authorities from files: call it where that may block.
///
/// # Errors
/// If the authorities given are none.
pub(crate) fn tls_configuration(trust: &Trust) -> Result<ClientConfig, LinkFailure> {
    let provider = Arc::new(ring::default_provider());
    let belief = match trust {
        Trust::System => Belief::authorities(&[], &provider)?,
        Trust::Authorities(pem) => Belief::authorities(&read_authorities(pem)?, &provider)?,
        Trust::Pinned(fingerprint) => Belief::Pin(*fingerprint),
    };
    let judge = Judge {
        belief,
        algorithms: provider.signature_verification_algorithms,
    };
    let configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failure(LinkFailureCode::TlsFailed, error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(judge))
        .with_no_client_auth();
    Ok(configuration)
}

fn read_authorities(pem: &str) -> Result<Vec<CertificateDer<'static>>, LinkFailure> {
    let problem = |detail: &str| failure(LinkFailureCode::CertificateInvalid, detail);
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| problem("the authorities given are not certificates in PEM"))?;
    if certificates.is_empty() {
        return Err(problem("no authority is given"));
    }
    Ok(certificates)
}

fn system_authorities() -> Vec<CertificateDer<'static>> {
    #[cfg(target_os = "android")]
    let loaded = {
        let newest = std::path::Path::new("/apex/com.android.conscrypt/cacerts");
        let older = std::path::Path::new("/system/etc/security/cacerts");
        let folder = if newest.is_dir() { newest } else { older };
        rustls_native_certs::load_certs_from_paths(None, Some(folder))
    };
    #[cfg(not(target_os = "android"))]
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "some authorities of the system could not be read");
    }
    loaded.certs
}

#[derive(Debug)]
enum Belief {
    Authorities(Arc<WebPkiServerVerifier>),
    /// Nobody: this system has no authorities.
    Nobody,
    Pin([u8; 32]),
}

impl Belief {
    fn authorities(
        own: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, LinkFailure> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(system_authorities());
        for certificate in own {
            roots
                .add(certificate.clone())
                .map_err(|error| failure(LinkFailureCode::CertificateInvalid, error.to_string()))?;
        }
        if roots.is_empty() {
            return Ok(Belief::Nobody);
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map(Belief::Authorities)
            .map_err(|error| failure(LinkFailureCode::TlsFailed, error.to_string()))
    }
}

#[derive(Debug)]
struct Judge {
    belief: Belief,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = |code, detail| {
            let refusal = Refusal { code, detail };
            Err(CertificateError::Other(OtherError(Arc::new(refusal))).into())
        };
        let print = fingerprint(leaf);
        match &self.belief {
            Belief::Pin(pin) if *pin == print => Ok(ServerCertVerified::assertion()),
            Belief::Pin(_) => refused(LinkFailureCode::CertificateChanged, in_words(print)),
            Belief::Nobody => refused(LinkFailureCode::CertificateUntrusted, in_words(print)),
            Belief::Authorities(authorities) => {
                let verdict =
                    authorities.verify_server_cert(leaf, intermediates, name, stapled, now);
                match verdict {
                    Err(Error::InvalidCertificate(error)) => match what_is_wrong(&error) {
                        Some(words) => refused(LinkFailureCode::CertificateInvalid, words),
                        None => refused(LinkFailureCode::CertificateUntrusted, in_words(print)),
                    },
                    other => other,
                }
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// SHA-256 of a certificate's DER.
fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    let digest = ::ring::digest::digest(&::ring::digest::SHA256, certificate);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

/// As people compare fingerprints: `AB:CD:…`.
fn in_words(fingerprint: [u8; 32]) -> String {
    fingerprint.map(|byte| format!("{byte:02X}")).join(":")
}

/// Words for a certificate that is wrong whoever vouches for it; `None` if it is only unknown.
fn what_is_wrong(error: &CertificateError) -> Option<String> {
    let days = |apart: Duration| apart.as_secs() / (24 * 3600);
    let words = match error {
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "it is for {}, not for {}",
            presented.join(", "),
            expected.to_str()
        ),
        CertificateError::NotValidForName => "it is for another name".to_owned(),
        CertificateError::ExpiredContext { time, not_after } => {
            let ago = time.as_secs().saturating_sub(not_after.as_secs());
            format!("it ran out {} days ago", days(Duration::from_secs(ago)))
        }
        CertificateError::Expired => "it ran out".to_owned(),
        CertificateError::NotValidYetContext { time, not_before } => {
            let ahead = not_before.as_secs().saturating_sub(time.as_secs());
            format!(
                "it is not valid for another {} days",
                days(Duration::from_secs(ahead))
            )
        }
        CertificateError::NotValidYet => "it is not valid yet".to_owned(),
        CertificateError::Revoked => "it was revoked".to_owned(),
        _ => return None,
    };
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_that_are_none() {
        for (pem, detail) in [
            ("", "no authority is given"),
            ("hello", "no authority is given"),
            (
                "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
                "the authorities given are not certificates in PEM",
            ),
        ] {
            let refused = tls_configuration(&Trust::Authorities(pem.to_owned())).unwrap_err();
            assert_eq!(refused.code, LinkFailureCode::CertificateInvalid);
            assert_eq!(refused.detail.as_deref(), Some(detail));
        }
    }

    #[test]
    fn fingerprints_are_written_as_people_compare_them() {
        let mut print = [0; 32];
        print[..3].copy_from_slice(&[0xAB, 0x01, 0xFF]);
        assert!(in_words(print).starts_with("AB:01:FF:00:"));
        assert_eq!(in_words(print).len(), 95);
    }
}
