//! TLS that trusts whom the account trusts, and passwords that stay here.

mod scram;
mod trust;

pub(crate) use scram::{Binding, Hash, Scram, ScramProblem};
pub(crate) use trust::{Refusal, tls_configuration};
