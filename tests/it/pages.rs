//! The pages of the server: read, followed, and opened in a browser.

mod browser;
mod calls;
mod html;
mod links;
