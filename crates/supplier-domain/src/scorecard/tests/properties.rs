//! Property tests over any observations.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use crate::fault::Operation;
use crate::samples::request;
use crate::scorecard::MAX_EVIDENCE;
use crate::{
    AccountForm, CallDigest, DropReason, ErrorCode, Fingerprint, FingerprintKey, HandedOut, IgnoredName,
    ListCall, NamePlace, Observation, ObservedCall, OddAccounts, OrderFacts, OrderId, OrderStatus, Reading,
    Scorecard, Standing, Submission, SubmittedAccount, Timestamp, UpdateCall,
};

fn order() -> impl Strategy<Value = OrderId> {
    prop_oneof![9 => 1..12_i64, 1 => Just(OrderId::MAX.cast_signed())].prop_map(|n| OrderId::new(n).unwrap())
}

fn status() -> impl Strategy<Value = OrderStatus> {
    prop::sample::select(OrderStatus::ALL)
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![0..9_000_000_i64, any::<i64>()].prop_map(Timestamp::from_millis)
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![9 => 0..5_usize, 1 => Just(usize::MAX)]
}

fn list() -> impl Strategy<Value = ListCall> {
    let handed_out = (order(), status()).prop_map(|(order, status)| HandedOut { order, status });
    let page = prop::collection::vec(handed_out, 0..4);
    (prop_oneof![0..3_u64, any::<u64>()], page, size(), size(), prop::option::of(time())).prop_map(
        |(offset, handed_out, withheld, total, withheld_until)| ListCall {
            offset,
            handed_out,
            withheld,
            total,
            withheld_until,
        },
    )
}

fn submission() -> impl Strategy<Value = Submission> {
    let account = (0..20_u8).prop_map(|n| Fingerprint::of(&format!("{n}:x"), &FingerprintKey([0; 32])));
    let reasons = vec![DropReason::Malformed, DropReason::Repeated, DropReason::AlreadyDelivered];
    let dropped = prop::collection::vec(prop::sample::select(reasons), 0..4);
    (size(), prop::collection::vec(account, 0..4), dropped).prop_map(|(submitted, accepted, dropped)| {
        let entry = SubmittedAccount::Text("\"a|b\"".to_owned());
        let forms = dropped.iter().map(|_| AccountForm::of_malformed(&entry)).take(1).collect();
        let odd =
            OddAccounts::of(&vec![SubmittedAccount::Text("\"a:b\"".to_owned()); accepted.len()], |_| true);
        Submission { submitted, accepted, dropped, forms, odd }
    })
}

fn update() -> impl Strategy<Value = UpdateCall> {
    let count = || prop_oneof![0..4_u64, any::<u64>()];
    let facts = (count(), count(), count(), status()).prop_map(
        |(ordered, ordered_in_all, delivered, status_before)| OrderFacts {
            ordered,
            ordered_in_all,
            delivered,
            status_before,
        },
    );
    let id = prop::option::of("[ab ]{0,2}".prop_map(Arc::from));
    (
        prop::option::of(order()),
        prop::option::of(status()),
        id,
        prop::option::of(submission()),
        prop::option::of(facts),
    )
        .prop_map(|(order, status, supplier_order_id, accounts, facts)| UpdateCall {
            order,
            status,
            supplier_order_id,
            accounts,
            facts,
        })
}

/// None, or one of thirty.
fn ignored(bits: u64) -> Vec<IgnoredName> {
    let place = if bits.is_multiple_of(2) { NamePlace::ListParameter } else { NamePlace::UpdateField };
    (bits < 30).then(|| IgnoredName::new(place, &format!("status{bits}"))).into_iter().collect()
}

