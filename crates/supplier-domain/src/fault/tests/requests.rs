//! Fault request.

use std::time::Duration;

use super::super::{
    Chance, Close, Effect, EffectKind, EffectRequest, FaultRequest, Filter, Framing, Operation, When,
};
use crate::samples::supplier_id;
use crate::{OrderId, Problem};

fn effect(kind: &str) -> EffectRequest {
    EffectRequest { kind: Some(kind.to_owned()), ..EffectRequest::default() }
}

fn fields<T: std::fmt::Debug>(outcome: Result<T, Vec<Problem>>) -> Vec<String> {
    outcome.unwrap_err().into_iter().map(|problem| problem.field.into_owned()).collect()
}

#[test]
fn what_is_left_out_has_its_default() {
    let new = FaultRequest { effect: effect("garbage"), ..FaultRequest::default() }.check().unwrap();
    assert_eq!(new, crate::fault::NewFault::new(Effect::Garbage));
}

#[test]
fn all_that_is_asked_for_is_in_the_fault() {
    let request = FaultRequest {
        operation: Some("updateOrder".to_owned()),
        order: Some(7),
        supplier: Some("aurora".to_owned()),
        effect: EffectRequest { calls: Some(5), period_seconds: Some(60), ..effect("rate-limit") },
        times: Some(3),
        skip: Some(4),
        every: Some(2),
        probability: Some(0.25),
        ttl_seconds: Some(90),
        seed: Some(u64::MAX),
    };
    let new = request.check().unwrap();
    let filter = Filter {
        operation: Some(Operation::UpdateOrder),
        order: OrderId::new(7),
        supplier: Some(supplier_id("aurora")),
    };
    assert_eq!((new.filter, new.effect), (filter, Effect::rate_limit(5, 60).unwrap()));
    assert_eq!(new.occasions.times.map(u64::from), Some(3));
    assert_eq!(
        (new.occasions.skip, new.occasions.every.get(), new.occasions.chance),
        (4, 2, Chance::try_from(250_000).unwrap())
    );
    assert_eq!((new.ttl, new.seed), (Some(Duration::from_secs(90)), Some(u64::MAX)));
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let request = FaultRequest {
        operation: Some("ListOrders".to_owned()),
        order: Some(0),
        supplier: Some("Aurora".to_owned()),
        effect: EffectRequest { status: Some(200), bytes: Some(1), ..effect("status") },
        times: Some(0),
        skip: Some(-1),
        every: Some(-1),
        probability: Some(1.5),
        ttl_seconds: Some(i64::MIN),
        seed: None,
    };
    let named = [
        "effect.bytes",
        "effect.status",
        "operation",
        "supplier",
        "order",
        "times",
        "every",
        "ttlSeconds",
        "skip",
        "probability",
    ];
    assert_eq!(fields(request.check()), named);
}

#[test]
fn an_order_with_list_calls_is_refused_since_it_could_never_fire() {
    let request = FaultRequest {
        operation: Some("listOrders".to_owned()),
        order: Some(7),
        effect: effect("garbage"),
        ..FaultRequest::default()
    };
    assert_eq!(fields(request.check()), ["order"]);
}

#[test]
fn a_kind_is_told_what_it_needs_and_what_it_does_not_take() {
    let missing: [&[&str]; EffectKind::ALL.len()] = [
        &["effect.code"],
        &["effect.status"],
        &["effect.fixedMillis"],
        &[],
        &[],
        &["effect.bytes"],
        &[],
        &["effect.calls", "effect.periodSeconds"],
    ];
    for (kind, missing) in EffectKind::ALL.iter().zip(missing) {
        let outcome = effect(kind.as_str()).check();
        assert_eq!(
            outcome.map(|effect| effect.kind()).map_err(|wrong| wrong.len()).ok(),
            missing.is_empty().then_some(*kind)
        );
        if !missing.is_empty() {
            assert_eq!(fields(effect(kind.as_str()).check()), missing, "{kind}");
        }
    }
    for wrong in [EffectRequest::default(), effect(""), effect("Delay")] {
        let problems = wrong.check().unwrap_err();
        assert_eq!(problems[0].field, "effect.kind");
        assert!(problems[0].problem.contains("drop-before"), "{}", problems[0]);
    }
    let crowded = EffectRequest {
        code: Some("RATE_LIMITED".to_owned()),
        status: Some(500),
        envelope: Some(false),
        fixed_millis: Some(1),
        jitter_millis: Some(1),
        bytes: Some(1),
        framing: Some("chunked".to_owned()),
        how: Some("rst".to_owned()),
        when: Some("after".to_owned()),
        calls: Some(1),
        period_seconds: Some(1),
        ..effect("garbage")
    };
    assert_eq!(fields(crowded.check()).len(), 11);
}

