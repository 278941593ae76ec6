//! Chat messages (RFC 6121, section 5).

use jid::Jid;
use xmpp_parsers::message::{Lang, Message};

use crate::{limits, xml};

/// A chat message; `None` if nothing of the text is left to send, or if it is too long. An empty
/// body crashes thesis firmware.
pub(crate) fn write(to: Jid, body: &str) -> Option<Message> {
    let body = xml::clean(body);
    if body.trim().is_empty() || body.len() > limits::TEXT_BYTES {
        return None;
    }
    Some(Message::chat(to).with_body(Lang::new(), body.into_owned()))
}

/// The body of a message, in the sender's own language where several are offered, and whether it
/// had to be cut; `None` if there is no text.
pub(crate) fn take_body(message: &mut Message) -> Option<(String, bool)> {
    let (_, mut body) = message.bodies.pop_first()?;
    let kept = xml::cut(&body, limits::TEXT_BYTES).len();
    let is_cut = kept < body.len();
    body.truncate(kept);
    (!body.is_empty()).then_some((body, is_cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_said() {
        let romeo = Jid::new("romeo@montague.lit").unwrap();
        let long = "x".repeat(limits::TEXT_BYTES + 1);
        let cases = [
            ("help", Some("help")),
            ("a\u{7}b", Some("ab")),
            ("", None),
            (" \n", None),
            ("\u{0}", None),
            (&long, None),
        ];
        for (text, body) in cases {
            let mut message = write(romeo.clone(), text);
            let sent = message.as_mut().and_then(take_body).map(|(body, _)| body);
            assert_eq!(sent.as_deref(), body, "{text:.20}");
        }
    }

    #[test]
    fn what_is_heard() {
        let mut message = Message::chat(None)
            .with_body("de".into(), "Hallo".into())
            .with_body(Lang::new(), "Hello".into());
        assert_eq!(take_body(&mut message), Some(("Hello".into(), false)));
        let mut long = Message::chat(None).with_body(Lang::new(), "ü".repeat(9000));
        let (body, is_cut) = take_body(&mut long).unwrap();
        assert!(is_cut && body.len() <= limits::TEXT_BYTES);
        assert_eq!(take_body(&mut Message::chat(None)), None);
    }
}
