//! Content negotiation: the media types and encodings that a client accepts (RFC 9110, 12.5).

use axum::http::{HeaderMap, header};
use headers_accept::Accept;
use mediatype::MediaType;

/// The type of `types` that the request's `Accept` prefers; `None` if it accepts none. `types` are in the server's order of
/// preference. A missing or empty `Accept` accepts every type.
///
/// Parameters of a media range, such as `charset`, and empty elements of the list are ignored. The library knows neither, so
/// it gets the ranges and their weights only.
pub(crate) fn preferred<'a>(
    request: &HeaderMap,
    types: &'a [MediaType<'static>],
) -> Option<&'a MediaType<'static>> {
    let values = request.get_all(header::ACCEPT).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let elements = values.iter().flat_map(|value| split(value, ','));
    let elements: Vec<_> = elements.filter(|element| !element.is_empty()).collect();
    if elements.is_empty() {
        return types.first();
    }
    let ranges: Vec<_> = elements.into_iter().filter_map(range).collect();
    ranges.join(",").parse::<Accept>().ok()?.negotiate(types)
}

/// Whether the request's `Accept-Encoding` accepts gzip, by name or by `*`, with a weight above zero.
pub(super) fn takes_gzip(request: &HeaderMap) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut any = false;
    for coding in values.flat_map(|value| value.split(',')) {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let is_taken = weight(parameters.split(';')).is_none_or(|weight| weight > 0.0);
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                return is_taken;
            }
            "*" => any = is_taken,
            _ => {}
        }
    }
    any
}

/// Media range and weight of an element of `Accept`; `None` if the element is no media range.
fn range(element: &str) -> Option<String> {
    let mut parts = split(element, ';').into_iter();
    let essence = parts.next().filter(|essence| MediaType::parse(essence).is_ok())?;
    if essence.starts_with("*/") && essence != "*/*" {
        return None;
    }
    let weight = weight(parts).unwrap_or(1.0);
    Some(format!("{essence};q={weight:.3}"))
}

/// Weight among the parameters of an element, 0 to 1. An invalid weight is ignored.
fn weight<'a>(parameters: impl IntoIterator<Item = &'a str>) -> Option<f32> {
    let mut named = parameters.into_iter().filter_map(|parameter| parameter.split_once('='));
    let (_, weight) = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))?;
    let weight = weight.trim();
    let is_decimal = weight.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    weight.parse().ok().filter(|weight| is_decimal && (0.0..=1.0).contains(weight))
}

/// Parts between separators outside of quoted strings, trimmed.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(|c: char| {
        let is_end = c == separator && !is_quoted;
        match c {
            _ if is_escaped => is_escaped = false,
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => is_escaped = true,
            _ => {}
        }
        is_end
    })
    .map(str::trim)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;
    use mediatype::names::{APPLICATION, JSON, MARKDOWN, TEXT, XML};

    const TYPES: [MediaType<'static>; 3] =
        [MediaType::new(APPLICATION, JSON), MediaType::new(TEXT, MARKDOWN), MediaType::new(APPLICATION, XML)];

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    fn chosen(values: &[&str]) -> Option<String> {
        preferred(&headers(&header::ACCEPT, values), &TYPES).map(ToString::to_string)
    }

    #[test]
    fn what_is_preferred_is_chosen() {
        let (json, markdown, xml) = ("application/json", "text/markdown", "application/xml");
        for (accept, expected) in [
            ("*/*", json),
            ("", json),
            (" , ,", json),
            ("application/json", json),
            ("Application/JSON", json),
            ("application/json; charset=utf-8", json),
            ("application/json;charset=\"a,b;q=0\"", json),
            ("application/json;", json),
            ("text/markdown; variant=GFM; q=0.5, application/xml;q=0.4", markdown),
            ("text/markdown,,application/json;q=0.5", markdown),
            ("text/markdown,,application/json", markdown),
            ("application/xml,", xml),
            ("text/*", markdown),
            ("text/html, application/json;q=0.9", json),
            ("application/json;q=0.1, application/xml;Q=0.2", xml),
            ("application/json;q=0, */*", markdown),
            ("*/*;q=0.1, text/markdown;q=0.05", json),
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", json),
            ("nonsense, application/xml", xml),
            ("*/nonsense, application/xml", xml),
            ("application/xml;q=x", xml),
        ] {
            assert_eq!(chosen(&[accept]).as_deref(), Some(expected), "{accept:?}");
        }
        assert_eq!(chosen(&[]).as_deref(), Some(json));
        assert_eq!(chosen(&["text/html", "text/markdown"]).as_deref(), Some(markdown), "two headers");
        for accept in
            ["image/png", "nonsense", "*/*;q=0", "application/json;q=0.000", "\"application/json\"", "*/json"]
        {
            assert_eq!(chosen(&[accept]), None, "{accept:?}");
        }
    }

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        for (value, takes) in [
            ("gzip", true),
            ("br, GZIP", true),
            ("x-gzip", true),
            (",, gzip,", true),
            ("deflate, gzip;q=0.5", true),
            ("*", true),
            ("gzip; q=0", false),
            ("gzip;Q=0", false),
            ("*, gzip;q=0.0", false),
            ("*;q=0", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&headers(&header::ACCEPT_ENCODING, &[value])), takes, "{value:?}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
