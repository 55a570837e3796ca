//! HTTP as a client sees it.

mod answer;
mod bounded;
mod call;
mod coding;
mod read_only;
mod tls;
mod transport;

pub(crate) use answer::{Answer, number, printable};
pub(crate) use bounded::{Unread, body_of, output_of};
pub(crate) use call::{Body, Call, JSON, KEY_HEADER, LIST, UPDATE};
pub(crate) use tls::{Tls, in_words};
pub use transport::CallOptions;
pub(crate) use transport::{Means, Transport, TransportError};

use crate::query::Query;
