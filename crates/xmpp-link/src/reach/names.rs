//! Where a domain's XMPP service is: SRV records (RFC 6120, section 3.2.1; XEP-0368).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use rand::{Rng, RngExt};
use roost_xmpp_proto::{LinkFailure, LinkFailureCode, Route};
use tokio::time::timeout;

use crate::failure::failure;

/// Where XMPP is if nobody says otherwise.
const DEFAULT_PORT: u16 = 5222;
/// How long a look-up may take before we go on without.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many addresses of one domain are tried in one attempt.
const MAX_CANDIDATES: usize = 8;

/// One place to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// A name or an address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Whether TLS starts at once.
    pub(crate) direct_tls: bool,
}

/// The domain of an account as DNS and certificates write it. Addresses lose their brackets.
///
/// # Errors
/// If it cannot be a name in DNS.
pub(crate) fn ascii_domain(domain: &str) -> Result<String, LinkFailure> {
    let bare = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(domain);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    idna::domain_to_ascii_strict(bare)
        .map_err(|_| failure(LinkFailureCode::NameNotFound, "not a name in DNS"))
}

/// The places to try, in order. `domain` is [`ascii_domain`].
///
/// # Errors
/// If the domain says that it has no such service.
pub(crate) async fn candidates(
    route: &Route,
    domain: &str,
    name_server: Option<SocketAddr>,
    rng: &mut impl Rng,
) -> Result<Vec<Candidate>, LinkFailure> {
    let fallback = Candidate {
        host: domain.to_owned(),
        port: DEFAULT_PORT,
        direct_tls: false,
    };
    match route {
        Route::Fixed {
            host,
            port,
            direct_tls,
        } => Ok(vec![Candidate {
            host: ascii_domain(host)?,
            port: *port,
            direct_tls: *direct_tls,
        }]),
        Route::Dns if domain.parse::<IpAddr>().is_ok() => Ok(vec![fallback]),
        Route::Dns => {
            let resolver = match resolver(name_server) {
                Ok(resolver) => resolver,
                Err(error) => {
                    tracing::warn!(%error, "no name server is known; going without SRV records");
                    return Ok(vec![fallback]);
                }
            };
            let (direct, plain) = tokio::join!(
                look_up(&resolver, "_xmpps-client._tcp", domain),
                look_up(&resolver, "_xmpp-client._tcp", domain),
            );
            order(direct, plain, fallback, rng)
        }
    }
}

/// What a domain says about one service.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Service {
    /// Nothing.
    Unknown,
    /// There is none: the target is the root (RFC 2782).
    None,
    At(Vec<Record>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    priority: u16,
    weight: u16,
    host: String,
    port: u16,
}

fn resolver(name_server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    match name_server {
        None => TokioResolver::builder_tokio()?.build(),
        Some(address) => {
            let mut connection = ConnectionConfig::udp();
            connection.port = address.port();
            let server = NameServerConfig::new(address.ip(), true, vec![connection]);
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
        }
    }
}

async fn look_up(resolver: &TokioResolver, service: &str, domain: &str) -> Service {
    // With the last dot, no search domain of this machine is tried.
    let name = format!("{service}.{domain}.");
    let answer = match timeout(PATIENCE, resolver.srv_lookup(name.as_str())).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            tracing::debug!(%error, name, "no SRV records");
            return Service::Unknown;
        }
        Err(_) => {
            tracing::debug!(name, "no answer about SRV records");
            return Service::Unknown;
        }
    };
    let records: Vec<Record> = answer
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(srv) => Some(Record {
                priority: srv.priority,
                weight: srv.weight,
                host: srv.target.to_ascii(),
                port: srv.port,
            }),
            _ => None,
        })
        .collect();
    match records.as_slice() {
        [] => Service::Unknown,
        [only] if only.host == "." => Service::None,
        _ => Service::At(records),
    }
}

