//! From a host and a port to a connected socket (RFC 8305, "happy eyeballs").

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use roost_xmpp_proto::{LinkFailure, LinkFailureCode};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};

use crate::failure::failure;

/// How long an address is alone before the next is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);
/// How long one host may take in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many addresses of one host are tried.
const MAX_ADDRESSES: usize = 8;

/// Connects to the first address of a host that answers.
///
/// Names are looked up by the operating system, which knows more than DNS: its own file of hosts,
/// and names in the local network (`.local`).
///
/// # Errors
/// If the name is unknown or nobody answers.
pub(crate) async fn dial(host: &str, port: u16) -> Result<TcpStream, LinkFailure> {
    match timeout(PATIENCE, dial_patiently(host, port)).await {
        Ok(result) => result,
        Err(_) => Err(failure(LinkFailureCode::Unreachable, "timed out")),
    }
}

async fn dial_patiently(host: &str, port: u16) -> Result<TcpStream, LinkFailure> {
    let found = lookup_host((host, port))
        .await
        .map_err(|error| failure(LinkFailureCode::NameNotFound, error.to_string()))?;
    let mut waiting = alternate(found.collect());
    let mut under_way = FuturesUnordered::new();
    let mut last_error = None;
    loop {
        if let Some(address) = waiting.pop_front() {
            under_way.push(connect(address));
        } else if under_way.is_empty() {
            let words = last_error.map_or_else(String::new, |error: io::Error| error.to_string());
            return Err(failure(LinkFailureCode::Unreachable, words));
        }
        tokio::select! {
            Some(connected) = under_way.next() => match connected {
                Ok(socket) => return Ok(socket),
                Err(error) => last_error = Some(error),
            },
            () = sleep(STAGGER), if !waiting.is_empty() => {}
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpStream::connect(address).await?;
    // Stanzas are small and waited for.
    socket.set_nodelay(true)?;
    Ok(socket)
}

/// IPv6 and IPv4 by turns, in the order of the operating system within each.
fn alternate(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (like_first, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut others = others.into_iter();
    let mut turns = VecDeque::new();
    for address in like_first {
        turns.push_back(address);
        turns.extend(others.next());
    }
    turns.extend(others);
    turns.truncate(MAX_ADDRESSES);
    turns
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn families_take_turns() {
        let addresses = ["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"]
            .map(|address| address.parse().unwrap())
            .to_vec();
        let order: Vec<String> = alternate(addresses)
            .iter()
            .map(SocketAddr::to_string)
            .collect();
        assert_eq!(order, ["[::1]:1", "127.0.0.1:1", "[::2]:1", "[::3]:1"]);
    }

    #[tokio::test]
    async fn connects_by_name_and_by_address() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["localhost", "127.0.0.1"] {
            let socket = dial(host, port).await.unwrap();
            assert!(socket.nodelay().unwrap());
        }
    }

    #[tokio::test]
    async fn nobody_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let refused = dial("127.0.0.1", port).await.unwrap_err();
        assert_eq!(refused.code, LinkFailureCode::Unreachable);
        let unknown = dial("no-such-host.invalid", 5222).await.unwrap_err();
        assert_eq!(unknown.code, LinkFailureCode::NameNotFound);
    }
}
