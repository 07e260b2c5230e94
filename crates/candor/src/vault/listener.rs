//! The TLS listener: every connection is TLS 1.3, and carries who is at its other end.
//!
//! A client certificate is optional here, because who enrols has none yet; the routes demand one
//! ([`crate::vault::gateway`]).

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Result;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use candor_model::Hash;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, Sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::vault::ca::Authority;

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent, in either direction.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a peer may send before it got any answer. A request ends well before ([`crate::vault::gateway`]); what lasts
/// longer drips its head byte by byte.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(150);
/// How many handshakes may be under way; more wait in the kernel's queue.
const HANDSHAKES_MAX: usize = 256;

/// Who is at the other end: the SHA-256 of the certificate it proved to own; nothing without one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) Option<Hash>);

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let (_, connection) = stream.io().stream.get_ref();
        Self(connection.peer_certificates().and_then(<[_]>::first).map(|certificate| Hash::of(certificate)))
    }
}

/// Accepts TLS connections. Handshakes run beside each other, so a slow one holds up nobody.
pub(crate) struct TlsListener {
    ready: mpsc::Receiver<(Timed, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Listens on `address` with a certificate for `names`.
    ///
    /// # Errors
    /// Where the address is taken or a name is none.
    pub(crate) async fn bind(address: SocketAddr, authority: &Authority, names: &[String]) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone())?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()?;
        let (chain, key) = authority.server(names)?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)?;
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(64);
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), done));
        Ok(Self { ready, address })
    }
}

/// Runs until nobody wants connections any more.
async fn accept(listener: TcpListener, acceptor: TlsAcceptor, done: mpsc::Sender<(Timed, SocketAddr)>) {
    let permits = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = done.closed() => return,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of descriptors, most likely; the next attempt at once would fail the same way.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let (acceptor, done) = (acceptor.clone(), done.clone());
        tokio::spawn(async move {
            let _permit = permit;
            // Small answers should not wait for more; where the option is refused they wait, and nothing is lost.
            let _ = stream.set_nodelay(true);
            if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
                // A closed channel is a server that stops.
                let _ = done.send((Timed::new(stream), peer)).await;
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = Timed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Timed, SocketAddr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A connection that ends when nothing moved on it for [`IDLE_TIMEOUT`], or nothing was answered for [`ANSWER_TIMEOUT`].
pub(crate) struct Timed<S = TlsStream<TcpStream>> {
    stream: S,
    idle: Pin<Box<Sleep>>,
    /// Since when the peer sends and gets no answer.
    unanswered: Option<Instant>,
}

impl<S> Timed<S> {
    fn new(stream: S) -> Self {
        Self { stream, idle: Box::pin(tokio::time::sleep(IDLE_TIMEOUT)), unanswered: None }
    }

    /// Restarts the time limit where something moved; fails where it ran out while waiting.
    fn watch<T>(&mut self, context: &mut Context<'_>, moved: Poll<std::io::Result<T>>) -> Poll<std::io::Result<T>> {
        if moved.is_ready() {
            self.idle.as_mut().reset(Instant::now() + IDLE_TIMEOUT);
            return moved;
        }
        match self.idle.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, buffer);
        if moved.is_ready() && self.unanswered.get_or_insert_with(Instant::now).elapsed() > ANSWER_TIMEOUT {
            return Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()));
        }
        self.watch(context, moved)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        if moved.is_ready() {
            self.unanswered = None;
        }
        self.watch(context, moved)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, moved)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, moved)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Sends a byte each minute; returns how long the connection lasted, at most ten minutes.
    async fn drip(answer_after: Option<u32>) -> Duration {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = Timed::new(server);
        let started = Instant::now();
        for minute in 1..=10 {
            tokio::time::sleep(Duration::from_secs(60)).await;
            client.write_all(b"x").await.unwrap();
            if server.read_u8().await.is_err() {
                break;
            }
            if answer_after.is_some_and(|every| minute % every == 0) {
                server.write_all(b"y").await.unwrap();
            }
        }
        started.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_drips_in_ends_and_one_that_is_answered_does_not() {
        assert!(drip(None).await <= Duration::from_secs(300));
        assert!(drip(Some(2)).await >= Duration::from_secs(600));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_ends() {
        let (_client, server) = tokio::io::duplex(64);
        let started = Instant::now();
        assert!(Timed::new(server).read_u8().await.is_err());
        assert!(started.elapsed() <= IDLE_TIMEOUT + Duration::from_secs(1));
    }
}
