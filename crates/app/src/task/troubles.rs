//! What went wrong while nobody waited for it, until a person has seen it.

use std::collections::VecDeque;

use roost_core::{RosterRefusal, RosterWish};
use roost_model::Now;

use super::Task;
use crate::api::{Event, TroubleCode, TroubleView, TroubledDevice};
use crate::project;
use crate::vault::VaultProblem;

/// The newest troubles, oldest first.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    unseen: VecDeque<TroubleView>,
    last: u32,
}

impl Troubles {
    pub(super) fn all(&self) -> Vec<TroubleView> {
        self.unseen.iter().cloned().collect()
    }

    /// Adds one under a number of its own. Of two that say the same the newer counts.
    fn add(&mut self, mut trouble: TroubleView) {
        self.last = self.last.wrapping_add(1);
        trouble.id = self.last;
        self.unseen
            .retain(|it| it.code != trouble.code || it.device != trouble.device);
        if self.unseen.len() == Event::TROUBLES {
            self.unseen.pop_front();
        }
        self.unseen.push_back(trouble);
    }

    /// Whether there was one of this number.
    fn dismiss(&mut self, id: u32) -> bool {
        let before = self.unseen.len();
        self.unseen.retain(|it| it.id != id);
        before > self.unseen.len()
    }
}

impl Task {
    /// That there is no place for passwords at all is no news: the account says so.
    pub(super) fn password_not_kept(&mut self, problem: &VaultProblem, now: Now) {
        self.note(format!("the password is not remembered: {problem}"), now);
        if matches!(problem, VaultProblem::Nowhere) {
            return;
        }
        let trouble = trouble(TroubleCode::PasswordNotKept, now);
        self.add_trouble(TroubleView {
            detail: Some(problem.to_string()),
            ..trouble
        });
    }

    pub(super) fn roster_refused(&mut self, refusal: RosterRefusal, now: Now) {
        let RosterRefusal {
            device,
            wish,
            failure,
        } = refusal;
        let code = match wish {
            RosterWish::Add => TroubleCode::NotAdded,
            RosterWish::Rename => TroubleCode::NotRenamed,
            RosterWish::Move => TroubleCode::NotMoved,
            RosterWish::Remove => TroubleCode::NotRemoved,
        };
        self.note(format!("the roster: {code:?}, {:?}", failure.code), now);
        let known = self.home.brain.device(&device);
        let name = known.map_or_else(|| device.to_string(), |it| it.name().to_owned());
        let id = device.to_string();
        self.add_trouble(TroubleView {
            device: Some(TroubledDevice { id, name }),
            failure: Some(project::failure_code(failure.code)),
            detail: failure.detail,
            ..trouble(code, now)
        });
    }

    pub(super) fn dismiss_trouble(&mut self, id: u32) {
        if self.troubles.dismiss(id) {
            self.tell_troubles();
        }
    }

    fn add_trouble(&mut self, trouble: TroubleView) {
        self.troubles.add(trouble);
        self.tell_troubles();
    }

    fn tell_troubles(&mut self) {
        let troubles = self.troubles.all();
        self.subscribers
            .tell(|rev| Event::Troubles { rev, troubles });
    }
}

fn trouble(code: TroubleCode, now: Now) -> TroubleView {
    TroubleView {
        id: 0,
        at: project::time(now.wall),
        code,
        device: None,
        failure: None,
        detail: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_until_they_are_seen() {
        let mut troubles = Troubles::default();
        let of = |name: &str| {
            let (id, name) = (name.to_owned(), name.to_owned());
            TroubleView {
                device: Some(TroubledDevice { id, name }),
                ..trouble(TroubleCode::NotMoved, Now::default())
            }
        };
        for n in 0..=Event::TROUBLES {
            troubles.add(of(&n.to_string()));
        }
        troubles.add(of("3"));
        let named: Vec<_> = troubles
            .all()
            .iter()
            .map(|it| (it.id, it.device.as_ref().unwrap().name.clone()))
            .collect();
        assert_eq!(named.len(), Event::TROUBLES);
        assert_eq!(named.first(), Some(&(2, "1".to_owned())));
        assert_eq!(named.last(), Some(&(10, "3".to_owned())));
        assert!(troubles.dismiss(10));
        assert!(!troubles.dismiss(10));
        assert_eq!(troubles.all().len(), Event::TROUBLES - 1);
    }
}
