//! Preparing the nodes: one question at a time, until each node is as it must be.
//!
//! For each node: create it with its configuration, or configure it if it exists; read back what
//! the server made of it; bring affiliations in line with the people; end subscriptions of those
//! who lost their rights (a subscription outlives the right to read on both servers). Then the
//! device subscribes itself to its actuators and takes away what it finds there: requests from
//! before it was there, and items that are not of this board.
//!
//! [`Setup::request`] is the question to ask now, [`Setup::answer`] takes its answer. Most
//! failures are worth a notice and no more, because the read-back decides: a node where others
//! could publish, or that we cannot look at, is not used ([`Setup::is_safe`]). A failure that may
//! pass (no answer, too many questions) ends the attempt; the caller starts another.

use std::collections::{BTreeSet, VecDeque};

use roost_model::jid::{BareJid, Jid};
use roost_model::{Failure, FailureCode, ItemId, Node};
use roost_xmpp_proto::{
    AccessModel, Affiliation, Answer, ItemReport, NodeConfig, PublishModel, Request,
};

use crate::{Description, Notice, People};

/// One attempt to prepare all nodes.
#[derive(Debug)]
pub(super) struct Setup {
    account: BareJid,
    people: People,
    items: BTreeSet<ItemId>,
    steps: VecDeque<Step>,
    safe: BTreeSet<Node>,
    recreated: BTreeSet<Node>,
    is_listening: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Create(Node),
    Configure(Node),
    ReadBack(Node),
    ReadAffiliations(Node),
    ReadSubscribers(Node, Changes),
    EndSubscription(Node, Jid),
    SetAffiliations(Node, Changes),
    Delete(Node),
    Listen,
    FindOld(Node),
    Retract(Node, ItemId),
}

/// Whose affiliation is to change, and to what.
type Changes = Vec<(BareJid, Affiliation)>;

/// What follows from an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Progress {
    /// There is another question.
    Next,
    /// All nodes are prepared, or known to be unsafe.
    Done,
    /// This attempt is over.
    Failed(Failure),
}

impl Setup {
    pub(super) fn new(account: &BareJid, people: &People, board: &Description) -> Self {
        let mut steps: VecDeque<Step> = Node::ALL.into_iter().map(Step::Create).collect();
        steps.extend([
            Step::Listen,
            Step::FindOld(Node::Actuators),
            Step::FindOld(Node::Sensors),
        ]);
        let items = board.points().map(|point| point.item.clone());
        Self {
            account: account.clone(),
            people: people.clone(),
            items: items.chain([ItemId::current()]).collect(),
            steps,
            safe: BTreeSet::new(),
            recreated: BTreeSet::new(),
            is_listening: false,
        }
    }

    /// Whether nobody but those named can publish at this node.
    pub(super) fn is_safe(&self, node: Node) -> bool {
        self.safe.contains(&node)
    }

    /// Whether requests that arrive from now on are fresh: what was there before has been found.
    pub(super) fn is_listening(&self) -> bool {
        self.is_listening
    }

    /// The question to ask now.
    pub(super) fn request(&self) -> Option<Request> {
        let config = NodeConfig::ROOST;
        let service = self.account.clone();
        Some(match self.steps.front()?.clone() {
            Step::Create(node) => Request::CreateNode { node, config },
            Step::Configure(node) => Request::ConfigureNode { node, config },
            Step::ReadBack(node) => Request::ReadNodeConfig { node },
            Step::ReadAffiliations(node) => Request::ReadAffiliations { node },
            Step::ReadSubscribers(node, _) => Request::ReadSubscribers { node },
            Step::EndSubscription(node, jid) => Request::EndSubscription { node, jid },
            Step::SetAffiliations(node, affiliations) => {
                Request::SetAffiliations { node, affiliations }
            }
            Step::Delete(node) => Request::DeleteNode { node },
            Step::Listen => Request::Subscribe {
                service,
                node: Node::Actuators,
            },
            Step::FindOld(node) => Request::Fetch { service, node },
            Step::Retract(node, item) => Request::Retract {
                service,
                node,
                item,
            },
        })
    }

