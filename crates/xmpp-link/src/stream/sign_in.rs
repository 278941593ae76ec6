//! Signs in by SCRAM (RFC 6120, section 6), and by nothing else.
//!
//! Which SCRAM: the best hash that is offered, bound to the TLS channel if the server says that it
//! can bind as we can (XEP-0440). A server that offers `-PLUS` without saying how may mean a
//! binding that TLS 1.3 does not have; then we do not bind. If it offers none, we tell it so inside
//! the exchange: should somebody between us have taken the offer out, it will notice.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::{SecureRandom, SystemRandom};
use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode};
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::ns;
use xmpp_parsers::sasl::{self, Mechanism};
use xmpp_parsers::sasl_cb::Type as BindingType;
use xmpp_parsers::stream_features::StreamFeatures;

use super::Xml;
use super::talk::{Heard, Socket, hear, is_nonza, say};
use crate::failure::{failure, of_element, of_sasl};
use crate::secure::{Binding, Hash, Scram, ScramProblem};

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) hash: Hash,
    binding: Binding,
}

impl Way {
    /// Chooses among what the server offers. `exporter` is what the TLS connection can be bound
    /// by; `floor` is the hash by which we signed in before: a weaker one is refused.
    pub(super) fn choose(
        features: &StreamFeatures,
        exporter: Option<Vec<u8>>,
        floor: Option<Hash>,
    ) -> Result<Self, LinkFailure> {
        let refused = |words: &str| Err(failure(LinkFailureCode::NoSafeMechanism, words));
        let offers = |name: &str| features.sasl_mechanisms.contains(name);
        let ways = [
            (Hash::Sha256, "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"),
            (Hash::Sha1, "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"),
        ];
        let best = ways
            .iter()
            .find(|(_, plain, plus)| offers(plain) || offers(plus));
        let Some(&(hash, plain, plus)) = best else {
            let names: Vec<&str> = features
                .sasl_mechanisms
                .iter()
                .map(String::as_str)
                .collect();
            return refused(&format!("the server offers only {}", names.join(", ")));
        };
        if floor.is_some_and(|floor| hash < floor) {
            return refused("the server offers only weaker ways to sign in than before");
        }
        let any_plus = ways.iter().any(|(_, _, plus)| offers(plus));
        let binds_as_we_do = features
            .sasl_cb
            .as_ref()
            .is_some_and(|known| known.types.contains(&BindingType::TlsExporter));
        let binding = match exporter {
            Some(data) if offers(plus) && binds_as_we_do => Binding::Exporter(data),
            Some(_) if !any_plus => Binding::NotOffered,
            _ => Binding::Unable,
        };
        if !offers(plain) && !matches!(binding, Binding::Exporter(_)) {
            return refused("the server insists on a channel binding that we do not have");
        }
        Ok(Self { hash, binding })
    }

    fn mechanism(&self) -> Mechanism {
        match (self.hash, self.is_bound()) {
            (Hash::Sha1, false) => Mechanism::ScramSha1,
            (Hash::Sha1, true) => Mechanism::ScramSha1Plus,
            (Hash::Sha256, false) => Mechanism::ScramSha256,
            (Hash::Sha256, true) => Mechanism::ScramSha256Plus,
        }
    }

    /// Its name, for diagnostics.
    pub(super) fn name(&self) -> &'static str {
        match (self.hash, self.is_bound()) {
            (Hash::Sha1, false) => "SCRAM-SHA-1",
            (Hash::Sha1, true) => "SCRAM-SHA-1-PLUS",
            (Hash::Sha256, false) => "SCRAM-SHA-256",
            (Hash::Sha256, true) => "SCRAM-SHA-256-PLUS",
        }
    }

    fn is_bound(&self) -> bool {
        matches!(self.binding, Binding::Exporter(_))
    }

    /// Signs in.
    ///
    /// # Errors
    /// If the server refuses us, or we the server.
    pub(super) async fn go<S: Socket>(
        self,
        xml: &mut Xml<S>,
        account: &Account,
    ) -> Result<(), LinkFailure> {
        let user = account
            .jid
            .node()
            .ok_or_else(|| failure(LinkFailureCode::AccountRefused, "no name before the @"))?;
        let mechanism = self.mechanism();
        let nonce = nonce()?;
        let scram = Scram::new(
            self.hash,
            self.binding,
            user.as_str(),
            &account.password,
            &nonce,
        );
        let data = scram.first();
        say(xml, &sasl::Auth { mechanism, data }).await?;
        let challenge = match hear_sasl(xml).await? {
            sasl::Nonza::Challenge(challenge) => challenge.data,
            _ => return Err(failure(LinkFailureCode::Protocol, "no challenge")),
        };
        let (scram, data) = answer(scram, challenge).await?;
        say(xml, &sasl::Response { data }).await?;
        match hear_sasl(xml).await? {
            sasl::Nonza::Success(success) => scram.verify(&success.data).map_err(unsafe_server),
            // Some servers prove themselves in a last challenge, to be answered by nothing.
            sasl::Nonza::Challenge(last) => {
                scram.verify(&last.data).map_err(unsafe_server)?;
                say(xml, &sasl::Response { data: Vec::new() }).await?;
                match hear_sasl(xml).await? {
                    sasl::Nonza::Success(_) => Ok(()),
                    _ => Err(failure(LinkFailureCode::Protocol, "no success")),
                }
            }
            _ => Err(failure(LinkFailureCode::Protocol, "no success")),
        }
    }
}

