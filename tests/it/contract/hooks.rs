//! A server in another language, written from the guide alone, with a hook of its own.