    /// Takes the answer to [`Setup::request`]; what is worth telling goes to `notices`.
    pub(super) fn answer(
        &mut self,
        result: Result<Answer, Failure>,
        notices: &mut VecDeque<Notice>,
    ) -> Progress {
        if let Err(failure) = &result
            && may_pass(failure.code)
        {
            return Progress::Failed(failure.clone());
        }
        let Some(step) = self.steps.pop_front() else {
            return Progress::Done;
        };
        match (step, result) {
            (Step::Create(node), Ok(_)) => self.first([Step::ReadBack(node)]),
            (Step::Create(node), Err(_)) => {
                self.first([Step::Configure(node), Step::ReadBack(node)]);
            }
            (Step::ReadBack(node), result) => self.judge(node, result, notices),
            (Step::ReadAffiliations(node), Ok(Answer::Affiliations(affiliations))) => {
                let changes = self.changes(node, &affiliations);
                self.first([Step::ReadSubscribers(node, changes)]);
            }
            (Step::ReadAffiliations(node), result) => {
                failed("reading affiliations", node, result, notices);
                let changes = self.changes(node, &[]);
                self.first([Step::ReadSubscribers(node, changes)]);
            }
            (Step::ReadSubscribers(node, changes), result) => {
                self.revoke(node, changes, result, notices);
            }
            (Step::FindOld(node), Ok(Answer::Items(items))) => {
                self.is_listening |= node == Node::Actuators;
                self.sweep(node, items, notices);
            }
            (Step::Listen, result) => {
                failed("subscribing ourselves", Node::Actuators, result, notices);
            }
            (Step::FindOld(node), result) => failed("reading old items", node, result, notices),
            (Step::Configure(node), result) => failed("configuring", node, result, notices),
            (Step::EndSubscription(node, _), result) => {
                failed("ending a subscription", node, result, notices);
            }
            (Step::SetAffiliations(node, _), result) => {
                failed("setting affiliations", node, result, notices);
            }
            (Step::Delete(node), result) => failed("deleting", node, result, notices),
            // What we wanted to take away may be gone already.
            (Step::Retract(..), _) => {}
        }
        if self.steps.is_empty() {
            Progress::Done
        } else {
            Progress::Next
        }
    }

    /// These steps come next, in this order.
    fn first(&mut self, steps: impl IntoIterator<Item = Step, IntoIter: DoubleEndedIterator>) {
        for step in steps.into_iter().rev() {
            self.steps.push_front(step);
        }
    }

    fn judge(
        &mut self,
        node: Node,
        result: Result<Answer, Failure>,
        notices: &mut VecDeque<Notice>,
    ) {
        let Ok(Answer::Config {
            access,
            publish,
            max_items,
            persist,
        }) = result
        else {
            failed("reading the configuration", node, result, notices);
            notices.push_back(Notice::Unsafe(node));
            return;
        };
        if publish.is_some_and(|model| model != PublishModel::Publishers) {
            notices.push_back(Notice::Unsafe(node));
            return;
        }
        if let Some(access) = access.filter(|access| *access != AccessModel::Whitelist) {
            notices.push_back(Notice::Exposed { node, access });
        }
        let wanted = NodeConfig::ROOST;
        if max_items.is_some_and(|most| most < wanted.max_items) || persist == Some(false) {
            notices.push_back(Notice::Forgetful(node));
        }
        self.safe.insert(node);
        self.first([Step::ReadAffiliations(node)]);
    }

    /// From what is to what the people's roles ask for. An outcast stays one.
    fn changes(&self, node: Node, now: &[(BareJid, Affiliation)]) -> Changes {
        let has = |jid: &BareJid, wanted| {
            now.iter()
                .any(|(other, affiliation)| other == jid && *affiliation == wanted)
        };
        let people = self.people.all();
        let granted = people.iter().filter_map(|jid| {
            let wanted = self.people.affiliation(jid, node)?;
            (**jid != self.account && !has(jid, wanted)).then(|| ((*jid).clone(), wanted))
        });
        let revoked = now.iter().filter(|(jid, affiliation)| {
            *jid != self.account
                && !people.contains(jid)
                && !matches!(affiliation, Affiliation::None | Affiliation::Outcast)
        });
        let revoked = revoked.map(|(jid, _)| (jid.clone(), Affiliation::None));
        granted.chain(revoked).collect()
    }

