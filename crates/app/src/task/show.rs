//! Telling user interfaces what changed.

use std::collections::BTreeSet;

use roost_core::{Change, LinkStatus};
use roost_model::{DeviceId, IntentId, Now};
use roost_xmpp_proto::{LinkFailure, LinkState};

use super::{CATCH_UP_EVERY, COUNT_EVERY, SAVE_EVERY, Task};
use crate::api::{AccountView, DiagnosticsView, Event, LogLine};
use crate::project;

/// Lines of the link's log that are kept.
const LOG_LINES: usize = 50;

/// What changed since the last flush, sorted by the messages it becomes.
#[derive(Default)]
struct News {
    link: bool,
    counters: bool,
    devices: BTreeSet<DeviceId>,
    gone: BTreeSet<DeviceId>,
    readings: Vec<crate::api::DeviceReadings>,
    intents: BTreeSet<IntentId>,
    forgotten: Vec<u32>,
}

impl Task {
    /// Tells everything that changed.
    pub(super) fn flush(&mut self, now: Now) {
        self.agenda.flush_at = None;
        self.agenda.flushed = now.instant;
        let news = self.take_news(now);
        let counts = news.counters || news.link;
        if !self.subscribers.is_empty() {
            self.tell_news(news);
        }
        if counts {
            let at = (self.agenda.counted + COUNT_EVERY).max(now.instant);
            self.agenda.count_at.get_or_insert(at);
        }
        if !self.unsaved.is_empty() {
            self.agenda.save_at.get_or_insert(now.instant + SAVE_EVERY);
        }
        self.catch_up(now);
    }

    /// Takes the changes out of the brain, with the readings as they are now.
    fn take_news(&mut self, now: Now) -> News {
        let mut news = News::default();
        while let Some(change) = self.home.brain.poll_change() {
            if let Change::Device(id) | Change::DeviceGone(id) | Change::Readings { device: id, .. } =
                &change
                && self.home.demo().is_none()
            {
                self.unsaved.add(id);
            }
            match change {
                Change::Link => news.link = true,
                Change::Counters => news.counters = true,
                Change::Device(id) => drop(news.devices.insert(id)),
                Change::DeviceGone(id) => drop(news.gone.insert(id)),
                Change::Readings { device, items } => {
                    if let Some(device) = self.home.brain.device(&device) {
                        news.readings.push(project::readings(device, &items));
                    }
                }
                Change::Intent(id) => drop(news.intents.insert(id)),
                Change::RosterRefused(refusal) => self.roster_refused(refusal, now),
                Change::IntentForgotten(id) => news.forgotten.push(id.0),
            }
        }
        news
    }

    fn tell_news(&mut self, news: News) {
        if news.link {
            self.tell_account();
        }
        let brain = &self.home.brain;
        let mut removed: Vec<_> = news.gone.iter().map(ToString::to_string).collect();
        let mut upserts = Vec::new();
        for id in &news.devices {
            match brain.device(id) {
                Some(device) => upserts.push(project::device(device)),
                None => removed.push(id.to_string()),
            }
        }
        if !upserts.is_empty() || !removed.is_empty() {
            self.subscribers.tell(|rev| Event::Devices {
                rev,
                upserts,
                removed,
            });
        }
        if !news.readings.is_empty() {
            let devices = news.readings;
            self.subscribers
                .tell(|rev| Event::Readings { rev, devices });
        }
        let intents = news.intents.iter().filter_map(|id| brain.intent(*id));
        let upserts: Vec<_> = intents.map(project::intent).collect();
        if !upserts.is_empty() || !news.forgotten.is_empty() {
            let removed = news.forgotten;
            self.subscribers.tell(|rev| Event::Intents {
                rev,
                upserts,
                removed,
            });
        }
    }

    pub(super) fn tell_account(&mut self) {
        let account = self.account_view();
        self.subscribers.tell(|rev| Event::Account { rev, account });
    }

    pub(super) fn tell_settings(&mut self) {
        let settings = project::settings(&self.settings);
        self.subscribers
            .tell(|rev| Event::Settings { rev, settings });
    }

    pub(super) fn tell_counters(&mut self, now: Now) {
        self.agenda.counted = now.instant;
        if self.subscribers.is_empty() {
            return;
        }
        let diagnostics = self.diagnostics_view();
        self.subscribers
            .tell(|rev| Event::Diagnostics { rev, diagnostics });
    }

    /// Gives a snapshot to those who need one.
    pub(super) fn catch_up(&mut self, now: Now) {
        let account = self.account_view();
        let troubles = self.troubles.all();
        let brain = &self.home.brain;
        let settings = &self.settings;
        let some_are_behind = self.subscribers.catch_up(|rev| Event::Snapshot {
            rev,
            account: account.clone(),
            settings: project::settings(settings),
            devices: brain.devices().map(project::device).collect(),
            intents: brain.intents().map(project::intent).collect(),
            troubles: troubles.clone(),
        });
        if some_are_behind {
            let at = now.instant + CATCH_UP_EVERY;
            self.agenda.catch_up_at.get_or_insert(at);
        }
    }

    pub(super) fn diagnostics_view(&self) -> DiagnosticsView {
        project::diagnostics(self.home.brain.counters(), self.log.iter().cloned())
    }

    fn account_view(&self) -> AccountView {
        AccountView {
            jid: self.shown_account(),
            demo: self.home.demo().is_some(),
            link: project::link(self.home.brain.link()),
            vault: self.vault_view,
        }
    }

    fn shown_account(&self) -> Option<String> {
        match self.home.demo() {
            Some(_) => self.home.brain.account().map(ToString::to_string),
            None => self.account.as_ref().map(|it| it.record.jid.to_string()),
        }
    }

    /// Adds a line to what the diagnostics show. No secrets, no foreign text of any length.
    pub(super) fn note(&mut self, text: String, now: Now) {
        tracing::info!("{text}");
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(LogLine {
            at: project::time(now.wall),
            text,
        });
    }

    /// What the link is doing.
    pub(super) fn link_status(&self) -> &LinkStatus {
        self.home.brain.link()
    }
}

/// A state of the link as a line of the log.
pub(super) fn line(state: &LinkState) -> String {
    let why = |cause: &LinkFailure| match &cause.detail {
        Some(detail) => format!("{:?}: {detail}", cause.code),
        None => format!("{:?}", cause.code),
    };
    match state {
        LinkState::Off => "signed out".to_owned(),
        LinkState::Connecting { attempt } => format!("connecting, attempt {attempt}"),
        LinkState::Online { bound, security } => format!("online as {bound}; {security}"),
        LinkState::Waiting { cause, attempt, .. } => {
            format!("attempt {attempt} failed: {}", why(cause))
        }
        LinkState::Failed { cause } => format!("gave up: {}", why(cause)),
    }
}
