//! Expectations as filters for `jq`. `$status`, `$head` and `$j` are an answer's status, headers and JSON (null if it has
//! none), `$listed` the numbers of a page's orders, `$orders` those of the case's.

use serde_json::{Value, json};

use super::super::{Expect, Script, Shape, Step};

/// The filter that is true where an answer is as expected; none for what is not told by one answer.
pub(super) fn filter(expect: &Expect) -> Option<String> {
    let text = |text: &str| json!(text).to_string();
    let named = |orders: &[usize]| {
        let named: Vec<_> = orders.iter().map(|order| format!("$orders[{order}]")).collect();
        format!("[{}]", named.join(", "))
    };
    let page = |condition: String| format!(r#"($j | .orders? | type) == "array" and ({condition})"#);
    Some(match expect {
        Expect::Answered => "$status >= 100 and $status < 500".to_owned(),
        Expect::Status { any_of } => format!("{} | index($status) != null", json!(any_of)),
        Expect::StatusRange { from, to } => format!("$status >= {from} and $status <= {to}"),
        Expect::Success => r#"$status >= 200 and $status < 300 and ($j | type) == "object""#.to_owned(),
        Expect::Envelope => concat!(
            r#"$status >= 400 and $status < 500 and ($j | .error? | type) == "string" and "#,
            r#"($j | .message? | type) == "string" and ($head | test("content-type:[^\n]*json"; "i"))"#
        )
        .to_owned(),
        Expect::Code { code } => format!("($j | .error?) == {}", text(code)),
        Expect::NotCode { code } => format!("(($j | .error?) == {}) | not", text(code)),
        Expect::Message { message } => format!("($j | .message?) == {}", text(message)),
        Expect::Header { name, contains } => {
            format!(r#"$head | test("(^|\n){name}:[^\n]*{contains}"; "i")"#)
        }
        Expect::Lists { orders } => page(format!("{} - $listed == []", named(orders))),
        Expect::Lacks { orders } => page(format!("{0} - ({0} - $listed) == []", named(orders))),
        Expect::Sequence { orders } => {
            page(format!("[$listed[] | select(. as $one | $orders | index([$one]))] == {}", named(orders)))
        }
        Expect::Exactly { orders } => page(format!(
            "([$listed[] | select(. as $one | $orders | index([$one]))] | sort) == ({} | sort)",
            named(orders)
        )),
        Expect::Length { at_least, at_most } => {
            page(format!("($j.orders | length) >= {at_least} and ($j.orders | length) <= {at_most}"))
        }
        Expect::Is { at, value } => format!("($j | {}) == {value}", path(at)),
        Expect::Looks { at, like } => format!("$j | {} | {}", path(at), shape(like)),
        Expect::OrderIs { order, at, value } => {
            format!(
                "([$j.orders[] | select((.id // .order) == $orders[{order}])][0] | {}) == {value}",
                path(at)
            )
        }
        Expect::OrderLacks { order, at } => {
            format!("([$j.orders[] | select((.id // .order) == $orders[{order}])][0] | {}) == null", path(at))
        }
        Expect::OnceEach { .. } | Expect::Law { .. } => return None,
    })
}

/// A JSON pointer as a path.
fn path(pointer: &str) -> String {
    if pointer.is_empty() {
        return ".".to_owned();
    }
    let part = |part: &str| part.parse::<usize>().map_or_else(|_| json!(part), |place| json!(place));
    let parts: Vec<Value> = pointer.split('/').skip(1).map(part).collect();
    format!("getpath({})", Value::from(parts))
}

fn shape(like: &Shape) -> String {
    match like {
        Shape::Present => ". != null".to_owned(),
        Shape::Text => r#"type == "string""#.to_owned(),
        Shape::Integer => r#"type == "number" and . == floor"#.to_owned(),
        Shape::Money => r#"type == "number" and (tostring | test("^-?[0-9]+([.][0-9]{1,4})?$"))"#.to_owned(),
        Shape::List => r#"type == "array""#.to_owned(),
        Shape::Object => r#"type == "object""#.to_owned(),
        Shape::ObjectId => r#"type == "string" and test("^[0-9a-f]{24}$")"#.to_owned(),
        Shape::Timestamp => {
            r#"type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$")"#.to_owned()
        }
        Shape::OneOf(texts) => format!(". as $one | {} | index($one) != null", json!(texts)),
    }
}

/// The files that hold the answers of a step.
pub(super) fn files(script: &Script, step: usize) -> String {
    match script.steps.get(step) {
        Some(Step::Together(calls)) => {
            (1..=calls.len()).map(|place| format!("{}.{place}", step + 1)).collect::<Vec<_>>().join(" ")
        }
        _ => (step + 1).to_string(),
    }
}
