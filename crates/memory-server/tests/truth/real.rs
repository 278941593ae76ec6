//! The script at a real server.

use std::time::Duration;

use roost_model::{Failure, Secret};
use roost_testkit::{Options, RealServer, ServerKind};
use roost_xmpp_link::{Link, LinkOptions, spawn};
use roost_xmpp_proto::{
    Account, Answer, Identity, LinkCommand, LinkEvent, RequestId, Route, SessionConfig,
    SessionEvent, Trust,
};
use tokio::time::{Instant, timeout, timeout_at};

use crate::script::{PEOPLE, Script, jid};
use crate::words;

const PASSWORD: &str = "wherefore art thou";
/// When nothing more was heard for so long, nothing more comes of a step.
const QUIET: Duration = Duration::from_millis(300);
/// The same where no answer tells that the server got that far.
const LONG_QUIET: Duration = Duration::from_millis(1_500);
const PATIENCE: Duration = Duration::from_secs(20);

struct Person {
    name: &'static str,
    link: Link,
}

pub(crate) async fn play(kind: ServerKind, script: &Script) -> Vec<String> {
    let options = Options {
        thesis: script.thesis,
        ..Options::default()
    };
    let server = RealServer::launch(kind, &options).unwrap();
    let mut people = Vec::new();
    for name in PEOPLE {
        server.add_account(name, PASSWORD).unwrap();
        people.push(enter(&server, name).await);
    }
    listen(&mut people, false).await;
    let mut story = Vec::new();
    for (number, (who, request)) in (1..).zip(&script.steps) {
        let person = people.iter().find(|person| person.name == *who).unwrap();
        let command = LinkCommand::Request(RequestId(number), Box::new(request.clone()));
        person.link.commands.send(command).await.unwrap();
        let (answer, heard) = listen(&mut people, words::has_answer(request)).await;
        story.push(words::step(who, request, answer.as_ref(), heard));
    }
    story
}

async fn enter(server: &RealServer, name: &'static str) -> Person {
    let identity = Identity {
        category: "client".into(),
        kind: "bot".into(),
        name: name.into(),
    };
    let config = SessionConfig::new(jid(name), identity, "https://roost.example", 7);
    let mut link = spawn(config, LinkOptions::new(1));
    let account = Account {
        jid: jid(name),
        password: Secret::new(PASSWORD),
        route: Route::Fixed {
            host: "127.0.0.1".to_owned(),
            port: server.port(),
            direct_tls: false,
        },
        trust: Trust::Authorities(server.ca_pem().to_owned()),
        resource: None,
        silence: Duration::from_secs(30),
    };
    let connect = LinkCommand::Connect(Box::new(account));
    link.commands.send(connect).await.unwrap();
    let sign_in = async {
        while let Some(event) = link.events.recv().await {
            if matches!(&event, LinkEvent::Session(event) if matches!(**event, SessionEvent::Roster(_)))
            {
                return;
            }
        }
        panic!("{name} cannot sign in");
    };
    timeout(PATIENCE, sign_in).await.unwrap();
    Person { name, link }
}

/// Everything that anybody hears until it is quiet and, where one is due, the answer came.
async fn listen(
    people: &mut [Person],
    answer_is_due: bool,
) -> (Option<Result<Answer, Failure>>, Vec<String>) {
    let mut answer = None;
    let mut heard = Vec::new();
    let give_up = Instant::now() + PATIENCE;
    let quiet = if answer_is_due { QUIET } else { LONG_QUIET };
    loop {
        let quiet_at = Instant::now() + quiet;
        let mut is_quiet = true;
        for person in &mut *people {
            while let Ok(Some(event)) = timeout_at(quiet_at, person.link.events.recv()).await {
                is_quiet = false;
                let LinkEvent::Session(event) = event else {
                    continue;
                };
                heard.extend(words::heard(person.name, &event));
                if let SessionEvent::Answer { result, .. } = *event {
                    answer = Some(result);
                }
            }
        }
        let is_answered = answer.is_some() || !answer_is_due;
        if (is_quiet && is_answered) || Instant::now() > give_up {
            return (answer, heard);
        }
    }
}
