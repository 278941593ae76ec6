//! The one task that owns the app's state.
//!
//! It waits for commands of user interfaces, for the link, for slow work it started (storage,
//! vault), and for time; hands each to the brain or to the account; and tells what changed. It
//! never waits for anything else: whatever may take long runs beside it and comes back as
//! [`Done`].
//!
//! Changes are coalesced in exactly one place, the brain's dirty set, which is emptied at most
//! every [`FLUSH_EVERY`]: a device that publishes a hundred times a second costs a user interface
//! twenty messages. What changed is written to disk at most every [`SAVE_EVERY`].

mod account;
mod answer;
mod credentials;
mod demo;
mod home;
mod show;
mod subscribers;
mod troubles;
mod unsaved;
mod vault;

use std::collections::VecDeque;
use std::time::Duration;

use roost_core::{Input, SavedDevice};
use roost_model::jid::BareJid;
use roost_model::{Instant, Now, Secret};
use roost_xmpp_proto::LinkEvent;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::api::{ApiError, ErrorCode, LogLine, VaultView};
use crate::ask::{Ask, Reply};
use crate::clock::Clock;
use crate::folder::Lock;
use crate::storage::{AccountRecord, Keeper, Settings, StoreProblem};
use crate::vault::{Vault, VaultProblem};

use home::Home;
use subscribers::Subscribers;
use troubles::Troubles;
use unsaved::Unsaved;

/// How often user interfaces are told what changed, at most.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// How often they are told of counters, at most.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// How often those who were too slow are given another chance.
const CATCH_UP_EVERY: Duration = Duration::from_millis(500);
/// How often devices are written to disk, at most.
const SAVE_EVERY: Duration = Duration::from_secs(2);
/// How many devices are written at a time; a large home is written in turns.
const SAVE_AT_ONCE: usize = 64;

/// The state of the app.
pub(crate) struct Task {
    clock: Clock,
    home: Home,
    account: Option<SignedIn>,
    settings: Settings,
    keeper: Keeper,
    vault: Vault,
    vault_view: VaultView,
    resource: String,
    subscribers: Subscribers,
    troubles: Troubles,
    /// Whether a person is looking, as far as user interfaces say.
    is_watched: bool,
    work: JoinSet<Done>,
    agenda: Agenda,
    unsaved: Unsaved,
    log: VecDeque<LogLine>,
    /// Held as long as the task runs, by an app that owns its folder.
    lock: Option<Lock>,
}

/// What the task begins with.
pub(crate) struct Beginning {
    pub(crate) keeper: Keeper,
    pub(crate) vault: Vault,
    pub(crate) settings: Settings,
    pub(crate) account: Option<AccountRecord>,
    pub(crate) devices: Vec<SavedDevice>,
    /// The password of that account, if something else than the vault knows it.
    pub(crate) password: Option<Secret>,
    pub(crate) resource_prefix: String,
    /// Something to be found in the diagnostics, such as a database that was set aside.
    pub(crate) remark: Option<String>,
    /// Held as long as the task runs, where it may write the folder.
    pub(crate) lock: Option<Lock>,
}

/// The account that is, was or will be signed in.
struct SignedIn {
    record: AccountRecord,
    /// Known once a person gave it or the vault did.
    password: Option<Secret>,
    /// The password is not in the vault yet, and belongs there if the server accepts it.
    is_to_be_kept: bool,
}

/// Slow work that is done.
enum Done {
    /// Nothing to be done about it.
    Nothing,
    /// An account was looked for on disk, to sign in with this password or the remembered one.
    Account {
        record: AccountRecord,
        password: Option<Secret>,
        reply: Reply<()>,
    },
    /// The vault looked for a password to sign in with.
    Password {
        record: AccountRecord,
        found: Result<Option<Secret>, VaultProblem>,
        /// Absent at the start, when nobody asked.
        reply: Option<Reply<()>>,
    },
    /// Something happened to the vault.
    Vault {
        view: VaultView,
        /// Whether passwords can be read now that could not before.
        is_opened: bool,
        /// Why a password was not kept.
        problem: Option<VaultProblem>,
    },
    /// Devices of an account were read from disk.
    Devices(BareJid, Result<Vec<SavedDevice>, StoreProblem>),
}

/// When to do what.
#[derive(Default)]
struct Agenda {
    flush_at: Option<Instant>,
    flushed: Instant,
    catch_up_at: Option<Instant>,
    count_at: Option<Instant>,
    counted: Instant,
    save_at: Option<Instant>,
}

impl Agenda {
    fn next(&self) -> Option<Instant> {
        let all = [self.flush_at, self.catch_up_at, self.count_at, self.save_at];
        all.into_iter().flatten().min()
    }
}

/// Takes an entry of the agenda if its time has come.
fn is_due(entry: &mut Option<Instant>, now: Now) -> bool {
    entry.take_if(|at| *at <= now.instant).is_some()
}

