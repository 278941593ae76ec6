//! A socket as an XML stream wants it: buffered both ways, watched, counted.
//!
//! What comes is scanned before anybody parses it, and its end is an error; what goes is collected until it is flushed, so
//! that stanzas sent together share one TLS record and one packet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::scanner::{Excess, Scanner};

/// The length of a TLS record.
const BUFFER_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Wire<S> {
    socket: S,
    scanner: Scanner,
    read: Box<[u8]>,
    /// Which part of `read` nobody has taken yet.
    unread: std::ops::Range<usize>,
    unwritten: Vec<u8>,
    heard_at: Instant,
    excess: Option<Excess>,
}

impl<S> Wire<S> {
    pub(crate) fn new(socket: S) -> Self {
        Self {
            socket,
            scanner: Scanner::default(),
            read: vec![0; BUFFER_BYTES].into_boxed_slice(),
            unread: 0..0,
            unwritten: Vec::with_capacity(BUFFER_BYTES),
            heard_at: Instant::now(),
            excess: None,
        }
    }

    /// A new XML stream begins on the same socket.
    pub(crate) fn restart(&mut self) {
        self.scanner = Scanner::default();
    }

    /// The socket, if nothing came that belongs to the stream so far: bytes sent in the clear
    /// must not be taken for bytes of the secured stream that follows.
    ///
    /// # Errors
    /// If something is left.
    pub(crate) fn into_socket(self) -> io::Result<S> {
        if self.unread.is_empty() && self.unwritten.is_empty() {
            Ok(self.socket)
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something was sent in the clear before TLS began",
            ))
        }
    }

    /// When the last bytes came.
    pub(crate) fn heard_at(&self) -> Instant {
        self.heard_at
    }

    /// What was wrong with the bytes that came, if that ended the stream.
    pub(crate) fn excess(&self) -> Option<Excess> {
        self.excess
    }
}

impl<S: AsyncRead + Unpin> AsyncBufRead for Wire<S> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.unread.is_empty() {
            if let Some(excess) = this.excess {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, excess)));
            }
            let mut buffer = ReadBuf::new(&mut this.read);
            ready!(Pin::new(&mut this.socket).poll_read(cx, &mut buffer))?;
            let filled = buffer.filled().len();
            if filled == 0 {
                // An XML stream ends with a tag; the library would take this for bad syntax.
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            this.heard_at = Instant::now();
            if let Err(excess) = this.scanner.scan(&this.read[..filled]) {
                this.excess = Some(excess);
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, excess)));
            }
            this.unread = 0..filled;
        }
        Poll::Ready(Ok(&this.read[this.unread.clone()]))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.unread.start = (this.unread.start + amount).min(this.unread.end);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let amount = bytes.len().min(buffer.remaining());
        buffer.put_slice(&bytes[..amount]);
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten.is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, &self.unwritten))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unwritten.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.unwritten.len() >= BUFFER_BYTES {
            ready!(this.poll_write_out(cx))?;
        }
        this.unwritten.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn writes_are_collected_until_flushed() {
        let (ours, mut theirs) = duplex(1024);
        let mut wire = Wire::new(ours);
        wire.write_all(b"<a/>").await.unwrap();
        wire.write_all(b"<b/>").await.unwrap();
        assert_eq!(wire.unwritten, b"<a/><b/>");
        wire.flush().await.unwrap();
        let mut came = [0; 64];
        assert_eq!(theirs.read(&mut came).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn excess_is_an_error_that_stays() {
        let (ours, mut theirs) = duplex(1024);
        let mut wire = Wire::new(ours);
        theirs.write_all(b"<s><!-- x --></s>").await.unwrap();
        let mut came = String::new();
        assert!(wire.read_to_string(&mut came).await.is_err());
        assert!(wire.read_to_string(&mut came).await.is_err());
        assert_eq!(wire.excess(), Some(Excess::Forbidden));
    }

    #[tokio::test]
    async fn nothing_sent_in_the_clear_reaches_the_secured_stream() {
        let (ours, mut theirs) = duplex(1024);
        let mut wire = Wire::new(ours);
        theirs.write_all(b"<proceed/><success/>").await.unwrap();
        let mut proceed = [0; 10];
        wire.read_exact(&mut proceed).await.unwrap();
        assert!(wire.into_socket().is_err());
    }
}
