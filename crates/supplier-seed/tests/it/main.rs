//! What the users of scenarios notice: the built-in worlds, the messages about broken files, the same bytes for the
//! same seed.

mod arrivals;
mod broken;
mod builtin;
mod damaged;
mod drawn;
mod golden;
mod stability;
mod texts;
