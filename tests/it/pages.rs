//! The pages of the server: read, followed, and opened in a browser.

mod browser;
mod calls;
mod dashboard;
mod html;
mod links;
