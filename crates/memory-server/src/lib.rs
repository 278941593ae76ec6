//! A small XMPP server in memory, sans-IO, for the demo home and for tests.
//!
//! [`Server`] is a plain struct. Whoever owns it opens a [`Connection`] for each signed-in client
//! ([`Server::connect`]), hands in what a client sends ([`Server::handle`]) and carries away what
//! clients get ([`Server::poll_output`]). Signing in, encryption and stream management happen
//! elsewhere or not at all: this is a server from the first stanza on. Time is an argument, there
//! is no randomness, and the same calls give the same stanzas.
//!
//! # What it imitates
//! The parts of a server that Roost stands on: rosters and the presence handshake of RFC 6121,
//! routing by bare and full JID, messages kept for those who are away, service discovery, and a
//! PubSub service on every account (XEP-0163) with affiliations, subscriptions and access models.
//! Real servers differ where specifications leave room, and Roost must live with each of them;
//! [`Flavour`] says which one this server resembles, with one method per observed difference.
//!
//! Accounts are given to those who ask, in band, with an invite or for reading a picture
//! ([`Admission`]), on streams of their own ([`Visitor`]).
//!
//! # What it does not do
//! Talk to other servers, sign anybody in, limit rates, archive messages, or
//! act on `+notify` capabilities: events go to explicit subscribers only. A client cannot forge
//! its address: `from` is always stamped.
//!
//! # Limits
//! Everything is bounded ([`ServerConfig`] and the constants in `limits`): where a client asks for
//! more, it gets `resource-constraint` or `policy-violation`, never memory without end.
//!
//! ```
//! use roost_memory_server::{Flavour, Server, ServerConfig};
//! use roost_model::Now;
//! use roost_xmpp_proto::Stanza;
//! use xmpp_parsers::message::Message;
//!
//! let now = Now::default();
//! let mut server = Server::new(ServerConfig::new("home".parse()?, Flavour::Prosody));
//! for account in ["juliet@home", "kettle@home"] {
//!     server.add_account(account.parse()?)?;
//! }
//! let (juliet, _) = server.connect("juliet@home".parse()?, Some("app"), now)?;
//! let (kettle, _) = server.connect("kettle@home".parse()?, None, now)?;
//!
//! let to: jid::Jid = "juliet@home/app".parse()?;
//! let hello = Message::chat(to).with_body("".into(), "The water boils.".to_owned());
//! server.handle(kettle, Stanza::Message(Box::new(hello)), now);
//! let Some((hearer, Stanza::Message(heard))) = server.poll_output() else {
//!     panic!("messages are carried");
//! };
//! assert_eq!(hearer, juliet);
//! assert_eq!(heard.from.map(|from| from.to_bare()), Some("kettle@home".parse()?));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod account;
mod disco;
mod flavour;
mod handshake;
mod iq;
mod limits;
mod message;
mod presence;
mod pubsub;
mod refusal;
mod registration;
mod roster;
mod server;
mod xml;

pub use flavour::Flavour;
pub use registration::{Admission, Visitor};
pub use roster::{Contact, Subscription};
pub use server::{ConnectError, Connection, Server, ServerConfig};
