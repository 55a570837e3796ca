//! Logging in to the dashboard: where it leads, and how guessing is slowed down.

use std::time::Duration;

use reqwest::{Client, Response, redirect};

use crate::dashboard::Browser;
use crate::sandbox::{Sandbox, builder};

fn form(email: &str, password: &str, next: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("email", email).append_pair("password", password).append_pair("next", next).finish()
}

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn after_the_login_a_browser_goes_on_to_a_page_of_the_dashboard_and_nowhere_else() {
    let sandbox = Sandbox::minimal().await;
    let mut browser = Browser::new(&sandbox);
    let targets = [
        ("/orders?status=pending", "/orders?status=pending"),
        ("https://example.com", "/"),
        ("//example.com", "/"),
        ("/\\example.com", "/"),
        ("/\t/127.0.0.1:5650/", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/orders\u{7f}", "/"),
        ("/orders\u{0}", "/"),
        ("/.//example.com", "/"),
        ("/%5cexample.com", "/"),
        ("https:example.com", "/"),
        ("javascript:alert(1)", "/"),
        ("/logout", "/"),
        ("/login?next=/login", "/"),
        ("", "/"),
    ];
    for (next, to) in targets {
        let logged_in = browser.post("/login", &form("AURORA@example.com", "sandbox", next)).await;
        assert_eq!((logged_in.status().as_u16(), location(&logged_in)), (303, to), "{next:?}");
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let opened = browser.post("/login/open", &format!("supplier=aurora&next={next}")).await;
        assert_eq!((opened.status().as_u16(), location(&opened)), (303, to), "{next}");
        let page = browser.page(&format!("/login?next={next}")).await;
        assert!(page.contains(&format!("name=\"next\" value=\"{to}\"")), "{next}: {page}");
        // Whoever has a session is not asked to log in.
        let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        browser.cookie = Some(cookie);
        let again = browser.get(&format!("/login?next={next}")).await;
        assert_eq!((again.status().as_u16(), location(&again)), (303, to), "{next}");
        browser.cookie = None;
    }
}

async fn log_in(browser: &Browser, email: &str, password: &str) -> Response {
    browser.post("/login", &form(email, password, "")).await
}

#[tokio::test]
async fn five_wrong_passwords_slow_the_sixth_try() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::new(&sandbox);
    for _ in 0..5 {
        assert_eq!(log_in(&browser, "aurora@example.com", "wrong").await.status(), 401);
    }
    let waits = log_in(&browser, "aurora@example.com", "sandbox").await;
    assert_eq!((waits.status().as_u16(), &waits.headers()["retry-after"]), (429, &"10".parse().unwrap()));
    assert!(waits.text().await.unwrap().contains("Try again in 10 seconds"));
    assert_eq!(log_in(&browser, "birch@example.com", "sandbox").await.status(), 303, "nobody else has to");
    sandbox.server.pass_server_time(Duration::from_secs(10));
    assert_eq!(log_in(&browser, "aurora@example.com", "sandbox").await.status(), 303);
}

#[tokio::test]
async fn sixty_wrong_passwords_at_once_are_slowed_like_sixty_in_a_row() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::new(&sandbox);
    let tries = (0..60).map(|_| log_in(&browser, "aurora@example.com", "wrong"));
    let answers = futures::future::join_all(tries).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status() == status).count();
    assert_eq!((count(401), count(429)), (5, 55));
    // Nor does it help to try others in between.
    let others = (0..100).map(|other| format!("{other}@example.com"));
    let tries = others.map(async |other| log_in(&browser, &other, "wrong").await.status().as_u16());
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 25, "30 of one client");
    assert_eq!(log_in(&browser, "aurora@example.com", "sandbox").await.status(), 429);
}

/// The answers' status and text, but for the e-mail address that they repeat.
async fn refusal(browser: &Browser, email: &str, password: &str) -> (u16, String) {
    let answer = log_in(browser, email, password).await;
    (answer.status().as_u16(), answer.text().await.unwrap().replace(&format!("value=\"{email}\""), "EMAIL"))
}

#[tokio::test]
async fn an_unknown_address_is_refused_as_a_known_one_is_even_with_the_right_password() {
    let sandbox = Sandbox::minimal().await;
    let browser = Browser::new(&sandbox);
    let known = refusal(&browser, "aurora@example.com", "wrong").await;
    assert_eq!(known.0, 401);
    for password in ["wrong", "sandbox", "sandbox", "sandbox", "sandbox"] {
        assert_eq!(refusal(&browser, "nobody@example.com", password).await, known);
    }
    assert_eq!(
        log_in(&browser, "nobody@example.com", "sandbox").await.status(),
        429,
        "it counts all the same"
    );
    let (status, text) = refusal(&browser, &format!("{}@example.com", "x".repeat(1_000)), "wrong").await;
    assert_eq!(status, 401);
    assert!(text.contains("1012 bytes") && text.contains("254") && !text.contains("xxx"), "{text}");
    let huge = refusal(&browser, &"x".repeat(1_900_000), "wrong").await;
    assert_eq!(huge.0, 413);
}

#[tokio::test]
async fn a_stranger_behind_the_same_proxy_does_not_lock_a_supplier_out_who_was_there_before() {
    // The port is taken, and free again: the proxy of this test has to find the server.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = builder("minimal").listen(address.to_string()).public_url("https://sandbox.example.com");
    let server = server.admin_token("a-token").dashboard_password("the password");
    let sandbox = Sandbox::start(server).await;
    let behind_proxy = || Browser { url: format!("http://{address}"), ..Browser::new(&sandbox) };
    let mut browser = behind_proxy();
    let logged_in = log_in(&browser, "aurora@example.com", "the password").await;
    let cookies: Vec<_> =
        logged_in.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let known = cookies.iter().find(|cookie| cookie.starts_with("supplier_browser=")).unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/login"] {
        assert!(cookies.iter().all(|cookie| attribute == "Path=/login" || cookie.contains(attribute)));
        assert!(known.contains(attribute), "{known}");
    }
    browser.cookie = Some(known.split(';').next().unwrap().to_owned());
    let stranger = behind_proxy();
    while log_in(&stranger, "aurora@example.com", "wrong").await.status() != 429 {}
    assert_eq!(log_in(&stranger, "aurora@example.com", "the password").await.status(), 429);
    assert_eq!(log_in(&browser, "aurora@example.com", "the password").await.status(), 303);
    // But nobody guesses by that cookie, either; and it is of use to nobody else.
    for _ in 0..5 {
        assert_eq!(log_in(&browser, "aurora@example.com", "wrong").await.status(), 401);
    }
    assert_eq!(log_in(&browser, "aurora@example.com", "wrong").await.status(), 429);
    while log_in(&stranger, "birch@example.com", "wrong").await.status() != 429 {}
    assert_eq!(log_in(&browser, "birch@example.com", "the password").await.status(), 429);
}

#[tokio::test]
async fn a_stranger_at_another_address_does_not_lock_a_supplier_out() {
    let sandbox = Sandbox::minimal().await;
    let stranger = Browser::new(&sandbox);
    while log_in(&stranger, "aurora@example.com", "wrong").await.status() != 429 {}
    // Linux has all of 127.0.0.0/8 for itself.
    let mut supplier = Browser::new(&sandbox);
    let elsewhere = Client::builder().local_address(Some([127, 0, 0, 2].into()));
    supplier.client = elsewhere.redirect(redirect::Policy::none()).no_proxy().build().unwrap();
    assert_eq!(log_in(&supplier, "aurora@example.com", "sandbox").await.status(), 303);
}
