//! Everything the program says in sentences: what happened, why, what to do next.

use roost_app::api::{
    ErrorCode, FailureCodeView, LinkCause, ProblemCode, TroubleCode, TroubleView,
};

use crate::text::clean;

/// Why a command was refused.
pub(crate) fn error(code: ErrorCode) -> &'static str {
    use ErrorCode as C;
    match code {
        C::BadJid => "This is no address of an account or device. It looks like name@server.",
        C::BadHost => {
            "The server's name, address or port makes no sense. Give --host, and a port from 1 to 65535."
        }
        C::BadAuthority => {
            "This is no certificate or fingerprint. Give a PEM file with --ca, or 64 hexadecimal digits with --pin."
        }
        C::NoPassword => {
            "The password is not known here. Run 'roost login', or put it into ROOST_PASSWORD."
        }
        C::NotSignedIn => "Nobody is signed in. Run 'roost login', or try 'roost --demo devices'.",
        C::NoSuchDevice => "There is no such device. 'roost devices' lists them all.",
        C::NoSuchField => "The device has no such field. 'roost show DEVICE' lists them all.",
        C::ReadOnly => "This value is measured by the device; it cannot be set.",
        C::BadValue => "The value does not fit the field.",
        C::NotAnOption => {
            "The value is not one of those the device offers. 'roost show DEVICE' lists them."
        }
        C::OutOfRange => {
            "The value is beyond what the device allows. 'roost show DEVICE' tells its limits."
        }
        C::Offline => {
            "There is no connection to the device, so nothing can be asked of it now. Try again later."
        }
        C::AlreadyThere => "The device is on your list already.",
        C::NoKeychain => {
            "No keychain answers here, so no password is remembered. Put it into ROOST_PASSWORD, or run 'roost login --seal' to keep it in a file sealed with a passphrase."
        }
        C::KeychainLocked => {
            "The keychain or the sealed file is locked. Unlock it, put the passphrase of the sealed file into ROOST_PASSPHRASE, or the password into ROOST_PASSWORD."
        }
        C::WrongPassphrase => {
            "The passphrase does not open the sealed file. Check ROOST_PASSPHRASE."
        }
        C::Storage => {
            "The settings cannot be read or written. Check that the disk has room and the folder is yours, or choose another with --home."
        }
        C::AlreadyRunning => {
            "Another Roost is using these settings. Sign in and out there, close it, or choose another folder with --home."
        }
        C::Busy => "Roost is busy with too much at once. Try again in a moment.",
    }
}

/// What went wrong behind a person's back.
pub(crate) fn trouble(trouble: &TroubleView) -> String {
    let device = trouble.device.as_ref().map(|it| clean(&it.name));
    let device = device.as_deref().unwrap_or("The device");
    let what = match trouble.code {
        TroubleCode::PasswordNotKept => {
            "The password could not be kept, so it will be asked for next time.".to_owned()
        }
        TroubleCode::NotAdded => format!("{device} could not be put on your list."),
        TroubleCode::NotRenamed => format!("{device} could not be renamed."),
        TroubleCode::NotMoved => format!("{device} could not be put into another room."),
        TroubleCode::NotRemoved => format!("{device} could not be taken off your list."),
    };
    let why = match trouble.failure {
        None => "",
        Some(FailureCodeView::ConnectionLost) => " The connection was lost meanwhile. Try again.",
        Some(FailureCodeView::TimedOut) => " The server did not answer in time. Try again.",
        Some(FailureCodeView::RateLimited) => " The server asks to go slower. Try again later.",
        Some(_) => " The server refused it.",
    };
    let detail = trouble.detail.as_deref().map(clean);
    let detail = detail.map_or_else(String::new, |it| format!(" ({it})"));
    format!("{what}{why}{detail}")
}

