//! What a user interface draws.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The account and its connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Who is signed in, or was last; absent before the first sign-in.
    pub jid: Option<String>,
    /// Whether this is the demo home.
    pub demo: bool,
    /// What the connection is doing.
    pub link: LinkView,
    /// Where secrets are kept.
    pub vault: VaultView,
}

/// What the connection is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum LinkView {
    /// Signed out.
    #[default]
    Off,
    /// Trying.
    Connecting {
        /// Counts from 1.
        attempt: u32,
        /// When this attempt began.
        since: f64,
    },
    /// Connected.
    Online {
        /// Since when.
        since: f64,
        /// How it is secured.
        security: String,
    },
    /// Lost; will try again.
    Waiting {
        /// Why.
        cause: LinkCause,
        /// Bounded foreign text.
        detail: Option<String>,
        /// When it tries again.
        retry_at: f64,
        /// Counts from 1.
        attempt: u32,
    },
    /// Given up until a person does something.
    Failed {
        /// Why.
        cause: LinkCause,
        /// Bounded foreign text; a fingerprint (`AB:CD:…`) for certificates.
        detail: Option<String>,
    },
}

/// Why there is no connection; one for each of the link's failure codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum LinkCause {
    /// The name of the server is not known.
    NameNotFound,
    /// Nobody answers there.
    Unreachable,
    /// No TLS.
    NoTls,
    /// The certificate is not trusted.
    CertificateUntrusted,
    /// The certificate is for another name or out of date.
    CertificateInvalid,
    /// The pinned certificate changed.
    CertificateChanged,
    /// TLS failed.
    TlsFailed,
    /// Wrong user name or password.
    WrongPassword,
    /// The account is disabled or refused.
    AccountRefused,
    /// No safe way to sign in.
    NoSafeMechanism,
    /// Another client took over.
    Conflict,
    /// Silent for too long.
    Silent,
    /// Closed or broken.
    Closed,
    /// The server objected to something.
    StreamError,
    /// Not XMPP.
    Protocol,
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum VaultView {
    /// Not looked yet.
    #[default]
    Unknown,
    /// The keychain of the operating system.
    Keychain,
    /// A file sealed with a passphrase, open.
    FileOpen,
    /// A file sealed with a passphrase, closed: ask for it.
    FileLocked,
    /// No keychain answers, and no sealed file was made: passwords are not remembered.
    Nowhere,
}

/// Settings of the app that its user interface may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// `en`, `de`, or absent for the system's.
    pub language: Option<String>,
    /// `light`, `dark`, or absent for the system's.
    pub theme: Option<String>,
    /// After how many seconds of silence the connection counts as lost: 5 to 600.
    pub silence_seconds: u32,
}

/// A device, complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    /// Its JID; also its id everywhere.
    pub id: String,
    /// How it is called: our name for it, else the form's title, else the user part of the JID.
    pub name: String,
    /// Its room, from the roster's groups.
    pub room: Option<String>,
    /// Whether it is there.
    pub availability: AvailabilityView,
    /// Which profile it speaks; absent until known.
    pub profile: Option<ProfileView>,
    /// Whether we see its presence and may read its nodes.
    pub access: AccessView,
    /// The title of its form.
    pub title: Option<String>,
    /// Instructions of its form.
    pub instructions: Vec<String>,
    /// The fields of its form, in order, without hidden ones.
    pub fields: Vec<FieldView>,
    /// The last values, by `var`; also of items that the form does not name.
    pub readings: Vec<ReadingView>,
    /// What was odd about its form.
    pub warnings: Vec<WarningView>,
    /// Messages that were dropped because they did not come from the device.
    pub dropped: u32,
}

/// Whether a device is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum AvailabilityView {
    /// Not heard of yet.
    Unknown,
    /// There.
    Online,
    /// There, but asleep.
    Asleep,
    /// Gone.
    Offline {
        /// Since when, if known.
        since: Option<f64>,
    },
}

/// Which profile a device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ProfileView {
    /// Roost.
    Roost,
    /// The thesis' firmware.
    Thesis,
}

/// What we may do with a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum AccessView {
    /// Being found out.
    Asking,
    /// It has not approved us yet.
    WaitingForApproval,
    /// It does not let us read.
    Denied {
        /// Bounded foreign text.
        detail: Option<String>,
    },
    /// We read its values.
    Granted,
    /// It is on the roster but has none of the nodes of a device.
    NotADevice,
}