    /// Ends the subscriptions of those without rights first, their affiliations second. Where the
    /// server does not list subscribers, only a new node has none.
    fn revoke(
        &mut self,
        node: Node,
        changes: Changes,
        subscribers: Result<Answer, Failure>,
        notices: &mut VecDeque<Notice>,
    ) {
        let revoked: Vec<BareJid> = changes
            .iter()
            .filter(|(_, affiliation)| *affiliation == Affiliation::None)
            .map(|(jid, _)| jid.clone())
            .collect();
        let gone = revoked.iter().cloned();
        notices.extend(gone.map(|jid| Notice::Revoked { jid, node }));
        let mut steps = Vec::new();
        match subscribers {
            Ok(Answer::Subscribers(subscribers)) => {
                let uninvited = subscribers.into_iter().filter(|jid| {
                    let jid = jid.to_bare();
                    jid != self.account && self.people.role(&jid).is_none()
                });
                steps.extend(uninvited.map(|jid| Step::EndSubscription(node, jid)));
            }
            _ if !revoked.is_empty() && self.recreated.insert(node) => {
                self.safe.remove(&node);
                self.first([Step::Delete(node), Step::Create(node)]);
                return;
            }
            _ => {}
        }
        if !changes.is_empty() {
            steps.push(Step::SetAffiliations(node, changes));
        }
        self.first(steps);
    }

    fn sweep(&mut self, node: Node, items: Vec<ItemReport>, notices: &mut VecDeque<Notice>) {
        let old: Vec<ItemId> = items
            .into_iter()
            .map(|report| report.item)
            .filter(|item| !self.items.contains(item))
            .collect();
        notices.extend(old.iter().cloned().map(Notice::SweptAway));
        self.first(old.into_iter().map(|item| Step::Retract(node, item)));
    }
}

/// Whether asking again later may help.
fn may_pass(code: FailureCode) -> bool {
    use FailureCode as C;
    matches!(code, C::TimedOut | C::RateLimited | C::ConnectionLost)
}

fn failed(
    what: &'static str,
    node: Node,
    result: Result<Answer, Failure>,
    notices: &mut VecDeque<Notice>,
) {
    if let Err(failure) = result {
        notices.push_back(Notice::StepFailed {
            what,
            node,
            failure,
        });
    }
}

#[cfg(test)]
mod tests {
    use roost_xmpp_proto::Payload;

    use super::*;
    use crate::BoardKind;

    const GOOD: Answer = Answer::Config {
        access: Some(AccessModel::Whitelist),
        publish: Some(PublishModel::Publishers),
        max_items: Some(100),
        persist: Some(true),
    };

    fn jid(name: &str) -> BareJid {
        format!("{name}@capulet.lit").parse().unwrap()
    }

    fn setup(board: BoardKind) -> Setup {
        let board = board.build(
            roost_model::Profile::Roost,
            7,
            std::path::Path::new("/nonexistent"),
        );
        let people = People {
            owner: Some(jid("juliet")),
            readers: [jid("peter")].into(),
            ..People::default()
        };
        Setup::new(&jid("kettle"), &people, board.description())
    }

    /// Plays a server until the setup is over; `server` answers each question.
    fn play(
        mut setup: Setup,
        mut server: impl FnMut(&Request) -> Result<Answer, Failure>,
    ) -> (Setup, Vec<String>, Vec<Notice>, Progress) {
        let mut asked = Vec::new();
        let mut notices = VecDeque::new();
        for _ in 0..1_000 {
            let request = setup.request().unwrap();
            asked.push(in_short(&request));
            match setup.answer(server(&request), &mut notices) {
                Progress::Next => {}
                end => return (setup, asked, notices.into(), end),
            }
        }
        panic!("never ends: {asked:?}");
    }

    fn in_short(request: &Request) -> String {
        let text = format!("{request:?}");
        text.split([' ', '{']).next().unwrap_or_default().to_owned()
    }

