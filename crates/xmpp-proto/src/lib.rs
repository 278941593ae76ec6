//! What Roost says over XMPP, without a socket.
//!
//! [`Session`] is a plain struct that one task owns. It takes stanzas and [`Request`]s in and
//! gives stanzas and [`SessionEvent`]s out; time comes in as [`roost_model::Now`]. Both roles,
//! app and device, drive the same session: it knows streams, IQ correlation, roster, presence,
//! capabilities and PubSub, but not what a switch is.
//!
//! There is one small file per specification, which reads and writes its elements: reading is
//! lenient, bounded and tells what was odd; writing is strict. Where a stanza comes from is
//! checked in one place, `session/inbound.rs`: answers count only from whom was asked, roster
//! pushes and forwarded copies only from our own account, events only from the account that hosts
//! the node. Whether that account is a device is not decided here.
//!
//! This crate has no socket, no clock and no randomness, and it never asks who is on the other
//! side of a [`Transmit`]. What carries the stanzas drives it like this:
//!
//! ```
//! use std::time::Duration;
//! use roost_model::{Node, Now};
//! use roost_xmpp_proto::{
//!     Identity, Request, RequestId, Session, SessionConfig, SessionEvent, Stanza,
//! };
//! # use xmpp_parsers::{iq::Iq, minidom::Element};
//!
//! let identity = Identity { category: "client".into(), kind: "pc".into(), name: "Doc".into() };
//! let account = "juliet@capulet.lit".parse()?;
//! let mut session = Session::new(SessionConfig::new(account, identity, "https://doc.example", 1));
//! let now = Now::default();
//!
//! // The stream is up: the session asks for the roster, and says so when it came.
//! session.stream_up("juliet@capulet.lit/balcony".parse()?, false, now);
//! assert!(matches!(session.poll_event(), Some(SessionEvent::Online { .. })));
//! let Some(Stanza::Iq(asked)) = session.poll_transmit().map(|transmit| transmit.stanza) else {
//!     panic!("a session begins with a question");
//! };
//! let roster: Element = "<query xmlns='jabber:iq:roster'/>".parse()?;
//! let answer = Iq::Result { from: None, to: None, id: asked.id().into(), payload: Some(roster) };
//! session.handle_stanza(Stanza::Iq(Box::new(answer)), now);
//! assert_eq!(session.poll_event(), Some(SessionEvent::Roster(vec![])));
//!
//! // A request is answered exactly once, at the latest after its deadline.
//! let service = "kettle@home.lit".parse()?;
//! session.request(RequestId(1), Request::Fetch { service, node: Node::Sensors }, now);
//! while session.poll_transmit().is_some() { /* send it */ }
//! let wake = session.poll_timeout().expect("somebody waits");
//! session.handle_timeout(now + wake.since(now.instant));
//! assert!(matches!(session.poll_event(), Some(SessionEvent::Answer { result: Err(_), .. })));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod caps;
mod chat;
mod datetime;
mod delay;
mod disco;
mod errors;
mod forwarded;
mod limits;
mod ns;
mod ping;
mod presence;
mod pubsub;
pub mod registration;
mod roster;
mod session;
mod stanza;
mod val;
mod words;
mod xml;

pub use session::{Identity, Session, SessionConfig};
pub use stanza::*;
pub use words::*;
