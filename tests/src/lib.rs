//! Holds the end-to-end tests; see `it/`.
