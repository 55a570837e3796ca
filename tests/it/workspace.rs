//! The workspace keeps its own rules.

mod dependencies;
mod image;
mod randomness;
mod rules;
mod sources;
