//! The documents for people keep what they promise.

mod examples;
mod links;
mod markdown;
mod programs;
