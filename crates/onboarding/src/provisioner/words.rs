//! What goes into a [`Provisioner`](super::Provisioner) and what comes out.

use std::time::Duration;

use roost_model::Instant;
use roost_model::jid::BareJid;

use crate::{
    Account, AdapterState, DeviceInformation, Invite, Nonce, OnboardingFault, Progress, RadioEvent,
    Remedy, Status, Wifi,
};

/// What an attempt begins with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The code of the device.
    pub invite: Invite,
    /// Who sets it up.
    pub sender: BareJid,
    /// The network, if it is known already; otherwise the person is asked.
    pub wifi: Option<Wifi>,
    /// The account, if a former attempt made it; otherwise it is asked for, once.
    pub account: Option<Account>,
    /// The nonces that were seen from this key, the newest last; see [`Change::NonceSeen`].
    pub seen_nonces: Vec<Nonce>,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Input {
    /// At the radio.
    Radio(RadioEvent),
    /// A person wants something, or what was asked for is there.
    Wish(Wish),
    /// The device spoke over XMPP: the proof that it works.
    FirstWords,
    /// [`poll_timeout`](super::Provisioner::poll_timeout) has come.
    Timeout,
}

/// What a person wants.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Yes, this is my device.
    Confirm,
    /// No, it is another one: look on.
    NotMine,
    /// Yes, I know that passwords cross the air unencrypted.
    AcceptPlain,
    /// This network. Possible until the writes begin, and to correct.
    Wifi(Wifi),
    /// The account that was asked for, or a corrected one.
    Account(Box<Account>),
    /// The account that was asked for cannot be had.
    AccountFailed,
    /// The same settings again, because something else was mended.
    TryAgain,
    /// Stop.
    Cancel,
}

/// The wish does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not possible now")]
pub struct NotNow;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Look at the state again.
    State,
    /// Look at the networks again.
    Networks,
    /// Make the account now, then tell it with [`Wish::Account`]. Comes at most once.
    AccountNeeded,
    /// Remember this nonce with the key of the device: the last
    /// [`MAX_NONCES`](super::MAX_NONCES) of each key.
    NonceSeen(Nonce),
}

/// Where an attempt is: one of these, and always with an end in sight (see [`State::deadline`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The adapter is not ready, or has not yet said that it is.
    WaitingForAdapter(Option<AdapterState>),
    /// Listening for the device.
    Scanning,
    /// Making a connection.
    Connecting,
    /// Reading Device Information.
    ReadingInformation,
    /// Letting the device prove its key.
    Proving,
    /// Is this your device? The person answers [`Wish::Confirm`] or [`Wish::NotMine`].
    Confirming {
        /// What the device says about itself.
        information: DeviceInformation,
        /// Whether it proved the key of its code; a thesis device cannot.
        proven: bool,
    },
    /// Passwords will cross the air unencrypted. The person answers [`Wish::AcceptPlain`].
    WarningPlain,
    /// The person chooses a network.
    ChoosingWifi,
    /// The account is being made.
    NeedsAccount,
    /// Settings are written.
    Writing {
        /// How many of them are.
        written: usize,
    },
    /// The device tries its settings; `None` until its first status is read.
    Joining(Option<Status>),
    /// The device rests with this and waits for something better.
    Correcting(Status),
    /// The connection was lost after done: looking for the device again.
    Reconnecting,
    /// Everything is handed over; the device is to speak over XMPP.
    AwaitingFirstWords,
    /// It did. The end.
    Finished,
    /// It went wrong. The end.
    Failed(OnboardingFault),
    /// The person stopped it. The end.
    Cancelled,
}

