//! The program around the suite.
fn main() {}