/// A field of a device's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FieldView {
    /// Names the reading and the wish; made up (`#3`) for headers and fixed text without one.
    pub var: String,
    /// How to draw it.
    pub control: ControlView,
    /// Its label, else its `var`. Hostile text.
    pub label: String,
    /// Help. Hostile text.
    pub description: Option<String>,
    /// Whether it is only shown.
    pub read_only: bool,
    /// Text of fixed fields.
    pub text: Vec<String>,
    /// What was odd about it: its type was unknown, ….
    pub hint: Option<WarningCode>,
}

/// How to draw a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ControlView {
    /// On or off. Read-only: a state in words.
    Switch,
    /// A line of text.
    Text,
    /// A number.
    Number {
        /// Least allowed.
        min: Option<f64>,
        /// Greatest allowed.
        max: Option<f64>,
        /// Whether it is whole.
        whole: bool,
    },
    /// A number between two others.
    Slider {
        /// Least.
        min: f64,
        /// Greatest.
        max: f64,
        /// Step.
        step: f64,
    },
    /// One of several.
    Choice {
        /// Which.
        options: Vec<OptionView>,
        /// Whether other values are allowed.
        open: bool,
    },
    /// Pressed, not held.
    Button,
    /// A heading.
    Header,
    /// Text of the form itself.
    Note,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OptionView {
    /// What is sent.
    pub value: String,
    /// What is shown. Hostile text.
    pub label: String,
}

/// A value with its time and source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReadingView {
    /// Which.
    pub var: String,
    /// The value; absent where there is a problem.
    pub value: Option<ValueView>,
    /// The unit's symbol. Foreign text where unknown.
    pub unit: Option<String>,
    /// What the unit measures, for icon and precision (`temperature`, `pressure`, …, `other`).
    pub quantity: Option<String>,
    /// When it was measured.
    pub measured_at: f64,
    /// Who published it; absent where the server does not say.
    pub publisher: Option<PublisherView>,
    /// Whether it is the past: grey it and say how old it is.
    pub stale: bool,
    /// What is wrong with it.
    pub problem: Option<ProblemCode>,
    /// The text as it came, cut to 200 characters, only where there is a problem.
    pub raw: Option<String>,
}

/// Who published a value, as stamped by the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "who", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PublisherView {
    /// The device itself.
    Device,
    /// Another account, which the device may not have heard yet: we ourselves, or somebody else
    /// who controls a device of the thesis profile.
    Other {
        /// Whose.
        jid: String,
    },
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "type", content = "value", rename_all = "camelCase")]
pub enum ValueView {
    /// On or off.
    Bool(bool),
    /// A number. Whole numbers beyond 2^53 come as text.
    Number(f64),
    /// Text.
    Text(String),
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ProblemCode {
    /// Nothing in it.
    Empty,
    /// Too long.
    TooLong,
    /// Of a type nobody knows.
    UnknownType,
    /// Neither yes nor no.
    NotBool,
    /// Not a number.
    NotNumber,
    /// Not finite, or too great.
    OutOfRange,
    /// Not a value at all.
    Unreadable,
}

/// What was odd about a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WarningView {
    /// The field it is about.
    pub var: Option<String>,
    /// What.
    pub code: WarningCode,
}

/// One for each kind of a form's warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum WarningCode {
    /// The form's type is missing or unknown.
    FormType,
    /// The field's type is missing or unknown; shown as text.
    FieldType,
    /// A field without a name was left out.
    NoVar,
    /// A second field of the same name was left out.
    DuplicateVar,
    /// More values than the type allows.
    TooManyValues,
    /// A list without options.
    NoOptions,
    /// Required and read-only at once.
    RequiredReadOnly,
    /// A range that makes no sense.
    BadRange,
    /// A rule that makes no sense.
    BadValidation,
    /// The layout names something that is not there.
    BadReference,
    /// Something was cut.
    TooLarge,
}

/// Changed values of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceReadings {
    /// Which device.
    pub id: String,
    /// New or changed values.
    pub readings: Vec<ReadingView>,
    /// Items that were retracted, by `var`.
    pub removed: Vec<String>,
}

/// A wish and how far it got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IntentView {
    /// Which.
    pub id: u32,
    /// Of which device.
    pub device: String,
    /// Which field.
    pub var: String,
    /// What is wanted.
    pub wanted: ValueView,
    /// How far it got.
    pub stage: StageView,
    /// When it began.
    pub since: f64,
    /// Why it failed.
    pub failure: Option<FailureView>,
}

