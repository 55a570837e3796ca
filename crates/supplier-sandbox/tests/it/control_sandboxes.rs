//! `/_sandbox/…`: sandboxes of one's own, over HTTP.

use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::Sandbox;

#[tokio::test]
async fn a_sandbox_is_reached_by_its_own_keys_and_touches_no_other() {
    let sandbox = Sandbox::default().await;
    let control = Control::of(&sandbox);
    let one = control.created(json!({ "scenario": "minimal" })).await;
    let other = control.created(json!({ "scenario": "minimal" })).await;
    let open = "status=pending,processing&productType=manual";
    let first = control.list(&one, "aurora", open).await.numbers();
    assert!(first.contains(&12345));
    assert_eq!(control.list(&one, "aurora", open).await.numbers(), [0; 0], "withheld from itself");
    assert_eq!(control.list(&other, "aurora", open).await.numbers(), first, "and from nobody else");
    assert!(sandbox.list(open).await.numbers().contains(&12345));
}

#[tokio::test]
async fn what_is_left_out_is_as_the_server_was_started() {
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").window_minutes(7).seed(5)).await;
    let control = Control::of(&sandbox);
    for body in [None, Some(json!({}))] {
        let (status, created) = control.call("POST", "/sandboxes", body).await;
        assert_eq!(status, 201, "{created}");
        let settings =
            ["scenario", "seed", "windowMinutes", "accountDedup"].map(|name| created[name].clone());
        assert_eq!(settings, [json!("minimal"), json!(5), json!(7), json!("order")]);
        assert_eq!(created["suppliers"].as_array().unwrap().len(), 2);
    }
    let body = json!({ "scenario": "empty", "seed": 9, "windowMinutes": 0, "accountDedup": "supplier", "ttlSeconds": 60 });
    let created = control.created(body).await;
    let settings = ["scenario", "seed", "windowMinutes", "accountDedup"].map(|name| created[name].clone());
    assert_eq!(settings, [json!("empty"), json!(9), json!(0), json!("supplier")]);
}

#[tokio::test]
async fn a_fork_begins_where_the_other_stands_and_both_go_on_alone() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let original = control.created(json!({})).await;
    let open = "status=pending,processing&productType=manual&limit=1";
    let first = control.list(&original, "aurora", open).await.numbers();
    let fork = control.created(json!({ "from": original["id"] })).await;
    let key = |sandbox: &Value| sandbox["suppliers"][0]["key"].as_str().unwrap().to_owned();
    assert_ne!(key(&fork), key(&original));
    let second = control.list(&fork, "aurora", open).await.numbers();
    assert!(!second.is_empty() && second != first, "what was withheld is withheld in the fork");
    assert_eq!(control.list(&original, "aurora", open).await.numbers(), second);
}

#[tokio::test]
async fn the_clock_is_moved_to_the_millisecond_and_never_back() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let clock = format!("/sandboxes/{}/clock", created["id"].as_str().unwrap());
    let advance = format!("{clock}/advance");
    let (status, frozen) = control.call("PUT", &clock, Some(json!({ "mode": "frozen" }))).await;
    assert_eq!((status, &frozen["mode"]), (200, &json!("frozen")));
    let open = "status=pending,processing&productType=manual";
    let all = control.list(&created, "aurora", open).await.numbers();
    for (seconds, expected) in [(json!(1799.999), &[][..]), (json!(0.001), &all[..])] {
        assert_eq!(control.call("POST", &advance, Some(json!({ "seconds": seconds }))).await.0, 200);
        assert_eq!(control.list(&created, "aurora", open).await.numbers(), expected, "{seconds}");
    }

    let (status, problem) = control.call("PUT", &clock, Some(json!({ "now": frozen["now"] }))).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:supplier-sandbox:problem:clock-goes-back")));
    let (_, set) = control.call("PUT", &clock, Some(json!({ "rate": 60, "stepOnPoll": 0.5 }))).await;
    assert_eq!((&set["rate"], &set["stepOnPoll"]), (&json!(60.0), &json!(0.5)));
    assert_eq!(control.call("GET", &clock, None).await.1["rate"], json!(60.0));
}

