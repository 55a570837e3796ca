//! A small implementation of the API that can be broken on purpose: one defect at a time, each where its rule is kept.

mod defect;
mod error;
mod hook;
mod list;
mod server;
mod update;
mod world;

use std::io;
use std::net::SocketAddr;

pub(crate) use defect::Mutant;
pub use defect::{DEFECTS, Defect};

/// The suppliers' keys: no secrets, since whatever they open is gone with the test.
const KEYS: [&str; 2] = ["selfTest_FirstSupplier_a1B2c3D4e5F6", "selfTest_SecondSupplier_g7H8i9J0k1L2"];

/// A server on a free port of this machine; it stops when this is dropped.
pub struct FakeTarget {
    address: SocketAddr,
    accepts: tokio::task::JoinHandle<()>,
}

impl FakeTarget {
    /// Starts it on the current runtime, with that defect.
    pub async fn start(defect: Option<Defect>) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let accepts = tokio::spawn(server::serve(listener, world::World::new(defect)));
        Ok(Self { address, accepts })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of its hook.
    pub fn hook_url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The URL of a hook that cannot make a clean state.
    pub fn hook_url_without_reset(&self) -> String {
        format!("{}?lacks=reset", self.hook_url())
    }

    /// The first supplier's key.
    pub fn first_key(&self) -> &'static str {
        KEYS[0]
    }

    /// The second supplier's key.
    pub fn second_key(&self) -> &'static str {
        KEYS[1]
    }
}

impl Drop for FakeTarget {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}
