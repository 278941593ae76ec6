//! XEP-0203: when a stored message was sent.

use minidom::Element;
use roost_model::Timestamp;

use crate::{datetime, ns};

/// The time of the first readable `<delay/>`.
///
/// Anybody can write one. It is believed nevertheless: what is called old is treated with more
/// care, not with less, so a forger harms only his own message.
pub(crate) fn sent_at(payloads: &[Element]) -> Option<Timestamp> {
    payloads
        .iter()
        .filter(|payload| payload.is("delay", ns::DELAY))
        .find_map(|delay| datetime::parse(delay.attr("stamp")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_messages() {
        let delay = |stamp: &str| -> Element {
            format!(
                "<delay xmlns='urn:xmpp:delay' from='capulet.lit' stamp='{stamp}'>Offline</delay>"
            )
            .parse()
            .unwrap()
        };
        let chat: Element = "<active xmlns='http://jabber.org/protocol/chatstates'/>"
            .parse()
            .unwrap();
        let noon = Timestamp(1_774_785_600_000);
        let cases = [
            (vec![], None),
            (
                vec![chat.clone(), delay("2026-03-29T12:00:00Z")],
                Some(noon),
            ),
            (vec![delay("?"), delay("2026-03-29T12:00:00Z")], Some(noon)),
            (vec![delay("")], None),
        ];
        for (payloads, expected) in cases {
            assert_eq!(sent_at(&payloads), expected, "{payloads:?}");
        }
    }
}
