//! Plays a script against a controller.
//!
//! Each line begins with who speaks; a `#` begins a remark.
//!
//! ```text
//! given lamp roost                     signed in, lamp read and shown; nothing left to say
//! do   set lamp power 1                a person; followed by `-> refusal` if it is refused
//! in   lamp reports actuators power=1  the world
//! wait 10s                             time goes by, and timeouts with it
//! out  publish lamp actuators …        what the link is told
//! out  reads lamp                      the same for all that it takes to read a device in full
//! in   subscribed lamp                 the answers to the subscriptions of that
//! see  lamp power=1 live               what changed, as it is to be shown now
//! ```
//!
//! What `do`, `in` and `wait` bring about must be told in full and in order before the next of
//! them. Accounts are called by their user part; `T` stands for the token of the last request.

mod cast;
mod hear;
mod say;

use std::time::Duration;

use roost_core::{Controller, Effect, Input};
use roost_model::{Instant, Now, Timestamp};
use roost_xmpp_proto::RequestId;

pub(crate) use cast::{bare, device, form, item_id};

const NODES: [&str; 3] = ["sensors", "actuators", "ui"];

/// Plays the script; panics with the line at which it goes wrong.
pub(crate) fn play(script: &str) {
    let mut stage = Stage::new();
    for (number, line) in script.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            stage.line(&format!("line {number}: {line}"), line);
        }
    }
    stage.nothing_unread("the end");
}

pub(crate) struct Stage {
    pub(crate) home: Controller,
    pub(crate) now: Now,
    pending: Vec<(RequestId, String)>,
    token: String,
    out: Vec<String>,
    see: Vec<String>,
    dropped: u32,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            home: Controller::new(7),
            now: Now {
                instant: Instant(1_000),
                wall: Timestamp(1_000_000),
            },
            pending: Vec::new(),
            token: String::new(),
            out: Vec::new(),
            see: Vec::new(),
            dropped: 0,
        }
    }

    pub(crate) fn line(&mut self, place: &str, line: &str) {
        let (who, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match who {
            "out" => match rest.strip_prefix("reads ") {
                Some(name) => {
                    for node in NODES {
                        self.expect_out(place, &format!("subscribe {name} {node}"));
                        self.expect_out(place, &format!("fetch {name} {node}"));
                    }
                }
                None => self.expect_out(place, rest),
            },
            "see" => {
                let seen = first(&mut self.see);
                assert_eq!(seen, rest, "{place}\nthen: {:#?}", self.see);
            }
            "given" => self.given(rest),
            "do" | "in" | "wait" => {
                self.nothing_unread(place);
                match who {
                    "do" => self.command(rest),
                    "in" => self.world(rest),
                    _ => self.wait(rest),
                }
                self.listen();
            }
            _ => panic!("{place}: nobody is called {who}"),
        }
    }

    fn expect_out(&mut self, place: &str, expected: &str) {
        let said = first(&mut self.out);
        assert_eq!(said, expected, "{place}\nthen: {:#?}", self.out);
    }

    /// Plays lines of which only what they lead to matters.
    pub(crate) fn quietly<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        for line in lines {
            self.line(line.as_ref(), line.as_ref());
            self.forget_all();
        }
    }

    pub(crate) fn nothing_unread(&self, place: &str) {
        let unread = (&self.out, &self.see);
        assert!(
            unread.0.is_empty() && unread.1.is_empty(),
            "unread at {place}: {unread:#?}"
        );
    }

    /// Hears all that is to be said.
    pub(crate) fn listen(&mut self) {
        while let Some(Effect::Link(command)) = self.home.poll_effect() {
            let said = self.effect(command);
            self.out.push(said);
        }
        while let Some(change) = self.home.poll_change() {
            if let Some(said) = self.change(change) {
                self.see.push(said);
            }
        }
    }

    pub(crate) fn forget_all(&mut self) {
        self.listen();
        self.out.clear();
        self.see.clear();
    }

    /// A home with one device that was read and is there.
    fn given(&mut self, rest: &str) {
        let (name, profile) = rest.split_once(' ').unwrap_or((rest, "roost"));
        let lines = [
            "do sign-in".to_owned(),
            "in state online".to_owned(),
            "in online".to_owned(),
            format!("in roster {name}:seen"),
            format!("in answer fetch {name} ui form"),
            format!("in {name}/a comes"),
            format!("in {name}/a features {profile}"),
            format!("in subscribed {name}"),
            format!("in answer fetch {name} sensors items temp=21.5"),
            format!("in answer fetch {name} actuators items power=0 level=3"),
            format!("in answer fetch {name} ui form"),
        ];
        self.quietly(lines);
    }

    fn wait(&mut self, rest: &str) {
        let millis = match rest.strip_suffix("ms") {
            Some(millis) => millis.parse::<u64>().unwrap(),
            None => rest.strip_suffix('s').unwrap().parse::<u64>().unwrap() * 1_000,
        };
        let end = self.now + Duration::from_millis(millis);
        while let Some(at) = self.home.poll_timeout().filter(|at| *at <= end.instant) {
            self.now = self.now + at.since(self.now.instant);
            self.home.handle(Input::Timeout, self.now);
        }
        self.now = end;
    }
}

fn first(said: &mut Vec<String>) -> String {
    if said.is_empty() {
        "nothing".to_owned()
    } else {
        said.remove(0)
    }
}
