//! Keys.

use supplier_rulebook::AUTH_INVALID_KEY;

use crate::bench::Bench;
use crate::case::{Case, Stop};
use crate::check::checks;
use crate::http::{Call, LIST};
use crate::script::Expect;

checks! {
    CHECKS;
    "missing-key" = missing_key, Example, [AUTH_INVALID_KEY], [], 0, 0,
        "A call without a key is refused with INVALID_API_KEY.";
}

async fn missing_key(bench: &Bench<'_>) -> Result<(), Stop> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.call(Call::new("GET", LIST)).await?;
            case.expect(AUTH_INVALID_KEY, Expect::Code { code: "INVALID_API_KEY".to_owned() })
        })
        .await
}
