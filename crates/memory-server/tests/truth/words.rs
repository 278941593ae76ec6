//! Answers and events in words, without what differs from run to run.

use jid::Jid;
use roost_model::Failure;
use roost_xmpp_proto::{Answer, ItemReport, Payload, Request, SessionEvent};

/// One step of a script: who asked what, the answer, and what was heard, in alphabetical order.
pub(crate) fn step(
    who: &str,
    request: &Request,
    answer: Option<&Result<Answer, Failure>>,
    mut heard: Vec<String>,
) -> String {
    heard.sort();
    let request = format!("{request:?}");
    let asked = request.split('{').next().unwrap_or_default().trim();
    let answer = match answer {
        None => String::new(),
        Some(Ok(answer)) => format!(": {}", positive(answer)),
        Some(Err(failure)) => format!(": {}", negative(failure)),
    };
    format!("{who} {asked}{answer}\n  {}", heard.join("\n  "))
}

/// Whether a request is answered at all.
pub(crate) fn has_answer(request: &Request) -> bool {
    !matches!(
        request,
        Request::Subscription { .. } | Request::SendText { .. }
    )
}

/// What somebody hears, if it is worth a word.
pub(crate) fn heard(who: &str, event: &SessionEvent) -> Option<String> {
    let what = match event {
        SessionEvent::Published { service, items, .. } => {
            let items: Vec<String> = items.iter().map(item).collect();
            format!("{service} published {}", items.join(", "))
        }
        SessionEvent::Retracted { service, items, .. } => {
            format!("{service} retracted {items:?}")
        }
        SessionEvent::NodeGone {
            service, deleted, ..
        } => format!("{service} lost a node, deleted: {deleted}"),
        SessionEvent::SubscriptionStep { from, step } => format!("{from} takes the step {step:?}"),
        SessionEvent::Presence { from, show, .. } => format!("{} is {show:?}", name(from)),
        SessionEvent::ContactChanged(contact) => format!(
            "{}: sees {}, seen {}, asked {}",
            contact.jid, contact.we_see_them, contact.they_see_us, contact.asked
        ),
        SessionEvent::ContactRemoved(jid) => format!("{jid} is off the roster"),
        SessionEvent::Text { from, body, .. } => format!("{} says {body}", name(from)),
        SessionEvent::Discarded(discarded) => format!("discarded {:?}", discarded.reason),
        _ => return None,
    };
    Some(format!("{who} hears: {what}"))
}

fn positive(answer: &Answer) -> String {
    match answer {
        Answer::Items(items) => {
            let mut items: Vec<String> = items.iter().map(item).collect();
            items.sort();
            format!("[{}]", items.join(", "))
        }
        Answer::Features(_) => "features".to_owned(),
        Answer::Affiliations(all) => {
            let mut all = all.clone();
            all.sort_by_key(|(jid, _)| jid.to_string());
            format!("{all:?}")
        }
        Answer::Subscribers(all) => {
            let mut all: Vec<String> = all.iter().map(name).collect();
            all.sort();
            all.join(", ")
        }
        other => format!("{other:?}"),
    }
}

/// The condition without the sentence that some servers add.
fn negative(failure: &Failure) -> String {
    let detail = failure.detail.as_deref().unwrap_or_default();
    let condition = detail.split(':').next().unwrap_or_default();
    format!("{:?}, {condition}", failure.code)
}

fn item(report: &ItemReport) -> String {
    let text = match &report.payload {
        Payload::Value(val) => val.text(),
        _ => "?",
    };
    let publisher = report.publisher.as_ref().map(name);
    format!("{}={text} by {publisher:?}", report.item)
}

/// Resources are random.
fn name(jid: &Jid) -> String {
    match jid.resource() {
        Some(_) => format!("{}/…", jid.to_bare()),
        None => jid.to_string(),
    }
}
