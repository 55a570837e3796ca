//! As much of HTML as the pages here use.

/// The values of an attribute, in the page's order.
pub(super) fn attributes(page: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    let values = page.split(&start).skip(1).filter_map(|rest| rest.split_once('"'));
    values.map(|(value, _)| text(value)).collect()
}

/// What stands between tags, as a reader sees it.
pub(super) fn text(html: &str) -> String {
    let mut text = String::new();
    let mut pieces = html.split('<');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        text.push_str(piece.split_once('>').map_or("", |(_, outside)| outside));
    }
    for (reference, character) in [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">")] {
        text = text.replace(reference, character);
    }
    text.replace("&#38;", "&").replace("&amp;", "&")
}

/// The elements of that name, each from its start tag to its end tag. They do not contain each other.
pub(super) fn elements<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let begins = |rest: &str| rest.starts_with(['>', ' ']);
    let bodies = page.split(&*start).skip(1).filter(|rest| begins(rest));
    bodies.map(|rest| rest.split_once(&*end).map_or(rest, |(body, _)| body)).collect()
}

#[test]
fn attributes_texts_and_elements_are_found() {
    let page = "<pre id=\"a\"><code>x &#38;&#60; y</code></pre><p class=\"b\" id=\"c&amp;d\">z</p>";
    assert_eq!(attributes(page, "id"), ["a", "c&d"]);
    assert_eq!(text(elements(page, "pre")[0].split_once('>').unwrap().1), "x &< y");
    assert_eq!(elements(page, "p").len(), 1);
}
