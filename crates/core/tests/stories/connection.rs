//! What the connection does to the home.

use crate::script::play;

#[test]
fn an_interruption_makes_everything_old_and_a_resumption_undoes_it() {
    play(
        "given lamp
         in   suspended
         see  link down
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   state waiting
         see  link down
         in   state connecting
         see  link down
         in   resumed
         see  link up
         see  lamp online roost granted temp=21.5 level=3 power=0",
    );
}

#[test]
fn a_new_stream_knows_nothing_until_everything_is_read_again() {
    play(
        "given lamp
         in   online
         out  reads lamp
         see  link up
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   roster lamp:seen
         in   lamp/a comes
         see  lamp online roost granted temp=21.5(old) level=3(old) power=0(old)
         in   answer fetch lamp actuators items power=1
         see  lamp power=1 level-
         in   answer fetch lamp sensors items temp=22
         see  lamp temp=22",
    );
}

#[test]
fn whose_presence_does_not_come_was_away_before_we_came() {
    play(
        "given lamp
         in   online
         out  reads lamp
         see  link up
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   answer fetch lamp sensors items temp=22
         see  lamp temp=22(old)
         wait 10s
         see  lamp offline roost granted temp=22(old) level=3(old) power=0(old)",
    );
}

#[test]
fn a_device_that_is_no_longer_on_the_roster_is_forgotten() {
    play(
        "given lamp
         in   online
         out  reads lamp
         see  link up
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         in   roster
         see  lamp gone",
    );
}

#[test]
fn another_account_has_another_home() {
    play(
        "given lamp
         do   sign-in                        # with another password, perhaps
         out  connect juliet
         do   sign-in romeo
         out  connect romeo
         see  link down
         see  lamp gone
         in   contact lamp:seen              # still from the old stream
         in   online
         see  link up
         in   contact door:seen
         out  fetch door ui",
    );
}

#[test]
fn signing_out_keeps_the_home_or_forgets_it() {
    play(
        "given lamp
         do   sign-out
         out  disconnect
         in   state off
         see  link down
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         do   set lamp power 1 -> there is no connection
         do   forget
         out  disconnect
         see  link down
         see  lamp gone",
    );
}

#[test]
fn what_was_known_at_the_last_run_is_shown_at_once_and_marked_as_old() {
    play(
        "in   restored lamp roost
         see  link down
         see  LAMP unknown roost asking temp=19(old)
         do   sign-in
         out  connect juliet
         in   online
         out  reads lamp
         see  link up
         see  LAMP unknown roost asking temp=19(old)
         in   roster lamp:seen
         see  lamp unknown roost asking temp=19(old)   # the roster has no name for it any more
         in   lamp/a comes
         see  lamp online roost asking temp=19(old)
         in   answer fetch lamp sensors items temp=20
         see  lamp temp=20",
    );
}

#[test]
fn a_restored_thesis_device_may_have_learnt_better() {
    play(
        "in   restored lamp thesis
         see  link down
         see  LAMP unknown asking temp=19(old)",
    );
}

#[test]
fn while_nobody_looks_the_server_may_rest_and_then_everything_is_read_again() {
    play(
        "given lamp
         do   look-away
         wait 15s
         do   look                           # hidden for a moment
         wait 10s
         do   look-away
         wait 19s
         do   look-away                      # still
         wait 1s
         out  inactive
         do   look
         out  active
         out  fetch lamp sensors
         out  fetch lamp actuators
         out  fetch lamp ui
         in   answer fetch lamp sensors items temp=23
         see  lamp temp=23
         do   look",
    );
}

#[test]
fn who_looks_again_during_an_interruption_misses_nothing() {
    play(
        "given lamp
         do   look-away
         wait 20s
         out  inactive
         in   suspended
         see  link down
         see  lamp unknown roost granted temp=21.5(old) level=3(old) power=0(old)
         do   look
         out  active
         in   resumed
         out  fetch lamp sensors
         out  fetch lamp actuators
         out  fetch lamp ui
         see  link up
         see  lamp online roost granted temp=21.5 level=3 power=0",
    );
}

#[test]
fn another_session_is_told_that_nobody_looks() {
    play(
        "given lamp
         do   look-away
         wait 20s
         out  inactive
         do   sign-in romeo
         out  connect romeo
         out  inactive
         see  link down
         see  lamp gone",
    );
}
