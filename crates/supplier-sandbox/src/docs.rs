//! Documentation page: the first call, the reference, errors, fixed orders and rules.
//!
//! The HTML has all of the text. When a reader scrolls to the reference, the script replaces it by an interactive one. Without
//! the script only that is missing.

use std::sync::LazyLock;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use supplier_domain::Window;
use supplier_rulebook::{GROUPS, Group, Rule, VERSION};
use supplier_seed::{FixedOrder, Scenario};

use crate::app::App;
use crate::catalogue::{Call, ErrorCase, error_cases};
use crate::http::Asset;
use crate::server::SupplierAccess;

const SCRIPT_TYPE: &str = "text/javascript; charset=utf-8";

/// Title of a scenario file that the server was not started with.
pub(crate) const OWN_FILE: &str = "A scenario file of your own";
const NOT_GIVEN: &str = "Start the server with this file as its scenario, and this page shows what it says.";

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
    errors: Vec<ErrorEntry>,
    groups: &'static [Group],
}

/// Error code with its cases.
struct ErrorEntry {
    status: u16,
    code: &'static str,
    message: &'static str,
    cases: Vec<ErrorCase>,
}

/// Piece of a text, code or not.
struct Span<'a> {
    text: &'a str,
    is_code: bool,
}

/// Splits a text at back-ticks.
fn spans(text: &str) -> Vec<Span<'_>> {
    text.split('`').enumerate().map(|(index, text)| Span { text, is_code: index % 2 == 1 }).collect()
}

/// Errors in the order of the catalogue, each code once.
fn error_entries() -> Vec<ErrorEntry> {
    let mut entries: Vec<ErrorEntry> = Vec::new();
    for case in error_cases() {
        let (status, code, message) = case.error.status_and_code();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.code == code.as_str()) {
            entry.cases.push(case);
        } else {
            let (status, code) = (status.as_u16(), code.as_str());
            entries.push(ErrorEntry { status, code, message, cases: vec![case] });
        }
    }
    entries
}

impl Page<'_> {
    /// Key of the examples: the first supplier's, or a placeholder for the reader's own.
    fn key(&self) -> &str {
        self.suppliers.first().map_or("$API_KEY", SupplierAccess::key)
    }

    /// Shell command that shows the answer of `case`, if the scenario has the order that the command needs.
    fn command(&self, case: &ErrorCase) -> Option<String> {
        let Call { order, input, path, has_key, options } = case.shown_by?;
        let is_there = |number: u32| self.fixed.iter().any(|fixed| fixed.number.get() == u64::from(number));
        if !order.is_none_or(is_there) {
            return None;
        }
        let input = input.map_or_else(String::new, |command| format!("{command} | "));
        let mut command = format!("{input}curl \"{}{path}\"", self.url);
        let key = has_key.then(|| format!("-H \"X-Api-Key: {}\"", self.key()));
        for option in key.iter().map(String::as_str).chain(options.iter().copied()) {
            command.push_str(" \\\n  ");
            command.push_str(option);
        }
        Some(command)
    }
}

/// The page of the server at `url`. It shows the keys of `suppliers`, so leave out secret ones.
///
/// Without a `scenario`, the sandbox was seeded from a file that the server was not started with.
pub(crate) fn page(
    url: &str,
    scenario: Option<&Scenario>,
    suppliers: &[SupplierAccess],
    window: Window,
) -> Asset {
    Asset::new("text/html; charset=utf-8", html(url, scenario, suppliers, window).as_bytes())
}

fn html(url: &str, scenario: Option<&Scenario>, suppliers: &[SupplierAccess], window: Window) -> String {
    let page = Page {
        url,
        version: env!("CARGO_PKG_VERSION"),
        rulebook_version: VERSION,
        title: scenario.map_or(OWN_FILE, Scenario::title),
        description: scenario.map_or(NOT_GIVEN, Scenario::description),
        suppliers,
        window_minutes: window.minutes(),
        fixed: scenario.map_or(&[], Scenario::fixed_orders),
        errors: error_entries(),
        groups: GROUPS,
    };
    // Neither writing to memory nor formatting the page can fail.
    page.render().unwrap_or_default()
}

/// `GET /docs`
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Response {
    app.docs.answer(&headers).await
}

/// Style sheet of the page.
pub(crate) fn style() -> &'static Asset {
    static ASSET: LazyLock<Asset> =
        LazyLock::new(|| Asset::new("text/css; charset=utf-8", include_bytes!("../assets/docs.css")));
    &ASSET
}

/// Script of the page.
pub(crate) fn script() -> &'static Asset {
    static ASSET: LazyLock<Asset> =
        LazyLock::new(|| Asset::new(SCRIPT_TYPE, include_bytes!("../assets/docs.js")));
    &ASSET
}

/// Script of the interactive reference: Scalar, as published.
pub(crate) fn reference() -> &'static Asset {
    static ASSET: LazyLock<Asset> = LazyLock::new(|| {
        let gzip = include_bytes!(concat!(env!("OUT_DIR"), "/reference.js.gz"));
        Asset::from_gzip(SCRIPT_TYPE, Bytes::from_static(gzip))
    });
    &ASSET
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every rule has an anchor of its own, and what the page links to is there.
    #[test]
    fn every_rule_has_its_place_and_no_link_leads_nowhere() {
        let scenario = Scenario::builtin("default").unwrap();
        let page = html("http://127.0.0.1:4010", Some(&scenario), &[], Window::STANDARD);
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
        let page = html("http://127.0.0.1:4010", Some(&scenario), &[], Window::STANDARD);
        assert!(!page.contains("<b>") && page.contains("&#60;b&#62;"), "{page}");
    }

    #[test]
    fn a_call_is_shown_only_where_its_order_is() {
        let page = |name| html("http://x", Some(&Scenario::builtin(name).unwrap()), &[], Window::STANDARD);
        assert!(page("minimal").contains("&#34;order&#34;: 40301"));
        assert!(!page("empty").contains("&#34;order&#34;: 40301"));
    }
}
