//! A stage for stories: clients say stanzas and hear stanzas, written as XML.
//!
//! A story is text. `juliet > <iq …/>` lets the client Juliet say something; the lines
//! `juliet < <iq …/>` right after it are all that anybody hears because of it, in order. Whatever
//! is heard and not written, or written and not heard, fails the story. `+ juliet` connects
//! Juliet's client, `- juliet` breaks its stream; `romeo/phone` is a client of its own. A stanza
//! may go on over several lines. Ids made by the server are written `*`.

use std::collections::BTreeMap;

use minidom::Element;
use roost_memory_server::{Connection, Flavour, Server, ServerConfig};
use roost_model::{Now, Timestamp};
use roost_xmpp_proto::Stanza;

pub(crate) const ACCOUNTS: [&str; 4] = ["juliet", "kettle", "romeo", "stranger"];

pub(crate) struct Stage {
    pub(crate) server: Server,
    now: Now,
    clients: BTreeMap<String, Connection>,
}

impl Stage {
    /// A server at `home` with a few accounts, and nobody connected.
    pub(crate) fn new(flavour: Flavour) -> Self {
        Self::with_config(ServerConfig::new("home".parse().unwrap(), flavour))
    }

    pub(crate) fn with_config(config: ServerConfig) -> Self {
        let mut server = Server::new(config);
        for name in ACCOUNTS {
            let jid = format!("{name}@home").parse().unwrap();
            server.add_account(jid).unwrap();
        }
        let now = Now {
            wall: Timestamp(1_700_000_000_000),
            ..Now::default()
        };
        Self {
            server,
            now,
            clients: BTreeMap::new(),
        }
    }

    /// Connects a client; `juliet` means `juliet@home/app`.
    pub(crate) fn connect(&mut self, client: &str) {
        let (user, resource) = client.split_once('/').unwrap_or((client, "app"));
        let jid = format!("{user}@home").parse().unwrap();
        let (connection, _) = self.server.connect(jid, Some(resource), self.now).unwrap();
        self.clients.insert(client.to_owned(), connection);
    }

    pub(crate) fn disconnect(&mut self, client: &str) {
        let connection = self.clients.remove(client).unwrap();
        self.server.disconnect(connection, self.now);
    }

    pub(crate) fn say(&mut self, client: &str, xml: &str) {
        let connection = self.clients[client];
        self.server
            .handle(connection, stanza(&parse(xml)), self.now);
    }

    /// All that is heard now, as `client < xml`.
    pub(crate) fn heard(&mut self) -> Vec<(String, Element)> {
        let mut heard = Vec::new();
        while let Some((connection, stanza)) = self.server.poll_output() {
            let client = self
                .clients
                .iter()
                .find(|(_, known)| **known == connection)
                .map_or("nobody", |(name, _)| name);
            heard.push((client.to_owned(), without_server_ids(stanza.into())));
        }
        heard
    }

    /// Says something and gives what the same client is answered, in a word.
    pub(crate) fn ask(&mut self, client: &str, xml: &str) -> String {
        self.say(client, xml);
        let heard = self.heard();
        let answers: Vec<String> = heard
            .iter()
            .filter(|(who, answer)| who == client && answer.name() == "iq")
            .map(|(_, answer)| outcome(answer))
            .collect();
        answers.join(", ")
    }

    pub(crate) fn play(&mut self, story: &str) {
        let mut expected: Vec<(String, Element)> = Vec::new();
        let mut actual: Vec<(String, Element)> = Vec::new();
        for line in lines(story) {
            let (first, rest) = line.split_once(' ').unwrap();
            if let Some(xml) = rest.strip_prefix("< ") {
                // By way of the stanza, which spells out defaults as what is heard does.
                expected.push((first.to_owned(), stanza(&parse(xml)).into()));
                continue;
            }
            compare(&expected, &actual);
            expected.clear();
            match (first, rest.strip_prefix("> ")) {
                (client, Some(xml)) => self.say(client, xml),
                ("+", None) => self.connect(rest),
                ("-", None) => self.disconnect(rest),
                _ => panic!("not a line of a story: {line}"),
            }
            actual = self.heard();
        }
        compare(&expected, &actual);
    }
}

fn compare(expected: &[(String, Element)], actual: &[(String, Element)]) {
    let write = |heard: &[(String, Element)]| {
        heard
            .iter()
            .map(|(client, xml)| format!("{client} < {}\n", String::from(xml)))
            .collect::<String>()
    };
    assert!(
        expected == actual,
        "the story says\n{}but heard is\n{}",
        write(expected),
        write(actual)
    );
}

/// Joins stanzas that go on over several lines.
fn lines(story: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let starts = line.starts_with(['+', '-'])
            || line.split_once(' ').is_some_and(|(client, rest)| {
                !client.starts_with('<') && (rest.starts_with("> ") || rest.starts_with("< "))
            });
        match lines.last_mut() {
            Some(last) if !starts => last.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

pub(crate) fn parse(xml: &str) -> Element {
    Element::from_reader_with_prefixes(xml.as_bytes(), "jabber:client".to_owned())
        .unwrap_or_else(|error| panic!("{error}: {xml}"))
}

pub(crate) fn stanza(element: &Element) -> Stanza {
    try_stanza(element).unwrap()
}

pub(crate) fn try_stanza(element: &Element) -> Option<Stanza> {
    let element = element.clone();
    Some(match element.name() {
        "iq" => Stanza::Iq(Box::new(element.try_into().ok()?)),
        "message" => Stanza::Message(Box::new(element.try_into().ok()?)),
        "presence" => Stanza::Presence(Box::new(element.try_into().ok()?)),
        _ => return None,
    })
}

/// `result`, or `type/condition` of an error with the condition of PubSub behind it.
fn outcome(iq: &Element) -> String {
    let Some(error) = iq.get_child("error", "jabber:client") else {
        return iq.attr("type").unwrap().to_owned();
    };
    let conditions: Vec<&str> = error.children().map(Element::name).collect();
    format!("{}/{}", error.attr("type").unwrap(), conditions.join(" "))
}

fn without_server_ids(mut element: Element) -> Element {
    for ((_, name), value) in element.attrs_mut().iter_mut() {
        if name.as_str() == "id" && value.starts_with("server-") {
            *value = "*".to_owned();
        }
    }
    for child in element.children_mut() {
        *child = without_server_ids(child.clone());
    }
    element
}
