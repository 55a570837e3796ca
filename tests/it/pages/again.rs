//! A call that is made again by the command that its page shows.

use std::process::Command;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::html;
use crate::client::connections;
use crate::process::{Outcome, run};
use crate::program::{Launch, Program};
use crate::tools;

const SANDBOX: &str = "/_sandbox/sandboxes/default";

async fn read(request: RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

/// The command of a request's page, as it is copied.
async fn command(program: &Program, request: &str) -> String {
    let browser = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let form = browser.post(format!("{}/login/open", program.url())).body("supplier=aurora");
    let opened = form.header("Content-Type", "application/x-www-form-urlencoded").send().await.unwrap();
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = browser.get(format!("{}/requests/{request}", program.url())).header("Cookie", cookie);
    let page = page.send().await.unwrap().text().await.unwrap();
    let shown = html::elements(&page, "pre").into_iter().find(|element| element.contains("id=\"curl\""));
    html::text(shown.unwrap().split_once('>').unwrap().1)
}

/// Runs a command as it is pasted, with these variables.
fn paste(command: &str, variables: &[(&str, &str)]) -> Outcome {
    let silent = command.replacen("curl ", "curl --silent --show-error ", 1);
    run(Command::new("sh").args(["-c", &silent]).envs(variables.iter().copied()))
}

/// Rules: `update.secret`, `update.accounts`.
#[tokio::test]
async fn an_update_is_made_again_with_its_accounts_or_not_at_all() {
    if !tools::has_curl() {
        return;
    }
    let program = Launch::new().set("scenario", "minimal").start();
    let key = program.key("aurora").to_owned();
    let client = connections();
    let own_id = "it's $HOME `id` \"x\" \\ \n two";
    let accounts = ["ann@example.com:p'a$s\"w\\d", "bob:hunter2"];
    let update =
        json!({ "order": 12348, "status": "partial", "accounts": accounts, "supplierOrderId": own_id });
    let sent = client.post(format!("{}/api/admin/v2/orders-update", program.url())).header("X-Api-Key", &key);
    let answer = sent.json(&update).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let request = answer.headers()["sandbox-request-id"].to_str().unwrap().to_owned();
    let reset = client.post(format!("{}{SANDBOX}/reset", program.url()));

    let command = command(&program, &request).await;
    let details = read(client.get(format!("{}{SANDBOX}/requests/{request}", program.url()))).await;
    assert_eq!(details["curl"], json!(command), "the control API shows the same command");
    assert!(!command.contains("hunter2") && !command.contains(&key), "{command}");
    assert_eq!(reset.send().await.unwrap().status(), 204);

    let order = || read(client.get(format!("{}{SANDBOX}/orders/12348", program.url())));
    let before = order().await;
    let mut given = vec![("API_KEY", key.as_str())];
    for (name, value) in [("ACCOUNT_1", accounts[0]), ("ACCOUNT_2", accounts[1])] {
        let told = paste(&command, &given);
        assert_ne!(told.code, Some(0), "{told:?}");
        assert!(told.stderr.contains(&format!("{name}: set it to the account")), "{told:?}");
        given.push((name, value));
    }
    assert!(paste(&command, &given[1..]).stderr.contains("API_KEY: set it to"));
    assert_eq!(order().await, before, "nothing was sent");

    let told = paste(&command, &given);
    assert_eq!(told.code, Some(0), "{told:?}");
    let shown: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&shown["supplierOrderId"], &shown["accountsDelivered"]), (&json!(own_id), &json!(2)));
    let delivered = order().await["accounts"].clone();
    let print = client.post(format!("{}{SANDBOX}/fingerprints", program.url()));
    let prints = read(print.json(&json!({ "accounts": accounts }))).await["fingerprints"].clone();
    for (index, login) in ["ann@example.com", "bob"].iter().enumerate() {
        assert_eq!(delivered[index], json!({ "login": login, "fingerprint": prints[index] }));
    }
}
