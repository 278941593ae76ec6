//! Presence and its subscriptions (RFC 6121, sections 3 and 4).

use jid::BareJid;
use minidom::Element;
use roost_model::Show;
use xmpp_parsers::presence::{Presence, Show as WireShow, Type};

use crate::{SubscriptionStep, limits, xml};

/// What a presence stanza says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A resource is there.
    Here(Show),
    /// A resource, or the whole contact, is not there.
    Gone,
    /// A step of the handshake.
    Step(SubscriptionStep),
    /// Nothing for a client: a probe.
    Nothing,
}

/// Reads what a presence says.
pub(crate) fn read(presence: &Presence) -> Said {
    match presence.type_ {
        Type::None => Said::Here(match presence.show {
            None => Show::Available,
            Some(WireShow::Chat) => Show::Chat,
            Some(WireShow::Away) => Show::Away,
            Some(WireShow::Xa) => Show::Xa,
            Some(WireShow::Dnd) => Show::Dnd,
        }),
        // An error means that the contact cannot be reached (RFC 6121, section 4.3.2).
        Type::Unavailable | Type::Error => Said::Gone,
        Type::Subscribe => Said::Step(SubscriptionStep::Ask),
        Type::Subscribed => Said::Step(SubscriptionStep::Approve),
        Type::Unsubscribed => Said::Step(SubscriptionStep::Deny),
        Type::Unsubscribe => Said::Step(SubscriptionStep::Leave),
        Type::Probe => Said::Nothing,
    }
}

/// The line of text in a presence.
pub(crate) fn status(presence: &Presence) -> Option<String> {
    let (_, status) = presence.statuses.first_key_value()?;
    let status = xml::cut(status.trim(), limits::LINE_BYTES);
    (!status.is_empty()).then(|| status.to_owned())
}

/// Our own availability, with our capabilities if there are any to announce.
pub(crate) fn here(show: Show, status: Option<&str>, caps: Option<Element>) -> Presence {
    let mut presence = Presence::available();
    presence.show = match show {
        Show::Available => None,
        Show::Chat => Some(WireShow::Chat),
        Show::Away => Some(WireShow::Away),
        Show::Xa => Some(WireShow::Xa),
        Show::Dnd => Some(WireShow::Dnd),
    };
    if let Some(status) = status.map(xml::clean).filter(|status| !status.is_empty()) {
        presence.set_status("", status.into_owned());
    }
    presence.payloads.extend(caps);
    presence
}

/// A step of the handshake towards a contact.
pub(crate) fn step(to: BareJid, step: SubscriptionStep) -> Presence {
    let type_ = match step {
        SubscriptionStep::Ask => Type::Subscribe,
        SubscriptionStep::Approve => Type::Subscribed,
        SubscriptionStep::Deny => Type::Unsubscribed,
        SubscriptionStep::Leave => Type::Unsubscribe,
    };
    Presence::new(type_).with_to(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_presences_say() {
        use SubscriptionStep as S;
        let cases = [
            (
                "<presence xmlns='jabber:client'/>",
                Said::Here(Show::Available),
                None,
            ),
            (
                "<presence xmlns='jabber:client'><show>xa</show><status> asleep </status></presence>",
                Said::Here(Show::Xa),
                Some("asleep"),
            ),
            (
                "<presence xmlns='jabber:client' type='unavailable'><status/></presence>",
                Said::Gone,
                None,
            ),
            (
                "<presence xmlns='jabber:client' type='error'/>",
                Said::Gone,
                None,
            ),
            (
                "<presence xmlns='jabber:client' type='subscribe'/>",
                Said::Step(S::Ask),
                None,
            ),
            (
                "<presence xmlns='jabber:client' type='subscribed'/>",
                Said::Step(S::Approve),
                None,
            ),
            (
                "<presence xmlns='jabber:client' type='unsubscribed'/>",
                Said::Step(S::Deny),
                None,
            ),
            (
                "<presence xmlns='jabber:client' type='unsubscribe'/>",
                Said::Step(S::Leave),
                None,
            ),
            (
                "<presence xmlns='jabber:client' type='probe'/>",
                Said::Nothing,
                None,
            ),
        ];
        for (xml, said, line) in cases {
            let presence = Presence::try_from(xml.parse::<Element>().unwrap()).unwrap();
            assert_eq!(read(&presence), said, "{xml}");
            assert_eq!(status(&presence).as_deref(), line, "{xml}");
        }
    }

    #[test]
    fn what_is_said_is_understood() {
        for show in [Show::Available, Show::Chat, Show::Away, Show::Xa, Show::Dnd] {
            let presence = here(show, Some("in the\u{0} kitchen"), None);
            assert_eq!(read(&presence), Said::Here(show));
            assert_eq!(status(&presence).as_deref(), Some("in the kitchen"));
        }
        use SubscriptionStep as S;
        for taken in [S::Ask, S::Approve, S::Deny, S::Leave] {
            let presence = step(BareJid::new("lamp@home.lit").unwrap(), taken);
            assert_eq!(read(&presence), Said::Step(taken));
        }
    }
}
