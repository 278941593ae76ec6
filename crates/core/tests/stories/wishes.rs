//! Wishes and how they end.

use crate::script::play;

#[test]
fn a_roost_device_is_asked_and_its_own_report_confirms() {
    play(
        "given lamp
         do   set lamp power true
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   stage sent
         see  power=1 Sent
         in   stage acked
         see  power=1 Acked
         in   answer publish lamp ok
         see  power=1 Delivered
         in   lamp reports actuators set:power:T=1 by juliet/app
         in   lamp reports actuators power=0        # a moment before it acts: not a refusal
         see  lamp power=0
         in   lamp reports actuators power=1
         see  lamp power=1
         see  power=1 Confirmed
         in   lamp retracts actuators set:power:T
         wait 60s
         see  forgotten",
    );
}

#[test]
fn a_thesis_device_is_overwritten_and_its_own_report_confirms() {
    play(
        "given lamp thesis
         do   set lamp power 1
         out  publish lamp actuators power=1
         see  power=1 Accepted
         in   lamp reports actuators power=1 by juliet/app   # our own words prove nothing
         see  lamp power=1
         in   answer publish lamp ok
         see  power=1 Delivered
         in   lamp reports actuators power=1
         see  lamp power=1
         see  power=1 Confirmed",
    );
}

#[test]
fn where_the_server_names_nobody_the_echo_is_not_the_device() {
    play(
        "given lamp thesis
         do   set lamp power 1
         out  publish lamp actuators power=1
         see  power=1 Accepted
         in   lamp reports actuators power=1 by nobody
         see  lamp power=1
         in   answer publish lamp ok
         see  power=1 Delivered
         in   lamp reports actuators power=1 by nobody
         see  lamp power=1
         see  power=1 Confirmed",
    );
}

#[test]
fn a_request_that_was_handled_without_the_value_was_refused() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   answer publish lamp ok
         see  power=1 Delivered
         in   lamp retracts actuators set:power:T
         wait 1999ms                                # the report may come after
         in   lamp reports actuators power=0
         see  lamp power=0
         wait 1ms
         see  power=1 Failed RefusedByDevice",
    );
}

#[test]
fn what_a_device_took_away_as_it_came_is_asked_again() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   answer publish lamp ok
         see  power=1 Delivered
         in   lamp retracts actuators set:power:T   # it restarted, and acts on nothing old
         wait 500ms
         in   lamp/b comes
         out  publish lamp actuators set:power:T=1 stamped
         see  lamp online roost granted temp=21.5 level=3 power=0
         in   answer publish lamp ok
         in   lamp reports actuators power=1
         see  lamp power=1
         see  power=1 Confirmed
         in   lamp retracts actuators set:power:T
         wait 2s
         out  reads lamp",
    );
}

#[test]
fn nothing_is_asked_of_a_device_before_it_is_there() {
    play(
        "given lamp
         in   online
         out  reads lamp
         see  link up
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   roster lamp:seen
         in   subscribed lamp
         in   answer fetch lamp sensors items temp=21.5
         see  lamp temp=21.5(old)
         in   answer fetch lamp actuators items power=0 level=3
         see  lamp power=0(old) level=3(old)
         in   answer fetch lamp ui form
         do   set lamp power 1
         see  power=1 Accepted
         in   lamp/b comes
         out  publish lamp actuators set:power:T=1 stamped
         see  lamp online roost granted temp=21.5 level=3 power=0",
    );
}

#[test]
fn a_report_may_follow_the_end_of_the_request() {
    play(
        "given lamp
         do   set lamp level 4.2
         out  publish lamp actuators set:level:T=4.2 stamped
         see  level=4.2 Accepted
         in   lamp retracts actuators set:level:T
         wait 500ms
         in   lamp reports actuators level=4         # rounded to the slider's step
         see  lamp level=4
         see  level=4.2 Confirmed",
    );
}