impl Stage {
    /// A stable name, for catalogues of words and for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WaitingForAdapter(_) => "waiting-for-adapter",
            Self::Scanning => "scanning",
            Self::Connecting => "connecting",
            Self::ReadingInformation => "reading-information",
            Self::Proving => "proving",
            Self::Confirming { .. } => "confirming",
            Self::WarningPlain => "warning-plain",
            Self::ChoosingWifi => "choosing-wifi",
            Self::NeedsAccount => "needs-account",
            Self::Writing { .. } => "writing",
            Self::Joining(_) => "joining",
            Self::Correcting(_) => "correcting",
            Self::Reconnecting => "reconnecting",
            Self::AwaitingFirstWords => "awaiting-first-words",
            Self::Finished => "finished",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether this is an end.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Finished | Self::Failed(_) | Self::Cancelled)
    }

    /// Whether it waits for what only a person can give, before anything is written.
    pub(super) fn is_asking(&self) -> bool {
        matches!(
            self,
            Self::Confirming { .. } | Self::WarningPlain | Self::ChoosingWifi | Self::NeedsAccount
        )
    }

    /// How long it may last.
    pub(super) fn patience(&self) -> Option<Duration> {
        let seconds = match self {
            Self::WaitingForAdapter(None) => 10,
            Self::WaitingForAdapter(Some(_)) => 120,
            Self::Scanning | Self::Reconnecting => 60,
            Self::Connecting => 40,
            Self::ReadingInformation | Self::Proving => 60,
            Self::Confirming { .. } | Self::WarningPlain | Self::ChoosingWifi => 600,
            Self::NeedsAccount | Self::Correcting(_) => 900,
            Self::Writing { .. } => 120,
            Self::Joining(_) => 90,
            Self::AwaitingFirstWords => 180,
            Self::Finished | Self::Failed(_) | Self::Cancelled => return None,
        };
        Some(Duration::from_secs(seconds))
    }

    /// Who has to do what for it to go on.
    pub fn next(&self) -> NextAction {
        match self {
            Self::WaitingForAdapter(state) => match OnboardingFault::of_adapter(*state) {
                Some(fault) if state.is_some() => NextAction::Mend(fault.remedy()),
                _ => NextAction::Wait,
            },
            Self::Confirming { .. } => NextAction::Confirm,
            Self::WarningPlain => NextAction::AcceptPlain,
            Self::ChoosingWifi => NextAction::ChooseWifi,
            Self::NeedsAccount => NextAction::MakeAccount,
            Self::Correcting(status) if status.progress.is_about_wifi() => NextAction::CorrectWifi,
            Self::Correcting(_) => NextAction::CorrectAccount,
            Self::Failed(fault) => NextAction::Mend(fault.remedy()),
            Self::Finished | Self::Cancelled => NextAction::Nothing,
            _ => NextAction::Wait,
        }
    }

    /// What stops it, as far as something does.
    pub fn cause(&self) -> Option<OnboardingFault> {
        match self {
            Self::Failed(fault) => Some(*fault),
            Self::WaitingForAdapter(Some(state)) => OnboardingFault::of_adapter(Some(*state)),
            Self::Correcting(status) => Some(OnboardingFault::NotCorrected(status.progress)),
            _ => None,
        }
    }

    /// What it means when its time is over; `None` if it goes on to the first words.
    pub(super) fn overdue(&self) -> Option<OnboardingFault> {
        Some(match self {
            Self::WaitingForAdapter(state) => {
                OnboardingFault::of_adapter(*state).unwrap_or(OnboardingFault::RadioSilent)
            }
            Self::Scanning => OnboardingFault::NotFound,
            Self::Connecting => OnboardingFault::CannotConnect,
            Self::ReadingInformation | Self::Proving | Self::Writing { .. } => {
                OnboardingFault::LinkLost
            }
            Self::Confirming { .. } | Self::WarningPlain | Self::ChoosingWifi => {
                OnboardingFault::NobodyAnswered
            }
            Self::NeedsAccount => OnboardingFault::NoAccount,
            Self::Joining(_) => OnboardingFault::Stuck,
            Self::Correcting(status) => OnboardingFault::NotCorrected(status.progress),
            Self::AwaitingFirstWords => OnboardingFault::NoFirstWords,
            Self::Reconnecting | Self::Finished | Self::Failed(_) | Self::Cancelled => return None,
        })
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::WaitingForAdapter(Some(state)) => format!("{} ({state:?})", self.code()),
            Self::Writing { written } => format!("{} ({written} written)", self.code()),
            Self::Joining(Some(Status { progress, .. }))
            | Self::Correcting(Status { progress, .. }) => {
                format!("{} ({})", self.code(), progress_words(*progress))
            }
            Self::Failed(OnboardingFault::Refused(att)) => format!("failed: refused 0x{att:02x}"),
            Self::Failed(fault) => format!("failed: {}", fault.code()),
            _ => self.code().to_owned(),
        }
    }
}

fn progress_words(progress: Progress) -> String {
    format!("status {}", progress.number())
}

/// Who has to do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextAction {
    /// Nobody: it goes on by itself.
    Wait,
    /// The person says whether it is the device.
    Confirm,
    /// The person accepts that passwords cross the air unencrypted.
    AcceptPlain,
    /// The person chooses a network.
    ChooseWifi,
    /// The account is to be made.
    MakeAccount,
    /// The person corrects the network or its password.
    CorrectWifi,
    /// The person corrects the account, mends the server, or tries again.
    CorrectAccount,
    /// The person mends something.
    Mend(Remedy),
    /// It is over.
    Nothing,
}

/// The state of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State<'a> {
    /// Where it is.
    pub stage: &'a Stage,
    /// Since when.
    pub since: Instant,
    /// Until when at most; `None` at an end, and only there.
    pub deadline: Option<Instant>,
    /// What stops it, as far as something does.
    pub cause: Option<OnboardingFault>,
    /// Who has to do what.
    pub next: NextAction,
}