/// Both services together, by priority; within one priority at random by weight.
fn order(
    direct: Service,
    plain: Service,
    fallback: Candidate,
    rng: &mut impl Rng,
) -> Result<Vec<Candidate>, LinkFailure> {
    let says_none = direct == Service::None || plain == Service::None;
    let mut records = Vec::new();
    for (service, direct_tls) in [(direct, true), (plain, false)] {
        if let Service::At(found) = service {
            records.extend(found.into_iter().map(|record| (record, direct_tls)));
        }
    }
    records.retain(|(record, _)| record.host != ".");
    if records.is_empty() {
        return if says_none {
            Err(failure(
                LinkFailureCode::NameNotFound,
                "the domain says that it has no XMPP service",
            ))
        } else {
            Ok(vec![fallback])
        };
    }

    let mut candidates = Vec::new();
    while !records.is_empty() && candidates.len() < MAX_CANDIDATES {
        let best = records.iter().map(|(record, _)| record.priority).min();
        let peers = |(record, _): &(Record, bool)| Some(record.priority) == best;
        // One more than the weight, so that a weight of zero has a small chance.
        let chance = |(record, _): &(Record, bool)| u32::from(record.weight) + 1;
        let total: u32 = records.iter().filter(|r| peers(r)).map(chance).sum();
        let mut drawn = rng.random_range(0..total);
        let mut chosen = 0;
        for (index, record) in records.iter().enumerate().filter(|(_, r)| peers(r)) {
            chosen = index;
            match drawn.checked_sub(chance(record)) {
                Some(rest) => drawn = rest,
                None => break,
            }
        }
        let (record, direct_tls) = records.remove(chosen);
        candidates.push(Candidate {
            host: record.host.trim_end_matches('.').to_owned(),
            port: record.port,
            direct_tls,
        });
    }
    Ok(candidates)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn record(priority: u16, weight: u16, host: &str) -> Record {
        Record {
            priority,
            weight,
            host: host.to_owned(),
            port: 5222,
        }
    }

    fn hosts(direct: Service, plain: Service, seed: u64) -> Result<Vec<String>, LinkFailureCode> {
        let fallback = Candidate {
            host: "fallback".to_owned(),
            port: DEFAULT_PORT,
            direct_tls: false,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        order(direct, plain, fallback, &mut rng)
            .map(|candidates| candidates.into_iter().map(|found| found.host).collect())
            .map_err(|refused| refused.code)
    }

    #[test]
    fn both_services_are_merged_by_priority() {
        let direct = Service::At(vec![record(20, 0, "c."), record(5, 0, "a.")]);
        let plain = Service::At(vec![record(30, 0, "d."), record(10, 0, "b.")]);
        let merged = hosts(direct, plain, 1).unwrap();
        assert_eq!(merged, ["a", "b", "c", "d"]);
    }

    #[test]
    fn weight_decides_how_often_a_host_is_first() {
        let first = (0..200)
            .filter(|&seed| {
                let plain = Service::At(vec![record(1, 90, "often."), record(1, 10, "seldom.")]);
                hosts(Service::Unknown, plain, seed).unwrap()[0] == "often"
            })
            .count();
        assert!((160..200).contains(&first), "{first}");
    }

    #[test]
    fn what_domains_may_say() {
        let at = || Service::At(vec![record(1, 1, "a.")]);
        let fallback = Ok(vec!["fallback".to_owned()]);
        let found = Ok(vec!["a".to_owned()]);
        let nothing = Err(LinkFailureCode::NameNotFound);
        for (direct, plain, expected) in [
            (Service::Unknown, Service::Unknown, &fallback),
            (Service::None, Service::Unknown, &nothing),
            (Service::Unknown, Service::None, &nothing),
            (Service::None, at(), &found),
            (at(), Service::None, &found),
        ] {
            let said = format!("{direct:?} {plain:?}");
            assert_eq!(&hosts(direct, plain, 1), expected, "{said}");
        }
    }

    #[test]
    fn a_domain_cannot_keep_us_busy_for_ever() {
        let many = (0..100).map(|n| record(n, 0, "x.")).collect();
        let tried = hosts(Service::At(many), Service::Unknown, 1).unwrap();
        assert_eq!(tried.len(), MAX_CANDIDATES);
    }

    #[test]
    fn domains_as_dns_writes_them() {
        for (domain, ascii) in [
            ("localhost", "localhost"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("[::1]", "::1"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(ascii_domain(domain).unwrap(), ascii);
        }
        assert!(ascii_domain("a b").is_err());
    }
}
