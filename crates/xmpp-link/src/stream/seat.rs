//! Takes a seat on a server that knows who we are: the old one if it is still kept (XEP-0198,
//! section 5), else a new one (RFC 6120, section 7).

use jid::FullJid;
use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode, Stanza};
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::bind::{BindQuery, BindResponse};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza_error::DefinedCondition;
use xmpp_parsers::stream_features::StreamFeatures;
use xmpp_parsers::{ns, sm};

use super::live::from_library;
use super::talk::{Heard, Socket, hear, is_nonza, say};
use super::{Management, Xml};
use crate::failure::failure;

/// How many stanzas may come before the stream is ours; servers send none.
const MAX_EARLY: usize = 64;

/// Which stream is open.
pub(crate) enum Seat {
    /// The old one; the server handled this many of our stanzas.
    Resumed { handled: u32 },
    /// A new one.
    New {
        bound: FullJid,
        management: Option<Management>,
    },
}

/// Resumes, or binds. Gives also what came before that was done.
///
/// # Errors
/// If the server refuses, or makes us somebody else.
pub(super) async fn take_seat<S: Socket>(
    xml: &mut Xml<S>,
    features: &StreamFeatures,
    account: &Account,
    resume: Option<(String, u32)>,
) -> Result<(Seat, Vec<Stanza>), LinkFailure> {
    let managed = features.stream_management.is_some();
    let mut early = Vec::new();
    if let Some((id, handled)) = resume.filter(|_| managed) {
        let resume = sm::Resume {
            h: handled,
            previd: sm::StreamId(id),
        };
        say(xml, &resume).await?;
        if let Some(sm::Nonza::Resumed(resumed)) = await_verdict(xml, &mut early).await? {
            return Ok((Seat::Resumed { handled: resumed.h }, early));
        }
        early.clear();
    }
    if !features.can_bind() {
        return Err(failure(
            LinkFailureCode::Protocol,
            "the server offers no resources",
        ));
    }
    let bound = bind(xml, account).await?;
    let management = if managed {
        say(xml, &sm::Enable::new().with_resume()).await?;
        match await_verdict(xml, &mut early).await? {
            Some(sm::Nonza::Enabled(enabled)) => {
                let id = enabled.id.filter(|_| enabled.resume).map(|id| id.0);
                Some(Management::enabled(id))
            }
            _ => None,
        }
    } else {
        None
    };
    Ok((Seat::New { bound, management }, early))
}

/// Waits for what the server says to `<resume/>` or `<enable/>`; `None` is no.
async fn await_verdict<S: Socket>(
    xml: &mut Xml<S>,
    early: &mut Vec<Stanza>,
) -> Result<Option<sm::Nonza>, LinkFailure> {
    loop {
        let element = match hear(xml).await? {
            Heard::Element(element) => *element,
            // The library insists on a count that servers leave out when they forgot the stream.
            Heard::Unreadable(error) if is_nonza(&error, ns::SM, "failed") => return Ok(None),
            Heard::Unreadable(_) => continue,
        };
        match element {
            XmppStreamElement::SM(sm::Nonza::Failed(_)) => return Ok(None),
            XmppStreamElement::SM(verdict @ (sm::Nonza::Resumed(_) | sm::Nonza::Enabled(_))) => {
                return Ok(Some(verdict));
            }
            XmppStreamElement::Stanza(_) if early.len() >= MAX_EARLY => {
                let words = "stanzas before their time";
                return Err(failure(LinkFailureCode::Protocol, words));
            }
            XmppStreamElement::Stanza(stanza) => early.push(from_library(stanza)),
            _ => {}
        }
    }
}

async fn bind<S: Socket>(xml: &mut Xml<S>, account: &Account) -> Result<FullJid, LinkFailure> {
    const ID: &str = "bind";
    let query = BindQuery::new(account.resource.clone());
    say(xml, &Iq::from_set(ID, query)).await?;
    let answer = loop {
        if let Heard::Element(element) = hear(xml).await?
            && let XmppStreamElement::Stanza(tokio_xmpp::Stanza::Iq(iq)) = *element
            && iq.id() == ID
        {
            break iq;
        }
    };
    let protocol = |words: &str| Err(failure(LinkFailureCode::Protocol, words));
    match answer {
        Iq::Result {
            payload: Some(payload),
            ..
        } => match BindResponse::try_from(payload).map(FullJid::from) {
            Ok(bound) if bound.to_bare() == account.jid => Ok(bound),
            Ok(_) => protocol("the server bound another account"),
            Err(error) => protocol(&error.to_string()),
        },
        Iq::Error { error, .. } => {
            let code = match error.defined_condition {
                DefinedCondition::Conflict | DefinedCondition::ResourceConstraint => {
                    LinkFailureCode::Conflict
                }
                _ => LinkFailureCode::AccountRefused,
            };
            Err(failure(code, format!("{:?}", error.defined_condition)))
        }
        _ => protocol("no resource bound"),
    }
}
