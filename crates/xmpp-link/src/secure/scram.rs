//! SCRAM (RFC 5802, RFC 7677): proves to the server that we know the password without telling it,
//! and makes the server prove that it knows it too.
//!
//! The client's side, as a plain struct; the nonce is an argument. Stricter than it need be: a
//! server that does not continue our nonce, asks for too few rounds (which makes guessing the
//! password from our answer cheap) or too many (which keeps us busy for ever), or does not sign
//! at the end, is refused.

use std::borrow::Cow;
use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::{digest, hmac, pbkdf2};
use roost_model::Secret;
use zeroize::Zeroizing;

/// RFC 5802, section 5.1: servers should announce at least this.
const MIN_ROUNDS: u32 = 4096;
/// About a second on a small machine.
const MAX_ROUNDS: u32 = 1_000_000;

/// The hash function of a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
}

/// Channel binding, as the GS2 header tells it (RFC 5802, section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// We cannot bind to this channel.
    Unable,
    /// We could, but the server does not offer it; it will notice if somebody took its offer out.
    NotOffered,
    /// `tls-exporter` (RFC 9266).
    Exporter(Vec<u8>),
}

/// Why the exchange must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScramProblem {
    #[error("the server's challenge is not one")]
    Malformed,
    #[error("the server did not continue our nonce")]
    Nonce,
    #[error("the server asks for too few or too many rounds")]
    Rounds,
    #[error("the server could not prove that it knows the password")]
    Signature,
}

/// One exchange.
pub(crate) struct Scram {
    hash: Hash,
    binding: Binding,
    /// The client's first message without its GS2 header.
    first_bare: String,
    nonce: String,
    password: Zeroizing<String>,
    /// The key and the text of the signature that the server owes us.
    owed: Option<(hmac::Key, Vec<u8>)>,
}

impl Scram {
    /// Prepares an exchange. `nonce` is random, printable and without comma.
    pub(crate) fn new(
        hash: Hash,
        binding: Binding,
        user: &str,
        password: &Secret,
        nonce: &str,
    ) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        // RFC 5802, section 2.2. A password that cannot be prepared is sent as it is: the server
        // may have been as lenient when it was set.
        let prepared = stringprep::saslprep(password.expose())
            .unwrap_or(Cow::Borrowed(password.expose()))
            .into_owned();
        Self {
            hash,
            binding,
            first_bare: format!("n={user},r={nonce}"),
            nonce: nonce.to_owned(),
            password: Zeroizing::new(prepared),
            owed: None,
        }
    }

    /// The client's first message.
    pub(crate) fn first(&self) -> Vec<u8> {
        format!("{}{}", self.binding.header(), self.first_bare).into_bytes()
    }

    /// The client's final message. Takes as long as the server's rounds do.
    ///
    /// # Errors
    /// If the server's first message is not acceptable.
    pub(crate) fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ScramProblem> {
        let challenge = str::from_utf8(challenge).map_err(|_| ScramProblem::Malformed)?;
        let mut attributes = challenge.split(',');
        let mut next = |name| {
            attributes
                .next()
                .and_then(|attribute| attribute.strip_prefix(name))
                .ok_or(ScramProblem::Malformed)
        };
        let (nonce, salt, rounds) = (next("r=")?, next("s=")?, next("i=")?);
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(ScramProblem::Nonce);
        }
        let salt = BASE64.decode(salt).map_err(|_| ScramProblem::Malformed)?;
        let rounds: u32 = rounds.parse().map_err(|_| ScramProblem::Malformed)?;
        let rounds = NonZeroU32::new(rounds)
            .filter(|rounds| (MIN_ROUNDS..=MAX_ROUNDS).contains(&rounds.get()))
            .ok_or(ScramProblem::Rounds)?;

        let bound = BASE64.encode(self.binding.input());
        let unproven = format!("c={bound},r={nonce}");
        let message = format!("{},{challenge},{unproven}", self.first_bare);

        let salted = self.salted(rounds, &salt);
        let client_key = self.hash.hmac(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), client_key.as_ref());
        let signature = self.hash.hmac(stored_key.as_ref(), message.as_bytes());
        let proof: Vec<u8> = client_key
            .as_ref()
            .iter()
            .zip(signature.as_ref())
            .map(|(key, signature)| key ^ signature)
            .collect();
        let server_key = self.hash.hmac(&salted, b"Server Key");
        let owed = hmac::Key::new(self.hash.hmac_algorithm(), server_key.as_ref());
        self.owed = Some((owed, message.into_bytes()));
        Ok(format!("{unproven},p={}", BASE64.encode(&proof)).into_bytes())
    }

    /// Checks the server's final message.
    ///
    /// # Errors
    /// If the server does not know the password.
    pub(crate) fn verify(&self, last: &[u8]) -> Result<(), ScramProblem> {
        let (key, message) = self.owed.as_ref().ok_or(ScramProblem::Signature)?;
        str::from_utf8(last)
            .ok()
            .and_then(|last| last.split(',').next())
            .and_then(|verifier| verifier.strip_prefix("v="))
            .and_then(|signature| BASE64.decode(signature).ok())
            .filter(|signature| hmac::verify(key, message, signature).is_ok())
            .map(|_| ())
            .ok_or(ScramProblem::Signature)
    }

    fn salted(&self, rounds: NonZeroU32, salt: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut salted = Zeroizing::new(vec![0; self.hash.digest().output_len()]);
        pbkdf2::derive(
            self.hash.pbkdf2(),
            rounds,
            salt,
            self.password.as_bytes(),
            &mut salted,
        );
        salted
    }
}