/// Many rounds take long; other tasks of this thread shall go on meanwhile.
async fn answer(mut scram: Scram, challenge: Vec<u8>) -> Result<(Scram, Vec<u8>), LinkFailure> {
    tokio::task::spawn_blocking(move || scram.answer(&challenge).map(|data| (scram, data)))
        .await
        .map_err(|_| failure(LinkFailureCode::Protocol, "interrupted"))?
        .map_err(unsafe_server)
}

fn unsafe_server(problem: ScramProblem) -> LinkFailure {
    failure(LinkFailureCode::NoSafeMechanism, problem.to_string())
}

fn nonce() -> Result<String, LinkFailure> {
    let mut bytes = [0; 24];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| failure(LinkFailureCode::TlsFailed, "no randomness"))?;
    Ok(BASE64.encode(bytes))
}

async fn hear_sasl<S: Socket>(xml: &mut Xml<S>) -> Result<sasl::Nonza, LinkFailure> {
    let element = match hear(xml).await? {
        Heard::Element(element) => *element,
        Heard::Unreadable(error) if is_nonza(&error, ns::SASL, "failure") => {
            let words = "for a reason that is not in the specification";
            return Err(failure(LinkFailureCode::AccountRefused, words));
        }
        Heard::Unreadable(error) => return Err(of_element(&error)),
    };
    match element {
        XmppStreamElement::Sasl(sasl::Nonza::Failure(refused)) => Err(of_sasl(&refused)),
        XmppStreamElement::Sasl(nonza) => Ok(nonza),
        _ => Err(failure(
            LinkFailureCode::Protocol,
            "something else came during sign-in",
        )),
    }
}

#[cfg(test)]
mod tests {
    use xmpp_parsers::sasl_cb::SaslChannelBinding;

    use super::*;

    fn offer(mechanisms: &[&str], bindings: &[BindingType]) -> StreamFeatures {
        StreamFeatures {
            sasl_mechanisms: mechanisms.iter().map(|&name| name.to_owned()).collect(),
            sasl_cb: (!bindings.is_empty()).then(|| SaslChannelBinding {
                types: bindings.to_vec(),
            }),
            ..StreamFeatures::default()
        }
    }

    #[test]
    fn which_way_is_chosen() {
        const S1: &str = "SCRAM-SHA-1";
        const S1P: &str = "SCRAM-SHA-1-PLUS";
        const S256: &str = "SCRAM-SHA-256";
        const S256P: &str = "SCRAM-SHA-256-PLUS";
        let exporter = || Some(vec![1, 2, 3]);
        let none = Binding::Unable;
        let missing = Binding::NotOffered;
        let bound = Binding::Exporter(vec![1, 2, 3]);
        let by_exporter = [BindingType::TlsExporter];
        let by_unique = [BindingType::TlsUnique];
        for (offer, exporter, expected) in [
            (
                offer(&["PLAIN", S1, S256], &[]),
                exporter(),
                Some((Hash::Sha256, &missing)),
            ),
            (
                offer(&["PLAIN", S1], &[]),
                exporter(),
                Some((Hash::Sha1, &missing)),
            ),
            (offer(&[S256], &[]), None, Some((Hash::Sha256, &none))),
            (
                offer(&[S256, S256P], &by_exporter),
                exporter(),
                Some((Hash::Sha256, &bound)),
            ),
            (
                offer(&[S256, S256P], &by_exporter),
                None,
                Some((Hash::Sha256, &none)),
            ),
            (
                offer(&[S256, S256P], &by_unique),
                exporter(),
                Some((Hash::Sha256, &none)),
            ),
            (
                offer(&[S256, S256P], &[]),
                exporter(),
                Some((Hash::Sha256, &none)),
            ),
            (
                offer(&[S256, S1, S1P], &by_exporter),
                exporter(),
                Some((Hash::Sha256, &none)),
            ),
            (
                offer(&[S256P], &by_exporter),
                exporter(),
                Some((Hash::Sha256, &bound)),
            ),
            (offer(&[S256P], &by_unique), exporter(), None),
            (offer(&["PLAIN", "DIGEST-MD5"], &[]), exporter(), None),
            (offer(&[], &[]), exporter(), None),
        ] {
            let chosen = Way::choose(&offer, exporter, None).ok();
            let chosen = chosen.as_ref().map(|way| (way.hash, &way.binding));
            assert_eq!(chosen, expected, "{offer:?}");
        }
    }

    #[test]
    fn never_weaker_than_before() {
        let weak = offer(&["SCRAM-SHA-1"], &[]);
        assert!(Way::choose(&weak, None, Some(Hash::Sha1)).is_ok());
        assert!(Way::choose(&weak, None, Some(Hash::Sha256)).is_err());
    }
}
