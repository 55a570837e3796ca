//! The pages of the server: read, followed, and opened in a browser.

mod again;
mod browser;
mod calls;
mod dashboard;
mod html;
mod links;

use crate::soak::figure;

/// The windows that pages are opened in, as width and color scheme: every width and every scheme; in full, every pair.
fn windows() -> &'static [(u32, &'static str)] {
    let all = &[(1280, "light"), (400, "dark"), (1280, "dark"), (400, "light")];
    &all[..figure(2, all.len()).max(2)]
}
