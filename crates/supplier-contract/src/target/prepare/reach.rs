//! Whether the calls of a run reach the API at all.
//!
//! A server may judge the key before it looks at the path, and answers a call under a wrong path as it answers one under the
//! right path. So the API's paths are compared with one that is none of it: where every answer is the same, nothing of the API
//! answers.

use super::Problem;
use crate::config::Config;
use crate::http::{Answer, Call, LIST, Transport, UPDATE};
use crate::template::{Bindings, Hole};

/// The API's prefix, which the suite puts behind the target's URL.
const PREFIX: &str = "/api/admin/v2";
/// What stands behind a path to make it none of the API's.
const ELSEWHERE: &str = "-contract-no-such-path";

/// What to do about a URL that does not lead to the API.
pub(super) fn remedy(base: &str) -> String {
    match base.to_ascii_lowercase().find("/api/admin") {
        Some(at) => format!("the suite adds {PREFIX} itself; leave it out: --target {}", &base[..at]),
        None => format!("give what comes before {PREFIX} in the API's URL: --target http://host:port"),
    }
}

/// Whether anything of the API answers; `listed` is how a list without a key was answered.
pub(super) async fn reaches_the_api(
    transport: &Transport,
    config: &Config,
    listed: &Answer,
) -> Result<(), Problem> {
    let elsewhere = format!("{LIST}{ELSEWHERE}");
    let other = sent(transport, config, &Call::new("GET", &elsewhere)).await?;
    if !is_same(listed, &other) {
        return Ok(());
    }
    let base = transport.base();
    let nothing = |what: &str| {
        Err(Problem::Unreachable(format!(
            "no call reaches the API: {base}{LIST} is answered as a path that does not exist is ({what}); {}",
            remedy(base)
        )))
    };
    // Without a key only the URL can tell: all is refused, wherever it goes.
    if !config.keys.contains_key("first") {
        let is_doubled = base.to_ascii_lowercase().contains("/api/admin");
        return if is_doubled { nothing(&format!("{}, without a key", listed.status)) } else { Ok(()) };
    }
    let key = || Hole::from("first");
    for body in ["{\"order\": 0}", "{}", "{"] {
        let update = Call::update(key(), body);
        let other = Call { path: format!("{UPDATE}{ELSEWHERE}"), ..update.clone() };
        let (answer, other) =
            (sent(transport, config, &update).await?, sent(transport, config, &other).await?);
        if answer.status == 401 || answer.code() == Some("INVALID_API_KEY") {
            // Whether the key is taken is found out by itself.
            return Ok(());
        }
        // What refuses a body for its form has looked at more than the path.
        let is_of_paths = matches!(answer.status, 403..=405 | 410 | 501);
        if !is_of_paths || !is_same(&answer, &other) {
            return Ok(());
        }
    }
    nothing(&format!("{}, with the key too", listed.status))
}

async fn sent(transport: &Transport, config: &Config, call: &Call) -> Result<Answer, Problem> {
    let bindings = Bindings { keys: config.keys.clone(), ..Bindings::default() };
    Ok(transport.send(call, &bindings).await?)
}

/// Whether two answers are the same but for the path that they name and what differs from call to call.
fn is_same(one: &Answer, other: &Answer) -> bool {
    let text = |answer: &Answer| String::from_utf8_lossy(&answer.body).replace(ELSEWHERE, "");
    let told = |answer: &Answer| {
        let json = answer.json.as_ref();
        json.and_then(|json| Some((json.get("error")?.clone(), json.get("message").cloned())))
    };
    one.status == other.status
        && match (told(one), told(other)) {
            (Some(one), Some(other)) => one.0 == other.0,
            _ => text(one) == text(other),
        }
}