/// Why there is no connection.
pub(crate) fn link_cause(cause: LinkCause) -> &'static str {
    use LinkCause as C;
    match cause {
        C::NameNotFound => {
            "The server's name is not known. Check the part after the @, or give the server with --host."
        }
        C::Unreachable => {
            "The server does not answer. Check the network, and whether the server runs."
        }
        C::NoTls => {
            "The server offers no encryption, so nothing was sent. Ask its owner to turn on TLS."
        }
        C::CertificateUntrusted => {
            "The server's certificate is not signed by anybody you trust. Compare the fingerprint below with the server's owner, then sign in with --pin and it, or give the authority with --ca."
        }
        C::CertificateInvalid => {
            "The server's certificate is for another name or out of date. Ask the server's owner."
        }
        C::CertificateChanged => {
            "The server shows another certificate than the one you trusted. Unless its owner confirms the new one, somebody may be listening. To trust it, sign in with --pin and its fingerprint."
        }
        C::TlsFailed => "The encryption with the server failed.",
        C::WrongPassword => {
            "The server does not accept this name and password. Check both, and sign in again with 'roost login'."
        }
        C::AccountRefused => "The server refuses this account. Ask the server's owner.",
        C::NoSafeMechanism => {
            "The server offers no safe way to sign in, so the password was not sent. Ask its owner to turn on SCRAM."
        }
        C::Conflict => "Another program signed in in our place.",
        C::Silent => "The server fell silent. Trying again.",
        C::Closed => "The server closed the connection.",
        C::StreamError => "The server objected to something and closed the connection.",
        C::Protocol => "What answers there does not speak XMPP. Check host and port.",
    }
}

/// Why a wish failed.
pub(crate) fn failure(code: FailureCodeView) -> &'static str {
    use FailureCodeView as C;
    match code {
        C::Forbidden => "You may not change this device. Ask its owner to let you.",
        C::ServerForbidsOverwrite => {
            "This device speaks an old protocol, and your server lets nobody but the device itself overwrite its values. It can be controlled on a Prosody server, or after an update of the device."
        }
        C::NotFound => "The device has no such value any more. Try 'roost show DEVICE'.",
        C::NotOffered => {
            "The server does not offer what this takes (PEP, XEP-0163). Ask its owner."
        }
        C::RefusedByDevice => "The device refused and reported another value.",
        C::DeviceDoesNotReport => {
            "The server took the wish, but this device speaks an old protocol and does not report what it did. Look at the device itself."
        }
        C::TimedOut => "The server did not answer in time.",
        C::ConnectionLost => "The connection was lost before the answer.",
        C::RateLimited => "The server asks us to slow down. Try again in a minute.",
        C::Superseded => "A newer wish took its place.",
        C::Protocol => "The answer made no sense.",
    }
}

/// What is wrong with a value.
pub(crate) fn problem(problem: ProblemCode) -> &'static str {
    use ProblemCode as C;
    match problem {
        C::Empty => "empty",
        C::TooLong => "too long",
        C::UnknownType => "of an unknown type",
        C::NotBool => "neither on nor off",
        C::NotNumber => "not a number",
        C::OutOfRange => "not a finite number",
        C::Unreadable => "not a value",
    }
}

/// What `roost set` says when the device did not report.
pub(crate) const UNCONFIRMED: &str = "The server took the wish, but the device did not report the value in time. It may still act; 'roost show DEVICE' tells.";
/// When there is no device that matches.
pub(crate) const NO_DEVICES: &str =
    "There are no devices on your list. Put one there with 'roost add JID'.";
/// When the sealed file is asked for without a passphrase.
pub(crate) const NO_PASSPHRASE: &str =
    "A sealed file needs a passphrase. Put it into ROOST_PASSPHRASE, or run this in a terminal.";
/// When a password is needed and nobody can be asked.
pub(crate) const NO_TERMINAL: &str = "There is no terminal to ask for the password. Give it with --password-stdin or in ROOST_PASSWORD.";
/// When sign-in takes too long.
pub(crate) const NO_ANSWER: &str = "The connection did not come about in time. Try again.";

/// The part of the help that tells about codes and variables.
pub(crate) const AFTER_HELP: &str = "\
Exit codes:
  0  done; for 'set': the device itself reported the value
  1  something else went wrong
  2  wrong usage
  3  the server or the device refused
  4  unconfirmed: the device did not report the value in time
  5  not connected, or the device is offline
  6  no such device or field, or not a valid value

Environment:
  ROOST_HOME        folder of settings, as --home
  ROOST_PASSWORD    password of the account, instead of the remembered one
  ROOST_PASSPHRASE  passphrase of the file of sealed passwords
  ROOST_LOG         detail of --log: error, warn, info, debug, trace

Devices are named by their name or JID, fields by their label, their variable or its last part.";
