//! What a sign-in page sends, read with suspicion.

use roost_model::Secret;
use roost_model::jid::BareJid;
use roost_xmpp_proto::{Route, Trust};

use crate::api::{ApiError, ErrorCode, SignIn};
use crate::project::fingerprint;
use crate::storage::AccountRecord;

/// The longest name of a host (RFC 1035).
const MAX_HOST_BYTES: usize = 253;
/// The longest bundle of certificates that is taken, in bytes.
const MAX_PEM_BYTES: usize = 256 * 1024;

/// Reads a sign-in. The password is absent where the remembered one is to be used.
///
/// # Errors
/// Which field makes no sense.
pub(super) fn read(sign_in: SignIn) -> Result<(AccountRecord, Option<Secret>), ApiError> {
    // First of all, so that the password is wiped whatever else is wrong.
    let password = sign_in.password.map(Secret::new);
    if password.as_ref().is_some_and(Secret::is_empty) {
        return Err(ApiError::new(ErrorCode::NoPassword).about("password"));
    }
    let record = AccountRecord {
        jid: account(&sign_in.jid)?,
        route: route(sign_in.host, sign_in.port, sign_in.direct_tls)?,
        trust: trust(sign_in.authority, sign_in.pin.as_deref())?,
        remember: sign_in.remember,
        stay: true,
    };
    Ok((record, password))
}

pub(super) fn account(text: &str) -> Result<BareJid, ApiError> {
    let bad = |why: String| ApiError::with_detail(ErrorCode::BadJid, why).about("jid");
    let jid = BareJid::new(text.trim()).map_err(|error| bad(error.to_string()))?;
    if jid.node().is_none() {
        return Err(bad("it has no user part".to_owned()));
    }
    Ok(jid)
}

fn route(host: Option<String>, port: Option<u16>, direct_tls: bool) -> Result<Route, ApiError> {
    let bad = |field| ApiError::new(ErrorCode::BadHost).about(field);
    let host = host.map(|host| host.trim().trim_matches(['[', ']']).to_owned());
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        // Without a host DNS decides all of it.
        return if port.is_some() || direct_tls {
            Err(bad("host"))
        } else {
            Ok(Route::Dns)
        };
    };
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '@');
    if host.len() > MAX_HOST_BYTES || host.contains(is_odd) {
        return Err(bad("host"));
    }
    match port.unwrap_or(if direct_tls { 5223 } else { 5222 }) {
        0 => Err(bad("port")),
        port => Ok(Route::Fixed {
            host,
            port,
            direct_tls,
        }),
    }
}

fn trust(authority: Option<String>, pin: Option<&str>) -> Result<Trust, ApiError> {
    let given = |text: &&str| !text.trim().is_empty();
    if let Some(pin) = pin.filter(given) {
        return fingerprint(pin)
            .map(Trust::Pinned)
            .ok_or_else(|| ApiError::new(ErrorCode::BadAuthority).about("pin"));
    }
    match authority.filter(|text| given(&text.as_str())) {
        None => Ok(Trust::System),
        Some(pem) if pem.len() <= MAX_PEM_BYTES && is_pem(&pem) => Ok(Trust::Authorities(pem)),
        Some(_) => Err(ApiError::new(ErrorCode::BadAuthority).about("authority")),
    }
}

/// Whether there is a certificate in it; whether it is a good one is for the link to say.
fn is_pem(text: &str) -> bool {
    let begin = text.find("-----BEGIN CERTIFICATE-----");
    let end = text.rfind("-----END CERTIFICATE-----");
    matches!((begin, end), (Some(begin), Some(end)) if begin < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in() -> SignIn {
        SignIn {
            jid: " juliet@home.example ".to_owned(),
            password: Some("wherefore".to_owned()),
            host: None,
            port: None,
            direct_tls: false,
            authority: None,
            pin: None,
            remember: true,
        }
    }

    #[test]
    fn what_makes_sense() {
        let (record, password) = read(sign_in()).unwrap();
        assert_eq!(record.jid.as_str(), "juliet@home.example");
        assert_eq!((record.route, record.trust), (Route::Dns, Trust::System));
        assert_eq!(password, Some(Secret::new("wherefore")));

        let own_server = SignIn {
            host: Some("[::1]".to_owned()),
            direct_tls: true,
            pin: Some(["AB"; 32].join(":")),
            authority: Some(" ".to_owned()),
            ..sign_in()
        };
        let (record, _) = read(own_server).unwrap();
        let route = Route::Fixed {
            host: "::1".to_owned(),
            port: 5223,
            direct_tls: true,
        };
        assert_eq!(record.route, route);
        assert_eq!(record.trust, Trust::Pinned([0xAB; 32]));
    }

    #[test]
    fn what_makes_none() {
        type Change = fn(&mut SignIn);
        let with = |change: Change| {
            let mut sign_in = sign_in();
            change(&mut sign_in);
            let error = read(sign_in).unwrap_err();
            (error.code, error.field.unwrap_or_default())
        };
        let cases: [(Change, ErrorCode, &str); 9] = [
            (|s| s.jid = "home.example".into(), ErrorCode::BadJid, "jid"),
            (
                |s| s.jid = "juliet@home.example/x".into(),
                ErrorCode::BadJid,
                "jid",
            ),
            (|s| s.jid = String::new(), ErrorCode::BadJid, "jid"),
            (
                |s| s.password = Some(String::new()),
                ErrorCode::NoPassword,
                "password",
            ),
            (
                |s| s.host = Some("https://x".into()),
                ErrorCode::BadHost,
                "host",
            ),
            (|s| s.port = Some(5222), ErrorCode::BadHost, "host"),
            (
                |s| (s.host, s.port) = (Some("x".into()), Some(0)),
                ErrorCode::BadHost,
                "port",
            ),
            (
                |s| s.pin = Some("AB:CD".into()),
                ErrorCode::BadAuthority,
                "pin",
            ),
            (
                |s| s.authority = Some("hello".into()),
                ErrorCode::BadAuthority,
                "authority",
            ),
        ];
        for (index, (change, code, field)) in cases.into_iter().enumerate() {
            assert_eq!(with(change), (code, field.to_owned()), "case {index}");
        }
    }
}
