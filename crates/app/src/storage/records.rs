//! What is kept of settings and accounts.

use std::time::Duration;

use roost_model::jid::BareJid;
use roost_xmpp_proto::{Route, Trust};

/// Settings of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    language: Option<String>,
    theme: Option<String>,
    silence: Duration,
}

/// Which setting makes no sense: the name of its field in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SettingsProblem(pub(crate) &'static str);

impl Settings {
    /// Bounds of the silence, in seconds.
    const SILENCE: std::ops::RangeInclusive<u32> = 5..=600;

    pub(crate) fn new(
        language: Option<String>,
        theme: Option<String>,
        silence_seconds: u32,
    ) -> Result<Self, SettingsProblem> {
        let one_of = |value: &Option<String>, known: &[&str]| {
            value.as_deref().is_none_or(|it| known.contains(&it))
        };
        if !one_of(&language, &["en", "de"]) {
            return Err(SettingsProblem("language"));
        }
        if !one_of(&theme, &["light", "dark"]) {
            return Err(SettingsProblem("theme"));
        }
        if !Self::SILENCE.contains(&silence_seconds) {
            return Err(SettingsProblem("silenceSeconds"));
        }
        Ok(Self {
            language,
            theme,
            silence: Duration::from_secs(silence_seconds.into()),
        })
    }

    pub(crate) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    pub(crate) fn theme(&self) -> Option<&str> {
        self.theme.as_deref()
    }

    /// After how much silence a stream counts as lost.
    pub(crate) fn silence(&self) -> Duration {
        self.silence
    }

    /// The same in whole seconds.
    pub(crate) fn silence_seconds(&self) -> u32 {
        u32::try_from(self.silence.as_secs()).unwrap_or(u32::MAX)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: None,
            silence: Duration::from_secs(30),
        }
    }
}

/// An account as it is remembered: everything but the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountRecord {
    pub(crate) jid: BareJid,
    pub(crate) route: Route,
    pub(crate) trust: Trust,
    /// Whether its password is to be kept in the vault.
    pub(crate) remember: bool,
    /// Whether to sign in at the next start; not after a person signed out.
    pub(crate) stay: bool,
}
