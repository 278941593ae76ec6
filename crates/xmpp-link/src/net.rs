//! The real network as a transport: connects, resumes, reconnects.
//!
//! A phase at a time: idle (off, or failed for good), connecting, up, waiting to try again, or
//! saying goodbye. A stream that was cut is kept in `suspended` until the server resumes it or
//! refuses to; what is given to send meanwhile waits with it. Stanzas of a stream that is gone are
//! never sent on another one.

use std::collections::VecDeque;
use std::future::{self, Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jid::FullJid;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode, LinkState, Transmit};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::client::TlsStream;

use crate::LinkOptions;
use crate::attempt::{Attempt, Reached};
use crate::backoff::{Backoff, STEADY};
use crate::clock::wall_clock;
use crate::failure::failure;
use crate::secure::Hash;
use crate::stream::{End, Live, Management, Opened, Seat, Signal, slept};
use crate::transport::{Transport, TransportEvent, Wanted};

/// How many stanzas may wait before requests are refused. Only answers to what comes may exceed
/// it, and nothing is read while very many wait.
const ROOM: usize = 256;
/// How often an account that was online before must be refused in a row until we believe it:
/// servers that are just starting refuse what they accept a moment later.
const REFUSALS: u32 = 3;
/// How often a wait looks whether the machine was asleep.
const TICK: Duration = Duration::from_secs(5);

pub(crate) struct Net {
    options: LinkOptions,
    rng: ChaCha8Rng,
    backoff: Backoff,
    account: Option<Known>,
    phase: Phase,
    suspended: Option<Suspended>,
    /// Attempts since the last stream.
    attempt: u32,
    /// Refusals since the last stream.
    refusals: u32,
    told: VecDeque<TransportEvent>,
}

/// An account, and what we learnt about it.
struct Known {
    account: Arc<Account>,
    tls: Option<Arc<ClientConfig>>,
    floor: Option<Hash>,
    /// Whether a stream was up since we were told to connect.
    welcomed: bool,
}

enum Phase {
    /// Not wanted, or nothing but a person can help.
    Idle,
    Connecting(UnderWay),
    Up(Box<Up>),
    Waiting(Wait),
    /// Saying goodbye, on request.
    Closing(Goodbye),
}

type Goodbye = Pin<Box<dyn Future<Output = ()> + Send>>;
type UnderWay = Pin<Box<dyn Future<Output = Result<Reached, LinkFailure>> + Send>>;

struct Up {
    live: Live<TlsStream<TcpStream>>,
    since: Instant,
}

/// A stream that was cut and may be resumed.
struct Suspended {
    bound: FullJid,
    management: Management,
    unsent: VecDeque<Transmit>,
}

struct Wait {
    until: Instant,
}

