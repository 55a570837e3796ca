//! Reader of a TOML tree, field by field. It notes a problem with its position, and reads on.
//!
//! A reader returns `None` only after it has noted a problem.

mod field;
mod fields;
mod register;
mod report;

pub(crate) use field::Field;
pub(crate) use fields::Fields;
pub(crate) use register::Register;
pub(crate) use report::{FieldPath, Report, quoted};
