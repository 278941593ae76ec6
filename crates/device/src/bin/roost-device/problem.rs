//! Why the program ended, what to do about it, and with which code.

use std::path::PathBuf;

use roost_device::{RunProblem, StoreProblem};
use roost_xmpp_proto::{LinkFailure, LinkFailureCode};

/// Why the program ended. The text names the cause and the next step.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("which account? Give it with --jid")]
    NoAccount,
    #[error(
        "there is no password: put it into a file for --password-file, or into the environment \
         variable ROOST_DEVICE_PASSWORD"
    )]
    NoPassword,
    #[error("cannot read {path}: {cause}", path = .path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{0}; choose another folder with --state, or correct its permissions")]
    State(StoreProblem),
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    #[error("the system does not let the program run: {0}")]
    NoRuntime(std::io::Error),
    #[error("{}", explain(.0))]
    Run(RunProblem),
}

impl Problem {
    /// As listed in the help.
    pub(crate) fn exit_code(&self) -> u8 {
        use LinkFailureCode as C;
        match self {
            Problem::NoAccount => 2,
            Problem::NoPassword | Problem::File { .. } | Problem::State(_) => 3,
            Problem::NoRandomness(_)
            | Problem::NoRuntime(_)
            | Problem::Run(RunProblem::LinkGone) => 1,
            Problem::Run(RunProblem::Link(failure)) => match failure.code {
                C::WrongPassword | C::AccountRefused => 4,
                C::NoTls
                | C::CertificateUntrusted
                | C::CertificateInvalid
                | C::CertificateChanged
                | C::TlsFailed
                | C::NoSafeMechanism => 5,
                C::Conflict => 6,
                _ => 1,
            },
        }
    }
}

fn explain(problem: &RunProblem) -> String {
    let RunProblem::Link(LinkFailure { code, detail }) = problem else {
        return problem.to_string();
    };
    use LinkFailureCode as C;
    let (cause, next) = match code {
        C::WrongPassword => (
            "the server does not accept the password",
            "check --jid and the password",
        ),
        C::AccountRefused => (
            "the server refuses the account",
            "ask who runs the server whether the account is enabled",
        ),
        C::NoTls => (
            "the server offers no encryption",
            "enable TLS on the server; there is no way without",
        ),
        C::CertificateUntrusted => (
            "the server's certificate is signed by nobody we trust",
            "give the certificate of its authority with --ca",
        ),
        C::CertificateInvalid => (
            "the server's certificate is for another name, or out of date",
            "renew it, or check the domain of --jid",
        ),
        C::CertificateChanged => (
            "the server's certificate changed",
            "find out why before trusting it",
        ),
        C::NoSafeMechanism => (
            "the server offers no safe way to sign in",
            "enable SCRAM on the server",
        ),
        C::Conflict => (
            "another client signed in with the same resource",
            "run one device for each account",
        ),
        _ => ("cannot sign in", "see the details"),
    };
    match detail {
        Some(detail) => format!("{cause} ({detail}); {next}"),
        None => format!("{cause}; {next}"),
    }
}