impl Net {
    pub(crate) fn new(options: LinkOptions) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(options.jitter_seed);
        let backoff = Backoff::new(options.first_wait, options.longest_wait, rng.random());
        Self {
            options,
            rng,
            backoff,
            account: None,
            phase: Phase::Idle,
            suspended: None,
            attempt: 0,
            refusals: 0,
            told: VecDeque::new(),
        }
    }

    /// Tells a state, and that the stream is gone if there was one.
    fn tell(&mut self, state: LinkState, had_stream: bool) {
        self.told.push_back(if had_stream {
            TransportEvent::Down {
                resumable: self.suspended.is_some(),
                state,
            }
        } else {
            TransportEvent::State(state)
        });
    }

    /// Lets go of the stream, if there is one: tells whether there was, and how to leave it.
    fn let_go(&mut self) -> (bool, Option<Goodbye>) {
        let was_suspended = self.suspended.take().is_some();
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Up(up) => (true, Some(Box::pin(up.live.close()))),
            Phase::Closing(goodbye) => (true, Some(goodbye)),
            Phase::Idle | Phase::Connecting(_) | Phase::Waiting(_) => (was_suspended, None),
        }
    }

    fn try_now(&mut self, had_stream: bool) {
        let Some(known) = &self.account else {
            return;
        };
        self.attempt = self.attempt.saturating_add(1);
        let attempt = Attempt {
            account: Arc::clone(&known.account),
            tls: known.tls.clone(),
            floor: known.floor,
            resume: self
                .suspended
                .as_ref()
                .and_then(|suspended| suspended.management.resumption()),
            deadline: self.options.attempt_deadline,
            name_server: self.options.name_server,
            rng: ChaCha8Rng::seed_from_u64(self.rng.random()),
        };
        self.phase = Phase::Connecting(Box::pin(attempt.run()));
        let attempt = self.attempt;
        self.tell(LinkState::Connecting { attempt }, had_stream);
    }

    fn reached(&mut self, result: Result<Reached, LinkFailure>) {
        let reached = match result {
            Ok(reached) => reached,
            Err(cause) => return self.try_later(cause, false),
        };
        if let Some(known) = &mut self.account {
            known.tls = Some(reached.tls);
            known.floor = known.floor.max(Some(reached.opened.hash));
            known.welcomed = true;
        }
        let silence = self
            .account
            .as_ref()
            .map_or(Duration::MAX, |known| known.account.silence);
        let Opened {
            xml,
            seat,
            early,
            security,
            takes_client_state,
            ..
        } = reached.opened;
        let suspended = self.suspended.take();
        let (mut live, resumed) = match (seat, suspended) {
            (Seat::New { bound, management }, _) => {
                (Live::new(xml, bound, management, silence), false)
            }
            (Seat::Resumed { handled }, Some(mut suspended)) => {
                let (reports, again) = match suspended.management.resumed(handled) {
                    Ok(resumed) => resumed,
                    Err(error) => {
                        let cause = failure(LinkFailureCode::Protocol, error.to_string());
                        return self.try_later(cause, true);
                    }
                };
                let management = Some(suspended.management);
                let mut live = Live::new(xml, suspended.bound, management, silence);
                live.report(reports);
                for transmit in again.into_iter().chain(suspended.unsent) {
                    live.send(transmit);
                }
                (live, true)
            }
            (Seat::Resumed { .. }, None) => {
                let cause = failure(LinkFailureCode::Protocol, "resumed what was not asked for");
                return self.try_later(cause, false);
            }
        };
        live.came_early(early);
        live.takes_client_state(takes_client_state);
        self.told.push_back(TransportEvent::Up {
            bound: live.bound().clone(),
            resumed,
            security: format!("{security}, {}", reached.route),
        });
        self.attempt = 0;
        self.refusals = 0;
        self.phase = Phase::Up(Box::new(Up {
            live,
            since: Instant::now(),
        }));
    }

    fn ended(&mut self, end: End) {
        let Phase::Up(up) = std::mem::replace(&mut self.phase, Phase::Idle) else {
            return;
        };
        if up.since.elapsed() >= STEADY {
            self.backoff.reset();
        }
        let (bound, management, unsent) = up.live.into_remains();
        self.suspended = management
            .filter(|management| end.resumable && management.resumption().is_some())
            .map(|management| Suspended {
                bound,
                management,
                unsent,
            });
        self.try_later(end.failure, true);
    }

    fn try_later(&mut self, cause: LinkFailure, had_stream: bool) {
        tracing::info!(code = ?cause.code, detail = cause.detail, "no stream");
        if self.is_final(&cause) {
            let had_stream = self.suspended.take().is_some() || had_stream;
            self.phase = Phase::Idle;
            return self.tell(LinkState::Failed { cause }, had_stream);
        }
        let wait = self.backoff.next();
        let state = LinkState::Waiting {
            cause,
            retry_at: wall_clock() + wait,
            attempt: self.attempt,
        };
        self.phase = Phase::Waiting(Wait {
            until: Instant::now() + wait,
        });
        self.tell(state, had_stream);
    }

    fn is_final(&mut self, cause: &LinkFailure) -> bool {
        use LinkFailureCode as C;
        let welcomed = self.account.as_ref().is_some_and(|known| known.welcomed);
        let may_pass = matches!(
            cause.code,
            C::NoTls | C::WrongPassword | C::AccountRefused | C::NoSafeMechanism
        );
        if welcomed && may_pass {
            self.refusals += 1;
            self.refusals >= REFUSALS
        } else {
            cause.code.is_fatal()
        }
    }
}

