//! Question and answer on a stream that is being opened.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use futures::{Sink, SinkExt, StreamExt};
use roost_xmpp_proto::{LinkFailure, LinkFailureCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_xmpp::xmlstream::{
    FallibleStreamElement, ReadError, StreamElementError, StreamHeader, Timeouts,
    XmppStreamElement, initiate_stream,
};
use xmpp_parsers::ns;
use xmpp_parsers::stream_features::StreamFeatures;

use super::Xml;
use super::wire::Wire;
use crate::failure::{failure, of_features, of_io, of_read, of_stream};

/// The watchdog and the deadlines above watch the time; the library shall not.
const NEVER: Timeouts = Timeouts {
    read_timeout: Duration::from_secs(30 * 24 * 3600),
    response_timeout: Duration::from_secs(30 * 24 * 3600),
};

/// What XML streams run over.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for S {}

/// What came.
pub(crate) enum Heard {
    Element(Box<XmppStreamElement>),
    /// Of a kind that we know, but not readable.
    Unreadable(StreamElementError),
}

/// Begins a stream to a domain; gives what the server offers there.
pub(super) async fn begin<S: Socket>(
    wire: Wire<S>,
    domain: &str,
) -> Result<(StreamFeatures, Xml<S>), LinkFailure> {
    let header = StreamHeader {
        to: Some(Cow::Borrowed(domain)),
        ..StreamHeader::default()
    };
    initiate_stream(wire, ns::JABBER_CLIENT, header, NEVER)
        .await
        .map_err(|error| of_io(&error))?
        .recv_features()
        .await
        .map_err(of_features)
}

pub(crate) async fn say<S: Socket, T>(xml: &mut Xml<S>, element: &T) -> Result<(), LinkFailure>
where
    Xml<S>: for<'x> Sink<&'x T, Error = io::Error>,
{
    xml.send(element).await.map_err(|error| of_io(&error))
}

pub(crate) async fn hear<S: Socket>(xml: &mut Xml<S>) -> Result<Heard, LinkFailure> {
    loop {
        return match xml.next().await {
            Some(Ok(FallibleStreamElement::Ok(XmppStreamElement::StreamError(error)))) => {
                Err(of_stream(&error.0))
            }
            Some(Ok(FallibleStreamElement::Ok(element))) => Ok(Heard::Element(Box::new(element))),
            Some(Ok(FallibleStreamElement::Err(error))) => Ok(Heard::Unreadable(error)),
            Some(Err(ReadError::SoftTimeout)) => continue,
            Some(Err(error)) => Err(of_read(error)),
            None => Err(failure(LinkFailureCode::Closed, "")),
        };
    }
}

/// Whether this unreadable element has that name.
pub(super) fn is_nonza(error: &StreamElementError, namespace: &str, name: &str) -> bool {
    matches!(error, StreamElementError::InvalidNonza { qname, .. }
        if qname.0 == *namespace && qname.1 == *name)
}
