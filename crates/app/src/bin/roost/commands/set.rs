//! Changing a value, and waiting for the device to say that it did.

use std::time::Duration;

use roost_app::api::{ApiError, ErrorCode, FailureCodeView, FailureView, IntentView, StageView};
use tokio::time::{Instant, timeout_at};

use crate::args::{Args, Set};
use crate::exit::{Failure, NOT_CONNECTED, REFUSED, UNCONFIRMED, with_detail};
use crate::home::Home;
use crate::output::Output;
use crate::text::{clean, value};
use crate::{find, words};

/// How long the server may take to accept a wish whose end is not waited for.
const TO_DELIVER: Duration = Duration::from_secs(15);

pub(crate) async fn set(args: &Args, set: &Set, output: Output) -> Result<(), Failure> {
    let mut home = Home::sign_in(args).await?;
    let device = home.find(&set.device).await?;
    let field = find::field(&device, &set.field)?;
    if field.read_only {
        return Err(ApiError::new(ErrorCode::ReadOnly).into());
    }
    let wanted = find::value(field, &set.value)?;
    let begun = Instant::now();
    let intent = home
        .app
        .set_value(device.id.clone(), field.var.clone(), wanted)
        .await?;
    let (enough, patience) = match set.wait {
        0 => (StageView::Delivered, TO_DELIVER),
        seconds => (StageView::Confirmed, Duration::from_secs(seconds)),
    };
    let ended = follow(&mut home, intent, enough, begun + patience).await?;
    if let Some(ended) = &ended {
        output.print(ended, || {
            let name = format!("{}: {}", clean(&device.name), clean(&field.label));
            let took = begun.elapsed().as_millis();
            match ended.stage {
                StageView::Confirmed => {
                    format!("{name} is {} ({took} ms)", value(&ended.wanted))
                }
                StageView::Delivered => format!("{name}: the server has the wish"),
                StageView::Unconfirmed => format!("{name}: not confirmed"),
                _ => format!("{name}: not done"),
            }
        })?;
    }
    home.app.shutdown().await?;
    verdict(ended.as_ref(), enough)
}

/// Follows a wish until it ended or got far enough; how far it is then.
async fn follow(
    home: &mut Home,
    id: u32,
    enough: StageView,
    deadline: Instant,
) -> Result<Option<IntentView>, Failure> {
    loop {
        let intent = home.intents.get(&id);
        if let Some(intent) = intent.filter(|it| rank(it.stage) >= rank(enough)) {
            return Ok(Some(intent.clone()));
        }
        match timeout_at(deadline, home.next()).await {
            Ok(event) => drop(event?),
            Err(_) => return Ok(home.intents.get(&id).cloned()),
        }
    }
}

fn rank(stage: StageView) -> u8 {
    match stage {
        StageView::Accepted => 0,
        StageView::Sent => 1,
        StageView::Acked => 2,
        StageView::Delivered => 3,
        StageView::Confirmed | StageView::Failed | StageView::Unconfirmed => 4,
    }
}

/// How the program ends when the wish ended like this.
fn verdict(intent: Option<&IntentView>, enough: StageView) -> Result<(), Failure> {
    let unconfirmed = || Err(Failure::new(UNCONFIRMED, words::UNCONFIRMED));
    let Some(intent) = intent else {
        return unconfirmed();
    };
    match (&intent.failure, intent.stage) {
        (_, StageView::Confirmed) => Ok(()),
        (_, stage) if stage == enough => Ok(()),
        (Some(why), StageView::Failed) => Err(Failure::new(exit_code(why.code), sentence(why))),
        (Some(why), StageView::Unconfirmed) => Err(Failure::new(UNCONFIRMED, sentence(why))),
        (None, StageView::Failed) => Err(Failure::new(
            REFUSED,
            words::failure(FailureCodeView::RefusedByDevice),
        )),
        _ => unconfirmed(),
    }
}

fn exit_code(why: FailureCodeView) -> u8 {
    match why {
        FailureCodeView::ConnectionLost => NOT_CONNECTED,
        FailureCodeView::TimedOut | FailureCodeView::DeviceDoesNotReport => UNCONFIRMED,
        FailureCodeView::Forbidden
        | FailureCodeView::ServerForbidsOverwrite
        | FailureCodeView::NotFound
        | FailureCodeView::NotOffered
        | FailureCodeView::RefusedByDevice
        | FailureCodeView::RateLimited
        | FailureCodeView::Superseded
        | FailureCodeView::Protocol => REFUSED,
    }
}

fn sentence(why: &FailureView) -> String {
    let name = format!("{:?}", why.code);
    with_detail(words::failure(why.code), why.detail.as_deref(), &name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roost_app::api::ValueView;

    #[test]
    fn exit_codes() {
        let ended = |stage, failure: Option<FailureCodeView>| {
            let intent = IntentView {
                id: 1,
                device: "lamp@home.example".to_owned(),
                var: "power".to_owned(),
                wanted: ValueView::Bool(true),
                stage,
                since: 0.0,
                failure: failure.map(|code| FailureView { code, detail: None }),
            };
            verdict(Some(&intent), Confirmed).map_or_else(|it| it.code, |()| 0)
        };
        use FailureCodeView as C;
        use StageView::{Confirmed, Delivered, Failed, Unconfirmed};
        let cases = [
            (Confirmed, None, 0),
            (Failed, Some(C::RefusedByDevice), 3),
            (Failed, Some(C::ServerForbidsOverwrite), 3),
            (Failed, Some(C::ConnectionLost), 5),
            (Unconfirmed, None, 4),
            (Delivered, None, 4),
        ];
        for (stage, failure, code) in cases {
            assert_eq!(ended(stage, failure), code, "{stage:?} {failure:?}");
        }
    }
}
