//! The dashboard over HTTP: who is let in, what is refused, and that whatever stands in an order stays text.

use reqwest::{Client, RequestBuilder, Response, redirect};
use serde_json::json;

use crate::control::Control;
use crate::sandbox::{Sandbox, builder, order};

/// A browser that follows no redirect, and keeps its cookie by itself.
pub(crate) struct Browser {
    /// Where it finds the server.
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        Self { url: sandbox.server.url().to_owned(), client, cookie: None }
    }

    /// One that has opened a supplier in one click.
    pub(crate) async fn opened(sandbox: &Sandbox, supplier: &str) -> Self {
        let mut browser = Self::new(sandbox);
        let response = browser.post("/login/open", &format!("supplier={supplier}")).await;
        assert_eq!(response.status(), 303);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        browser.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        browser
    }

    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{path}", self.url));
        match &self.cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request("GET", path).send().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    fn form(&self, path: &str, form: &str) -> RequestBuilder {
        let kind = "application/x-www-form-urlencoded";
        self.request("POST", path).header("Content-Type", kind).body(form.to_owned())
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Response {
        self.form(path, form).send().await.unwrap()
    }
}

const PAGES: [&str; 6] = ["/", "/api-settings", "/orders", "/requests", "/scorecard", "/lab"];

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_login() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::new(&sandbox);
    for path in PAGES.into_iter().chain(["/orders/12345", "/requests/live", "/api-settings/keys/x/revoke"]) {
        let response = browser.get(path).await;
        assert_eq!(response.status(), 303, "{path}");
        let to = response.headers()["location"].to_str().unwrap();
        assert!(to.starts_with("/login?next="), "{path}: {to}");
    }
    // What a form sends cannot be sent again after the login.
    let response = browser.post("/lab/advance", "minutes=30").await;
    assert_eq!(response.headers()["location"], "/login?next=%2F");
}

