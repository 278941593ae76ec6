//! Which contacts are devices, and how they are found.

use crate::script::play;

#[test]
fn a_contact_with_a_form_is_a_device_and_a_person_is_never_shown() {
    play(
        "do   sign-in
         out  connect juliet
         see  link down
         in   online
         see  link up
         in   roster lamp:seen nurse:seen
         out  fetch lamp ui                   # one question tells a device from a person
         out  fetch nurse ui
         in   answer fetch nurse ui missing
         in   answer fetch lamp ui form
         out  reads lamp
         see  lamp unknown asking
         in   subscribed lamp
         in   answer fetch lamp sensors items temp=21.5
         see  lamp temp=21.5(old)             # nobody knows yet whether it is there
         in   answer fetch lamp actuators items power=0
         see  lamp power=0(old)
         in   answer fetch lamp ui form
         see  lamp unknown granted temp=21.5(old) power=0(old)
         in   lamp/a comes
         see  lamp online granted temp=21.5 power=0
         in   lamp/a features roost
         see  lamp online roost granted temp=21.5 power=0
         in   nurse/phone comes
         in   removed nurse
         in   removed lamp
         see  lamp gone",
    );
}

#[test]
fn a_contact_that_announces_the_feature_is_a_device_at_once() {
    play(
        "do   sign-in
         out  connect juliet
         see  link down
         in   online
         see  link up
         in   roster lamp:seen
         out  fetch lamp ui
         in   lamp/a comes
         in   lamp/a features roost
         see  lamp online roost asking
         in   answer fetch lamp ui missing    # it is still creating its nodes
         out  reads lamp",
    );
}

#[test]
fn a_person_who_publishes_like_a_device_is_asked_for_a_form_ever_more_rarely() {
    play(
        "do   sign-in
         out  connect juliet
         see  link down
         in   online
         see  link up
         in   roster nurse:seen
         out  fetch nurse ui
         in   answer fetch nurse ui missing
         in   nurse reports sensors temp=36.6
         in   nurse reports sensors temp=36.7
         wait 5s
         out  fetch nurse ui
         in   answer fetch nurse ui missing
         in   nurse reports sensors temp=36.6
         wait 9s
         wait 1s
         out  fetch nurse ui",
    );
}

#[test]
fn a_device_is_added_by_its_address() {
    play(
        "do   add lamp -> nobody is signed in
         do   sign-in
         out  connect juliet
         see  link down
         do   add lamp -> there is no connection
         in   online
         see  link up
         in   roster
         do   add juliet -> not an address of a device
         do   add lamp
         out  contact lamp None {}
         out  Ask lamp
         see  lamp unknown waiting
         in   contact lamp:asked
         in   step lamp approve
         see  lamp unknown asking
         in   contact lamp:seen
         in   step lamp ask                  # a Roost device wants to see us as well
         out  Approve lamp
         wait 1999ms
         wait 1ms                            # it may be busy creating its nodes
         out  reads lamp
         in   subscribed lamp
         in   answer fetch lamp sensors missing
         in   answer fetch lamp actuators items power=0
         see  lamp power=0(old)
         in   answer fetch lamp ui form
         see  lamp unknown granted power=0(old)
         do   add lamp -> already there",
    );
}

#[test]
fn a_device_that_never_approves_is_tried_all_the_same_and_says_so() {
    play(
        "do   sign-in
         out  connect juliet
         see  link down
         in   online
         see  link up
         in   roster
         do   add lamp
         out  contact lamp None {}
         out  Ask lamp
         see  lamp unknown waiting
         in   contact lamp:asked
         wait 30s
         out  reads lamp
         in   answer subscribe lamp sensors forbidden
         in   answer subscribe lamp actuators forbidden
         in   answer subscribe lamp ui forbidden
         in   answer fetch lamp sensors forbidden
         in   answer fetch lamp actuators forbidden
         in   answer fetch lamp ui forbidden
         in   step lamp deny
         see  lamp unknown denied
         wait 2s
         out  reads lamp
         do   add lamp                        # try again
         out  Ask lamp
         see  lamp unknown waiting",
    );
}

