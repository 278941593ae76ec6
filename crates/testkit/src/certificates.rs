//! Certificates for servers in tests, made on the spot.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use rcgen::Error as CertificateError;

/// A certificate authority that nobody knows but the test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate for a server, with its key.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// Its private key in PEM (PKCS#8).
    pub key_pem: String,
    /// The certificate in DER.
    pub certificate_der: Vec<u8>,
    /// Its private key in DER (PKCS#8).
    pub key_der: Vec<u8>,
}

impl Authority {
    /// Makes a new authority.
    ///
    /// # Errors
    /// If no key can be made.
    pub fn new() -> Result<Self, CertificateError> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "Roost test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        valid_today(&mut params);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem,
        })
    }

    /// The authority's own certificate, for those who shall trust it.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Issues a certificate for these names.
    ///
    /// # Errors
    /// If a name is not one.
    pub fn issue(&self, names: &[&str]) -> Result<Issued, CertificateError> {
        self.sign(params(names)?)
    }

    /// Issues a certificate that ran out in 2001.
    ///
    /// # Errors
    /// If a name is not one.
    pub fn issue_expired(&self, names: &[&str]) -> Result<Issued, CertificateError> {
        let mut params = params(names)?;
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Result<Issued, CertificateError> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Issued {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate_der: certificate.der().to_vec(),
            key_der: key.serialize_der(),
        })
    }
}

fn params(names: &[&str]) -> Result<CertificateParams, CertificateError> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Roost test server");
    valid_today(&mut params);
    Ok(params)
}

/// The library's default ends in the year 4096, which ejabberd takes for the past.
fn valid_today(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
}
