//! List calls that are not of the documented form.

use crate::sandbox::Sandbox;

/// Rules: `list.values`, `error.details`.
#[tokio::test]
async fn all_that_is_wrong_is_named_at_once() {
    let sandbox = Sandbox::minimal().await;
    let query = "status=pending,done&productType=Manual&entityType=product,smm_service&subCategory=+&limit=501&offset=-1";
    let answer = sandbox.list(query).await;
    let all = ["status", "productType", "entityType", "subCategory", "limit", "offset"];
    assert_eq!(answer.wrong_fields(), all);
    assert_eq!(answer.body["message"], "Invalid request, see details");
    for detail in answer.body["details"].as_array().unwrap() {
        let problem = detail["problem"].as_str().unwrap();
        assert!(problem.len() > 15, "{detail} says what is wrong and what would be right");
    }
}

/// Rules: `list.values`.
#[tokio::test]
async fn unknown_blank_spaced_and_repeated_values_are_refused() {
    let sandbox = Sandbox::minimal().await;
    let wrong = [
        (
            "status",
            &[
                "done",
                "Pending",
                "pending,",
                ",pending",
                "pending,,error",
                " pending",
                "pending%20",
                "pending, error",
                "",
                "%20",
                "pending;error",
            ][..],
        ),
        ("productType", &["Manual", "manual,", "manual%20", "product", "", "%09", "+manual"]),
        ("entityType", &["service", "PRODUCT", "product,product", "product%20", "", "+"]),
        ("subCategory", &["", "+", "%C2%A0"]),
    ];
    for (name, values) in wrong {
        for value in values {
            let answer = sandbox.list(&format!("{name}={value}")).await;
            assert_eq!(answer.wrong_fields(), [name], "{name}={value}");
        }
        assert_eq!(sandbox.list(name).await.wrong_fields(), [name], "without a value");
    }
    for (name, value) in [
        ("status", "pending"),
        ("productType", "manual"),
        ("entityType", "product"),
        ("subCategory", "x"),
        ("limit", "5"),
        ("offset", "0"),
    ] {
        let answer = sandbox.list(&format!("{name}={value}&x=y&{name}={value}")).await;
        assert_eq!(answer.wrong_fields(), [name], "{name} twice");
    }
}

/// Rules: `list.values`.
#[tokio::test]
async fn repeating_a_value_and_unknown_parameters_do_no_harm() {
    let sandbox = Sandbox::minimal().await;
    let page = sandbox
        .list("status=pending,pending&productType=manual,manual&Status=x&page=2&page=3&limits=0&=")
        .await;
    assert_eq!(page.numbers(), [12345, 12346, 12347, 12348]);
}

/// Rules: `list.limit-range`, `list.offset-range`, `list.limit-max`.
#[tokio::test]
async fn numbers_out_of_range_or_form_are_refused() {
    let sandbox = Sandbox::minimal().await;
    for wrong in [
        "0",
        "501",
        "-1",
        "1.0",
        "1e2",
        "0x10",
        "ten",
        "",
        "+",
        "%2B5",
        "5%20",
        "1,2",
        "%D9%A3",
        "99999999999999999999999",
    ] {
        assert_eq!(sandbox.list(&format!("limit={wrong}")).await.wrong_fields(), ["limit"], "limit={wrong}");
    }
    for wrong in ["-1", "-0", "1.5", "1e2", "all", "", "+", "%2B5"] {
        assert_eq!(
            sandbox.list(&format!("offset={wrong}")).await.wrong_fields(),
            ["offset"],
            "offset={wrong}"
        );
    }
    for right in ["limit=1", "limit=500", "limit=050", "offset=0", "offset=00"] {
        sandbox.list(right).await.good();
    }
}

/// Rules: `list.window-page`.
#[tokio::test]
async fn a_refused_call_withholds_nothing() {
    let sandbox = Sandbox::minimal().await;
    sandbox.list("productType=manual&limit=0").await.refused(400, "INVALID_REQUEST");
    let stranger = sandbox.request("GET", "/api/admin/v2/orders?productType=manual").header("X-Api-Key", "x");
    sandbox.send(stranger).await.refused(401, "INVALID_API_KEY");
    let page = sandbox.list("productType=manual").await;
    assert_eq!(page.header("sandbox-withheld"), Some("0"));
    assert_eq!(page.numbers().len(), 8);
}