#[tokio::test]
async fn a_moment_is_read_in_any_form_of_rfc_3339() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let clock = format!("/sandboxes/{}/clock", created["id"].as_str().unwrap());
    control.call("PUT", &clock, Some(json!({ "mode": "frozen" }))).await;
    for (written, shown) in [
        ("2037-01-05T10:00:00Z", "2037-01-05T10:00:00.000Z"),
        ("2037-01-05t10:00:00.5z", "2037-01-05T10:00:00.500Z"),
        ("2037-01-05T15:30:01.123456789+05:30", "2037-01-05T10:00:01.123Z"),
        ("2037-01-05T02:00:02-08:00", "2037-01-05T10:00:02.000Z"),
        ("2037-01-31T23:59:60Z", "2037-02-01T00:00:00.000Z"),
    ] {
        let (status, set) = control.call("PUT", &clock, Some(json!({ "now": written }))).await;
        assert_eq!((status, &set["now"]), (200, &json!(shown)), "{written}: {set}");
    }
    for (wrong, remedy) in [
        ("2037-03-05T10:00:00", "add Z for UTC"),
        ("2037-03-05", "write it behind the date"),
        ("2037-03-05T10:00:61Z", "seconds from 00 to 59"),
        ("2037-03-05T10:00:00Z\n", "and nothing else"),
        ("10000-03-05T10:00:00Z", "and nothing else"),
        ("2037-03-05T10:00:00+24:00", "from -23:59 to +23:59"),
        ("9999-12-31T23:59:59Z", "to 9999-12-30T21:59:59.999Z"),
    ] {
        let (status, problem) = control.call("PUT", &clock, Some(json!({ "now": wrong }))).await;
        let error = &problem["errors"][0];
        assert_eq!((status, &error["field"]), (400, &json!("now")), "{wrong:?}");
        assert!(error["problem"].as_str().unwrap().contains(remedy), "{wrong:?}: {problem}");
    }
    assert_eq!(control.call("GET", &clock, None).await.1["now"], json!("2037-02-01T00:00:00.000Z"));
}

#[tokio::test]
async fn a_reset_puts_all_back_and_keys_stay_as_they_are() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let path = format!("/sandboxes/{}", created["id"].as_str().unwrap());
    let open = "status=pending,processing&productType=manual";
    let all = control.list(&created, "aurora", open).await.numbers();
    let keys = format!("{path}/suppliers/aurora/keys");
    let (status, made) = control.call("POST", &keys, None).await;
    assert_eq!(status, 201, "{made}");
    let first = control.call("GET", &keys, None).await.1["keys"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(control.call("DELETE", &format!("{keys}/{first}"), None).await.0, 204);
    control.list(&created, "aurora", open).await.refused(401, "INVALID_API_KEY");

    assert_eq!(control.call("POST", &format!("{path}/reset"), None).await.0, 204);
    control.list(&created, "aurora", open).await.refused(401, "INVALID_API_KEY");
    let by_key = sandbox.request("GET", &format!("/api/admin/v2/orders?{open}"));
    let answer = sandbox.send(by_key.header("X-Api-Key", made["key"].as_str().unwrap())).await;
    assert_eq!(answer.numbers(), all);
    let (_, listed) = control.call("GET", &keys, None).await;
    assert_eq!(listed["keys"].as_array().unwrap().len(), 1);
    assert!(
        listed["keys"][0]["lastUsedAt"].is_string()
            && !listed.to_string().contains(made["key"].as_str().unwrap())
    );
}

#[tokio::test]
async fn a_supplier_can_be_added_and_calls_by_its_own_key() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let path = format!("/sandboxes/{}/suppliers", created["id"].as_str().unwrap());
    let (status, supplier) = control.call("POST", &path, Some(json!({ "id": "dune" }))).await;
    assert_eq!((status, &supplier["email"]), (201, &json!("dune@example.com")));
    assert_eq!(control.call("POST", &path, Some(json!({ "id": "dune" }))).await.0, 409);
    let (_, key) = control.call("POST", &format!("{path}/dune/keys"), None).await;
    let request =
        sandbox.request("GET", "/api/admin/v2/orders").header("X-Api-Key", key["key"].as_str().unwrap());
    assert_eq!(sandbox.send(request).await.numbers(), [0; 0]);
    let (_, listed) = control.call("GET", &path, None).await;
    assert_eq!(listed["suppliers"].as_array().unwrap().last().unwrap()["id"], "dune");
}