impl Hash {
    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &digest::SHA256,
        }
    }

    fn hmac_algorithm(self) -> hmac::Algorithm {
        match self {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        }
    }

    fn hmac(self, key: &[u8], message: &[u8]) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(self.hmac_algorithm(), key), message)
    }
}

impl Binding {
    fn header(&self) -> &'static str {
        match self {
            Binding::Unable => "n,,",
            Binding::NotOffered => "y,,",
            Binding::Exporter(_) => "p=tls-exporter,,",
        }
    }

    fn input(&self) -> Vec<u8> {
        let mut input = self.header().as_bytes().to_vec();
        if let Binding::Exporter(data) = self {
            input.extend_from_slice(data);
        }
        input
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exchange(hash: Hash, nonce: &str) -> Scram {
        Scram::new(hash, Binding::Unable, "user", &Secret::new("pencil"), nonce)
    }

    #[test]
    fn rfc_5802_section_5() {
        let mut scram = exchange(Hash::Sha1, "fyko+d2lbbFgONRv9qkxdawL");
        assert_eq!(scram.first(), b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
        let answer = scram
            .answer(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
            .unwrap();
        assert_eq!(
            String::from_utf8(answer).unwrap(),
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
        );
        assert_eq!(scram.verify(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), Ok(()));
    }

    #[test]
    fn rfc_7677_section_3() {
        let mut scram = exchange(Hash::Sha256, "rOprNGfwEbeRWgbNEkqO");
        let answer = scram
            .answer(
                b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                  s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            )
            .unwrap();
        assert_eq!(
            String::from_utf8(answer).unwrap(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        let signature = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(scram.verify(signature), Ok(()));
        for forged in [
            &b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="[..],
            b"",
            b"e=x",
        ] {
            assert_eq!(scram.verify(forged), Err(ScramProblem::Signature));
        }
    }

    #[test]
    fn servers_that_are_refused() {
        let salt = "s=QSXCR+Q6sek8bf92";
        for (challenge, problem) in [
            (format!("r=other,{salt},i=4096"), ScramProblem::Nonce),
            (format!("r=abc,{salt},i=4096"), ScramProblem::Nonce),
            (format!("r=abcd,{salt},i=1"), ScramProblem::Rounds),
            (format!("r=abcd,{salt},i=4000000000"), ScramProblem::Rounds),
            (format!("r=abcd,{salt},i=-1"), ScramProblem::Malformed),
            (
                format!("m=ext,r=abcd,{salt},i=4096"),
                ScramProblem::Malformed,
            ),
            ("r=abcd,s=!,i=4096".to_owned(), ScramProblem::Malformed),
            (String::new(), ScramProblem::Malformed),
        ] {
            let mut scram = exchange(Hash::Sha256, "abc");
            assert_eq!(
                scram.answer(challenge.as_bytes()),
                Err(problem),
                "{challenge}"
            );
            assert_eq!(scram.verify(b"v=AAAA"), Err(ScramProblem::Signature));
        }
    }

    proptest! {
        #[test]
        fn no_challenge_is_too_strange(
            challenge in "(r=abc[a-z]{0,3})?,?(s=[A-Za-z+/=]{0,8})?,?(i=[0-9-]{0,3})?.{0,8}",
            last in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut scram = exchange(Hash::Sha1, "abc");
            let _ = scram.answer(challenge.as_bytes());
            prop_assert!(scram.verify(&last).is_err());
        }
    }

    #[test]
    fn names_are_escaped_and_bindings_told() {
        let password = Secret::new("x");
        let first = |binding| Scram::new(Hash::Sha1, binding, "a=b,c", &password, "n").first();
        assert_eq!(first(Binding::NotOffered), b"y,,n=a=3Db=2Cc,r=n");
        assert_eq!(
            first(Binding::Exporter(vec![1])),
            b"p=tls-exporter,,n=a=3Db=2Cc,r=n"
        );
    }
}
