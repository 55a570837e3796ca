//! Checks of API keys.

use supplier_rulebook::{AUTH_HEADER, AUTH_INVALID_KEY, AUTH_NO_STORE};

use super::expected::documented;
use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::check::checks;
use crate::http::{Body, Call, JSON, KEY_HEADER, LIST, UPDATE};
use crate::profile;
use crate::provision::Need;
use crate::query::Query;
use crate::script::{Expect, Who};
use crate::template::{Alteration, Hole, Template, template};

checks! {
    CHECKS;
    "key-header" = key_header, Example, [AUTH_HEADER], [Key], 0, 0,
        "The key is taken from the header, however its name is spelled in upper and lower case.";
    "key-missing" = key_missing, Example, [AUTH_INVALID_KEY, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [], 0, 0,
        "Both operations refuse a call without a key.";
    "key-unknown" = key_unknown, Example, [AUTH_INVALID_KEY, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [], 0, 0,
        "Both operations refuse a key that nobody has, and what is no key at all.";
    "key-altered" = key_altered, Example, [AUTH_INVALID_KEY], [Key], 5, 0,
        "Both operations refuse a valid key that was cut, lengthened, changed in a character, or in upper and lower case.";
    "key-revoked" = key_revoked, Example, [AUTH_INVALID_KEY], [Key, Lists, NewKey, RevokeKey], 2, 0,
        "A further key is taken by both operations until it is revoked, and by neither from then on.";
    "key-elsewhere" = key_elsewhere, Example, [AUTH_HEADER_ONLY], [Key], 8, 0,
        "A key in the query or in `Authorization` does not count, and two keys are none.";
    "key-first" = key_first, Example, [AUTH_FIRST, ERROR_TRANSPORT], [], 0, 0,
        "Without a key, whatever else is wrong with a request is not looked at; unknown paths and methods are, before the key.";
    "no-store" = no_store, Example, [AUTH_NO_STORE], [Key, Lists], 0, 0,
        "No answer, be it a page or a refusal, may be kept by a cache.";
}

const CODE: &str = "INVALID_API_KEY";

/// Both operations, called by a key without any effect: the list of one order at most, and an update of no order.
fn both(key: impl Into<Hole>) -> [Call; 2] {
    let key = key.into();
    [
        Call::list(key.clone(), Query::new().with("productType", "manual").limit(1)),
        Call::update(key, r#"{"order": 0}"#),
    ]
}

async fn no_store(bench: &Bench<'_>) -> Result<(), CaseError> {
    for call in [
        Call::list("first", Query::of_nothing()),
        Call::update("first", r#"{"order": 0}"#),
        Call::new("GET", LIST),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                let (name, contains) = ("cache-control".to_owned(), "no-store".to_owned());
                case.expect(AUTH_NO_STORE, Expect::Header { name, contains })
            })
            .await?;
    }
    Ok(())
}

async fn key_header(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (name, content_type) in [(KEY_HEADER, "Content-Type"), ("x-api-key", "content-type")] {
        let update = Call::new("POST", UPDATE).header(name, Hole::from("first")).header(content_type, JSON);
        let list = Call::new("GET", LIST).query(Query::of_nothing()).header(name, Hole::from("first"));
        for call in [update.body(Body::Text(r#"{"order": 0}"#.into())), list] {
            if call.may_hand_out() && !bench.target.offers.has(Need::Lists) {
                continue;
            }
            bench
                .case(async |case: &mut Case<'_>| {
                    case.call(call.clone()).await?;
                    case.expect(AUTH_HEADER, Expect::NotCode { code: CODE.to_owned() })
                })
                .await?;
        }
    }
    Ok(())
}

async fn key_missing(bench: &Bench<'_>) -> Result<(), CaseError> {
    let calls = [
        Call::new("GET", LIST).query("productType=manual&limit=1"),
        Call::new("POST", UPDATE).json(r#"{"order": 0}"#),
        Call::new("GET", LIST).query("productType=manual&limit=1").header(KEY_HEADER, ""),
    ];
    for call in calls {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                documented(bench, case, AUTH_INVALID_KEY, CODE)
            })
            .await?;
    }
    Ok(())
}

async fn key_unknown(bench: &Bench<'_>) -> Result<(), CaseError> {
    let wildcard = |mut call: Call| {
        call.headers[0].1 = "%".into();
        call
    };
    for key in [Some(Hole::UnknownKey), Some(Hole::MalformedKey), None] {
        let calls = key.map_or_else(|| both(Hole::UnknownKey).map(wildcard), both);
        for call in calls {
            bench
                .case(async |case: &mut Case<'_>| {
                    case.call(call.clone()).await?;
                    documented(bench, case, AUTH_INVALID_KEY, CODE)
                })
                .await?;
        }
    }
    Ok(())
}

async fn key_altered(bench: &Bench<'_>) -> Result<(), CaseError> {
    for how in Alteration::ALL {
        for call in both(Hole::AlteredKey("first".to_owned(), how)) {
            bench
                .case(async |case: &mut Case<'_>| {
                    // A key without letters is the same in upper case.
                    if case.bound("first") == how.of(case.bound("first")) {
                        return Ok(());
                    }
                    case.call(call.clone()).await?;
                    documented(bench, case, AUTH_INVALID_KEY, CODE)
                })
                .await?;
        }
    }
    Ok(())
}

