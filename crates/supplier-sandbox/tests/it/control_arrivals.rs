//! `/_sandbox/sandboxes/{id}/arrivals`: orders that come in as the clock goes on.

use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::Sandbox;

const MANUAL: &str = "productType=manual&limit=500";

fn one_a_minute() -> Value {
    json!({ "perMinute": 1, "mix": [{ "supplier": "aurora", "quantity": 3, "subCategory": "Forum" }] })
}

/// An empty sandbox whose clock stands still, the path to it, and what the clock shows.
async fn empty(control: &Control<'_>) -> (Value, String, Value) {
    let created = control.created(json!({ "scenario": "empty" })).await;
    let path = format!("/sandboxes/{}", created["id"].as_str().unwrap());
    let setting = json!({ "mode": "frozen", "now": "2100-01-01T00:00:00.000Z" });
    let (_, clock) = control.call("PUT", &format!("{path}/clock"), Some(setting)).await;
    (created, path, clock["now"].clone())
}

impl Control<'_> {
    async fn advance(&self, path: &str, seconds: u32) {
        let body = json!({ "seconds": seconds });
        assert_eq!(self.call("POST", &format!("{path}/clock/advance"), Some(body)).await.0, 200);
    }

    async fn arrivals(&self, path: &str) -> Value {
        self.call("GET", &format!("{path}/arrivals"), None).await.1
    }
}

/// Rules: `list.order`, `list.total`, `list.window`.
#[tokio::test]
async fn orders_come_in_as_the_clock_goes_on_each_at_its_own_moment() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let (created, path, now) = empty(&control).await;
    assert_eq!(control.arrivals(&path).await["active"], false);
    let (status, set) = control.call("PUT", &format!("{path}/arrivals"), Some(one_a_minute())).await;
    assert_eq!((status, &set["since"], &set["nextAt"]), (200, &now, &json!("2100-01-01T00:01:00.000Z")));
    assert_eq!((&set["active"], &set["arrived"], &set["kinds"]), (&json!(true), &json!(0), &json!(1)));
    assert_eq!(set["seed"], created["seed"], "the sandbox's own");
    assert_eq!(control.list(&created, "aurora", MANUAL).await.good()["total"], 0, "time stands still");

    control.advance(&path, 150).await;
    let page = control.list(&created, "aurora", MANUAL).await.good();
    let told: Vec<_> = page["orders"].as_array().unwrap().iter().map(|it| it["createdAt"].clone()).collect();
    assert_eq!(told, ["2100-01-01T00:01:00.000Z", "2100-01-01T00:02:00.000Z"]);
    assert_eq!(
        (&page["orders"][0]["quantity"], &page["orders"][0]["status"]),
        (&json!(3), &json!("pending"))
    );
    control.advance(&path, 30).await;
    assert_eq!(control.list(&created, "aurora", MANUAL).await.good()["count"], 1, "what is new");
    let shown = control.arrivals(&path).await;
    assert_eq!((&shown["arrived"], &shown["nextAt"]), (&json!(3), &json!("2100-01-01T00:04:00.000Z")));
}

/// An example of the document brings what the next one shows.
#[tokio::test]
async fn bursts_come_on_top_and_a_mix_is_drawn_from() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let (created, path, now) = empty(&control).await;
    let example = include_str!("../../../../fixtures/examples/setArrivals.request.two-kinds.json");
    let body: Value = serde_json::from_str(example).unwrap();
    let (status, set) = control.call("PUT", &format!("{path}/arrivals"), Some(body.clone())).await;
    assert_eq!(
        (status, &set["burst"], &set["perMinute"]),
        (200, &body["burst"], &body["perMinute"]),
        "{now}"
    );
    control.advance(&path, 90 * 60).await;
    let shown = control.arrivals(&path).await;
    assert_eq!((&shown["arrived"], &shown["nextAt"]), (&json!(245), &json!("2100-01-01T01:30:24.000Z")));
    let manual = control.list(&created, "aurora", MANUAL).await.good()["total"].as_u64().unwrap();
    let auto = control.list(&created, "aurora", "limit=500").await.good()["total"].as_u64().unwrap();
    assert_eq!(manual + auto, 245);
    assert!((150..220).contains(&manual), "three of four: {manual}");
    assert_eq!(control.list(&created, "birch", "limit=500").await.good()["total"], auto, "shared orders");
}

