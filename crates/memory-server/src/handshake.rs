//! Who may see whom: the handshake of presence subscriptions (RFC 6121, section 3 and appendix A).
//!
//! A step is taken in two halves. [`Server::take_step`] changes the roster of the one who takes it,
//! [`Server::tell_step`] that of the one it is about; each half pushes its roster's change to those
//! who read that roster, and presence follows as soon as somebody may see it. Half of the life of
//! real rosters are steps that change nothing, and there servers differ most.

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::presence::{Presence, Type};

use crate::account::Account;
use crate::server::Server;

impl Server {
    /// `owner` takes a step towards `contact`: first the owner's side, then the contact's.
    pub(crate) fn take_step(&mut self, owner: &BareJid, contact: &BareJid, step: &Type) {
        if owner == contact {
            return;
        }
        let flavour = self.config.flavour;
        let Some(account) = self.accounts.get_mut(owner) else {
            return;
        };
        let is_early = *step == Type::Subscribed && flavour.keeps_early_approvals();
        let entry = if *step == Type::Subscribe || is_early {
            account.roster.entry(contact)
        } else {
            account.roster.get_mut(contact)
        };
        let Some(entry) = entry else {
            return;
        };
        let was_seen = entry.from;
        match step {
            Type::Subscribe if entry.to && flavour.drops_needless_asking() => return,
            Type::Subscribe => {
                entry.listed = true;
                entry.asked = !entry.to;
            }
            Type::Subscribed if entry.asks => {
                entry.listed = true;
                entry.asks = false;
                entry.approved = false;
                entry.from = true;
            }
            Type::Subscribed if entry.from && flavour.greets_on_every_approval() => {}
            Type::Subscribed if is_early && !entry.from => {
                entry.listed = true;
                entry.approved = true;
                return self.push_contact(owner, contact);
            }
            Type::Unsubscribe => {
                entry.asked = false;
                entry.to = false;
            }
            Type::Unsubscribed if entry.asks || entry.from => {
                entry.asks = false;
                entry.from = false;
            }
            _ => return,
        }
        let sees = entry.to;
        let is_seen = entry.from;
        if is_seen != was_seen || matches!(step, Type::Subscribe | Type::Unsubscribe) {
            self.push_contact(owner, contact);
        }
        self.tidy_roster(owner, contact);
        self.tell_step(owner, contact, step.clone());
        if *step == Type::Subscribed {
            self.reveal_to(owner, contact);
            if sees && flavour.greets_on_every_approval() {
                self.reveal_to(contact, owner);
            }
        }
        if was_seen && !is_seen {
            self.hide_from(owner, contact);
            self.forget_reader(owner, contact);
        }
    }

    /// Lets `to` know of a step that `from` took.
    pub(crate) fn tell_step(&mut self, from: &BareJid, to: &BareJid, step: Type) {
        let flavour = self.config.flavour;
        let Some(account) = self.accounts.get_mut(to) else {
            return;
        };
        let entry = if step == Type::Subscribe {
            account.roster.entry(from)
        } else {
            account.roster.get_mut(from)
        };
        let Some(entry) = entry else {
            return;
        };
        let (was_seen, sees) = (entry.from, entry.to);
        let asked_before = entry.asks;
        match step {
            Type::Subscribe if was_seen => {
                if flavour.greets_on_every_approval() {
                    self.take_step(to, from, &Type::Subscribed);
                } else {
                    self.tell_step(to, from, Type::Subscribed);
                }
                return self.reveal_to(to, from);
            }
            Type::Subscribe if entry.approved => {
                entry.asks = true;
                return self.take_step(to, from, &Type::Subscribed);
            }
            Type::Subscribe => entry.asks = true,
            Type::Subscribed if entry.asked => {
                entry.asked = false;
                entry.to = true;
            }
            Type::Unsubscribe if was_seen || asked_before => {
                entry.asks = false;
                entry.from = false;
            }
            Type::Unsubscribed if entry.to || entry.asked => {
                entry.to = false;
                entry.asked = false;
            }
            _ => return,
        }
        if step == Type::Unsubscribe && was_seen {
            self.forget_reader(to, from);
            if flavour.hides_from_those_who_leave() {
                self.hide_from(to, from);
            }
        }
        if step == Type::Subscribe && flavour.acknowledges_asking() {
            let nobody = Presence::new(Type::Unavailable).with_from(to.clone());
            self.show_to(&Jid::from(from.clone()), &nobody);
        }
        let is_unheard = match step {
            Type::Subscribe => asked_before,
            Type::Unsubscribe => !was_seen && flavour.drops_withdrawn_asking(),
            _ => false,
        };
        if is_unheard {
            return self.tidy_roster(to, from);
        }
        let is_worth_a_push =
            step != Type::Subscribe || (sees && flavour.pushes_contacts_that_ask());
        let told = Presence::new(step).with_from(from.clone());
        self.show_to(&Jid::from(to.clone()), &told);
        if is_worth_a_push {
            self.push_contact(to, from);
        }
        self.tidy_roster(to, from);
    }

    /// Shows the owner's available clients to a contact that may see them from now on.
    fn reveal_to(&mut self, owner: &BareJid, contact: &BareJid) {
        let presences: Vec<Presence> = self
            .accounts
            .get(owner)
            .into_iter()
            .flat_map(Account::available)
            .filter_map(|resource| resource.presence.clone())
            .collect();
        let to = Jid::from(contact.clone());
        for presence in presences {
            self.show_to(&to, &presence);
        }
    }

    /// Makes the owner's clients look gone to a contact that may not see them any more.
    pub(crate) fn hide_from(&mut self, owner: &BareJid, contact: &BareJid) {
        let jids: Vec<FullJid> = self
            .accounts
            .get(owner)
            .into_iter()
            .flat_map(Account::available)
            .map(|resource| resource.jid.clone())
            .collect();
        let to = Jid::from(contact.clone());
        for jid in jids {
            self.show_to(&to, &Presence::new(Type::Unavailable).with_from(jid));
        }
    }

    fn tidy_roster(&mut self, owner: &BareJid, contact: &BareJid) {
        if let Some(account) = self.accounts.get_mut(owner) {
            account.roster.tidy(contact);
        }
    }
}
