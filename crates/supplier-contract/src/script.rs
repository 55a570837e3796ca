//! What was done, as something that can be told, made again and made a shell script of.

mod expect;
mod shape;
mod shell;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use expect::{Expect, Seen};
pub(crate) use shape::Shape;
pub(crate) use shell::shell;
#[cfg(feature = "cli")]
pub(crate) use shell::{PROLOGUE, PROLOGUE_FILE, without_prologue};
pub(crate) use step::{NewItem, NewOrders, Script, Step, Who};