#[test]
fn a_thesis_device_that_keeps_saying_something_else_refused() {
    play(
        "given lamp thesis
         do   set lamp power 1
         out  publish lamp actuators power=1
         see  power=1 Accepted
         in   answer publish lamp ok
         see  power=1 Delivered
         in   lamp reports actuators power=0
         see  lamp power=0
         wait 10s
         see  power=1 Failed RefusedByDevice",
    );
}

#[test]
fn silence_is_unconfirmed_and_the_request_is_taken_back() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   answer publish lamp ok
         see  power=1 Delivered
         wait 10s
         out  retract lamp actuators set:power:T
         see  power=1 Unconfirmed
         in   lamp reports actuators power=1         # too late for this wish
         see  lamp power=1",
    );
}

#[test]
fn the_server_may_refuse() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   answer publish lamp forbidden
         see  power=1 Failed Forbidden",
    );
    play(
        "given lamp thesis
         do   set lamp power 1
         out  publish lamp actuators power=1
         see  power=1 Accepted
         in   answer publish lamp forbidden
         see  power=1 Failed ServerForbidsOverwrite",
    );
}

#[test]
fn wishes_that_make_no_sense_are_refused_at_once() {
    play(
        "do   set lamp power 1 -> nobody is signed in
         given lamp
         do   set door power 1 -> no such device
         do   set lamp colour red -> no such field
         do   set lamp temp 22 -> the field cannot be changed
         do   set lamp power maybe -> not a valid value: it is neither true nor false
         do   set lamp level 11 -> out of range
         in   lamp/a leaves
         see  lamp offline roost granted temp=21.5(old) level=3(old) power=0(old)
         do   set lamp power 1 -> the device is offline",
    );
}

#[test]
fn a_newer_wish_takes_the_place_of_an_older_one() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         do   set lamp power 0
         out  publish lamp actuators set:power:T=0 stamped
         see  power=1 Failed Superseded
         see  power=0 Accepted
         in   lamp reports actuators power=0         # from before the first wish
         see  lamp power=0
         in   lamp reports actuators power=1         # the first wish
         see  lamp power=1
         in   lamp reports actuators power=0
         see  lamp power=0
         in   lamp retracts actuators set:power:T
         see  power=0 Confirmed",
    );
}

#[test]
fn a_button_is_granted_by_any_reaction() {
    play(
        "given lamp
         do   set lamp ring 1
         out  publish lamp actuators set:ring:T=1 stamped
         see  ring=1 Accepted
         in   lamp reports actuators ring=0
         see  lamp ring=0
         in   lamp retracts actuators set:ring:T
         see  ring=1 Confirmed",
    );
}

#[test]
fn a_wish_while_the_link_is_down_waits_for_it() {
    play(
        "given lamp
         in   suspended
         see  link down
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   state waiting
         see  link down
         do   set lamp power 1
         see  power=1 Accepted
         wait 20s
         in   resumed
         out  publish lamp actuators set:power:T=1 stamped
         see  link up
         see  lamp online roost granted temp=21.5 level=3 power=0
         in   lamp reports actuators power=1
         see  lamp power=1
         see  power=1 Confirmed",
    );
}

#[test]
fn a_wish_that_waited_too_long_is_never_sent() {
    play(
        "given lamp
         in   state waiting
         see  link down
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         do   set lamp power 1
         see  power=1 Accepted
         wait 45s
         see  power=1 Failed ConnectionLost
         in   resumed
         see  link up
         see  lamp online roost granted temp=21.5 level=3 power=0",
    );
}

/// The stream is lost under a wish; what the re-read shows decides.
fn lost(reread: &str, then: &str) {
    let script = format!(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   stage sent
         see  power=1 Sent
         in   state waiting
         see  link down
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         wait 20s
         in   answer publish lamp lost
         in   online
         out  reads lamp
         see  link up
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   lamp/a comes
         see  lamp online roost granted temp=21.5(old) level=3(old) power=0(old)
         in   answer fetch lamp actuators items {reread}
         {then}"
    );
    play(&script);
}

