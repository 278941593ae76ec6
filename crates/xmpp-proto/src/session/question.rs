//! Questions: IQs of our own, from the request to the meaning of its answer.

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_model::{Failure, FailureCode};
use xmpp_parsers::iq::Iq;

use crate::caps::Lookup;
use crate::errors::nonsense;
use crate::pubsub::{owner, user, write_payload};
use crate::{Answer, DiscardReason, Request, RequestId, disco, registration, roster};

/// Something that is asked with an IQ.
#[derive(Debug)]
pub(super) enum Question {
    /// The roster, at the beginning of a stream.
    Roster,
    /// Capabilities that somebody announced.
    Caps(Box<Lookup>),
    /// What the owner of the session wants.
    Asked(RequestId, Box<Request>),
}

/// Who must answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Addressee {
    /// The server, in the name of our account: IQs without `to` (RFC 6120, section 10.3.3).
    OwnAccount,
    /// Somebody else.
    Other(Jid),
}

impl Addressee {
    /// Whether an answer `from` there counts as this one's. Servers answer for our account as
    /// nobody, as the bare JID (RFC 6120, section 8.1.2.1) or, older ones, as themselves.
    pub(super) fn is(
        &self,
        from: Option<&Jid>,
        account: &BareJid,
        bound: Option<&FullJid>,
    ) -> bool {
        let is_own_server = |jid: &Jid| {
            jid.node().is_none() && jid.resource().is_none() && jid.domain() == account.domain()
        };
        match (self, from) {
            (Addressee::OwnAccount, None) => true,
            (Addressee::OwnAccount, Some(from)) => {
                from == account || bound.is_some_and(|bound| from == bound) || is_own_server(from)
            }
            (Addressee::Other(asked), None) => is_own_server(asked),
            (Addressee::Other(asked), Some(from)) => asked == from,
        }
    }
}

/// What an answer means, and what was wrong with it besides.
pub(super) type Reading = (Result<Answer, Failure>, Option<DiscardReason>);

impl Question {
    /// Whether somebody waits for it. The rest is what a sign-in asks in bulk; the order within
    /// each of the two classes is kept, so requests that build on each other must share one.
    pub(super) fn is_urgent(&self) -> bool {
        match self {
            Question::Roster => true,
            Question::Caps(_) => false,
            Question::Asked(_, request) => !matches!(
                **request,
                Request::Subscribe { .. }
                    | Request::Unsubscribe { .. }
                    | Request::Fetch { .. }
                    | Request::Discover { .. }
            ),
        }
    }

    /// Whether its owner wants to know how far it got.
    pub(super) fn is_staged(&self) -> bool {
        matches!(self, Question::Asked(_, request) if matches!(**request, Request::Publish { .. }))
    }

    /// Who must answer.
    pub(super) fn addressee(&self, account: &BareJid) -> Addressee {
        let asked = match self {
            Question::Roster => None,
            Question::Caps(lookup) => Some(Jid::from(lookup.whom.clone())),
            Question::Asked(_, request) if is_of_server(request) => {
                Some(Jid::from(account.domain().to_owned()))
            }
            Question::Asked(_, request) => addressee(request),
        };
        match asked {
            Some(jid) if jid != *account => Addressee::Other(jid),
            _ => Addressee::OwnAccount,
        }
    }

