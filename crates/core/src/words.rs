//! What goes in and out of the controller.

use std::time::Duration;

use jid::BareJid;
use roost_model::{DeviceId, Failure, IntentId, ItemId, Value};
use roost_xmpp_proto::{Account, LinkCommand, LinkEvent};

use crate::SavedDevice;

/// What a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Sign in and stay signed in. Another account than before forgets all devices.
    SignIn(Box<Account>),
    /// Sign out. Devices stay, with stale readings, unless they are to be forgotten.
    SignOut {
        /// Whether to forget the account and its devices.
        forget: bool,
    },
    /// Do not wait for the next attempt to connect.
    RetryNow,
    /// How long the connection may be silent before it counts as lost, from now on.
    SetSilence(Duration),
    /// Change a value of a device.
    SetValue {
        /// Of which device.
        device: DeviceId,
        /// Which: the `var` of a field of the device's form.
        item: ItemId,
        /// To what. Text is read as the field asks, so a command line may pass it as it is.
        value: Value,
    },
    /// Put a device on the roster and ask for its presence.
    AddDevice(BareJid),
    /// Unsubscribe from a device and take it off the roster.
    RemoveDevice(DeviceId),
    /// Give a device a name of our own; empty takes it away.
    RenameDevice {
        /// Which.
        device: DeviceId,
        /// How it is called from now on.
        name: String,
    },
    /// Move a device to a room.
    SetRoom {
        /// Which.
        device: DeviceId,
        /// Where to; `None` takes it out of its room.
        room: Option<String>,
    },
    /// Subscribe to and read one device again, or all.
    Refresh(Option<DeviceId>),
    /// Whether a person is looking. At first one is.
    SetWatched(bool),
}

/// A command that was taken on. What comes of it is told by [`Change`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is on its way.
    Done,
    /// It became this intent.
    Intent(IntentId),
}

/// Why a command was not taken on. Nothing was changed by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// There is no connection now.
    #[error("there is no connection")]
    NotConnected,
    /// The device is away, and would not act on it when it is back.
    #[error("the device is offline")]
    DeviceOffline,
    /// There is no such device.
    #[error("no such device")]
    NoSuchDevice,
    /// The device's form has no such field now.
    #[error("no such field")]
    NoSuchField,
    /// The field is only shown.
    #[error("the field cannot be changed")]
    ReadOnly,
    /// The value is not of the field's type.
    #[error("not a valid value: {0}")]
    BadValue(String),
    /// The value is not one of the options.
    #[error("not one of the options")]
    NotAnOption,
    /// The value is beyond what the field allows.
    #[error("out of range")]
    OutOfRange,
    /// The device is on the list already.
    #[error("already there")]
    AlreadyThere,
    /// This address cannot be a device of ours: it has no user part, or is our own.
    #[error("not an address of a device")]
    BadAddress,
    /// A name or room is too long or has control characters.
    #[error("not a usable name")]
    BadName,
    /// Too much is under way or on the list.
    #[error("too much at once")]
    Busy,
}

/// What the world tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The link spoke.
    Link(LinkEvent),
    /// What was known of an account's devices at the last run.
    Restored {
        /// Whose devices.
        account: BareJid,
        /// The devices; those already known in this run are not touched.
        devices: Vec<SavedDevice>,
    },
    /// The time of [`crate::Controller::poll_timeout`] has come.
    Timeout,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Tell the link.
    Link(LinkCommand),
}

/// What is to be looked at again. Changes are coalesced until they are polled; the state itself
/// is read from the controller, so that a change never carries an old value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The account or the link.
    Link,
    /// A device came or changed, with all its readings.
    Device(DeviceId),
    /// A device is gone.
    DeviceGone(DeviceId),
    /// Readings of a device changed, and nothing else of it.
    Readings {
        /// Which device.
        device: DeviceId,
        /// Which readings; those that the device has no more were retracted.
        items: Vec<ItemId>,
    },
    /// An intent began or climbed.
    Intent(IntentId),
    /// An ended intent is forgotten.
    IntentForgotten(IntentId),
    /// The server did not take on a change of the roster. What is shown stays as it was.
    RosterRefused(RosterRefusal),
    /// Counters rose.
    Counters,
}

/// A change of the roster that the server did not take on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterRefusal {
    /// About which device.
    pub device: DeviceId,
    /// What a person wanted.
    pub wish: RosterWish,
    /// Why not.
    pub failure: Failure,
}

/// What a person wants of the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterWish {
    /// That a device is on it.
    Add,
    /// Another name.
    Rename,
    /// Another room.
    Move,
    /// That a device is not on it.
    Remove,
}