async fn key_revoked(bench: &Bench<'_>) -> Result<(), CaseError> {
    for operation in [0, 1] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.new_key(Who::First, "further").await?;
                let call = both("further")[operation].clone();
                case.call(call.clone()).await?;
                case.expect(AUTH_INVALID_KEY, Expect::NotCode { code: CODE.to_owned() })?;
                case.revoke_key(Who::First, "further").await?;
                case.call(call).await?;
                documented(bench, case, AUTH_INVALID_KEY, CODE)
            })
            .await?;
    }
    Ok(())
}

async fn key_elsewhere(bench: &Bench<'_>) -> Result<(), CaseError> {
    let list = |query: Template| Call::new("GET", LIST).query(template!["productType=manual&limit=1", query]);
    let update = |query: Template| Call::new("POST", UPDATE).query(query).json(r#"{"order": 0}"#);
    let key = || Hole::from("first");
    let nothing = Template::default;
    let (query, authorization, twice) =
        (profile::HEADER_ONLY_QUERY, profile::HEADER_ONLY_AUTHORIZATION, profile::HEADER_ONLY_TWICE);
    let calls = [
        (query, list(template!["&X-Api-Key=", key()])),
        (query, list(template!["&api_key=", key()])),
        (query, list(template!["&apiKey=", key()])),
        (query, update(template!["X-Api-Key=", key()])),
        (authorization, list(nothing()).header("Authorization", template!["Bearer ", key()])),
        (authorization, list(nothing()).header("Authorization", key())),
        (authorization, update(nothing()).header("Authorization", template!["Bearer ", key()])),
        (twice, list(nothing()).key(key()).key(key())),
        (twice, update(nothing()).key(key()).header(KEY_HEADER, "another")),
    ];
    for (part, call) in calls {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                case.expect(part, Expect::code(CODE))
            })
            .await?;
    }
    Ok(())
}

async fn key_first(bench: &Bench<'_>) -> Result<(), CaseError> {
    let post = || Call::new("POST", UPDATE);
    let calls = [
        Call::new("GET", LIST).query("limit=none"),
        Call::new("GET", LIST).query("status=unheard-of&status=pending"),
        post().json("{"),
        post().json(r#"{"status": "unheard-of"}"#),
        post().header("Content-Type", "text/plain").body(Body::Text("order=1".into())),
        post(),
    ];
    for call in calls {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                case.expect(profile::FIRST_FORM, Expect::code(CODE))
            })
            .await?;
    }
    for (call, status) in
        [(Call::new("GET", "/api/admin/v2/unheard-of"), 404), (Call::new("DELETE", LIST), 405)]
    {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                case.expect(profile::FIRST_PATH, Expect::status(&[status]))
            })
            .await?;
    }
    Ok(())
}
