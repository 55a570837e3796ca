//! The suite tested by breaking an implementation on purpose: does it notice, and is it quiet where nothing is broken?

mod matrix;
pub mod target;

pub use matrix::{Killed, Matrix, Options, Row, selftest};
