//! A stretch of network between a client and a server, which can be cut or swallow everything.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens to connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Fair,
    /// Connections through here stay open, and nothing gets through.
    BlackHole,
    /// Connections through here are reset.
    Cut,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    weather: watch::Sender<Weather>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (weather, forecast) = watch::channel(Weather::Fair);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(client, server_port, forecast.clone()));
            }
        });
        Self {
            port,
            weather,
            task,
        }
    }

    /// Resets what is connected now; new connections get through.
    pub(crate) fn cut(&self) {
        self.weather.send_replace(Weather::Cut);
        self.weather.send_replace(Weather::Fair);
    }

    /// Swallows everything, until the weather is fair again.
    pub(crate) fn swallow(&self) {
        self.weather.send_replace(Weather::BlackHole);
    }

    /// Lets new connections through; those of before stay swallowed.
    pub(crate) fn clear_up(&self) {
        self.weather.send_replace(Weather::Fair);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(mut client: TcpStream, server_port: u16, mut forecast: watch::Receiver<Weather>) {
    let stays_swallowed = std::future::pending::<()>;
    if *forecast.borrow_and_update() == Weather::BlackHole {
        stays_swallowed().await;
    }
    let mut server = TcpStream::connect(("127.0.0.1", server_port))
        .await
        .unwrap();
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = forecast.changed() => {
            if *forecast.borrow() == Weather::BlackHole {
                stays_swallowed().await;
            }
            // Otherwise it was cut: the sockets are dropped here.
        }
    }
}
