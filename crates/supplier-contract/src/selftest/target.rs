//! A small implementation of the API that can be broken on purpose: one defect at a time, each where its rule is kept.

mod defect;
mod deliver;
mod error;
mod hook;
mod list;
mod matching;
mod number;
mod page;
mod server;
mod spied;
mod update;
mod world;

use std::io;
use std::net::SocketAddr;

pub(crate) use defect::Mutant;
pub use defect::{DEFECTS, Defect};

/// The suppliers' keys: no secrets, since whatever they open is gone with the test.
const KEYS: [&str; 2] = ["selfTest_FirstSupplier_a1B2c3D4e5F6", "selfTest_SecondSupplier_g7H8i9J0k1L2"];

/// What a server chose where the guide is silent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Choices {
    /// Zero, negative numbers and those beyond 2^53−1 are refused for their form, with 400.
    pub refuses_numbers: bool,
    /// The newest orders come first.
    pub newest_first: bool,
    /// Only `productType=manual` is known.
    pub only_manual: bool,
    /// `productType` is required.
    pub needs_type: bool,
    /// Prices are kept with two decimals.
    pub two_decimals: bool,
    /// What is refused for its form by these choices is 422 `VALIDATION_ERROR`.
    pub unprocessable: bool,
    /// An order that is not paid is 409 `ORDER_NOT_PAID`.
    pub refuses_unpaid: bool,
    /// Orders that are made at once have one `createdAt`; of those the lowest number comes first.
    pub one_moment: bool,
}

impl Choices {
    /// All combinations of the first five.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..32_u8).map(|bits| {
            let is = |bit: u8| bits & (1 << bit) != 0;
            Self {
                refuses_numbers: is(0),
                newest_first: is(1),
                only_manual: is(2),
                needs_type: is(3),
                two_decimals: is(4),
                ..Self::default()
            }
        })
    }
}

/// A server on a free port of this machine; it stops when this is dropped.
pub struct FakeTarget {
    address: SocketAddr,
    accepts: tokio::task::JoinHandle<()>,
}

impl FakeTarget {
    /// Starts it on the current runtime, with that defect.
    pub async fn start(defect: Option<Defect>) -> io::Result<Self> {
        Self::choosing(defect, Choices::default()).await
    }

    /// The same, with these choices.
    pub async fn choosing(defect: Option<Defect>, choices: Choices) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let accepts = tokio::spawn(server::serve(listener, world::World::new(defect, choices)));
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

    /// The URL of the same hook, which takes several requests at once.
    pub fn hook_url_with_batches(&self) -> String {
        format!("{}?batches", self.hook_url())
    }

    /// The URL of a hook that cannot make a clean state.
    pub fn hook_url_without_reset(&self) -> String {
        self.hook_url_without("reset")
    }

    /// The URL of a hook that lacks an action, or a parameter of one.
    pub fn hook_url_without(&self, lacks: &str) -> String {
        format!("{}?lacks={lacks}", self.hook_url())
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
