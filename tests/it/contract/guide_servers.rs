//! Two servers as others might write them, from the guide alone, each with a hook beside it: see `tests/targets/`.

mod by_hook;
mod without_a_hook;

use std::process::Command;

use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::against;
use crate::client::connections;
use crate::process::Running;
use crate::program::root;
use crate::tools;

/// A server, and what is known of it.
struct Implementation {
    command: fn() -> Option<Command>,
    /// Its profile, in `tests/targets/`.
    profile: &'static str,
    /// What it chose otherwise than the rulebook, by its own README.
    chosen_otherwise: &'static [&'static str],
}

/// Python without packages; everything in memory.
const PYTHON: Implementation = Implementation {
    command: || {
        let mut command = tools::plain_python()?;
        command.arg("guide_server.py").current_dir(root().join("tests/targets"));
        Some(command)
    },
    profile: "guide_server.toml",
    chosen_otherwise: &[
        "auth.header-only",
        "auth.no-store",
        "list.product-type-values",
        "list.offset-range",
        "list.values",
        "update.order-number",
        "update.unpaid",
        "update.accounts-dedup-scope",
        "update.resubmission",
        "update.supplier-order-id-form",
        "update.response",
        "error.status",
        "error.details",
        "error.transport",
    ],
};

/// Express 5 with SQLite.
const EXPRESS: Implementation = Implementation {
    command: || tools::node_in("tests/targets/express", &["express", "libsql"], "server.mjs"),
    profile: "express/profile.toml",
    chosen_otherwise: &[
        "list.product-type-values",
        "list.offset-range",
        "list.values",
        "update.order-number",
        "update.unpaid",
        "update.supplier-order-id-form",
        "update.response",
        "error.status",
        "error.details",
        "error.precedence",
        "error.transport",
    ],
};

/// A server that runs, and its keys.
struct Target {
    _running: Running,
    url: String,
    keys: [String; 2],
    client: Client,
}

impl Implementation {
    /// Starts the server on a free port; nothing where its language or its packages are missing.
    fn start(&self) -> Option<Target> {
        let mut command = (self.command)()?;
        let mut running = Running::start(command.args(["--port", "0", "--hook"]));
        let has_started = running.stdout.wait_for(|line| line.starts_with("second key "));
        assert!(has_started, "{command:?} has not started: {}", running.stderr.rest());
        let told = running.stdout.told().to_owned();
        let after = |words: &str| {
            let found = told.lines().find_map(|line| line.strip_prefix(words));
            found.unwrap_or_else(|| panic!("no {words:?} in {told}")).to_owned()
        };
        let (url, keys) = (after("listening on "), [after("first key "), after("second key ")]);
        Some(Target { _running: running, url, keys, client: connections() })
    }
}

impl Target {
    /// `supplier-contract run` against it, with both keys.
    fn tested(&self) -> Command {
        let mut command = against(&self.url);
        command.args(["--key", &self.keys[0], "--second-key", &self.keys[1], "--allow-writes"]);
        command
    }

    fn hook(&self) -> String {
        format!("{}/hook", self.url)
    }

    /// What the hook answers to an action.
    async fn act(&self, action: &str, params: Value) -> Value {
        let request = json!({ "action": action, "params": params });
        success(self.client.post(self.hook()).json(&request).send().await.unwrap()).await
    }

    /// Makes orders of `params`, and returns their numbers.
    async fn create(&self, params: Value) -> Vec<u64> {
        let answer = self.act("create_orders", params).await;
        answer["orders"].as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
    }

    /// Whether nobody has updated any of the orders.
    async fn assert_untouched(&self, orders: &[u64]) {
        let untouched = json!({ "status": "pending", "accounts": 0, "supplierOrderId": null });
        for order in orders {
            assert_eq!(self.act("order_state", json!({ "order": order })).await, untouched, "order {order}");
        }
    }

    /// The manual orders that the first supplier may be handed out now.
    async fn page(&self) -> Value {
        let query = "productType=manual&limit=500";
        let request = self.client.get(format!("{}/api/admin/v2/orders?{query}", self.url));
        success(request.header("X-Api-Key", &self.keys[0]).send().await.unwrap()).await
    }
}

async fn success(response: Response) -> Value {
    let (status, body) = (response.status(), response.json::<Value>().await.unwrap());
    assert!(status.is_success(), "{status}: {body}");
    body
}