#[tokio::test]
async fn what_another_sites_page_sends_is_refused_and_changes_nothing() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://example.com"),
        ("Origin", "null"),
    ] {
        for (path, form) in [
            ("/api-settings/keys", ""),
            ("/lab/advance", "minutes=30"),
            ("/logout", ""),
            ("/login/open", "supplier=birch"),
        ] {
            let response = browser.form(path, form).header(name, value).send().await.unwrap();
            assert_eq!(response.status(), 403, "{path} with {name}: {value}");
        }
        let link = browser.request("GET", "/open/default").header("Sec-Fetch-Site", "cross-site");
        assert_eq!(link.send().await.unwrap().status(), 403);
    }
    assert_eq!(browser.page("/api-settings").await.matches("<code>test_").count(), 1, "no key was made");
    let own = browser.form("/api-settings/keys", "").header("Origin", sandbox.server.url());
    assert_eq!(own.header("Sec-Fetch-Site", "same-origin").send().await.unwrap().status(), 200);
    let rebound = browser.request("GET", "/login").header("Host", "rebound.example.com");
    assert_eq!(rebound.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn another_suppliers_order_key_and_request_are_as_unknown_as_none() {
    let sandbox = Sandbox::minimal().await;
    let (aurora, birch) =
        (Browser::opened(&sandbox, "aurora").await, Browser::opened(&sandbox, "birch").await);
    assert_eq!(aurora.get("/orders/40301").await.status(), 404);
    assert_eq!(aurora.get("/orders/40401").await.status(), 404);
    assert_eq!(birch.get("/orders/40301").await.status(), 200);
    let listed = sandbox.list_as("birch", "productType=manual&limit=1").await;
    let request = listed.header("sandbox-request-id").unwrap().to_owned();
    assert_eq!(birch.get(&format!("/requests/{request}")).await.status(), 200);
    assert_eq!(aurora.get(&format!("/requests/{request}")).await.status(), 404);
    assert!(!aurora.page("/requests").await.contains(&request));
    let keys = birch.page("/api-settings").await;
    let (_, key) = keys.split_once("/api-settings/keys/").unwrap();
    let path = format!("/api-settings/keys/{}", key.split_once('"').unwrap().0);
    assert_eq!(aurora.post(&path, "").await.status(), 404);
    assert_eq!(sandbox.list_as("birch", "limit=1").await.status, 200, "its key still works");
}

#[tokio::test]
async fn whatever_stands_in_an_order_or_a_request_stays_text() {
    let hostile = "<script>alert(1)</script>\"'&\u{202e}<b>";
    let toml = order(7, "pending", &[("mail", 1)]);
    let sandbox = Sandbox::with_orders(&toml).await;
    let control = Control::of(&sandbox);
    let body = json!({ "supplier": "aurora", "id": 8, "subCategory": hostile });
    let (status, _) = control.call("POST", "/sandboxes/default/orders", Some(body)).await;
    assert_eq!(status, 201);
    sandbox.update(json!({ "order": 8, "supplierOrderId": hostile, "status": hostile })).await;
    sandbox.update(json!({ "order": 8, "supplierOrderId": hostile })).await;
    sandbox.list("status=%3Cscript%3E&subCategory=%3Cscript%3Ealert(1)%3C/script%3E").await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    let requests = browser.page("/requests").await;
    let links =
        requests.split("href=\"/requests/").skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned());
    let paths = links
        .map(|id| format!("/requests/{id}"))
        .chain(["/orders", "/orders/8", "/requests", "/scorecard"].map(str::to_owned));
    let query = "/orders?subCategory=%3Cscript%3E%22&status=%3Cscript%3E&number=%3Cscript%3E";
    for path in paths.chain([query.to_owned(), "/login?next=%22%3E%3Cscript%3E".to_owned()]) {
        let response = browser.get(&path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        let text = response.text().await.unwrap();
        assert!(
            !text.contains("<script>") && !text.contains("<b>\u{202e}") && !text.contains("<b>'"),
            "{path}: {text}"
        );
        assert_eq!(
            text.matches("<script").count(),
            text.matches("<script src=\"/dashboard/page.js\" defer>").count(),
            "{path}"
        );
    }
    assert!(browser.page("/orders/8").await.contains("&#60;script&#62;alert(1)"), "it is shown, as text");
}

#[tokio::test]
async fn a_new_key_is_shown_once_and_a_revoked_one_opens_nothing() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    let page = browser.post("/api-settings/keys", "").await.text().await.unwrap();
    let key = page.split_once("id=\"new-key\">").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert!(!browser.page("/api-settings").await.contains(&key));
    let call = async || {
        let request = sandbox.request("GET", "/api/admin/v2/orders?limit=1").header("X-Api-Key", &key);
        sandbox.send(request).await.status
    };
    assert_eq!(call().await, 200);
    let keys = browser.page("/api-settings").await;
    let id = keys.split_once("/api-settings/keys/").unwrap().1.split_once('/').unwrap().0.to_owned();
    assert_eq!(browser.get(&format!("/api-settings/keys/{id}/revoke")).await.status(), 200);
    assert_eq!(call().await, 200, "looking at it revokes nothing");
    assert_eq!(browser.post(&format!("/api-settings/keys/{id}/revoke"), "").await.status(), 303);
    assert_eq!(call().await, 401);
}

#[tokio::test]
async fn the_lab_does_what_it_says_and_tells_it() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    for (action, form, told) in [
        ("advance", "minutes=30", "30 minutes have passed"),
        ("freeze", "", "is frozen"),
        ("run", "", "clock runs"),
        ("orders", "count=3&quantity=5&kind=product", "3 orders were placed"),
        ("fault", "fault=garbage&times=1", "Your next call: done, but the answer is not JSON"),
        ("fault", "fault=slow&times=3", "Each of your next 3 calls"),
        ("disarm", "", "removed"),
        ("reset", "", "was reset"),
        ("fork", "", "a copy of default"),
    ] {
        let response = browser.post(&format!("/lab/{action}"), form).await;
        assert_eq!(response.status(), 303, "{action}");
        let page = browser.page("/lab").await;
        let notice = page.split_once("class=\"notice\"").unwrap().1.split_once("</p>").unwrap().0;
        assert!(notice.contains(told), "{action}: {notice}");
        assert!(!browser.page("/lab").await.contains("class=\"notice\""), "{action}: it is told once");
    }
    for (action, form) in [
        ("advance", "minutes=-1"),
        ("advance", "minutes=x"),
        ("orders", "count=0&quantity=1"),
        ("fault", "fault=x&times=1"),
        ("fault", "fault=slow&times=0"),
    ] {
        let response = browser.post(&format!("/lab/{action}"), form).await;
        assert_eq!(response.status(), 400, "{action} {form}");
    }
    assert_eq!(browser.post("/lab/unheard-of", "").await.status(), 404);
}

