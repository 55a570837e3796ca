//! What was done, as something that can be told, made again and made a shell script of.

mod expect;
mod shell;
mod step;
#[cfg(test)]
mod tests;

pub use expect::{Expect, Seen, Shape};
pub use shell::shell;
pub use step::{NewOrders, Script, Step, Who};
