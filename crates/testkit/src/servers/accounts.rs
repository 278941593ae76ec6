//! Who gets an account on a server, as each of the two servers is told.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Who gets an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accounts {
    /// As on a server that is meant for devices. Prosody: who brings an invite, of which only the
    /// administrator makes some. ejabberd: whoever is on this machine, one in 10 s, and whom
    /// Juliet registers.
    #[default]
    Usual,
    /// Whoever asks.
    Open,
    /// Who brings an invite, which any user can make. Only Prosody has invites; ejabberd is closed.
    Invited,
    /// Whom the administrator makes one.
    Closed,
    /// Whoever asks, but not from this machine.
    Elsewhere,
    /// Whoever asks, one in 600 s; on ejabberd also whom Juliet registers.
    Throttled,
    /// Who can read a picture. Only ejabberd draws any; Prosody is open.
    Captcha,
}

/// Holds what is written on the last picture.
pub(super) const CAPTCHA_TEXT: &str = "captcha.txt";
const CAPTCHA_SCRIPT: &str = "captcha.sh";

/// A white picture of one pixel: who tests knows the text already.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\
    \0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDAT\x78\xda\x63\xf8\x0f\0\x01\x01\x01\0\x1c\xb0\x8c\x99\
    \0\0\0\0IEND\xae\x42\x60\x82";

impl Accounts {
    pub(super) fn prosody_modules(self) -> &'static str {
        match self {
            Accounts::Usual | Accounts::Invited => {
                r#""invites"; "invites_adhoc"; "invites_register";"#
            }
            Accounts::Closed => "",
            Accounts::Open | Accounts::Elsewhere | Accounts::Throttled | Accounts::Captcha => {
                r#""register_ibr";"#
            }
        }
    }

    pub(super) fn prosody_options(self) -> &'static str {
        match self {
            Accounts::Usual => {
                "  registration_invite_only = true\n  \
                 allow_user_invites_by_roles = { \"iot:controller\" }"
            }
            Accounts::Invited => "  registration_invite_only = true\n  allow_user_invites = true",
            Accounts::Elsewhere => {
                "  allowlist_registration_only = true\n  \
                 registration_allowlist = { \"192.0.2.1\" }"
            }
            // Loopback is on the list of those who need not wait.
            Accounts::Throttled => {
                "  min_seconds_between_registrations = 600\n  registration_allowlist = {}"
            }
            Accounts::Open | Accounts::Closed | Accounts::Captcha => "",
        }
    }

    pub(super) fn ejabberd_timeout(self) -> &'static str {
        match self {
            Accounts::Usual => "10",
            Accounts::Throttled => "600",
            _ => "infinity",
        }
    }

    /// The module's line, and whatever belongs to the top of the file.
    pub(super) fn ejabberd_module(self, folder: &Path) -> String {
        let module = |options: &str| format!("  mod_register: {{ {options} }}");
        match self {
            Accounts::Usual | Accounts::Throttled => {
                module("ip_access: register_ip, access_from: register_from")
            }
            Accounts::Open => module("ip_access: register_ip"),
            Accounts::Elsewhere => module("ip_access: register_elsewhere"),
            Accounts::Captcha => format!(
                "{}\ncaptcha_cmd: \"{}\"",
                module("ip_access: register_ip, captcha_protected: true"),
                folder.join(CAPTCHA_SCRIPT).display()
            ),
            Accounts::Closed | Accounts::Invited => String::new(),
        }
    }

    /// A script that draws a picture, and notes what it should show.
    pub(super) fn write_captcha(self, folder: &Path) -> io::Result<()> {
        if self != Accounts::Captcha {
            return Ok(());
        }
        let picture = folder.join("captcha.png");
        fs::write(&picture, PICTURE)?;
        let script = folder.join(CAPTCHA_SCRIPT);
        let text = folder.join(CAPTCHA_TEXT);
        let lines = format!(
            "#!/bin/sh\nprintf %s \"$1\" >'{}'\nexec cat '{}'\n",
            text.display(),
            picture.display()
        );
        fs::write(&script, lines)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
    }
}