#[tokio::test]
async fn what_is_stopped_brings_no_more_and_a_reset_begins_again() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let (created, path, _) = empty(&control).await;
    let arrivals = format!("{path}/arrivals");
    control.call("PUT", &arrivals, Some(one_a_minute())).await;
    control.advance(&path, 60).await;
    let copy = control.created(json!({ "from": created["id"] })).await;
    let copied = format!("/sandboxes/{}", copy["id"].as_str().unwrap());
    assert_eq!(control.call("DELETE", &arrivals, None).await.0, 204);
    assert_eq!(control.call("DELETE", &arrivals, None).await.0, 204, "there was nothing to stop");
    for path in [&path, &copied] {
        control.advance(path, 60).await;
    }
    assert_eq!(control.arrivals(&path).await["active"], false);
    assert_eq!(control.list(&created, "aurora", MANUAL).await.good()["total"], 1, "what had come in stays");
    assert_eq!(control.list(&copy, "aurora", MANUAL).await.good()["total"], 2, "a copy goes on");
    control.call("POST", &format!("{copied}/reset"), None).await;
    assert_eq!(control.arrivals(&copied).await["arrived"], 1, "as far as they had come when it was made");
}

#[tokio::test]
async fn of_what_comes_in_while_nobody_looks_the_latest_are_kept() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let (created, path, _) = empty(&control).await;
    let body = json!({ "perMinute": 6000, "mix": [{ "supplier": "aurora" }] });
    control.call("PUT", &format!("{path}/arrivals"), Some(body)).await;
    control.advance(&path, 3600).await;
    let shown = control.arrivals(&path).await;
    assert_eq!((&shown["arrived"], &shown["skipped"]), (&json!(10_000), &json!(350_000)));
    let page = control.list(&created, "aurora", "productType=manual&limit=1").await.good();
    assert_eq!(
        (&page["total"], &page["orders"][0]["createdAt"]),
        (&json!(10_000), &json!("2100-01-01T00:58:20.010Z"))
    );
}

#[tokio::test]
async fn arrivals_that_cannot_be_are_refused_with_all_that_is_wrong_and_nothing_changes() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/sandboxes/default/arrivals";
    let (_, before) = control.call("PUT", path, Some(one_a_minute())).await;
    let mix = json!([{ "supplier": "aurora" }]);
    for (body, fields) in [
        (json!({}), &["perMinute", "mix"][..]),
        (json!({ "perMinute": 0, "mix": [] }), &["perMinute", "mix"]),
        (
            json!({ "perMinute": 0.0001, "mix": vec![json!({ "supplier": "aurora" }); 51] }),
            &["perMinute", "mix"],
        ),
        (json!({ "perMinute": "2", "seed": -1, "mix": mix }), &["perMinute", "seed"]),
        (
            json!({ "perMinute": 6001, "burst": { "everyMinutes": 0 }, "mix": mix }),
            &["perMinute", "burst.everyMinutes", "burst.size"],
        ),
        (json!({ "perMinute": 1, "burst": { "every": 1 }, "mix": mix }), &["burst"]),
        (json!({ "perMinute": 1, "mix": [{ "supplier": "aurora", "count": 2 }] }), &["mix"]),
        (
            json!({ "perMinute": 1, "burst": { "everyMinutes": 5, "size": 10_001 }, "mix": [
                { "weight": 0 },
                { "supplier": "aurora", "weight": 1001, "quantity": 0 },
                { "supplier": "aurora", "items": [{}, { "productType": "hand" }] },
            ] }),
            &[
                "burst.size",
                "mix[0].weight",
                "mix[0].supplier",
                "mix[1].weight",
                "mix[1].quantity",
                "mix[2].items[1].productType",
            ],
        ),
    ] {
        let (status, problem) = control.call("PUT", path, Some(body.clone())).await;
        assert_eq!(status, 400, "{body}: {problem}");
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{body}: {problem}");
    }
    let (_, zero) = control.call("PUT", path, Some(json!({ "perMinute": 0, "mix": mix }))).await;
    assert!(zero["errors"][0].to_string().contains("DELETE"), "{zero}");
    let stranger = json!({ "perMinute": 1, "mix": [{ "supplier": "aurora", "sharedWith": ["nobody"] }] });
    assert_eq!(control.call("PUT", path, Some(stranger)).await.0, 404);
    assert_eq!(control.call("PUT", "/sandboxes/nowhere/arrivals", Some(one_a_minute())).await.0, 404);
    assert_eq!(control.call("POST", path, None).await.0, 405);
    assert_eq!(control.call("GET", path, None).await.1, before);
}

#[tokio::test]
async fn a_scenario_s_arrivals_begin_when_a_sandbox_does() {
    let sandbox = Sandbox::with_orders(
        "[arrivals]\nper_minute = 2\n[[arrivals.mix]]\nproducts = [\"mail\"]\nquantity = [1, 9]\n",
    )
    .await;
    let control = Control::of(&sandbox);
    sandbox.pass(60_000).await;
    assert_eq!(sandbox.list(MANUAL).await.good()["total"], 2);
    let created = control.created(json!({})).await;
    let path = format!("/sandboxes/{}", created["id"].as_str().unwrap());
    control.call("PUT", &format!("{path}/clock"), Some(json!({ "mode": "frozen" }))).await;
    control.advance(&path, 90).await;
    assert_eq!(control.list(&created, "aurora", MANUAL).await.good()["total"], 3);
}
