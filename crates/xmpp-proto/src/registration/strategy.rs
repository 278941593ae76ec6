//! Which way to an account is tried next, and why those before did not serve.
//!
//! ```text
//!  Open ──▶ Invite ──▶ OwnSession ──▶ Existing
//! ```
//!
//! A refusal that another way may get around leads on. A name that cannot be had, or a server
//! that is away, is no reason to try another way: the same way is tried again, differently or
//! later. The last way, an account that somebody else made, is always left.

use std::time::Duration;

use super::RegistrationError;

/// A way to an account for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Register like anybody (XEP-0077).
    Open,
    /// Let the user's own session fetch an invite (XEP-0401), and register with it (XEP-0445).
    Invite,
    /// Let the user's own session register (ejabberd's `access_from`).
    OwnSession,
    /// The person has an account for it already, and types name and password.
    Existing,
}

/// A way that did not serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub way: Way,
    /// Why it did not serve.
    pub why: RegistrationError,
}

/// What to do after a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Try this way.
    Try(Way),
    /// The same way again, with another name.
    AnotherName,
    /// The same way again, when a person wants to.
    Again,
}

/// The order of ways, and what came of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strategy {
    /// Whether the user's own session is on the same server.
    is_own_server: bool,
    way: Way,
    tried: Vec<Tried>,
}

impl Strategy {
    /// Nothing tried yet. On a foreign server, our own session cannot help.
    pub fn new(is_own_server: bool) -> Self {
        Self {
            is_own_server,
            way: Way::Open,
            tried: Vec::new(),
        }
    }

    /// The way to try now.
    pub fn way(&self) -> Way {
        self.way
    }

    /// The ways that did not serve, in order, each with its reason.
    pub fn tried(&self) -> &[Tried] {
        &self.tried
    }

    /// How long to wait until the server may register like anybody again, if that was why it did
    /// not and it told.
    pub fn told_wait(&self) -> Option<Duration> {
        self.tried.iter().find_map(|tried| match tried.why {
            RegistrationError::TooFast { wait } => wait,
            _ => None,
        })
    }

    /// The way did not serve: what to do.
    pub fn failed(&mut self, why: RegistrationError) -> Advice {
        use RegistrationError as R;
        match why {
            R::NameTaken | R::BadName => return Advice::AnotherName,
            R::ServerDied { .. } | R::TimedOut { .. } | R::CaptchaWrong | R::NotAnswered => {
                return Advice::Again;
            }
            R::Disabled
            | R::InviteOnly
            | R::NoInvites
            | R::InviteRefused
            | R::ForbiddenHere
            | R::TooFast { .. }
            | R::FormUnknown
            | R::Elsewhere { .. }
            | R::Unexpected { .. } => {}
        }
        if self.way == Way::Existing {
            return Advice::Again;
        }
        let next = match self.way {
            Way::Open if self.is_own_server => Way::Invite,
            Way::Invite => Way::OwnSession,
            Way::Open | Way::OwnSession | Way::Existing => Way::Existing,
        };
        self.tried.push(Tried { way: self.way, why });
        self.way = next;
        Advice::Try(next)
    }

    /// Begins again from the first way, as a person may want after a wait.
    pub fn start_over(&mut self) {
        *self = Self::new(self.is_own_server);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RegistrationError as R;

    #[test]
    fn one_way_after_the_other() {
        let mut strategy = Strategy::new(true);
        let wait = Some(Duration::from_secs(600));
        let reasons = [R::TooFast { wait }, R::NoInvites, R::ForbiddenHere];
        let ways = [Way::Invite, Way::OwnSession, Way::Existing];
        for (why, way) in reasons.iter().zip(ways) {
            assert_eq!(strategy.failed(why.clone()), Advice::Try(way));
        }
        let told: Vec<_> = strategy
            .tried()
            .iter()
            .map(|tried| tried.why.clone())
            .collect();
        assert_eq!(told, reasons);
        assert_eq!(strategy.told_wait(), wait);
        assert_eq!(strategy.failed(R::Disabled), Advice::Again);
        assert_eq!(strategy.tried().len(), 3);
        strategy.start_over();
        assert_eq!((strategy.way(), strategy.tried().len()), (Way::Open, 0));
    }

    #[test]
    fn our_session_does_not_help_elsewhere() {
        let mut strategy = Strategy::new(false);
        assert_eq!(strategy.failed(R::Disabled), Advice::Try(Way::Existing));
    }

    #[test]
    fn what_another_way_does_not_mend() {
        let cases = [
            (R::NameTaken, Advice::AnotherName),
            (R::BadName, Advice::AnotherName),
            (R::CaptchaWrong, Advice::Again),
            (R::NotAnswered, Advice::Again),
            (R::TimedOut { perhaps_made: true }, Advice::Again),
        ];
        for (why, advice) in cases {
            let mut strategy = Strategy::new(true);
            assert_eq!(strategy.failed(why), advice);
            assert_eq!((strategy.way(), strategy.tried().len()), (Way::Open, 0));
        }
    }
}