#[tokio::test]
async fn a_sandbox_goes_by_the_server_s_time_or_when_it_is_deleted() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({ "ttlSeconds": 60 })).await;
    let path = format!("/sandboxes/{}", created["id"].as_str().unwrap());
    sandbox.server.pass_server_time(std::time::Duration::from_secs(59));
    assert_eq!(control.call("GET", &path, None).await.0, 200);
    sandbox.server.pass_server_time(std::time::Duration::from_secs(1));
    assert_eq!(control.call("GET", &path, None).await.0, 404);
    control.list(&created, "aurora", "").await.refused(401, "INVALID_API_KEY");

    let created = control.created(json!({})).await;
    let path = format!("/sandboxes/{}", created["id"].as_str().unwrap());
    assert_eq!(control.call("DELETE", &path, None).await.0, 204);
    assert_eq!(control.call("DELETE", &path, None).await.0, 404);
    control.list(&created, "aurora", "").await.refused(401, "INVALID_API_KEY");
    assert_eq!(control.call("DELETE", "/sandboxes/default", None).await.0, 409);
    let (_, listed) = control.call("GET", "/sandboxes", None).await;
    assert_eq!(listed["sandboxes"].as_array().unwrap().len(), 1, "{listed}");
}

#[tokio::test]
async fn caps_answer_with_a_problem_and_change_nothing() {
    let caps =
        supplier_sandbox::Caps { sandboxes: 2, suppliers: 3, keys: 2, ..supplier_sandbox::Caps::default() };
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").caps(caps)).await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let suppliers = format!("/sandboxes/{}/suppliers", created["id"].as_str().unwrap());
    let keys = format!("{suppliers}/aurora/keys");
    assert_eq!(control.call("POST", &suppliers, Some(json!({ "id": "dune" }))).await.0, 201);
    assert_eq!(control.call("POST", &keys, None).await.0, 201);
    for (path, body) in [("/sandboxes", None), (&*suppliers, Some(json!({ "id": "elm" }))), (&*keys, None)] {
        let (status, problem) = control.call("POST", path, body).await;
        assert_eq!(
            (status, &problem["type"]),
            (409, &json!("urn:supplier-sandbox:problem:too-many")),
            "{path}"
        );
        assert!(problem["detail"].as_str().unwrap().contains("there may be no more"), "{problem}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_request_is_named_at_once() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/sandboxes/default/clock";
    for (method, path, body, fields) in [
        (
            "POST",
            "/sandboxes",
            json!({ "scenario": "../etc/passwd", "ttlSeconds": 0 }),
            &["scenario", "ttlSeconds"][..],
        ),
        (
            "POST",
            "/sandboxes",
            json!({ "seed": -1, "windowMinutes": 1.5, "accountDedup": "none" }),
            &["seed", "windowMinutes", "accountDedup"],
        ),
        ("POST", "/sandboxes", json!({ "from": "default", "scenario": "minimal" }), &["from"]),
        ("POST", "/sandboxes", json!({ "scenari": "minimal" }), &["body"]),
        ("POST", "/sandboxes", json!([]), &["body"]),
        ("PUT", path, json!({ "mode": "paused", "rate": 0, "now": "yesterday" }), &["mode", "rate", "now"]),
        ("POST", "/sandboxes/default/clock/advance", json!({}), &["seconds"]),
        ("POST", "/sandboxes/default/clock/advance", json!({ "seconds": 1e12 }), &["seconds"]),
        (
            "POST",
            "/sandboxes/default/suppliers",
            json!({ "name": "", "email": "x" }),
            &["id", "name", "email"],
        ),
    ] {
        let (status, problem) = control.call(method, path, Some(body.clone())).await;
        assert_eq!(
            (status, &problem["type"]),
            (400, &json!("urn:supplier-sandbox:problem:invalid-request")),
            "{body}"
        );
        let named: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!(named, fields, "{problem}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (method, path, status, word) in [
        ("GET", "/sandboxes/nowhere", 404, "no-such-sandbox"),
        ("POST", "/sandboxes/nowhere/reset", 404, "no-such-sandbox"),
        ("GET", "/sandboxes/NOWHERE%21", 404, "no-such-name"),
        ("GET", "/sandboxes/default%231", 404, "no-such-name"),
        ("GET", "/sandboxes/default/suppliers/nobody/keys", 404, "no-such-supplier"),
        ("DELETE", "/sandboxes/default/suppliers/aurora/keys/none", 404, "no-such-key"),
        ("GET", "/nowhere", 404, "not-found"),
        ("PATCH", "/sandboxes", 405, "method-not-allowed"),
        ("GET", "/sandboxes/default/reset", 405, "method-not-allowed"),
    ] {
        let (answered, problem) = control.call(method, path, None).await;
        let expected = json!(format!("urn:supplier-sandbox:problem:{word}"));
        assert_eq!(
            (answered, &problem["type"], &problem["status"]),
            (status, &expected, &json!(status)),
            "{method} {path}"
        );
    }
}