impl Task {
    /// `sign_in`: whether to sign in with what is remembered.
    pub(crate) fn new(beginning: Beginning, sign_in: bool) -> Self {
        let mut task = Self {
            clock: Clock::new(),
            home: Home::over_the_network(),
            account: None,
            settings: beginning.settings,
            keeper: beginning.keeper,
            vault: beginning.vault,
            vault_view: VaultView::Unknown,
            resource: format!("{}.{:06x}", beginning.resource_prefix, home::random() >> 40),
            subscribers: Subscribers::default(),
            troubles: Troubles::default(),
            is_watched: true,
            work: JoinSet::new(),
            agenda: Agenda::default(),
            unsaved: Unsaved::default(),
            log: VecDeque::new(),
            lock: beginning.lock,
        };
        let now = task.clock.now();
        if let Some(remark) = beginning.remark {
            task.note(remark, now);
        }
        if let Some(record) = beginning.account {
            task.begin(record, beginning.password, beginning.devices, now);
        }
        if sign_in {
            task.sign_in_again(now);
        }
        task.look_at_vault();
        task
    }

    /// Runs until a user interface asks for the end, or all of them are gone.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Ask>) {
        let farewell = loop {
            self.settle();
            let alarm = self.alarm();
            let moment = self.clock.moment(alarm.unwrap_or_default());
            tokio::select! {
                ask = inbox.recv() => match ask {
                    Some(Ask::Shutdown(reply)) => break Some(reply),
                    Some(ask) => self.answer(ask),
                    None => break None,
                },
                event = self.home.next() => self.hear(event),
                Some(done) = self.work.join_next() => match done {
                    Ok(done) => self.finish(done),
                    Err(error) => tracing::error!(%error, "work was not finished"),
                },
                () = sleep_until(moment), if alarm.is_some() => {}
            }
        };
        let result = self.close().await;
        if let Some(reply) = farewell {
            let _ = reply.send(result);
        }
    }

    /// Does what is due, and sees that nothing lies around.
    fn settle(&mut self) {
        let now = self.clock.now();
        if self
            .home
            .brain
            .poll_timeout()
            .is_some_and(|at| at <= now.instant)
        {
            self.home.brain.handle(Input::Timeout, now);
            self.touch(now);
        }
        self.home.send_effects();
        if is_due(&mut self.agenda.flush_at, now) {
            self.flush(now);
        }
        if is_due(&mut self.agenda.catch_up_at, now) {
            self.catch_up(now);
        }
        if is_due(&mut self.agenda.count_at, now) {
            self.tell_counters(now);
        }
        if is_due(&mut self.agenda.save_at, now) {
            self.save(now);
        }
    }

    fn alarm(&self) -> Option<Instant> {
        let brain = self.home.brain.poll_timeout();
        brain.into_iter().chain(self.agenda.next()).min()
    }

    /// Something may have changed: it is told soon, together with what else changes until then.
    fn touch(&mut self, now: Now) {
        let earliest = self.agenda.flushed + FLUSH_EVERY;
        let at = earliest.max(now.instant);
        self.agenda.flush_at.get_or_insert(at);
    }

    fn hear(&mut self, event: LinkEvent) {
        let now = self.clock.now();
        if let LinkEvent::State(state) = &event {
            self.note(show::line(state), now);
            if self.home.demo().is_none() {
                self.account_heard(state, now);
            }
        }
        self.home.brain.handle(Input::Link(event), now);
        self.touch(now);
    }

    fn finish(&mut self, done: Done) {
        let now = self.clock.now();
        match done {
            Done::Nothing => {}
            Done::Account {
                record,
                password,
                reply,
            } => self.sign_in_to(record, password, reply, now),
            Done::Password {
                record,
                found,
                reply,
            } => self.password_found(record, found, reply, now),
            Done::Vault {
                view,
                is_opened,
                problem,
            } => {
                self.vault_view = view;
                if let Some(problem) = problem {
                    self.password_not_kept(&problem, now);
                }
                self.tell_account();
                if is_opened {
                    self.sign_in_again(now);
                }
            }
            Done::Devices(account, Ok(devices)) => {
                if self.home.demo().is_none() {
                    let restored = Input::Restored { account, devices };
                    self.home.brain.handle(restored, now);
                    self.touch(now);
                }
            }
            // What was known is a convenience; the server tells it anew.
            Done::Devices(_, Err(problem)) => self.note(problem.to_string(), now),
        }
    }

    /// Writes the devices that waited longest.
    fn save(&mut self, now: Now) {
        let devices = self.unsaved.take(SAVE_AT_ONCE);
        let Some(account) = self.home.brain.account().cloned() else {
            return;
        };
        let mut present = Vec::new();
        let mut gone = Vec::new();
        for device in devices {
            match self.home.brain.saved(&device) {
                Some(saved) => present.push(saved),
                None => gone.push(device),
            }
        }
        let keeper = self.keeper.clone();
        self.work.spawn(async move {
            // A failure is in the log; the next change tries again.
            let _ = keeper
                .with(move |store| store.update_devices(&account, &present, &gone))
                .await;
            Done::Nothing
        });
        if !self.unsaved.is_empty() {
            self.agenda.save_at = Some(now.instant + SAVE_EVERY);
        }
    }

    async fn close(mut self) -> Result<(), ApiError> {
        let now = self.clock.now();
        self.flush(now);
        while !self.unsaved.is_empty() {
            self.save(now);
        }
        while self.work.join_next().await.is_some() {}
        self.home.close().await;
        // The database is closed when the last way to it is gone; this waits for what was asked.
        let written = self.keeper.with(|_| Ok(())).await;
        written.map_err(|problem| ApiError::with_detail(ErrorCode::Storage, problem))
    }
}