#[test]
fn strangers_who_ask_for_our_presence_get_no_answer() {
    play(
        "given lamp
         in   step romeo ask
         see  dropped 1: unaskedSubscription
         in   contact nurse:seen
         out  fetch nurse ui
         in   step nurse ask                  # on the roster, but a person decides about persons
         in   step lamp ask
         out  Approve lamp",
    );
}

#[test]
fn name_and_room_change_when_the_roster_says_so() {
    play(
        "given lamp
         do   rename lamp Desk
         out  contact lamp Some(\"Desk\") {}
         do   move lamp Study
         out  contact lamp Some(\"Desk\") {\"Study\"}
         do   rename lamp \u{7} -> not a usable name
         do   rename door Door -> no such device
         do   remove lamp
         out  unsubscribe lamp sensors
         out  unsubscribe lamp actuators
         out  unsubscribe lamp ui
         out  remove lamp
         in   removed lamp
         see  lamp gone",
    );
}

#[test]
fn a_round_that_failed_is_repeated_ever_more_rarely() {
    play(
        "given lamp
         do   refresh
         out  reads lamp
         in   subscribed lamp
         in   answer fetch lamp ui form
         in   answer fetch lamp sensors late
         in   answer fetch lamp actuators busy
         wait 4s
         wait 1s
         out  reads lamp
         in   subscribed lamp
         in   answer fetch lamp ui form
         in   answer fetch lamp sensors late
         in   answer fetch lamp actuators late
         wait 9s",
    );
}

#[test]
fn a_device_that_is_still_making_its_nodes_is_read_again_soon() {
    play(
        "given lamp
         do   refresh
         out  reads lamp
         in   subscribed lamp
         in   answer fetch lamp sensors items temp=21.5
         see  lamp temp=21.5
         in   answer fetch lamp actuators missing
         in   answer fetch lamp ui form
         wait 999ms
         wait 1ms
         out  reads lamp",
    );
}

#[test]
fn a_device_that_was_there_before_its_nodes_is_read_as_soon_as_it_is_ready() {
    let nothing_there = "out  reads lamp
         in   answer subscribe lamp sensors missing
         in   answer subscribe lamp actuators missing
         in   answer subscribe lamp ui missing
         in   answer fetch lamp sensors missing
         in   answer fetch lamp actuators missing
         in   answer fetch lamp ui missing";
    play(&format!(
        "do   sign-in
         out  connect juliet
         see  link down
         in   online
         see  link up
         in   roster lamp:seen
         out  fetch lamp ui
         in   lamp/a comes
         in   lamp/a features roost
         see  lamp online roost asking
         in   answer fetch lamp ui missing
         {nothing_there}
         see  lamp online roost not-a-device
         wait 2s
         {nothing_there}
         wait 4s
         {nothing_there}
         wait 8s
         {nothing_there}
         wait 3s                             # the next round would be in 13 s
         in   lamp/a comes                   # with another line of status
         wait 1999ms
         wait 1ms
         out  reads lamp"
    ));
}

#[test]
fn what_the_roster_refuses_is_told_and_does_not_come_along_later() {
    play(
        "given lamp
         do   rename lamp Sun
         out  contact lamp Some(\"Sun\") {}
         in   answer contact lamp forbidden
         see  lamp refused Rename Forbidden
         do   move lamp Hall
         out  contact lamp None {\"Hall\"}
         in   answer contact lamp late
         see  lamp refused Move TimedOut
         do   remove lamp
         out  unsubscribe lamp sensors
         out  unsubscribe lamp actuators
         out  unsubscribe lamp ui
         out  remove lamp
         in   answer remove lamp forbidden
         out  reads lamp
         see  lamp refused Remove Forbidden",
    );
}
