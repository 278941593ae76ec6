//! The resources of a device that are there, and what they make of the device.

use roost_model::{Availability, Profile, Show, Timestamp};

/// Resources kept per device. A device has one, or two while an old stream times out.
const MAX_RESOURCES: usize = 16;

/// Presence of a device, by resource.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    there: Vec<Resource>,
    /// When the last one left, where we heard of it.
    left: Option<Left>,
}

#[derive(Debug)]
struct Resource {
    name: String,
    show: Show,
    roost: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    since: Option<Timestamp>,
}

/// What a presence stanza meant for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing that matters to anybody.
    Nothing,
    /// It came, after it had been away or unknown; or a new resource of it did.
    Came {
        /// Whether it is known that it was away.
        was_away: bool,
    },
    /// It is there as before, but says something else of itself.
    Changed,
    /// Its last resource left.
    Left,
}

impl Resources {
    /// What all of them together say.
    pub(crate) fn availability(&self) -> Availability {
        let show = self
            .there
            .iter()
            .map(|r| r.show)
            .min_by_key(|s| sleepiness(*s));
        match (show, self.left) {
            (Some(show), _) => Availability::Online { show },
            (None, Some(left)) => Availability::Offline { since: left.since },
            (None, None) => Availability::Unknown,
        }
    }

    /// A resource came or changed.
    pub(crate) fn available(&mut self, name: &str, show: Show) -> Heard {
        if let Some(resource) = self.there.iter_mut().find(|r| r.name == name) {
            let before = std::mem::replace(&mut resource.show, show);
            return if before == show {
                Heard::Nothing
            } else {
                Heard::Changed
            };
        }
        if self.there.len() >= MAX_RESOURCES {
            return Heard::Nothing;
        }
        // A second resource while the first is there is a device that restarted faster than its
        // old stream timed out; what it said before may be gone as well.
        let was_away = self.left.take().is_some() || !self.there.is_empty();
        self.there.push(Resource {
            name: name.to_owned(),
            show,
            roost: None,
        });
        Heard::Came { was_away }
    }

    /// A resource left; an empty name means all.
    pub(crate) fn unavailable(&mut self, name: &str, now: Timestamp) -> Heard {
        let before = self.there.len();
        self.there.retain(|r| !name.is_empty() && r.name != name);
        if before > 0 && !self.there.is_empty() {
            return if before == self.there.len() {
                Heard::Nothing
            } else {
                Heard::Changed
            };
        }
        if before == 0 && self.left.is_some() {
            return Heard::Nothing;
        }
        self.left = Some(Left {
            since: (before > 0).then_some(now),
        });
        Heard::Left
    }

    /// Nothing came although it would have by now: it was away before we came. Whether that is
    /// news.
    pub(crate) fn settle(&mut self) -> bool {
        let news = self.there.is_empty() && self.left.is_none();
        if news {
            self.left = Some(Left { since: None });
        }
        news
    }

    /// What a resource can do became known.
    pub(crate) fn features(&mut self, name: &str, roost: bool) {
        if let Some(resource) = self.there.iter_mut().find(|r| r.name == name) {
            resource.roost = Some(roost);
        }
    }

    /// The profile, as far as the resources that are there told.
    pub(crate) fn profile(&self) -> Option<Profile> {
        let told = self.there.iter().filter_map(|r| r.roost);
        told.max().map(|roost| {
            if roost {
                Profile::Roost
            } else {
                Profile::Thesis
            }
        })
    }

    /// Forgets everything: a new stream will tell anew.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn sleepiness(show: Show) -> u8 {
    match show {
        Show::Available | Show::Chat => 0,
        Show::Dnd => 1,
        Show::Away => 2,
        Show::Xa => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wakeful_resource_speaks_for_the_device() {
        let mut resources = Resources::default();
        assert_eq!(resources.availability(), Availability::Unknown);
        assert_eq!(
            resources.available("a", Show::Xa),
            Heard::Came { was_away: false }
        );
        assert_eq!(
            resources.available("b", Show::Available),
            Heard::Came { was_away: true }
        );
        let online = |show| Availability::Online { show };
        assert_eq!(resources.availability(), online(Show::Available));
        assert_eq!(resources.unavailable("b", Timestamp(1)), Heard::Changed);
        assert_eq!(resources.availability(), online(Show::Xa));
        assert_eq!(resources.unavailable("a", Timestamp(2)), Heard::Left);
        let gone = Availability::Offline {
            since: Some(Timestamp(2)),
        };
        assert_eq!(resources.availability(), gone);
        assert_eq!(resources.unavailable("a", Timestamp(3)), Heard::Nothing);
        assert_eq!(resources.availability(), gone);
        assert_eq!(
            resources.available("a", Show::Chat),
            Heard::Came { was_away: true }
        );
    }

    #[test]
    fn silence_after_sign_in_means_away_since_who_knows_when() {
        let mut resources = Resources::default();
        assert!(resources.settle());
        assert!(!resources.settle());
        assert_eq!(
            resources.availability(),
            Availability::Offline { since: None }
        );
    }

    #[test]
    fn one_roost_resource_makes_a_roost_device() {
        let mut resources = Resources::default();
        resources.available("old", Show::Available);
        resources.available("new", Show::Available);
        assert_eq!(resources.profile(), None);
        resources.features("old", false);
        assert_eq!(resources.profile(), Some(Profile::Thesis));
        resources.features("new", true);
        assert_eq!(resources.profile(), Some(Profile::Roost));
    }
}
