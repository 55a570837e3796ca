//! HTTP as a client sees it.

mod answer;
mod call;
mod transport;

pub use answer::{Answer, number, printable};
pub use call::{Body, Call, JSON, KEY_HEADER, LIST, UPDATE};
pub use transport::{Manners, Transport, Trouble};
