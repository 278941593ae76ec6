//! Why a request is refused, before it becomes a stanza.

use std::collections::BTreeMap;

use minidom::Element;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use crate::xml::ns;

/// A stanza error without an address (RFC 6120, section 8.3).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    kind: ErrorType,
    condition: DefinedCondition,
    /// The condition of XEP-0060 that says more.
    pubsub: Option<&'static str>,
}

impl Refusal {
    const fn new(kind: ErrorType, condition: DefinedCondition) -> Self {
        Self {
            kind,
            condition,
            pubsub: None,
        }
    }

    const fn pubsub(kind: ErrorType, condition: DefinedCondition, detail: &'static str) -> Self {
        Self {
            kind,
            condition,
            pubsub: Some(detail),
        }
    }

    pub(crate) const BAD_REQUEST: Self = Self::new(ErrorType::Modify, DefinedCondition::BadRequest);
    pub(crate) const CONFLICT: Self = Self::new(ErrorType::Cancel, DefinedCondition::Conflict);
    pub(crate) const FORBIDDEN: Self = Self::new(ErrorType::Auth, DefinedCondition::Forbidden);
    pub(crate) const NOT_ACCEPTABLE: Self =
        Self::new(ErrorType::Modify, DefinedCondition::NotAcceptable);
    pub(crate) const NOT_FOUND: Self = Self::new(ErrorType::Cancel, DefinedCondition::ItemNotFound);
    pub(crate) const NOT_IMPLEMENTED: Self =
        Self::new(ErrorType::Cancel, DefinedCondition::FeatureNotImplemented);
    pub(crate) const TOO_LARGE: Self =
        Self::new(ErrorType::Modify, DefinedCondition::PolicyViolation);
    pub(crate) const TOO_MANY: Self =
        Self::new(ErrorType::Wait, DefinedCondition::ResourceConstraint);
    pub(crate) const NO_SERVER: Self =
        Self::new(ErrorType::Cancel, DefinedCondition::RemoteServerNotFound);
    pub(crate) const UNAVAILABLE: Self =
        Self::new(ErrorType::Cancel, DefinedCondition::ServiceUnavailable);
    pub(crate) const NOT_ALLOWED: Self = Self::new(ErrorType::Cancel, DefinedCondition::NotAllowed);
    pub(crate) const NO_INVITE: Self = Self::new(ErrorType::Cancel, DefinedCondition::Forbidden);
    pub(crate) const BAD_JID: Self = Self::new(ErrorType::Modify, DefinedCondition::JidMalformed);
    pub(crate) const POLICY: Self = Self::new(ErrorType::Wait, DefinedCondition::PolicyViolation);
    pub(crate) const PRESENCE_REQUIRED: Self =
        Self::new(ErrorType::Auth, DefinedCondition::SubscriptionRequired);

    pub(crate) const UNSUPPORTED: Self = Self::pubsub(
        ErrorType::Cancel,
        DefinedCondition::FeatureNotImplemented,
        "unsupported",
    );
    pub(crate) const NOT_SUBSCRIBED_BY_OWNER: Self = Self::pubsub(
        ErrorType::Modify,
        DefinedCondition::BadRequest,
        "not-subscribed",
    );
    pub(crate) const NODE_REQUIRED: Self = Self::pubsub(
        ErrorType::Modify,
        DefinedCondition::BadRequest,
        "nodeid-required",
    );
    pub(crate) const JID_REQUIRED: Self = Self::pubsub(
        ErrorType::Modify,
        DefinedCondition::BadRequest,
        "jid-required",
    );
    pub(crate) const INVALID_JID: Self = Self::pubsub(
        ErrorType::Modify,
        DefinedCondition::BadRequest,
        "invalid-jid",
    );
    pub(crate) const INVALID_PAYLOAD: Self = Self::pubsub(
        ErrorType::Modify,
        DefinedCondition::BadRequest,
        "invalid-payload",
    );
    pub(crate) const ITEM_REQUIRED: Self = Self::pubsub(
        ErrorType::Modify,
        DefinedCondition::BadRequest,
        "item-required",
    );
    pub(crate) const NOT_SUBSCRIBED: Self = Self::pubsub(
        ErrorType::Cancel,
        DefinedCondition::UnexpectedRequest,
        "not-subscribed",
    );
    pub(crate) const PRECONDITION: Self = Self::pubsub(
        ErrorType::Cancel,
        DefinedCondition::Conflict,
        "precondition-not-met",
    );
    pub(crate) const CLOSED_NODE: Self = Self::pubsub(
        ErrorType::Cancel,
        DefinedCondition::NotAllowed,
        "closed-node",
    );
    pub(crate) const NODE_WANTS_PRESENCE: Self = Self::pubsub(
        ErrorType::Auth,
        DefinedCondition::NotAuthorized,
        "presence-subscription-required",
    );
    pub(crate) const NODE_WANTS_GROUP: Self = Self::pubsub(
        ErrorType::Auth,
        DefinedCondition::NotAuthorized,
        "not-in-roster-group",
    );
}

impl From<Refusal> for StanzaError {
    fn from(refusal: Refusal) -> Self {
        StanzaError {
            type_: refusal.kind,
            by: None,
            defined_condition: refusal.condition,
            texts: BTreeMap::new(),
            other: refusal
                .pubsub
                .map(|condition| Element::bare(condition, ns::PUBSUB_ERRORS)),
        }
    }
}