    fn item(id: &str) -> ItemReport {
        ItemReport {
            item: ItemId::new(id).unwrap(),
            publisher: None,
            payload: Payload::Unreadable,
        }
    }

    /// A server that is content with everything and has nothing yet.
    fn content(request: &Request) -> Result<Answer, Failure> {
        Ok(match request {
            Request::ReadNodeConfig { .. } => GOOD,
            Request::ReadAffiliations { .. } => {
                Answer::Affiliations(vec![(jid("kettle"), Affiliation::Owner)])
            }
            Request::ReadSubscribers { .. } => Answer::Subscribers(vec![jid("kettle").into()]),
            Request::Fetch { .. } => Answer::Items(vec![]),
            _ => Answer::Done,
        })
    }

    #[test]
    fn the_first_time() {
        let mut granted = Vec::new();
        let (setup, asked, notices, end) = play(setup(BoardKind::Kettle), |request| {
            if let Request::SetAffiliations { node, affiliations } = request {
                granted.extend(
                    affiliations
                        .iter()
                        .map(|(jid, a)| format!("{node:?} {jid} {a:?}")),
                );
            }
            content(request)
        });
        let node = [
            "CreateNode",
            "ReadNodeConfig",
            "ReadAffiliations",
            "ReadSubscribers",
            "SetAffiliations",
        ];
        let expected = [&node[..], &node, &node, &["Subscribe", "Fetch", "Fetch"]].concat();
        assert_eq!(asked, expected);
        assert_eq!(
            granted,
            [
                "Sensors juliet@capulet.lit Member",
                "Sensors peter@capulet.lit Member",
                "Actuators juliet@capulet.lit Publisher",
                "Actuators peter@capulet.lit Member",
                "Ui juliet@capulet.lit Member",
                "Ui peter@capulet.lit Member",
            ]
        );
        assert_eq!((notices, end), (vec![], Progress::Done));
        assert!(setup.is_listening() && Node::ALL.iter().all(|node| setup.is_safe(*node)));
    }

    #[test]
    fn nodes_that_exist_are_configured_and_swept() {
        let mut retracted = Vec::new();
        let (_, asked, notices, _) = play(setup(BoardKind::Kettle), |request| match request {
            Request::CreateNode { .. } => Err(Failure::new(FailureCode::Protocol)),
            Request::ReadAffiliations { node } => Ok(Answer::Affiliations(vec![
                (jid("kettle"), Affiliation::Owner),
                (jid("peter"), Affiliation::Member),
                (
                    jid("juliet"),
                    if *node == Node::Actuators {
                        Affiliation::Publisher
                    } else {
                        Affiliation::Member
                    },
                ),
                (jid("tybalt"), Affiliation::Outcast),
            ])),
            Request::Fetch {
                node: Node::Actuators,
                ..
            } => Ok(Answer::Items(vec![
                item("xmpp.iot.actuator.power"),
                item("set:xmpp.iot.actuator.power:old"),
                item("xmpp.iot.actuator.of-another-board"),
            ])),
            Request::Retract { item, .. } => {
                retracted.push(item.to_string());
                Ok(Answer::Done)
            }
            _ => content(request),
        });
        let node = [
            "CreateNode",
            "ConfigureNode",
            "ReadNodeConfig",
            "ReadAffiliations",
            "ReadSubscribers",
        ];
        let end = ["Subscribe", "Fetch", "Retract", "Retract", "Fetch"];
        assert_eq!(asked, [&node[..], &node, &node, &end].concat());
        assert_eq!(
            retracted,
            [
                "set:xmpp.iot.actuator.power:old",
                "xmpp.iot.actuator.of-another-board"
            ]
        );
        assert!(matches!(
            notices[..],
            [Notice::SweptAway(_), Notice::SweptAway(_)]
        ));
    }