#[tokio::test]
async fn each_fault_that_the_lab_offers_is_armed_and_shown_with_what_it_does() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    let page = browser.page("/lab").await;
    let offered = page.split_once("name=\"fault\"").unwrap().1.split_once("</select>").unwrap().0;
    let offered: Vec<_> = offered.split("value=\"").skip(1).map(|it| it.split_once('"').unwrap().0).collect();
    for fault in &offered {
        assert_eq!(
            browser.post("/lab/fault", &format!("fault={fault}&times=1")).await.status(),
            303,
            "{fault}"
        );
    }
    let page = browser.page("/lab").await;
    assert_eq!(page.matches(": fired 0 times</li>").count(), offered.len());
    for shown in [
        "drop-after (fin)",
        "drop-before (rst)",
        "status (503, after)",
        "delay (5000 to 5000 ms, before)",
        "error (INTERNAL_ERROR, after)",
        "truncate (40 bytes, chunked)",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test]
async fn elsewhere_a_supplier_logs_in_by_password_and_only_the_token_opens_the_lab() {
    let token = "0123456789abcdef-token";
    let sandbox = Sandbox::start(builder("minimal").listen("0.0.0.0:0").admin_token(token)).await;
    let mut browser = Browser::new(&sandbox);
    let login = browser.page("/login").await;
    assert!(!login.contains("In one click") && !login.contains("aurora@example.com"), "{login}");
    assert_eq!(browser.post("/login/open", "supplier=aurora").await.status(), 403);
    assert_eq!(browser.get("/open/default").await.headers()["location"], "/login?sandbox=default");
    let nobodys = sandbox.request("GET", "/api/admin/v2/orders").header("X-Api-Key", "test_unknown");
    let nobodys = sandbox.send(nobodys).await.header("sandbox-request-id").unwrap().to_owned();
    assert_eq!(browser.post("/login", "email=aurora%40example.com&password=sandbox").await.status(), 401);
    let password = sandbox.server.dashboard_password();
    let form = format!("email=aurora%40example.com&password={password}");
    let response = browser.post("/login", &form).await;
    let cookie = |response: &Response| {
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    };
    browser.cookie = Some(cookie(&response));
    assert!(browser.page("/orders").await.contains("12345"));
    // Whose key leads to nobody may be anybody's.
    assert!(!browser.page("/requests").await.contains(&nobodys));
    assert_eq!(browser.get(&format!("/requests/{nobodys}")).await.status(), 404);
    assert_eq!(browser.get("/lab").await.status(), 403);
    assert_eq!(browser.post("/lab/advance", "minutes=30").await.status(), 403);
    assert_eq!(browser.post("/switch", "sandbox=default&supplier=birch").await.status(), 403);
    let wrong = browser.post("/login/admin", "token=wrong&sandbox=default").await;
    assert_eq!(wrong.status(), 401);
    let right = browser.post("/login/admin", &format!("token={token}&sandbox=default")).await;
    browser.cookie = Some(cookie(&right));
    assert_eq!(browser.get("/lab").await.status(), 200);
    assert!(browser.page("/requests").await.contains(&nobodys));
    assert_eq!(browser.post("/switch", "sandbox=default&supplier=birch").await.status(), 303);
    assert!(browser.page("/").await.contains("Birch"));
}

#[tokio::test]
async fn a_private_sandboxs_link_opens_it() {
    let sandbox = Sandbox::minimal().await;
    let created = Control::of(&sandbox).created(json!({ "scenario": "empty" })).await;
    let link = created["dashboardUrl"].as_str().unwrap();
    let path = link.strip_prefix(sandbox.server.url()).unwrap();
    let mut browser = Browser::new(&sandbox);
    let response = browser.get(path).await;
    assert_eq!(response.status(), 303);
    browser.cookie =
        Some(response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned());
    assert!(browser.page("/").await.contains(created["id"].as_str().unwrap()));
    assert_eq!(browser.get("/open/no-such-sandbox").await.status(), 404);
}

/// However many accounts an order has, its page shows a hundred of them.
#[tokio::test]
async fn accounts_of_an_order_are_shown_page_by_page() {
    let sandbox = Sandbox::with_orders(&order(1, "pending", &[("mail", 2)])).await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    let accounts: Vec<_> = (0..250).map(|number| format!("user-{number}:pass")).collect();
    sandbox.update(json!({ "order": 1, "accounts": accounts })).await.good();
    for (path, first, last) in [
        ("/orders/1", 0, 99),
        ("/orders/1?accounts=3", 200, 249),
        ("/orders/1?accounts=4", 0, 99),
        ("/orders/1?accounts=nonsense", 0, 99),
    ] {
        let page = browser.page(path).await;
        assert_eq!(page.matches("<code>user-").count(), last - first + 1, "{path}");
        for shown in [first, last] {
            assert!(page.contains(&format!("<code>user-{shown}</code>")), "{path}");
        }
        assert!(page.contains(&format!("{} to {} of 250", first + 1, last + 1)), "{path}");
    }
    assert!(browser.page("/orders/1").await.contains("/orders/1?accounts=2"));
}