fn observation() -> impl Strategy<Value = Observation> {
    let call = prop_oneof![
        list().prop_map(ObservedCall::List),
        update().prop_map(ObservedCall::Update),
        Just(ObservedCall::Other)
    ];
    let answer = (
        prop::bool::weighted(0.9),
        prop_oneof![Just(200_u16), prop::sample::select(&[0, 400, 404, 408, 429, 503][..]), any::<u16>()],
        prop::option::of(prop_oneof![Just(ErrorCode::InvalidAccounts), prop::sample::select(ErrorCode::ALL)]),
    );
    let keys = (any::<bool>(), any::<bool>());
    let request = (0..99_u64).prop_map(request);
    let operation = prop::option::of(prop::sample::select(Operation::ALL));
    let digest = |bits: u64| CallDigest::from_bits(bits.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let times = (time(), time(), prop_oneof![Just(0_u64), 0..70_000_u64]);
    (request, times, answer, keys, (0..100_u64, prop::option::of(0..3_u64)), operation, call).prop_map(
        move |(
            request,
            times,
            (reached, status, error),
            (key_in_url, key_in_body),
            bits,
            operation,
            call,
        )| {
            let (at, server, millis) = times;
            Observation {
                request,
                at,
                server,
                ended: server.plus(Duration::from_millis(millis)),
                operation,
                reached,
                hung_up: !reached && bits.0 % 3 == 0,
                is_done: (200..300).contains(&status) || (status == 503 && bits.0 % 2 == 0),
                status,
                error,
                key_in_url,
                key_in_body,
                digest: digest(bits.0),
                forwarded_for: bits.1.map(digest),
                ignored: ignored(bits.0),
                call,
            }
        },
    )
}

fn of(seen: &[Observation]) -> Scorecard {
    let mut scorecard = Scorecard::default();
    for observation in seen {
        scorecard.observe(observation);
    }
    scorecard
}

proptest! {
    /// Rules: `practice.polling`, `practice.errors`, `practice.resend`, `practice.accounts`, `practice.tracking`, `practice.status`,
    /// `practice.partial`, `practice.secret`, `practice.window`, `practice.names`.
    #[test]
    fn whatever_is_observed_the_report_adds_up_and_its_evidence_is_bounded(
        seen in prop::collection::vec(observation(), 0..80), now in time(), ended in any::<bool>(),
    ) {
        let report = of(&seen).report(&Reading { now, awaits: &|_| true, has_ended: ended });
        prop_assert_eq!(report.score.is_none(), seen.is_empty());
        for practice in report.practices {
            prop_assert!(practice.points.unwrap_or_default() <= 100 && practice.kept <= practice.occasions);
            let lost: u64 = practice.findings.iter().map(|finding| finding.count).sum();
            let at_least = practice.findings.iter().map(|finding| finding.count).max().unwrap_or_default();
            let secret = practice.practice.as_str() == "practice.secret";
            let kept = practice.occasions.saturating_sub(practice.kept);
            prop_assert!(secret || (at_least..=lost).contains(&kept), "{:?}", practice);
            prop_assert_eq!(practice.standing == Standing::NotMet, !practice.findings.is_empty());
            prop_assert_eq!(practice.standing == Standing::Met, practice.points == Some(100));
            for finding in practice.findings {
                prop_assert!((1..=MAX_EVIDENCE).contains(&finding.requests.len()));
                prop_assert!(finding.orders.len() <= MAX_EVIDENCE);
            }
        }
    }

    /// Rules: `practice.polling`.
    #[test]
    fn a_scorecard_that_was_written_and_read_is_the_same_and_goes_on_the_same(
        seen in prop::collection::vec(observation(), 0..60), then in prop::collection::vec(observation(), 0..9),
    ) {
        let mut scorecard = of(&seen);
        let text = serde_json::to_string(&scorecard).unwrap();
        let mut read: Scorecard = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &scorecard);
        prop_assert_eq!(&serde_json::to_string(&read).unwrap(), &text);
        let value = serde_json::to_value(&scorecard).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Scorecard>(value).unwrap(), &scorecard);
        for observation in &then {
            scorecard.observe(observation);
            read.observe(observation);
        }
        prop_assert_eq!(read, scorecard);
    }
}
