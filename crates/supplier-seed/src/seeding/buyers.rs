//! Buyers, made up, with names in several scripts.

use std::sync::Arc;

use fake::Fake as _;
use fake::faker::name::raw::{FirstName, Name};
use fake::locales::{AR_SA, DE_DE, EN, FA_IR, FR_FR, IT_IT, JA_JP, NL_NL, PT_BR, TR_TR, ZH_CN, ZH_TW};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _};
use rand_chacha::ChaCha8Rng;
use supplier_domain::{ObjectId, Timestamp, User};

use super::streams::Streams;

/// Draws a name.
type Namer = fn(&mut ChaCha8Rng) -> String;

/// Languages of buyers' names, equally likely.
const NAMERS: [Namer; 12] = [
    |stream| Name(EN).fake_with_rng(stream),
    |stream| Name(DE_DE).fake_with_rng(stream),
    |stream| Name(FR_FR).fake_with_rng(stream),
    |stream| Name(IT_IT).fake_with_rng(stream),
    |stream| Name(NL_NL).fake_with_rng(stream),
    |stream| Name(PT_BR).fake_with_rng(stream),
    |stream| Name(TR_TR).fake_with_rng(stream),
    |stream| Name(JA_JP).fake_with_rng(stream),
    |stream| Name(ZH_CN).fake_with_rng(stream),
    |stream| Name(ZH_TW).fake_with_rng(stream),
    |stream| Name(AR_SA).fake_with_rng(stream),
    |stream| Name(FA_IR).fake_with_rng(stream),
];

/// Buyers of a seed, each created with its first order.
pub(super) struct Buyers<'a> {
    streams: &'a Streams,
    epoch: Timestamp,
    count: u32,
    met: Vec<Option<Arc<User>>>,
}

impl<'a> Buyers<'a> {
    /// `count` buyers, who signed up before `epoch`.
    pub(super) fn new(streams: &'a Streams, count: u32, epoch: Timestamp) -> Self {
        Self { streams, epoch, count, met: vec![None; count as usize] }
    }

    /// One of the buyers, drawn from an order's `stream`.
    pub(super) fn draw(&mut self, stream: &mut ChaCha8Rng) -> Arc<User> {
        let Self { streams, epoch, count, met } = self;
        let index = stream.random_range(0..*count);
        let make = || Arc::new(buyer(index, &mut streams.of(format_args!("buyer/{index}")), *epoch));
        met[index as usize].get_or_insert_with(make).clone()
    }
}

fn buyer(index: u32, stream: &mut ChaCha8Rng, epoch: Timestamp) -> User {
    let id = object_id(stream, epoch);
    let name = NAMERS.choose(stream).map_or_else(String::new, |name| name(stream));
    let email = format!("{}.{index}@example.com", handle(stream));
    User { id, email: email.into(), name: name.trim().into() }
}

/// Object id of something created in the three years before `epoch`: its seconds, then 8 random bytes.
fn object_id(stream: &mut ChaCha8Rng, epoch: Timestamp) -> ObjectId {
    const THREE_YEARS: i64 = 3 * 365 * 24 * 3600;
    let seconds = epoch.as_millis() / 1000 - stream.random_range(0..THREE_YEARS);
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&u32::try_from(seconds).unwrap_or(0).to_be_bytes());
    stream.fill_bytes(&mut bytes[4..]);
    ObjectId(bytes)
}

/// Login name in ASCII, whatever the script of the owner's name.
pub(super) fn handle(stream: &mut ChaCha8Rng) -> String {
    let name: &str = FirstName(EN).fake_with_rng(stream);
    name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}