/// Of one thing no page says that there are several.
#[tokio::test]
async fn one_is_not_told_as_many() {
    let sandbox = Sandbox::start(
        supplier_sandbox::SandboxServer::builder()
            .scenario_from(supplier_seed::Scenario::parse("one.toml", &one_order()).unwrap())
            .window_minutes(1),
    )
    .await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    let polled = sandbox.list("productType=manual").await;
    let (first, withheld) = (polled.request_id(), sandbox.list("productType=manual").await.request_id());
    polled.good();
    let update = json!({ "order": 1, "status": "partial", "accounts": ["a@example.com:1", "a"] });
    let updated = sandbox.update(update).await.request_id();
    browser.post("/lab/advance", "minutes=1").await;
    let notice = browser.page("/lab").await;
    assert!(notice.contains("1 minute has passed"), "{notice}");
    browser.post("/lab/fault", "fault=garbage&times=5").await;
    let spoiled = sandbox.request("GET", &format!("{}?productType=manual", crate::sandbox::ORDERS));
    spoiled.header("X-Api-Key", sandbox.key("aurora")).send().await.unwrap();
    let requests = [first, withheld, updated].map(|id| format!("/requests/{id}"));
    let pages =
        PAGES.iter().map(|page| (*page).to_owned()).chain(["/orders/1".to_owned(), "/docs".to_owned()]);
    let mut seen = 0;
    for path in pages.chain(requests) {
        let page = browser.page(&path).await;
        let text: String =
            page.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect::<Vec<_>>().join(" ");
        let words: Vec<_> =
            text.split_whitespace().map(|word| word.trim_matches(['.', ',', ';', ':', '(', ')'])).collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "1") {
            seen += 1;
            // What begins with a capital is the next heading.
            let is_word = pair[1].ends_with('s') && !pair[1].starts_with(char::is_uppercase);
            let is_plural = is_word && !["is", "was", "has", "s", "ms", "this"].contains(&pair[1]);
            assert!(!is_plural, "{path}: 1 {}", pair[1]);
        }
    }
    assert!(seen > 8, "{seen}");
}

fn one_order() -> String {
    let text = include_str!("../../../../fixtures/scenarios/minimal.toml");
    let (head, _) = text.split_once("[[suppliers]]").unwrap();
    format!(
        "{head}[[suppliers]]\nid = \"aurora\"\nname = \"Aurora\"\nemail = \"aurora@example.com\"\n\n[[products]]\nid = \"mail\"\n\
         supplier = \"aurora\"\nname = \"Mail\"\nproduct_type = \"manual\"\nentity_type = \"product\"\n\
         sub_category = \"Mail\"\nunit_price = \"1\"\n{}",
        order(1, "pending", &[("mail", 1)])
    )
}

/// Rules: `practice.polling`.
#[tokio::test]
async fn the_scorecard_says_first_what_was_seen_most_often_and_how_often() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::opened(&sandbox, "aurora").await;
    for _ in 0..20 {
        sandbox.list("productType=manual").await.good();
    }
    for number in [12345, 12346] {
        let accounts = ["twice@example.com:1"];
        sandbox.update(json!({ "order": number, "status": "completed", "accounts": accounts })).await.good();
    }
    let page = browser.page("/scorecard").await;
    let next = page.split_once("id=\"next\"").unwrap().1.split_once("</section>").unwrap().0;
    let steps: Vec<_> = next.split("<li>").skip(1).collect();
    assert!(steps.len() == 3 && steps[0].contains("19 of 20 polls could bring nothing"), "{next}");
    assert!(
        steps[0].contains("href=\"#practice.polling\"") && steps[1].contains("(orders 12345 and 12346)"),
        "{next}"
    );
    let (_, audit) = page.split_once("<h2>Audit</h2>").unwrap();
    let sentence = "The account of twice@example.com was delivered 2 times, for orders 12345, 12346.";
    assert!(audit.contains(sentence) && audit.contains("href=\"/orders/12346\""), "{audit}");
}
