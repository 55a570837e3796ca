//! The workspace keeps its own rules.

mod circles;
mod dependencies;
mod image;
mod randomness;
mod rules;
mod sources;
