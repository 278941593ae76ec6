//! Requests on their way to the session, with their ids.

use std::collections::VecDeque;

use roost_xmpp_proto::{Request, RequestId};

/// A queue that numbers what goes through it.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    next: u64,
    queue: VecDeque<(RequestId, Request)>,
}

impl Outbox {
    /// Puts a request in and returns its id.
    pub(crate) fn push(&mut self, request: Request) -> RequestId {
        let id = RequestId(self.next);
        self.next += 1;
        self.queue.push_back((id, request));
        id
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Takes the oldest out.
    pub(crate) fn pop(&mut self) -> Option<(RequestId, Request)> {
        self.queue.pop_front()
    }
}
