//! Target of a login: a page of this dashboard, and nowhere else.

use url::{Position, Url};

/// Placeholder origin. Only path and query of a target are used.
const OWN: &str = "http://dashboard.invalid/";
/// First segments of the pages that a login may lead to. Actions, login and logout are left out.
const PAGES: [&str; 6] = ["", "api-settings", "lab", "orders", "requests", "scorecard"];
/// Maximum length of a target in bytes.
const MAX_TARGET: usize = 2_048;

/// `next` as a `Location`: path and query of a page of this dashboard, in printable ASCII; the home page for anything else.
pub(crate) fn onward(next: &str) -> String {
    page(next).unwrap_or_else(|| "/".to_owned())
}

fn page(next: &str) -> Option<String> {
    let is_plain = next.len() <= MAX_TARGET && next.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain || !next.starts_with('/') {
        return None;
    }
    let own = Url::parse(OWN).ok()?;
    // The `url` crate parses as browsers do.
    let target = own.join(next).ok().filter(|target| target.origin() == own.origin())?;
    let mut segments = target.path_segments()?;
    // An empty first segment would turn the next one into a host.
    let is_page =
        PAGES.contains(&segments.next()?) && (target.path() == "/" || !target.path().starts_with("//"));
    let is_stream = target.path() == "/requests/live";
    (is_page && !is_stream).then(|| target[Position::BeforePath..Position::AfterQuery].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_of_the_dashboard_is_gone_on_to() {
        for (next, to) in [
            ("/", "/"),
            ("/orders?status=pending&page=2", "/orders?status=pending&page=2"),
            ("/orders/12345", "/orders/12345"),
            ("/requests/req-01ab23cd-7", "/requests/req-01ab23cd-7"),
            ("/api-settings#keys", "/api-settings"),
            ("/orders/../lab", "/lab"),
            ("/?a=b", "/?a=b"),
        ] {
            assert_eq!(onward(next), to, "{next}");
        }
    }

    #[test]
    fn anything_else_leads_home() {
        for next in [
            "",
            "orders",
            "//example.com",
            "///example.com",
            "/\\example.com",
            "\\\\example.com",
            "/\t/127.0.0.1:5650/",
            "/\n/example.com",
            "/orders\r\nSet-Cookie: a=b",
            "/orders\u{7f}",
            "/orders/\u{0}",
            "/ /example.com",
            "/.//example.com",
            "/orders/..//example.com",
            "/%2e//example.com",
            "/%09/example.com",
            "/%5cexample.com",
            "/%2f/example.com",
            "https:example.com",
            "https://example.com/orders",
            "http://dashboard.invalid/orders",
            "javascript:alert(1)",
            "data:text/html,x",
            "/@example.com",
            "user:pass@example.com",
            "/login",
            "/login?next=/login",
            "/logout",
            "/open/default",
            "/orders/../logout",
            "/switch",
            "/requests/live",
            "/docs",
            "/_sandbox/sandboxes",
            "/órders",
        ] {
            assert_eq!(onward(next), "/", "{next:?}");
        }
        assert_eq!(onward(&format!("/orders?{}", "a".repeat(MAX_TARGET))), "/");
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_a_browser_stays_at_this_server(
            next in prop_oneof!["\\PC*", "[/\\\\.%a-z@:?#\\t\\r\\n0-9]{0,30}", "/(orders|lab)[/\\\\.%a-z@:?#]{0,20}"],
        ) {
            let to = onward(&next);
            let base = Url::parse("http://127.0.0.1:4010/login").unwrap();
            let there = base.join(&to).unwrap();
            prop_assert_eq!(there.origin(), base.origin(), "{:?} leads to {}", next, there);
            prop_assert!(to.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(onward(&to), to, "what is followed is followed as it is");
        }
    }
}
