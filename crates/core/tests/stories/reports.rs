//! What counts as a device's word, and what does not.

use crate::script::play;

#[test]
fn values_arrive_change_and_go() {
    play(
        "given lamp
         in   lamp reports sensors temp=22
         see  lamp temp=22
         in   lamp reports sensors humidity=40      # no field of the form; shown all the same
         see  lamp humidity=40
         in   lamp reports sensors temp=?
         see  lamp temp!the item holds no value
         in   lamp reports actuators level=2,5      # never a guess
         see  lamp level!not a number
         in   lamp retracts sensors temp
         see  lamp temp-
         in   lamp retracts sensors temp",
    );
}

#[test]
fn nobody_else_speaks_for_a_device() {
    play(
        "given lamp
         in   romeo reports sensors temp=99
         see  dropped 1: stranger
         in   lamp reports sensors temp=99 by romeo/x
         see  lamp online roost granted temp=21.5 level=3 power=0
         see  dropped 2: stranger foreignPublisher
         in   lamp reports actuators power=1 by romeo
         see  lamp online roost granted temp=21.5 level=3 power=0
         see  dropped 3: stranger foreignPublisher
         in   lamp reports actuators power=1 by nobody
         see  lamp online roost granted temp=21.5 level=3 power=0
         see  dropped 4: stranger foreignPublisher unstamped
         in   lamp reports actuators power=1 by juliet/other   # a request of ours, no state
         in   lamp reports actuators set:power:x=1 by romeo    # a request of somebody's
         in   lamp reports ui current=1
         see  dropped 5: stranger foreignPublisher unstamped misplaced
         in   romeo retracts sensors temp
         see  dropped 6: stranger foreignPublisher unstamped misplaced
         in   romeo lost sensors
         see  dropped 7: stranger foreignPublisher unstamped misplaced",
    );
}

#[test]
fn a_thesis_device_shows_what_we_wrote_but_not_what_others_did() {
    play(
        "given lamp thesis
         in   lamp reports actuators power=1 by juliet/app
         see  lamp power=1
         in   lamp reports actuators power=0 by romeo/x
         see  lamp online thesis granted temp=21.5 level=3 power=1
         see  dropped 1: foreignPublisher
         in   lamp reports actuators power=0 by nobody
         see  lamp power=0",
    );
}

#[test]
fn a_full_read_is_the_whole_truth() {
    play(
        "given lamp
         do   refresh
         out  reads lamp
         in   answer fetch lamp actuators items level=4 set:power:x=1
         see  lamp level=4 power-",
    );
}

#[test]
fn a_device_that_left_shows_the_past_until_it_is_read_again() {
    play(
        "given lamp
         in   lamp/a leaves
         see  lamp offline roost granted temp=21.5(old) level=3(old) power=0(old)
         in   lamp/b comes
         see  lamp online roost granted temp=21.5(old) level=3(old) power=0(old)
         wait 2s
         out  reads lamp
         in   answer fetch lamp sensors items temp=21.5
         see  lamp temp=21.5
         in   lamp/b sleeps
         see  lamp asleep roost granted temp=21.5 level=3(old) power=0(old)",
    );
}

#[test]
fn nodes_that_are_gone_are_read_again_when_they_are_back() {
    play(
        "given lamp thesis
         in   lamp lost actuators
         see  lamp online thesis granted temp=21.5 level=3(old) power=0(old)
         in   lamp lost sensors
         see  lamp online thesis granted temp=21.5(old) level=3(old) power=0(old)
         wait 2s
         out  reads lamp",
    );
}

#[test]
fn a_thesis_device_that_falls_silent_is_subscribed_to_again() {
    play(
        "given lamp thesis
         in   lamp reports sensors temp=1
         see  lamp temp=1
         wait 3s
         in   lamp reports sensors temp=2
         see  lamp temp=2
         wait 3s
         in   lamp reports sensors temp=3
         see  lamp temp=3
         wait 3s
         in   lamp reports sensors temp=4
         see  lamp temp=4
         wait 3s
         in   lamp reports sensors temp=5
         see  lamp temp=5
         wait 14s
         wait 1s
         out  reads lamp",
    );
}

#[test]
fn two_nodes_may_use_one_name_and_the_actuator_counts() {
    play(
        "given lamp
         in   lamp reports sensors power=1
         see  lamp power=0",
    );
}
