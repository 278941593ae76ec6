//! Which question goes out when.
//!
//! A server reads a client's stream slowly on purpose (10 kB a second on Prosody), and the stream
//! management below us holds a bounded number of stanzas. So at most [`limits::IN_FLIGHT`]
//! questions are under way; the others wait in two queues. What a person waits for goes ahead of
//! what a sign-in reads in bulk, and a few places in flight are kept free for it, so that a
//! thousand silent devices do not hold up one switch.

use std::collections::VecDeque;
use std::time::Duration;

use super::clock::StreamTime;
use super::question::{Addressee, Question};
use crate::{SendStage, SendToken, limits};

/// How many deadlines long a question may wait for its turn. Reading a home of 1,000 devices takes
/// more than six minutes on a server that reads 3 kB a second.
const PATIENCE: u32 = 60;

#[derive(Debug, Default)]
pub(super) struct Pipeline {
    urgent: VecDeque<Waiting>,
    bulk: VecDeque<Waiting>,
    /// In the order of their deadlines.
    in_flight: Vec<InFlight>,
}

#[derive(Debug)]
struct Waiting {
    question: Question,
    until: StreamTime,
}

/// A question that was sent.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) question: Question,
    pub(super) id: String,
    pub(super) asked: Addressee,
    pub(super) token: Option<SendToken>,
    pub(super) stage: Option<SendStage>,
    pub(super) deadline: StreamTime,
}

impl Pipeline {
    /// Whether no more questions of a brain should wait. The session's own are few.
    pub(super) fn is_full(&self) -> bool {
        self.urgent.len() + self.bulk.len() >= limits::WAITING
    }

    /// Lets a question wait for its turn.
    pub(super) fn push(&mut self, question: Question, now: StreamTime, deadline: Duration) {
        let queue = if question.is_urgent() {
            &mut self.urgent
        } else {
            &mut self.bulk
        };
        queue.push_back(Waiting {
            question,
            until: now.after(deadline * PATIENCE),
        });
    }

    /// The next question to send now, if there is a place for it.
    pub(super) fn next(&mut self) -> Option<Question> {
        let room = limits::IN_FLIGHT.saturating_sub(self.in_flight.len());
        let waiting = match room {
            0 => None,
            _ if !self.urgent.is_empty() => self.urgent.pop_front(),
            1..=limits::IN_FLIGHT_RESERVE => None,
            _ => self.bulk.pop_front(),
        };
        waiting.map(|waiting| waiting.question)
    }

    /// A question was sent.
    pub(super) fn sent(&mut self, question: InFlight) {
        self.in_flight.push(question);
    }

    /// Takes the question with this id out of flight, if its answer may be `from` there.
    pub(super) fn answered(
        &mut self,
        id: &str,
        is_asked: impl Fn(&Addressee) -> bool,
    ) -> Option<Question> {
        let index = self
            .in_flight
            .iter()
            .position(|asked| asked.id == id && is_asked(&asked.asked))?;
        Some(self.in_flight.remove(index).question)
    }

    /// The question in flight with this token.
    pub(super) fn by_token(&mut self, token: SendToken) -> Option<&mut InFlight> {
        self.in_flight
            .iter_mut()
            .find(|asked| asked.token == Some(token))
    }

    /// Takes one question whose time is over.
    pub(super) fn expired(&mut self, now: StreamTime) -> Option<Question> {
        if self
            .in_flight
            .first()
            .is_some_and(|asked| asked.deadline <= now)
        {
            return Some(self.in_flight.remove(0).question);
        }
        for queue in [&mut self.urgent, &mut self.bulk] {
            if queue.front().is_some_and(|waiting| waiting.until <= now) {
                return queue.pop_front().map(|waiting| waiting.question);
            }
        }
        None
    }

    /// When the next question's time is over.
    pub(super) fn next_expiry(&self) -> Option<StreamTime> {
        let waiting = [&self.urgent, &self.bulk]
            .into_iter()
            .filter_map(VecDeque::front);
        let in_flight = self.in_flight.first().map(|asked| asked.deadline);
        waiting.map(|waiting| waiting.until).chain(in_flight).min()
    }

    /// Takes everything, the oldest first.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Question> + use<> {
        let in_flight = std::mem::take(&mut self.in_flight)
            .into_iter()
            .map(|asked| asked.question);
        let urgent = std::mem::take(&mut self.urgent).into_iter();
        let bulk = std::mem::take(&mut self.bulk).into_iter();
        in_flight.chain(urgent.chain(bulk).map(|waiting| waiting.question))
    }
}
