//! Dashboard for suppliers: web pages with keys, orders, live requests, the scorecard, and a lab.
//!
//! [`router`] has the pages; [`Setup`] is what they need of their server. The server renders the pages. Without JavaScript
//! everything works but live updates. A session belongs to one sandbox and one of its suppliers. Only an admin's session may
//! change a sandbox.

mod access;
mod asset;
mod failure;
mod known_browser;
mod live;
mod login;
mod onward;
mod pages;
mod password;
mod throttle;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post};
use supplier_control::{Control, Random};
use supplier_domain::{RequestId, Timestamp};
use tokio::sync::watch;

use known_browser::KnownBrowsers;
use password::Passwords;

/// Maximum size of a form in bytes.
const MAX_FORM: usize = 64 << 10;

/// Returns whether a text is the admin token.
pub type KnowsToken = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Who may change a sandbox.
#[derive(Clone)]
pub enum Admin {
    /// Everybody, as only this machine can reach the server.
    Everybody,
    /// Visitors with the admin token.
    Token(KnowsToken),
}

/// Setup: what the dashboard needs of its server.
#[derive(Clone)]
pub struct Setup {
    /// Use cases of sandboxes.
    pub control: Arc<Control>,
    /// The server's own time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Id for a request that the dashboard makes itself.
    pub request: Arc<dyn Fn() -> RequestId + Send + Sync>,
    /// Source of random bytes.
    pub random: Random,
    /// URL of the API, without a slash at the end.
    pub url: Arc<str>,
    /// Whether connections come from a proxy, so that their addresses are not those of clients.
    pub is_behind_proxy: bool,
    /// Who may do what changes a sandbox.
    pub admin: Admin,
    /// Password of every supplier.
    pub password: Arc<str>,
    /// Whether the password is a secret, which no page may show.
    pub is_password_secret: bool,
    /// Answer to a method that a page does not take.
    pub not_allowed: fn() -> Response,
    /// Turns true when the server stops.
    pub stopping: watch::Receiver<bool>,
}

/// The dashboard of a server.
#[derive(Clone)]
pub(crate) struct Dashboard {
    setup: Setup,
    passwords: Arc<Passwords>,
    browsers: Arc<KnownBrowsers>,
}

impl Dashboard {
    fn now(&self) -> Timestamp {
        (self.setup.now)()
    }

    fn control(&self) -> &Control {
        &self.setup.control
    }

    /// Cookie attribute `Secure`, if the server's URL is `https`.
    fn secure(&self) -> &'static str {
        if self.setup.url.starts_with("https://") { "; Secure" } else { "" }
    }

    /// Whether every visitor is an admin.
    fn is_open(&self) -> bool {
        matches!(self.setup.admin, Admin::Everybody)
    }
}

/// Routes of the pages, below `/`. The caller must admit requests under the server's own host names only.
pub fn router<S: Clone + Send + Sync + 'static>(setup: Setup) -> Router<S> {
    let passwords = Arc::new(Passwords::new(Arc::clone(&setup.password), setup.random));
    let browsers = Arc::new(KnownBrowsers::new(setup.random));
    let dashboard = Dashboard { setup, passwords, browsers };
    let not_allowed = dashboard.setup.not_allowed;
    Router::new()
        .route("/", get(pages::home::show))
        .route("/login", get(login::show).post(login::enter))
        .route("/login/open", post(login::open))
        .route("/login/admin", post(login::admin))
        .route("/logout", post(login::leave))
        .route("/open/{sandbox}", get(login::link))
        .route("/api-settings", get(pages::keys::show))
        .route("/api-settings/keys", post(pages::keys::create))
        .route("/api-settings/keys/{key}/revoke", get(pages::keys::confirm).post(pages::keys::revoke))
        .route("/orders", get(pages::orders::list))
        .route("/orders/{order}", get(pages::order::show))
        .route("/requests", get(pages::requests::list))
        .route("/requests/live", get(live::stream))
        .route("/requests/{request}", get(pages::request::show))
        .route("/scorecard", get(pages::scorecard::show))
        .route("/lab", get(pages::lab::show))
        .route("/lab/{action}", post(pages::lab::act))
        .route("/switch", post(login::switch))
        .route("/dashboard/style.css", get(asset::style))
        .route("/dashboard/page.js", get(asset::script))
        .method_not_allowed_fallback(move || async move { not_allowed() })
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(axum::middleware::from_fn(access::own_pages_only))
        .with_state(dashboard)
}
