//! Notices that a stream is dead though no error says so (XEP-0199).
//!
//! Half of the time that a stream may be silent passes in patience; then the server is asked, and
//! if the other half passes without a byte, the stream is dead. The same holds if nothing can be
//! written. When the machine was asleep, which shows as calendar time that passed without the
//! monotonic clock, there is no patience: the question is asked at once and the answer must come
//! soon.

use std::time::{Duration, Instant, SystemTime};

/// Bounds of the silence that an account may ask for.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// How long an answer may take when there is reason for doubt.
const DOUBTFUL_ANSWER: Duration = Duration::from_secs(5);
/// How often to look at the clocks.
const TICK: Duration = Duration::from_secs(5);
/// How far the clocks may drift apart between two looks before we take it for sleep. Calendar
/// clocks are adjusted; a wrong guess costs one ping.
const SLEPT: Duration = Duration::from_secs(8);

#[derive(Debug)]
pub(crate) struct Watchdog {
    silence: Duration,
    heard_at: Instant,
    /// When the answer to our question must be there.
    answer_by: Option<Instant>,
    stalled_since: Option<Instant>,
    looked_at: (Instant, SystemTime),
    doubt: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Look again at this time.
    Alive(Instant),
    /// Send a ping, and look again.
    Ask,
    /// Give the stream up.
    Dead,
}

/// What can be seen of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs {
    /// When the last bytes came.
    pub(crate) heard_at: Instant,
    /// Whether something waits to be written.
    pub(crate) stalled: bool,
    /// Whether we read at all.
    pub(crate) reading: bool,
}

impl Watchdog {
    pub(crate) fn new(silence: Duration, now: Instant, wall: SystemTime) -> Self {
        Self {
            silence: silence.clamp(SHORTEST, LONGEST),
            heard_at: now,
            answer_by: None,
            stalled_since: None,
            looked_at: (now, wall),
            doubt: false,
        }
    }

    /// The stream may be silent for this long from now on. A question under way keeps its time.
    pub(crate) fn set_silence(&mut self, silence: Duration) {
        self.silence = silence.clamp(SHORTEST, LONGEST);
    }

    /// There is reason to ask at once.
    pub(crate) fn doubt(&mut self) {
        self.doubt = true;
    }

    pub(crate) fn look(&mut self, signs: Signs, now: Instant, wall: SystemTime) -> Verdict {
        if slept(self.looked_at, (now, wall)) {
            self.doubt = true;
        }
        self.looked_at = (now, wall);

        let heard_at = if signs.reading { signs.heard_at } else { now };
        if heard_at > self.heard_at {
            self.heard_at = heard_at;
            self.answer_by = None;
        }
        self.stalled_since = signs.stalled.then(|| self.stalled_since.unwrap_or(now));

        let stalled_too_long = self
            .stalled_since
            .is_some_and(|since| now >= since + self.silence);
        if stalled_too_long || self.answer_by.is_some_and(|by| now >= by) {
            return Verdict::Dead;
        }
        if self.doubt {
            self.doubt = false;
            self.answer_by = Some(now + (self.silence / 2).min(DOUBTFUL_ANSWER));
            return Verdict::Ask;
        }
        let ask_at = self.heard_at + self.silence / 2;
        if self.answer_by.is_none() && now >= ask_at {
            self.answer_by = Some((self.heard_at + self.silence).max(now + self.silence / 4));
            return Verdict::Ask;
        }
        let mut wake = self.answer_by.unwrap_or(ask_at).min(now + TICK);
        if let Some(since) = self.stalled_since {
            wake = wake.min(since + self.silence);
        }
        Verdict::Alive(wake)
    }
}

/// Whether much more calendar time passed than time in which this machine ran.
pub(crate) fn slept(before: (Instant, SystemTime), after: (Instant, SystemTime)) -> bool {
    let ran = after.0.saturating_duration_since(before.0);
    after
        .1
        .duration_since(before.1)
        .is_ok_and(|passed| passed > ran + SLEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Duration = Duration::from_secs(30);
    struct Story {
        start: Instant,
        wall: SystemTime,
        dog: Watchdog,
    }

    impl Story {
        fn new() -> Self {
            let (start, wall) = (Instant::now(), SystemTime::now());
            Self {
                start,
                wall,
                dog: Watchdog::new(SILENCE, start, wall),
            }
        }

        /// Signs of a stream on which the last bytes came after so many seconds.
        fn heard(&self, seconds: f64) -> Signs {
            Signs {
                heard_at: self.start + Duration::from_secs_f64(seconds),
                stalled: false,
                reading: true,
            }
        }

        /// What the watchdog says after so many seconds.
        fn at(&mut self, seconds: f64, signs: Signs) -> Verdict {
            let passed = Duration::from_secs_f64(seconds);
            self.dog
                .look(signs, self.start + passed, self.wall + passed)
        }
    }

    #[test]
    fn silence_is_asked_about_and_then_ends_the_stream() {
        let mut story = Story::new();
        let mut verdicts = Vec::new();
        let mut seconds = 0.0;
        loop {
            match story.at(seconds, story.heard(0.0)) {
                Verdict::Alive(wake) => seconds = (wake - story.start).as_secs_f64(),
                verdict => {
                    verdicts.push((seconds, verdict));
                    if verdict == Verdict::Dead {
                        break;
                    }
                }
            }
        }
        assert_eq!(verdicts, [(15.0, Verdict::Ask), (30.0, Verdict::Dead)]);
    }

    #[test]
    fn any_byte_is_a_sign_of_life() {
        let mut story = Story::new();
        assert_eq!(story.at(16.0, story.heard(0.0)), Verdict::Ask);
        assert!(matches!(
            story.at(29.0, story.heard(20.0)),
            Verdict::Alive(_)
        ));
        assert_eq!(story.at(35.0, story.heard(20.0)), Verdict::Ask);
        assert_eq!(story.at(50.0, story.heard(20.0)), Verdict::Dead);
    }

    #[test]
    fn what_cannot_be_written_ends_the_stream_even_if_bytes_come() {
        let mut story = Story::new();
        for second in 0..=30 {
            let second = f64::from(second);
            let signs = Signs {
                stalled: true,
                ..story.heard(second)
            };
            let dead = story.at(second, signs) == Verdict::Dead;
            assert_eq!(dead, second >= 30.0, "{second}");
        }
    }

    #[test]
    fn who_does_not_read_cannot_blame_the_server() {
        let mut story = Story::new();
        let deaf = Signs {
            reading: false,
            ..story.heard(0.0)
        };
        for second in 0..100 {
            let verdict = story.at(f64::from(second), deaf);
            assert!(matches!(verdict, Verdict::Alive(_)), "{second}");
        }
    }

    #[test]
    fn after_sleep_the_answer_must_come_soon() {
        let mut story = Story::new();
        let (at, wall) = (
            story.start + Duration::from_secs(5),
            story.wall + Duration::from_secs(3600),
        );
        let signs = story.heard(0.0);
        assert_eq!(story.dog.look(signs, at, wall), Verdict::Ask);
        let later = DOUBTFUL_ANSWER;
        let verdict = story.dog.look(signs, at + later, wall + later);
        assert_eq!(verdict, Verdict::Dead);
    }

    #[test]
    fn a_calendar_that_jumps_back_is_not_sleep() {
        let mut story = Story::new();
        let at = story.start + Duration::from_secs(5);
        let wall = story.wall - Duration::from_secs(3600);
        let verdict = story.dog.look(story.heard(0.0), at, wall);
        assert!(matches!(verdict, Verdict::Alive(_)));
    }
}
