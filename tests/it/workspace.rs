//! The workspace keeps its own rules.

mod dependencies;
mod image;
mod rules;
mod sources;
