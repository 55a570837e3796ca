//! The real programs, driven by real clients.