#[test]
fn after_a_lost_stream_the_home_is_read_again_instead_of_guessing() {
    // It had arrived, and the device acted.
    lost(
        "power=1",
        "see lamp power=1 level-
         see power=1 Confirmed",
    );
    // It had arrived, and the device has yet to act.
    lost(
        "power=0 set:power:T=1",
        "see lamp power=0 level-
         see power=1 Delivered
         in  lamp reports actuators power=1
         see lamp power=1
         see power=1 Confirmed",
    );
    // It had not arrived: the same request is sent again.
    lost(
        "power=0",
        "see lamp power=0 level-
         see power=1 Sent
         in  subscribed lamp
         in  answer fetch lamp sensors items temp=21.5
         see lamp temp=21.5
         in  answer fetch lamp ui form
         out publish lamp actuators set:power:T=1 stamped
         in  lamp reports actuators power=1
         see lamp power=1
         see power=1 Confirmed",
    );
}

#[test]
fn a_button_is_never_pressed_twice() {
    play(
        "given lamp
         do   set lamp ring 1
         out  publish lamp actuators set:ring:T=1 stamped
         see  ring=1 Accepted
         in   online
         out  reads lamp
         see  link up
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   answer fetch lamp actuators items power=0
         out  retract lamp actuators set:ring:T
         see  lamp power=0(old) level-
         see  ring=1 Unconfirmed ConnectionLost",
    );
}

/// A device of which nothing is known but its form and values.
const UNKNOWN: &str = "do sign-in
         out  connect juliet
         see  link down
         in   state online
         see  link down
         in   online
         see  link up
         in   roster lamp:seen
         out  fetch lamp ui
         in   answer fetch lamp ui form
         out  reads lamp
         see  lamp unknown asking
         in   lamp/a comes
         see  lamp online asking
         in   subscribed lamp
         in   answer fetch lamp sensors items
         in   answer fetch lamp ui form
         do   set lamp power 1                      # held: nothing was read in full yet
         see  power=1 Accepted
         in   answer fetch lamp actuators items power=0
         see  lamp online granted power=0
         wait 2s
         ";

#[test]
fn a_wish_waits_until_the_device_told_its_profile() {
    let told = "in   lamp/a features roost
         out  publish lamp actuators set:power:T=1 stamped
         see  lamp online roost granted power=0";
    play(&format!("{UNKNOWN}{told}"));
    let silent = "wait 1s
         out  publish lamp actuators power=1
         see  lamp online thesis granted power=0";
    play(&format!("{UNKNOWN}{silent}"));
}

#[test]
fn a_device_that_is_taken_off_the_list_takes_its_wishes_along() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         in   removed lamp
         see  lamp gone
         see  power=1 Failed NotFound",
    );
}

#[test]
fn signing_out_ends_all_wishes() {
    play(
        "given lamp
         do   set lamp power 1
         out  publish lamp actuators set:power:T=1 stamped
         see  power=1 Accepted
         do   sign-out
         out  retract lamp actuators set:power:T
         out  disconnect
         see  power=1 Unconfirmed ConnectionLost",
    );
}

#[test]
fn a_wish_that_was_answered_while_the_server_rested_is_judged_by_what_is_read() {
    for (level, verdict) in [
        ("7", "level=3 Failed RefusedByDevice"),
        ("3", "level=3 Confirmed"),
    ] {
        let changed = format!("see  lamp level={level} power=0");
        let follow = if level == "3" {
            ""
        } else {
            "see  level=3 Delivered\nwait 2s"
        };
        play(&format!(
            "given lamp
             do   look-away
             wait 20s
             out  inactive
             do   set lamp level 3                # what it is set to, as far as we know
             out  publish lamp actuators set:level:T=3 stamped
             see  level=3 Accepted
             in   answer publish lamp actuators set:level:T=3 ok
             see  level=3 Delivered
             in   lamp retracts actuators set:level:T   # and what it said before was thrown away
             out  fetch lamp sensors
             out  fetch lamp actuators
             out  fetch lamp ui
             in   answer fetch lamp actuators items level={level} power=0
             {changed}
             {follow}
             see  {verdict}"
        ));
    }
}