impl Transport for Net {
    fn connect(&mut self, account: Account) {
        let known = self.account.as_ref().map(|known| &*known.account);
        let is_under_way = matches!(self.phase, Phase::Up(_) | Phase::Connecting(_));
        if known == Some(&account) && is_under_way {
            return;
        }
        let floor = self
            .account
            .take()
            .filter(|known| known.account.jid == account.jid)
            .and_then(|known| known.floor);
        self.account = Some(Known {
            account: Arc::new(account),
            tls: None,
            floor,
            welcomed: false,
        });
        let (had_stream, goodbye) = self.let_go();
        if let Some(goodbye) = goodbye {
            tokio::spawn(goodbye);
        }
        self.backoff.reset();
        self.attempt = 0;
        self.refusals = 0;
        self.try_now(had_stream);
    }

    fn disconnect(&mut self) {
        self.account = None;
        match self.let_go() {
            (_, Some(goodbye)) => self.phase = Phase::Closing(goodbye),
            (had_stream, None) => self.tell(LinkState::Off, had_stream),
        }
    }

    fn retry_now(&mut self) {
        match &mut self.phase {
            Phase::Up(up) => up.live.doubt(),
            Phase::Connecting(_) | Phase::Closing(_) => {}
            Phase::Idle | Phase::Waiting(_) => self.try_now(false),
        }
    }

    fn set_silence(&mut self, silence: Duration) {
        if let Some(known) = &mut self.account {
            // Kept with the account, or connecting to it again would begin a new stream.
            Arc::make_mut(&mut known.account).silence = silence;
        }
        if let Phase::Up(up) = &mut self.phase {
            up.live.set_silence(silence);
        }
    }

    fn send(&mut self, transmit: Transmit) {
        if let Phase::Up(up) = &mut self.phase {
            up.live.send(transmit);
        } else if let Some(suspended) = &mut self.suspended {
            suspended.unsent.push_back(transmit);
        }
    }

    fn send_client_state(&mut self, is_active: bool) {
        if let Phase::Up(up) = &mut self.phase {
            up.live.send_client_state(is_active);
        }
    }

    fn has_room(&self) -> bool {
        let waiting = match (&self.phase, &self.suspended) {
            (Phase::Up(up), _) => up.live.unsent(),
            (_, Some(suspended)) => suspended.unsent.len(),
            (_, None) => 0,
        };
        waiting < ROOM
    }

    async fn next(&mut self, wanted: Wanted) -> TransportEvent {
        loop {
            if let Some(event) = self.told.pop_front() {
                return event;
            }
            match &mut self.phase {
                Phase::Idle => future::pending().await,
                Phase::Connecting(attempt) => {
                    let result = attempt.await;
                    self.reached(result);
                }
                Phase::Up(up) => match poll_fn(|cx| up.live.poll_next(cx, wanted)).await {
                    Signal::Stanza(stanza) => return TransportEvent::Stanza(stanza),
                    Signal::Report(report) => return TransportEvent::Report(report),
                    Signal::End(end) => self.ended(end),
                },
                Phase::Waiting(wait) => {
                    wait.over().await;
                    self.try_now(false);
                }
                Phase::Closing(goodbye) => {
                    goodbye.await;
                    self.phase = Phase::Idle;
                    self.tell(LinkState::Off, true);
                }
            }
        }
    }

    async fn close(mut self) {
        if let (_, Some(goodbye)) = self.let_go() {
            goodbye.await;
        }
    }
}

impl Wait {
    /// Returns when the wait is over, or earlier if the machine slept meanwhile.
    async fn over(&mut self) {
        loop {
            let now = Instant::now();
            if now >= self.until {
                return;
            }
            let before = (now.into_std(), SystemTime::now());
            sleep_until(self.until.min(now + TICK)).await;
            if slept(before, (Instant::now().into_std(), SystemTime::now())) {
                return;
            }
        }
    }
}