#[test]
fn a_word_that_is_none_and_one_that_the_kind_does_not_take_are_told_apart() {
    let with = |kind, how: Option<&str>, when: Option<&str>, framing: Option<&str>| {
        let [how, when, framing] = [how, when, framing].map(|word| word.map(str::to_owned));
        EffectRequest { framing, how, when, ..effect(kind) }
    };
    let told = |request: EffectRequest| -> Vec<String> {
        request.check().unwrap_err().into_iter().map(|problem| problem.to_string()).collect()
    };
    assert_eq!(told(with("drop-after", Some("RST"), None, None)), ["effect.how must be one of fin, rst"]);
    assert_eq!(
        told(EffectRequest { fixed_millis: Some(1), ..with("delay", None, Some(""), None) }),
        ["effect.when must be one of before, after"]
    );
    assert_eq!(
        told(EffectRequest { bytes: Some(1), ..with("truncate", None, None, Some("gzip")) }),
        ["effect.framing must be one of length, chunked"]
    );
    assert_eq!(
        told(with("drop-before", Some("fin"), Some("after"), None)),
        ["effect.when means nothing to drop-before; leave it out"]
    );
    assert_eq!(
        told(with("garbage", Some("fin"), None, Some("nonsense"))),
        [
            "effect.framing means nothing to garbage; leave it out",
            "effect.how means nothing to garbage; leave it out"
        ]
    );
}

#[test]
fn each_kind_is_made_of_its_own_parameters() {
    let text = |text: &str| Some(text.to_owned());
    let code = text("SERVICE_UNAVAILABLE");
    let (before, after) = (When::Before, When::After);
    let cases = [
        (
            EffectRequest { code: code.clone(), ..effect("error") },
            Effect::error("SERVICE_UNAVAILABLE", before),
        ),
        (
            EffectRequest { code, when: text("after"), ..effect("error") },
            Effect::error("SERVICE_UNAVAILABLE", after),
        ),
        (EffectRequest { status: Some(502), ..effect("status") }, Effect::status(502, true, before)),
        (
            EffectRequest {
                status: Some(502),
                envelope: Some(false),
                when: text("after"),
                ..effect("status")
            },
            Effect::status(502, false, after),
        ),
        (EffectRequest { fixed_millis: Some(5), ..effect("delay") }, Effect::delay(5, 0, before)),
        (
            EffectRequest { jitter_millis: Some(5), when: text("after"), ..effect("delay") },
            Effect::delay(0, 5, after),
        ),
        (EffectRequest { bytes: Some(0), ..effect("truncate") }, Effect::truncate(0, Framing::Length)),
        (
            EffectRequest { bytes: Some(0), framing: text("chunked"), ..effect("truncate") },
            Effect::truncate(0, Framing::Chunked),
        ),
        (effect("drop-before"), Ok(Effect::DropBefore { how: Close::Fin })),
        (
            EffectRequest { how: text("fin"), ..effect("drop-after") },
            Ok(Effect::DropAfter { how: Close::Fin }),
        ),
        (
            EffectRequest { how: text("rst"), ..effect("drop-after") },
            Ok(Effect::DropAfter { how: Close::Rst }),
        ),
    ];
    for (request, effect) in cases {
        assert_eq!(request.check(), effect);
    }
}
