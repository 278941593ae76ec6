//! Those who are told what changes.
//!
//! All see the same messages with the same revisions. One that does not keep up is never waited
//! for: what it misses is replaced by a new snapshot as soon as it has room again.

use tokio::sync::mpsc::{self, error::TrySendError};

use crate::api::Event;

/// Those who are told, and how far they are.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    list: Vec<Subscriber>,
    rev: u32,
}

#[derive(Debug)]
struct Subscriber {
    name: Option<String>,
    events: mpsc::Sender<Event>,
    /// Missed something; the next it hears is a snapshot.
    is_behind: bool,
}

impl Subscribers {
    /// Adds one; it hears its snapshot at the next [`Subscribers::catch_up`]. One of the same name
    /// hears nothing more, and the end of its channel says so.
    pub(super) fn add(&mut self, name: Option<String>, events: mpsc::Sender<Event>) {
        self.list
            .retain(|subscriber| name.is_none() || subscriber.name != name);
        self.list.push(Subscriber {
            name,
            events,
            is_behind: true,
        });
    }

    /// Whether nobody listens, so that nothing need be told.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Tells all who are not behind.
    pub(super) fn tell(&mut self, event: impl FnOnce(u32) -> Event) {
        if self.list.is_empty() {
            return;
        }
        self.rev = self.rev.wrapping_add(1);
        let event = event(self.rev);
        self.list.retain_mut(|subscriber| {
            if subscriber.is_behind {
                return !subscriber.events.is_closed();
            }
            match subscriber.events.try_send(event.clone()) {
                Ok(()) => true,
                Err(TrySendError::Full(_)) => {
                    subscriber.is_behind = true;
                    true
                }
                Err(TrySendError::Closed(_)) => false,
            }
        });
    }

    /// Everything changed: all begin anew.
    pub(super) fn begin_anew(&mut self) {
        for subscriber in &mut self.list {
            subscriber.is_behind = true;
        }
    }

    /// Gives a snapshot to those who are behind and have room again. Whether some are behind
    /// still.
    pub(super) fn catch_up(&mut self, snapshot: impl Fn(u32) -> Event) -> bool {
        let rev = self.rev;
        self.list.retain_mut(|subscriber| {
            if !subscriber.is_behind {
                return true;
            }
            match subscriber.events.try_reserve() {
                Ok(permit) => {
                    permit.send(snapshot(rev));
                    subscriber.is_behind = false;
                    true
                }
                Err(TrySendError::Full(())) => true,
                Err(TrySendError::Closed(())) => false,
            }
        });
        self.list.iter().any(|subscriber| subscriber.is_behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::AccountView;

    fn delta(rev: u32) -> Event {
        let account = AccountView::default();
        Event::Account { rev, account }
    }

    /// Told apart from [`delta`] by its variant only.
    fn snapshot(rev: u32) -> Event {
        let devices = Vec::new();
        Event::Readings { rev, devices }
    }

    fn heard(inbox: &mut mpsc::Receiver<Event>) -> Vec<(char, u32)> {
        std::iter::from_fn(|| inbox.try_recv().ok())
            .map(|event| match event {
                Event::Account { rev, .. } => ('d', rev),
                other => ('s', other.rev()),
            })
            .collect()
    }

    #[test]
    fn one_who_is_slow_gets_a_snapshot_and_delays_nobody() {
        let mut all = Subscribers::default();
        all.tell(delta);
        let (quick, mut quick_inbox) = mpsc::channel(8);
        let (slow, mut slow_inbox) = mpsc::channel(2);
        all.add(None, quick);
        all.add(None, slow);
        assert!(!all.catch_up(snapshot));
        for _ in 0..3 {
            all.tell(delta);
        }
        assert!(all.catch_up(snapshot), "the slow one has no room yet");
        assert_eq!(
            heard(&mut quick_inbox),
            [('s', 0), ('d', 1), ('d', 2), ('d', 3)]
        );
        assert_eq!(heard(&mut slow_inbox), [('s', 0), ('d', 1)]);
        all.tell(delta);
        assert!(!all.catch_up(snapshot));
        all.tell(delta);
        assert_eq!(heard(&mut slow_inbox), [('s', 4), ('d', 5)]);
        assert_eq!(heard(&mut quick_inbox), [('d', 4), ('d', 5)]);
    }

    #[test]
    fn one_who_subscribes_again_is_told_once() {
        let mut all = Subscribers::default();
        let (first, mut first_inbox) = mpsc::channel(8);
        let (other, mut other_inbox) = mpsc::channel(8);
        all.add(Some("main".to_owned()), first);
        all.add(Some("second".to_owned()), other);
        assert!(!all.catch_up(snapshot));
        let (again, mut again_inbox) = mpsc::channel(8);
        all.add(Some("main".to_owned()), again);
        assert!(!all.catch_up(snapshot));
        all.tell(delta);
        assert_eq!(heard(&mut first_inbox), [('s', 0)]);
        let end = first_inbox.try_recv().unwrap_err();
        assert_eq!(end, mpsc::error::TryRecvError::Disconnected);
        assert_eq!(heard(&mut again_inbox), [('s', 0), ('d', 1)]);
        assert_eq!(heard(&mut other_inbox), [('s', 0), ('d', 1)]);
    }

    #[test]
    fn one_who_left_is_forgotten() {
        let mut all = Subscribers::default();
        let (gone, inbox) = mpsc::channel(1);
        all.add(None, gone);
        drop(inbox);
        assert!(!all.catch_up(snapshot));
        assert!(all.is_empty());
    }
}
