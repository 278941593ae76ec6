//! Stories: conversations of a session with its server, its brain and a clock.

mod answers;
mod interruptions;
mod intruders;
mod sign_in;
mod storm;
mod talk;
