//! The documentation page: the first call, errors, fixed orders and rules, without a script.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use supplier_domain::Window;
use supplier_rulebook::{GROUPS, Group, Rule, VERSION};
use supplier_seed::{FixedOrder, Scenario};

use crate::app::App;
use crate::catalogue::{ErrorCase, error_cases};
use crate::server::SupplierAccess;

/// Nothing from elsewhere, and no script at all.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../assets/docs.css");

#[derive(Template)]
#[template(path = "docs.html")]
struct Page<'a> {
    url: &'a str,
    version: &'static str,
    rulebook_version: &'static str,
    title: &'a str,
    description: &'a str,
    suppliers: &'a [SupplierAccess],
    window_minutes: u64,
    fixed: &'a [FixedOrder],
    errors: Vec<ErrorCase>,
    groups: &'static [Group],
}

/// A piece of a text with code between back-ticks.
struct Span<'a> {
    text: &'a str,
    is_code: bool,
}

/// The pieces of a text.
fn spans(text: &str) -> Vec<Span<'_>> {
    text.split('`').enumerate().map(|(index, text)| Span { text, is_code: index % 2 == 1 }).collect()
}

impl Page<'_> {
    /// The key of the examples: the first supplier's, or what stands for the reader's own.
    fn key(&self) -> &str {
        self.suppliers.first().map_or("$API_KEY", SupplierAccess::key)
    }
}

/// The page of the server at `url`. The keys of `suppliers` are shown: leave out those that are secret.
pub(crate) fn page(url: &str, scenario: &Scenario, suppliers: &[SupplierAccess], window: Window) -> String {
    let page = Page {
        url,
        version: env!("CARGO_PKG_VERSION"),
        rulebook_version: VERSION,
        title: scenario.title(),
        description: scenario.description(),
        suppliers,
        window_minutes: window.minutes(),
        fixed: scenario.fixed_orders(),
        errors: error_cases(),
        groups: GROUPS,
    };
    // Writing to memory cannot fail, and neither can what the page shows.
    page.render().unwrap_or_default()
}

/// `GET /docs`
pub(crate) async fn show(State(app): State<App>) -> impl IntoResponse {
    with_headers("text/html; charset=utf-8", app.docs)
}

/// `GET /docs/style.css`
pub(crate) async fn style() -> impl IntoResponse {
    with_headers("text/css; charset=utf-8", Bytes::from_static(STYLE.as_bytes()))
}

fn with_headers(content_type: &'static str, body: Bytes) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every rule has an anchor of its own, and what the page links to is there.
    #[test]
    fn every_rule_has_its_place_and_no_link_leads_nowhere() {
        let scenario = Scenario::builtin("default").unwrap();
        let page = page("http://127.0.0.1:4010", &scenario, &[], Window::STANDARD);
        for rule in supplier_rulebook::rules() {
            assert_eq!(page.matches(&format!("id=\"{}\"", rule.id)).count(), 1, "{}", rule.id);
        }
        for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{target}\"")), "#{target}");
        }
        assert!(!page.contains('`'), "back-ticks are shown as code");
    }

    #[test]
    fn what_a_scenario_says_is_text() {
        let text = include_str!("../../../fixtures/scenarios/minimal.toml")
            .replace("A dozen orders", "<b>&\\\"dozen");
        let scenario = Scenario::parse("x.toml", &text).unwrap();
        let page = page("http://127.0.0.1:4010", &scenario, &[], Window::STANDARD);
        assert!(!page.contains("<b>") && page.contains("&#60;b&#62;"), "{page}");
    }
}
