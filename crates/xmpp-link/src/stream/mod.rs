//! One XMPP stream, from a connected socket to its end.
//!
//! `open` says hello (`sign_in`, `seat`), `live` carries stanzas until the end. Below them `wire`
//! and `scanner` watch the bytes, beside them `management` and `watchdog` keep the counts and the
//! time. The last three know no socket and no clock.

mod live;
mod management;
mod open;
mod scanner;
mod seat;
mod sign_in;
mod talk;
mod watchdog;
mod wire;

pub(crate) use live::{End, Live, Signal};
pub(crate) use management::Management;
pub(crate) use open::{Opened, Opening};
pub(crate) use scanner::Excess;
pub(crate) use seat::Seat;
pub(crate) use talk::{Heard, hear, say};
pub(crate) use watchdog::slept;

use tokio_xmpp::xmlstream::XmppStream;

pub(crate) use wire::Wire;

/// An XML stream over a watched socket.
pub(crate) type Xml<S> = XmppStream<Wire<S>>;