    /// The stanza.
    ///
    /// # Errors
    /// If it cannot be asked: an item without content, which would crash thesis firmware.
    pub(super) fn write(
        &self,
        account: &BareJid,
        to: &Addressee,
        id: String,
    ) -> Result<Iq, Failure> {
        let to = match to {
            Addressee::OwnAccount => None,
            Addressee::Other(jid) => Some(jid.clone()),
        };
        let get = |payload| (false, payload);
        let set = |payload| (true, payload);
        let (is_set, payload) = match self {
            Question::Roster => get(roster::get()),
            Question::Caps(lookup) => get(disco::get(Some(&lookup.node()))),
            Question::Asked(_, request) => match &**request {
                Request::SetContact { jid, name, groups } => {
                    set(roster::set(jid, name.as_deref(), groups))
                }
                Request::RemoveContact { jid } => set(roster::remove(jid)),
                Request::Discover { .. } => get(disco::get(None)),
                Request::Subscribe { node, .. } => set(user::subscribe(*node, account)),
                Request::Unsubscribe { node, .. } => set(user::unsubscribe(*node, account)),
                Request::Fetch { node, .. } => get(user::fetch(*node)),
                Request::Publish {
                    node,
                    item,
                    payload,
                    ..
                } => {
                    let payload =
                        write_payload(payload).ok_or_else(|| nonsense("nothing to publish"))?;
                    set(user::publish(*node, item, payload))
                }
                Request::Retract { node, item, .. } => set(user::retract(*node, item)),
                Request::CreateNode { node, config } => set(owner::create(*node, config)),
                Request::ConfigureNode { node, config } => set(owner::configure(*node, config)),
                Request::ReadNodeConfig { node } => get(owner::read_config(*node)),
                Request::DeleteNode { node } => set(owner::delete(*node)),
                Request::SetAffiliations { node, affiliations } => {
                    set(owner::set_affiliations(*node, affiliations))
                }
                Request::ReadAffiliations { node } => get(owner::read_affiliations(*node)),
                Request::ReadSubscribers { node } => get(owner::read_subscribers(*node)),
                Request::EndSubscription { node, jid } => set(owner::end_subscription(*node, jid)),
                Request::Invite => set(registration::invite_command()),
                Request::Register(new) if new.jid.domain() != account.domain() => {
                    return Err(nonsense("the account is of another server"));
                }
                Request::Register(new) if new.jid == *account || new.jid.node().is_none() => {
                    return Err(nonsense("not an account to be made"));
                }
                Request::Register(new) => set(registration::set_account(new)),
                Request::Subscription { .. }
                | Request::SendText { .. }
                | Request::SetPresence { .. }
                | Request::SetActive(_) => {
                    return Err(Failure::with_detail(
                        FailureCode::Protocol,
                        "not a question",
                    ));
                }
            },
        };
        Ok(if is_set {
            Iq::Set {
                from: None,
                to,
                id,
                payload,
            }
        } else {
            Iq::Get {
                from: None,
                to,
                id,
                payload,
            }
        })
    }
}

/// Whether a request is for our server itself.
fn is_of_server(request: &Request) -> bool {
    matches!(request, Request::Invite | Request::Register(_))
}

/// Whom a request is for; nobody means our own account.
pub(super) fn addressee(request: &Request) -> Option<Jid> {
    match request {
        Request::Discover { jid } => Some(jid.clone()),
        Request::Subscribe { service, .. }
        | Request::Unsubscribe { service, .. }
        | Request::Fetch { service, .. }
        | Request::Publish { service, .. }
        | Request::Retract { service, .. } => Some(service.clone().into()),
        _ => None,
    }
}

/// What a positive answer to a request means.
pub(super) fn read_answer(request: &Request, payload: Option<&Element>) -> Reading {
    let cut = |reading: Result<(Answer, bool), Failure>| match reading {
        Ok((answer, is_cut)) => (Ok(answer), is_cut.then_some(DiscardReason::TooLarge)),
        Err(failure) => (Err(failure), None),
    };
    match request {
        Request::Discover { .. } => match payload.and_then(disco::read) {
            Some(info) => {
                let odd = info.is_cut.then_some(DiscardReason::TooLarge);
                (Ok(Answer::Features(info.into_features())), odd)
            }
            None => (Err(nonsense("no features")), None),
        },
        Request::Subscribe { .. } => (
            user::read_subscription(payload).map(|()| Answer::Done),
            None,
        ),
        Request::Fetch { node, .. } => match user::read_fetched(*node, payload) {
            Ok(items) => {
                let odd = items.oddity();
                (Ok(Answer::Items(items.published)), odd)
            }
            Err(failure) => (Err(failure), None),
        },
        Request::Invite => (registration::read_invite(payload), None),
        Request::ReadNodeConfig { .. } => (owner::config(payload), None),
        Request::ReadAffiliations { .. } => cut(owner::affiliations(payload)),
        Request::ReadSubscribers { .. } => cut(owner::subscribers(payload)),
        _ => (Ok(Answer::Done), None),
    }
}
