//! Latency on a real server: ours, slixmpp and bare sockets, in turns, in one run.
//!
//! Each contender is a process of its own with accounts and nodes of its own at the same server,
//! and holds both sides, device and app, so that one clock measures. Rounds are short and the
//! order changes with each, so that what else this machine does hits all alike; ratios are taken
//! within a round, from medians.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use roost_testkit::{Options, RealServer, ServerKind};

use crate::bare::Wire;
use crate::contender::{ABSORB, Round};
use crate::figures::{Figures, head, row};
use crate::place::{PASSWORD, Place};
use crate::{Outcome, bare, say};

const ROUNDS: usize = 20;
const PER_ROUND: usize = 100;
const WARM_UP: usize = 50;
/// How often many values come at once, and how many.
const FLOODS: u32 = 8;
const FLOOD: u32 = 2_000;
/// The first of them; above all that rounds publish.
const FIRST: u32 = 1_000_000;
const NAMES: [&str; 3] = ["Roost", "slixmpp", "bare sockets"];

pub(crate) fn run(kind: ServerKind, python: &str) -> Outcome<()> {
    let options = Options {
        unthrottled: true,
        ..Options::default()
    };
    let server = RealServer::launch(kind, &options)?;
    let folder = tempfile::tempdir()?;
    let authority = folder.path().join("authority.pem");
    fs::write(&authority, server.ca_pem())?;
    let mut contenders = Vec::new();
    for (number, name) in NAMES.into_iter().enumerate() {
        contenders.push(Contender::start(name, number, &server, &authority, python)?);
    }
    for contender in &mut contenders {
        for round in Round::ALL {
            contender.measure(round, WARM_UP)?;
        }
    }
    let mut all: BTreeMap<(&str, &str), Vec<Vec<f64>>> = BTreeMap::new();
    for turn in 0..ROUNDS {
        for round in Round::ALL {
            for place in 0..contenders.len() {
                let at = (place + turn) % contenders.len();
                let times = contenders[at].measure(round, PER_ROUND)?;
                let key = (round.order(), contenders[at].name);
                all.entry(key).or_default().push(times);
            }
        }
    }
    say(&table(&all));
    say("");
    let mut spent = NAMES.map(|_| Vec::new());
    for turn in 0..FLOODS {
        for (contender, spent) in contenders.iter_mut().zip(&mut spent) {
            spent.push(contender.absorb(turn)? / f64::from(FLOOD));
        }
    }
    say(&table_of_floods(spent));
    Ok(())
}

fn table_of_floods(spent: [Vec<f64>; NAMES.len()]) -> String {
    let titles = [
        "processor time for each value, µs",
        "least",
        "median",
        "most",
    ];
    let mut lines = vec![head(&titles)];
    for (name, spent) in NAMES.into_iter().zip(spent) {
        let spent = Figures::new(spent);
        let all = [spent.least(), spent.median(), spent.most()];
        let mut cells = vec![name.to_owned()];
        cells.extend(all.map(|it| format!("{it:.0}")));
        lines.push(row(&cells));
    }
    lines.join("\n")
}

fn table(all: &BTreeMap<(&str, &str), Vec<Vec<f64>>>) -> String {
    let mut lines = vec![head(&["what", "who", "n", "p50 ms", "p95 ms", "p99 ms"])];
    for round in Round::ALL {
        for name in NAMES {
            let rounds = &all[&(round.order(), name)];
            let figures = Figures::new(rounds.concat());
            let ms = |percent| format!("{:.2}", figures.percentile(percent) / 1e3);
            lines.push(row(&[
                round.order().to_owned(),
                name.to_owned(),
                figures.count().to_string(),
                ms(50),
                ms(95),
                ms(99),
            ]));
        }
    }
    lines.push(String::new());
    let titles = ["ratio of medians within a round", "least", "median", "most"];
    lines.push(head(&titles));
    for round in Round::ALL {
        for other in &NAMES[1..] {
            let medians = |name: &str| -> Vec<f64> {
                let rounds = all[&(round.order(), name)].iter();
                rounds
                    .map(|times| Figures::new(times.clone()).median())
                    .collect()
            };
            let pairs = medians(NAMES[0]).into_iter().zip(medians(other));
            let ratios = Figures::new(pairs.map(|(ours, theirs)| ours / theirs).collect());
            lines.push(row(&[
                format!("{}: {} / {other}", round.order(), NAMES[0]),
                format!("{:.2}", ratios.least()),
                format!("{:.2}", ratios.median()),
                format!("{:.2}", ratios.most()),
            ]));
        }
    }
    lines.join("\n")
}

/// A process that measures; ended when dropped.
struct Contender {
    name: &'static str,
    place: Place,
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Contender {
    fn start(
        name: &'static str,
        number: usize,
        server: &RealServer,
        authority: &Path,
        python: &str,
    ) -> Outcome<Self> {
        let user = |part: &str| format!("{part}{number}");
        let jid = |part: &str| format!("{}@{}", user(part), server.domain());
        for part in ["device", "app"] {
            server.add_account(&user(part), PASSWORD)?;
        }
        let place = Place {
            direct_tls_port: server.direct_tls_port(),
            ca_pem: server.ca_pem().to_owned(),
            device: jid("device").parse()?,
            app: jid("app").parse()?,
        };
        bare::prepare(&place)?;
        let mut command = if name == "slixmpp" {
            let mut command = Command::new(python);
            command.args(["-c", include_str!("../contenders/slix.py")]);
            command
        } else {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["contender", name]);
            command
        };
        let mut process = command
            .arg(server.direct_tls_port().to_string())
            .arg(server.port().to_string())
            .arg(authority)
            .args([jid("device"), jid("app")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = process.stdin.take().ok_or("no way to give orders")?;
        let answers = process.stdout.take().ok_or("no way to hear answers")?;
        let mut contender = Self {
            name,
            place,
            process,
            orders,
            answers: BufReader::new(answers),
        };
        contender.answer()?;
        Ok(contender)
    }

    fn measure(&mut self, round: Round, count: usize) -> Outcome<Vec<f64>> {
        writeln!(self.orders, "{} {count}", round.order())?;
        let answer = self.answer()?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// Lets many values come at once, from a stream of the device that is not the contender's.
    /// The processor time in microseconds until the last was there.
    fn absorb(&mut self, turn: u32) -> Outcome<f64> {
        let first = FIRST + turn * FLOOD;
        let home = self.place.device.to_string();
        let mut device = Wire::bind(&self.place, &self.place.device)?;
        writeln!(self.orders, "{ABSORB} {}", first + FLOOD - 1)?;
        bare::flood(&mut device, &home, first..first + FLOOD)?;
        let times: Vec<f64> = serde_json::from_str(&self.answer()?)?;
        Ok(times.iter().sum())
    }

    fn answer(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(format!("{} ended early", self.name).into());
        }
        Ok(line)
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
