//! The workspace keeps its own rules.

mod dependencies;
mod rules;
mod sources;
