//! XEP-0401: an account of the server asks it for an invite, by a command (XEP-0050).

use jid::BareJid;
use minidom::Element;
use minidom::rxml::{NcNameStr, xml_ncname};
use roost_forms::Form;
use roost_model::{Failure, Secret, Timestamp};

use crate::errors::nonsense;
use crate::xml::attr;
use crate::{Answer, datetime, xml};

const COMMANDS: &str = "http://jabber.org/protocol/commands";
/// The command with which a user invites somebody (section 4.2).
const INVITE: &str = "urn:xmpp:invite#invite";
const ACTION: &NcNameStr = xml_ncname!("action");
/// The longest URI, and so the longest token, that is read.
const MAX_BYTES: usize = 2_048;

/// An invite: `xmpp:juliet@capulet.lit?roster;preauth=TOKEN;ibr=y`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Who invites, or to which server.
    pub by: BareJid,
    /// What proves it to the server (XEP-0445).
    pub token: Secret,
    /// Whether an account comes with it; otherwise it is only good for a place on a roster.
    pub gives_account: bool,
    /// Until when it can be used, if told.
    pub expires: Option<Timestamp>,
}

impl Invite {
    /// Reads an invite's URI (section 3; XEP-0379, section 3.2), leniently: any order, `&` for
    /// `;`, any case of names. `None` if it is none.
    pub fn read(uri: &str) -> Option<Self> {
        let uri = uri.trim();
        if uri.len() > MAX_BYTES {
            return None;
        }
        let (scheme, rest) = uri.split_once(':')?;
        let (jid, query) = rest.split_once('?')?;
        if !scheme.eq_ignore_ascii_case("xmpp") {
            return None;
        }
        let mut parts = query.split([';', '&']);
        let action = parts.next()?;
        let (mut token, mut ibr) = (None, false);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.to_ascii_lowercase().as_str() {
                "preauth" => token = Some(decoded(value)?),
                "ibr" => ibr = value.eq_ignore_ascii_case("y"),
                _ => {}
            }
        }
        let token = token.filter(|token| !token.is_empty())?;
        Some(Self {
            by: BareJid::new(&decoded(jid)?).ok()?,
            token: Secret::new(token),
            gives_account: ibr || action.eq_ignore_ascii_case("register"),
            expires: None,
        })
    }
}

/// Asks for an invite.
pub(crate) fn command() -> Element {
    let attributes = [(attr::NODE, INVITE), (ACTION, "execute")];
    xml::element("command", COMMANDS, &attributes)
}

/// Reads the invite that a finished command gives.
///
/// # Errors
/// If the command did not finish, or gave none.
pub(crate) fn read_command(payload: Option<&Element>) -> Result<Answer, Failure> {
    let command = payload
        .filter(|payload| payload.is("command", COMMANDS))
        .ok_or_else(|| nonsense("no command"))?;
    if command.attr("status") != Some("completed") {
        return Err(nonsense("the command wants to know more"));
    }
    let form = command
        .children()
        .find_map(Form::read)
        .map(|(form, _)| form)
        .ok_or_else(|| nonsense("no result"))?;
    let invite = form
        .value("uri")
        .and_then(Invite::read)
        .ok_or_else(|| nonsense("no invite"))?;
    let expires = form.value("expire").and_then(datetime::parse);
    Ok(Answer::Invite(Invite { expires, ..invite }))
}

/// Undoes percent-encoding (RFC 3986, section 2.1); `None` if it is broken.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        let cases = [
            (
                "xmpp:juliet@capulet.lit?roster;preauth=TOKEN;ibr=y",
                Some(("juliet@capulet.lit", "TOKEN", true)),
            ),
            (
                "XMPP:juliet@capulet.lit?roster&IBR=Y&preauth=a%2Bb",
                Some(("juliet@capulet.lit", "a+b", true)),
            ),
            (
                "xmpp:juliet@capulet.lit?roster;preauth=TOKEN",
                Some(("juliet@capulet.lit", "TOKEN", false)),
            ),
            (
                "xmpp:capulet.lit?register;preauth=TOKEN",
                Some(("capulet.lit", "TOKEN", true)),
            ),
            ("xmpp:juliet@capulet.lit?roster;ibr=y", None),
            ("xmpp:juliet@capulet.lit?roster;preauth=;ibr=y", None),
            ("xmpp:juliet@capulet.lit?roster;preauth=%G1", None),
            ("xmpp:juliet@capulet.lit?roster;preauth=%4", None),
            ("xmpp:juliet@capulet.lit", None),
            ("https://capulet.lit?register;preauth=TOKEN", None),
            ("xmpp:@?register;preauth=TOKEN", None),
            ("", None),
        ];
        for (uri, expected) in cases {
            let read = Invite::read(uri);
            let read = read.as_ref().map(|invite| {
                (
                    invite.by.as_str(),
                    invite.token.expose(),
                    invite.gives_account,
                )
            });
            assert_eq!(read, expected, "{uri}");
        }
        let long = format!(
            "xmpp:capulet.lit?register;preauth={}",
            "x".repeat(MAX_BYTES)
        );
        assert_eq!(Invite::read(&long), None);
    }

    #[test]
    fn the_command() {
        let asked = String::from(&command());
        assert_eq!(
            asked,
            "<command xmlns='http://jabber.org/protocol/commands' action='execute' \
             node='urn:xmpp:invite#invite'/>"
        );
        let answer = |status: &str, uri: &str| {
            let xml = format!(
                "<command xmlns='{COMMANDS}' node='{INVITE}' sessionid='s' status='{status}'>\
                 <x xmlns='jabber:x:data' type='result'><field var='uri'><value>{uri}</value></field>\
                 <field var='expire'><value>1970-01-01T00:00:01Z</value></field></x></command>"
            );
            read_command(Some(&xml.parse().unwrap()))
        };
        let uri = "xmpp:juliet@capulet.lit?roster;preauth=TOKEN;ibr=y";
        let Ok(Answer::Invite(invite)) = answer("completed", uri) else {
            panic!("an invite");
        };
        assert_eq!(
            (invite.expires, invite.gives_account),
            (Some(Timestamp(1000)), true)
        );
        assert!(!format!("{invite:?}").contains("TOKEN"));
        assert!(answer("executing", uri).is_err());
        assert!(answer("completed", "nothing").is_err());
        assert!(read_command(None).is_err());
    }
}