    #[test]
    fn a_server_with_its_own_mind() {
        let config = |access, publish| {
            Ok(Answer::Config {
                access,
                publish,
                max_items: Some(100),
                persist: Some(true),
            })
        };
        let open = Some(AccessModel::Open);
        let cases = [
            (
                config(open, Some(PublishModel::Publishers)),
                true,
                Notice::Exposed {
                    node: Node::Sensors,
                    access: AccessModel::Open,
                },
            ),
            (
                config(Some(AccessModel::Whitelist), Some(PublishModel::Open)),
                false,
                Notice::Unsafe(Node::Sensors),
            ),
            (
                config(open, Some(PublishModel::Subscribers)),
                false,
                Notice::Unsafe(Node::Sensors),
            ),
            (
                Err(Failure::new(FailureCode::Forbidden)),
                false,
                Notice::Unsafe(Node::Sensors),
            ),
            (
                Ok(Answer::Config {
                    access: None,
                    publish: None,
                    max_items: Some(1),
                    persist: None,
                }),
                true,
                Notice::Forgetful(Node::Sensors),
            ),
        ];
        for (answer, safe, notice) in cases {
            let (setup, _, notices, end) =
                play(setup(BoardKind::Kettle), |request| match request {
                    Request::ReadNodeConfig {
                        node: Node::Sensors,
                    } => answer.clone(),
                    _ => content(request),
                });
            assert_eq!(end, Progress::Done);
            assert_eq!(setup.is_safe(Node::Sensors), safe, "{answer:?}");
            assert!(notices.contains(&notice), "{notices:?}");
            assert!(
                setup.is_safe(Node::Actuators),
                "the others are not concerned"
            );
        }
    }

    #[test]
    fn rights_end_with_every_subscription() {
        let mut done = Vec::new();
        let (_, _, notices, _) = play(setup(BoardKind::Kettle), |request| {
            match request {
                Request::EndSubscription {
                    node: Node::Ui,
                    jid,
                } => done.push(jid.to_string()),
                Request::SetAffiliations {
                    node: Node::Ui,
                    affiliations,
                } => done.extend(affiliations.iter().map(|(jid, a)| format!("{jid} {a:?}"))),
                Request::ReadAffiliations { .. } => {
                    return Ok(Answer::Affiliations(vec![
                        (jid("juliet"), Affiliation::Member),
                        (jid("peter"), Affiliation::Member),
                        (jid("paris"), Affiliation::Member),
                    ]));
                }
                Request::ReadSubscribers { .. } => {
                    let jids = [
                        "paris@capulet.lit",
                        "paris@capulet.lit/crypt",
                        "juliet@capulet.lit",
                    ];
                    let jids = jids.map(|jid| jid.parse().unwrap());
                    return Ok(Answer::Subscribers(jids.to_vec()));
                }
                _ => {}
            }
            content(request)
        });
        assert_eq!(
            done,
            [
                "paris@capulet.lit",
                "paris@capulet.lit/crypt",
                "paris@capulet.lit None"
            ]
        );
        assert_eq!(notices.len(), 3, "one for each node: {notices:?}");
    }

    #[test]
    fn where_subscribers_are_secret_the_node_is_made_anew() {
        let mut deleted = BTreeSet::new();
        let (setup, asked, ..) = play(setup(BoardKind::Kettle), |request| match request {
            Request::ReadSubscribers { .. } => Err(Failure::new(FailureCode::NotOffered)),
            Request::DeleteNode { node } => {
                deleted.insert(*node);
                Ok(Answer::Done)
            }
            Request::ReadAffiliations { node } if !deleted.contains(node) => Ok(
                Answer::Affiliations(vec![(jid("paris"), Affiliation::Member)]),
            ),
            _ => content(request),
        });
        let count = |what: &str| asked.iter().filter(|asked| *asked == what).count();
        assert_eq!((count("DeleteNode"), count("CreateNode")), (3, 6));
        assert!(Node::ALL.iter().all(|node| setup.is_safe(*node)));
    }

    #[test]
    fn what_may_pass_ends_the_attempt() {
        for code in [FailureCode::TimedOut, FailureCode::RateLimited] {
            let failure = Failure::new(code);
            let (setup, _, _, end) = play(setup(BoardKind::Kettle), |request| match request {
                Request::Subscribe { .. } => Err(failure.clone()),
                _ => content(request),
            });
            assert_eq!(end, Progress::Failed(failure));
            assert!(!setup.is_listening());
        }
    }
}