/// How far a wish got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum StageView {
    /// Ours to deliver.
    Accepted,
    /// Written to the stream.
    Sent,
    /// The server has it.
    Acked,
    /// The node has it.
    Delivered,
    /// The device reported it.
    Confirmed,
    /// Refused.
    Failed,
    /// No report before the deadline.
    Unconfirmed,
}

/// Why a wish failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FailureView {
    /// Which sentence.
    pub code: FailureCodeView,
    /// Bounded foreign text.
    pub detail: Option<String>,
}

/// One for each of the model's failure codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FailureCodeView {
    /// We may not.
    Forbidden,
    /// This server lets nobody but the device overwrite its values.
    ServerForbidsOverwrite,
    /// Not there.
    NotFound,
    /// The server does not offer it.
    NotOffered,
    /// The device reported something else.
    RefusedByDevice,
    /// The server took it; this kind of device does not report what it did.
    DeviceDoesNotReport,
    /// No answer.
    TimedOut,
    /// The connection was lost.
    ConnectionLost,
    /// Too fast.
    RateLimited,
    /// A newer wish took its place.
    Superseded,
    /// Nonsense.
    Protocol,
}

/// Something that went wrong later than the command that began it, so that nobody waits to hear
/// of it. It is told until a person has seen it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TroubleView {
    /// Which.
    pub id: u32,
    /// When it came up.
    pub at: f64,
    /// What.
    pub code: TroubleCode,
    /// About which device: its id, and its name as it was then. Foreign text.
    pub device: Option<TroubledDevice>,
    /// Why, where the server said so.
    pub failure: Option<FailureCodeView>,
    /// Bounded foreign or technical text.
    pub detail: Option<String>,
}

/// The device that a trouble is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TroubledDevice {
    /// Its JID.
    pub id: String,
    /// How it was called.
    pub name: String,
}

/// Codes of troubles. The UI has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TroubleCode {
    /// The keychain or the sealed file did not take the password; it is asked for next time.
    PasswordNotKept,
    /// The device is not on the roster.
    NotAdded,
    /// The device keeps its name.
    NotRenamed,
    /// The device stays in its room.
    NotMoved,
    /// The device stays on the roster.
    NotRemoved,
}

/// Counters and facts for the curious.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosticsView {
    /// Streams that were opened since the start, and how many of them were resumptions.
    pub streams: u32,
    /// See `streams`.
    pub resumptions: u32,
    /// Values that were taken over.
    pub values: u32,
    /// Things thrown away, by reason (`foreignService`, `stranger`, …).
    pub discarded: Vec<DiscardView>,
    /// The last events of the link, newest last, at most 50. Without secrets.
    pub log: Vec<LogLine>,
    /// Version of the app.
    pub version: String,
}

/// Things thrown away for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiscardView {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u32,
    /// Who sent the last one. Foreign text.
    pub last_from: Option<String>,
}

/// A line of the link's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// When.
    pub at: f64,
    /// What.
    pub text: String,
}

/// What the sign-in page sends. Where `host`, `authority` and `pin` are all absent and the account
/// was used before, those of the last time are meant.
#[derive(Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// `user@domain`.
    pub jid: String,
    /// The password; absent: use the remembered one.
    pub password: Option<String>,
    /// Where the server is, if not where DNS says.
    pub host: Option<String>,
    /// Its port; 5222, or 5223 with direct TLS, where absent.
    pub port: Option<u16>,
    /// TLS at once instead of STARTTLS. Only with `host`.
    pub direct_tls: bool,
    /// Certificates in PEM of the authorities to believe as well.
    pub authority: Option<String>,
    /// SHA-256 fingerprint of the one certificate to believe, hex with or without colons.
    pub pin: Option<String>,
    /// Whether to keep the password in the keychain (or the sealed file).
    pub remember: bool,
}

/// A wish of a person, for the demo home: what goes wrong with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DemoFault {
    /// The device loses its connection, and comes back after a while.
    DropLink,
    /// It answers late.
    AnswerLate,
    /// It refuses.
    Refuse,
    /// It publishes garbage.
    Garbage,
    /// It restarts.
    Reboot,
    /// The server goes away and comes back.
    ServerRestart,
}
