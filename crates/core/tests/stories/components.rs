//! Devices whose nodes are at a component of their domain.

use crate::script::play;

/// A lamp that was added and has no nodes of its own; the component is asked.
const LOOKED_FOR: &str = "do   sign-in
         out  connect juliet
         see  link down
         in   online
         see  link up
         in   roster lamp:seen nurse:seen
         out  fetch lamp ui
         out  fetch nurse ui
         in   answer fetch lamp ui missing    # nobody looks further for what may be a person
         in   answer fetch nurse ui missing
         do   add lamp
         see  lamp unknown asking
         out  reads lamp
         in   answer subscribe lamp sensors missing
         in   answer subscribe lamp actuators missing
         in   answer subscribe lamp ui missing
         in   answer fetch lamp sensors missing
         in   answer fetch lamp actuators missing
         in   answer fetch lamp ui missing
         out  fetch component ui";

const FOUND: &str = "in   answer fetch component ui form
         out  reads component
         in   subscribed component
         in   answer fetch component sensors items temp=21
         see  lamp temp=21(old)
         in   answer fetch component actuators items power=0
         see  lamp power=0(old)
         in   answer fetch component ui form
         see  lamp unknown granted temp=21(old) power=0(old)
         in   lamp/a comes
         see  lamp online granted temp=21 power=0
         wait 3s
         see  lamp online thesis granted temp=21 power=0";

#[test]
fn its_nodes_are_read_and_written_at_the_component() {
    play(&format!(
        "{LOOKED_FOR}
         {FOUND}
         do   set lamp power 1
         out  publish component actuators power=1
         see  power=1 Accepted
         do   remove lamp
         out  unsubscribe component sensors
         out  unsubscribe component actuators
         out  unsubscribe component ui
         out  remove lamp"
    ));
}

#[test]
fn events_of_a_component_are_no_proof_but_a_reason_to_look() {
    play(&format!(
        "{LOOKED_FOR}
         {FOUND}
         in   component reports sensors temp=99 by lamp/a
         in   component reports sensors temp=98 by nobody
         in   component retracts sensors temp
         wait 999ms
         wait 1ms
         out  fetch component sensors
         out  fetch component actuators
         out  fetch component ui
         in   answer fetch component sensors items temp=22
         see  lamp temp=22
         in   lamp reports sensors temp=23    # its own account hosts nothing now, and may yet
         see  lamp temp=23"
    ));
}

#[test]
fn a_component_without_the_nodes_is_asked_once() {
    play(&format!(
        "{LOOKED_FOR}
         in   answer fetch component ui missing
         see  lamp unknown not-a-device
         in   component reports sensors temp=99 by lamp/a
         see  dropped 1: stranger
         wait 10s
         see  lamp offline not-a-device
         out  reads lamp
         in   answer subscribe lamp sensors missing
         in   answer subscribe lamp actuators missing
         in   answer subscribe lamp ui missing
         in   answer fetch lamp sensors missing
         in   answer fetch lamp actuators missing
         in   answer fetch lamp ui missing"
    ));
}

#[test]
fn a_component_has_room_for_one_device() {
    play(&format!(
        "{LOOKED_FOR}
         {FOUND}
         do   add nurse
         see  nurse unknown asking
         out  reads nurse
         in   answer subscribe nurse sensors missing
         in   answer subscribe nurse actuators missing
         in   answer subscribe nurse ui missing
         in   answer fetch nurse sensors missing
         in   answer fetch nurse actuators missing
         in   answer fetch nurse ui missing
         see  nurse unknown not-a-device"
    ));
}
