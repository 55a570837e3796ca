"""Tests of a supplier's client, each in a sandbox of its own.

    SANDBOX_URL=http://127.0.0.1:4010 python -m pytest test_sandbox.py
"""

from itertools import count

import requests


def test_an_order_that_is_not_answered_comes_back_after_30_minutes(sandbox):
    [order] = sandbox.call("POST", "/orders", {"supplier": "aurora"})["orders"]
    client = client_in(sandbox)

    def polled():
        return [order["id"] for order in client.poll()]

    assert polled() == [order["id"]]
    sandbox.advance(29 * 60 + 59.999)
    assert polled() == []
    sandbox.advance(0.001)
    assert polled() == [order["id"]]


def test_a_delivery_whose_answer_is_lost_is_made_once(sandbox):
    [placed] = sandbox.call("POST", "/orders", {"supplier": "aurora", "quantity": 3})["orders"]
    # The second update is the delivery: it is done, and the connection closes before the client hears of it.
    effect = {"kind": "drop-after"}
    sandbox.call("POST", "/faults", {"operation": "updateOrder", "effect": effect, "every": 2, "times": 1})
    client_in(sandbox).work()
    [fault] = sandbox.call("GET", "/faults")["faults"]
    assert fault["fired"] == 1
    wanted = sandbox.call("POST", "/fingerprints", {"accounts": stock(placed["id"], 3)})
    order = sandbox.call("GET", f"/orders/{placed['id']}")
    assert order["status"] == "completed"
    assert [account["fingerprint"] for account in order["accounts"]] == wanted["fingerprints"]
    assert_clean(sandbox)


def test_a_shift_of_eight_hours_leaves_nothing_undone_and_a_good_scorecard(sandbox):
    sandbox.call("POST", "/faults", {"effect": {"kind": "status", "status": 503}, "every": 10})
    client = client_in(sandbox)
    for _ in range(32):
        sandbox.call("POST", "/orders", {"supplier": "aurora", "quantity": 5})
        client.work()
        sandbox.advance(15 * 60)
    assert_clean(sandbox)
    assert_score(sandbox, 90)


def assert_clean(sandbox):
    audit = sandbox.call("GET", "/audit")
    assert audit["clean"], "\n".join(finding["sentence"] for finding in audit["findings"])


def assert_score(sandbox, least):
    card = sandbox.call("GET", "/scorecard?supplier=aurora")
    findings = [it for practice in card["suppliers"][0]["practices"] for it in practice["findings"]]
    told = "\n".join(f"{it['sentence']} {it['advice']}" for it in findings)
    assert card["score"] >= least, f"{card['score']} of 100\n{told}"


def client_in(sandbox):
    """What is tested: import your own client here. When it waits, the sandbox's clock moves, and nobody waits."""
    return Client(sandbox.url, sandbox.keys["aurora"], sandbox.advance)


def stock(order, quantity):
    return [f"user-{order}-{n}@example.com:pass-{n}" for n in range(quantity)]


class Client:
    def __init__(self, url, key, pause):
        self.base = f"{url}/api/admin/v2"
        self.http = requests.Session()
        self.http.headers["X-Api-Key"] = key
        self.pause = pause

    def work(self):
        for order in self.poll():
            self.deliver(order)

    def poll(self):
        params = {"status": "pending,processing", "productType": "manual", "limit": 100}
        return self.call("GET", "/orders", params=params)["orders"]

    def deliver(self, order):
        number = order["id"]
        self.update(number, status="processing")
        try:
            self.update(number, status="completed", accounts=stock(number, order["quantity"]))
        except requests.HTTPError as refused:
            # All of them were delivered before: by a call whose answer was lost.
            if refused.response.json()["error"] != "INVALID_ACCOUNTS":
                raise

    def update(self, number, **changes):
        changes = {"order": number, "supplierOrderId": f"SUP-{number}", **changes}
        return self.call("POST", "/orders-update", json=changes)

    def call(self, method, path, **request):
        # What may succeed next time is tried again, a little later each time; a refusal (4xx) is final.
        for attempt in count():
            try:
                response = self.http.request(method, self.base + path, timeout=30, **request)
                response.raise_for_status()
                return response.json()
            except requests.RequestException as error:
                may_pass = error.response is None or error.response.status_code >= 500
                if not may_pass or attempt == 6:
                    raise
            self.pause(2**attempt)
