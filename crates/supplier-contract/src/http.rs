//! HTTP as a client sees it.

mod answer;
mod bounded;
mod call;
mod transport;

pub use answer::{Answer, number, printable};
pub(crate) use bounded::{Unread, body_of, output_of};
pub use call::{Body, Call, JSON, KEY_HEADER, LIST, UPDATE};
pub use transport::{Manners, Transport, TransportError};
