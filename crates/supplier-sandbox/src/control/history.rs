//! History of an order.

use serde::Serialize;
use supplier_domain::{Dealings, EventKind, History, Moment, SupplierId, counted, was};
use utoipa::ToSchema;

use crate::wire::sets;

/// Something that happened to an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderEvent)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventBody {
    /// `placed`, `handed-out`, `updated` or `amended`.
    #[schema(value_type = String, example = "handed-out")]
    event: &'static str,
    /// By the sandbox's clock.
    #[schema(format = DateTime)]
    at: String,
    /// The request that did it.
    request: String,
    /// It in a sentence.
    sentence: String,
    /// To whom it was handed out, or who updated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    supplier: Option<String>,
    /// The order's status from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = sets::OrderStatus)]
    status: Option<&'static str>,
}

impl EventBody {
    fn new(event: &'static str, moment: Moment, sentence: String) -> Self {
        let (at, request) = (moment.at.to_string(), moment.request.to_string());
        Self { event, at, request, sentence, supplier: None, status: None }
    }
}

/// All that is known to have happened, the oldest first.
pub(super) fn of(history: &History, dealings: &[(SupplierId, Dealings)]) -> Vec<EventBody> {
    let mut events: Vec<_> =
        history.events.iter().map(|event| (event.moment, told(event.moment, &event.kind))).collect();
    for (supplier, dealings) in dealings {
        let (Some(first), Some(last)) = (dealings.first, dealings.last) else { continue };
        let count = dealings.handed_out;
        let mut hand_out = |moment: Moment, sentence: String| {
            let supplier = Some(supplier.to_string());
            events.push((moment, EventBody { supplier, ..EventBody::new("handed-out", moment, sentence) }));
        };
        hand_out(
            first,
            format!("It was handed out to {supplier}{}.", if count > 1 { " for the first time" } else { "" }),
        );
        if count > 1 {
            hand_out(
                last,
                format!("It was handed out to {supplier} for the {count}th time, the last so far."),
            );
        }
    }
    // A clock that stands still shows one moment for them all: then the requests' order tells.
    events.sort_by_key(|(moment, _)| (moment.at, moment.request));
    events.into_iter().map(|(_, event)| event).collect()
}

fn told(moment: Moment, kind: &EventKind) -> EventBody {
    match kind {
        EventKind::Placed => EventBody::new("placed", moment, "A buyer ordered it.".to_owned()),
        EventKind::Updated { supplier, from, to, accepted, dropped, supplier_order_id } => {
            let mut did = Vec::new();
            did.extend((from != to).then(|| format!("set its status from {from} to {to}")));
            did.extend((*accepted > 0).then(|| format!("delivered {}", counted(*accepted, "account"))));
            let (others, were) = (counted(*dropped, "account"), was(*dropped));
            did.extend((*dropped > 0).then(|| format!("sent {others} that {were} dropped")));
            did.extend(supplier_order_id.as_ref().map(|id| format!("gave it the id {id:?}")));
            let did = if did.is_empty() { "changed nothing".to_owned() } else { did.join(", ") };
            EventBody {
                supplier: Some(supplier.to_string()),
                status: Some(to.as_str()),
                ..EventBody::new("updated", moment, format!("{supplier} {did}."))
            }
        }
        EventKind::Amended { status, payment_status } => EventBody {
            status: Some(status.as_str()),
            ..EventBody::new(
                "amended",
                moment,
                format!("The marketplace set it to {status}, its payment to {payment_status}."),
            )
        },
    }
}
