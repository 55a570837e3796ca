//! The suite tested by breaking an implementation on purpose: does it notice, and is it quiet where nothing is broken?

mod matrix;
pub(crate) mod target;

pub use matrix::{Options, selftest};
