"""Tests of a supplier's client, each in a sandbox of its own.

    SANDBOX_URL=http://127.0.0.1:4010 python -m pytest test_sandbox.py
"""

import pytest

from client import Client


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
    # The second update is the delivery: the server commits it, and closes the connection without an answer.
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
    assert_score(sandbox, 100)


EFFECTS = [
    {"kind": "error", "code": "SERVICE_UNAVAILABLE"},
    {"kind": "error", "code": "REQUEST_TIMEOUT"},
    {"kind": "error", "code": "ORDER_NOT_FOUND"},
    {"kind": "error", "code": "INVALID_ACCOUNTS"},
    {"kind": "error", "code": "SERVICE_UNAVAILABLE", "when": "after"},
    {"kind": "status", "status": 502, "envelope": False},
    {"kind": "status", "status": 504, "when": "after"},
    {"kind": "delay", "fixedMillis": 400},
    {"kind": "delay", "fixedMillis": 400, "when": "after"},
    {"kind": "drop-before", "how": "fin"},
    {"kind": "drop-before", "how": "rst"},
    {"kind": "drop-after", "how": "fin"},
    {"kind": "drop-after", "how": "rst"},
    {"kind": "truncate", "bytes": 20, "framing": "length"},
    {"kind": "truncate", "bytes": 20, "framing": "chunked"},
    {"kind": "garbage"},
    {"kind": "rate-limit", "calls": 7, "periodSeconds": 60},
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: " ".join(map(str, effect.values())))
def test_nothing_is_lost_or_delivered_twice_under(effect, sandbox):
    sandbox.call("POST", "/faults", {"effect": effect, **occasions(effect)})
    # It waits for no answer as long as the fault delays one.
    client = client_in(sandbox, timeout=0.2)
    for _ in range(8):
        sandbox.call("POST", "/orders", {"supplier": "aurora", "quantity": 3, "count": 2})
        client.work()
        sandbox.advance(31 * 60)
    sandbox.call("DELETE", "/faults")
    client.work()
    for order in sandbox.call("GET", "/orders?limit=100")["orders"]:
        assert (order["status"], len(order["accounts"])) == ("completed", 3), order["id"]
    assert_score(sandbox, 100)


def occasions(effect):
    """A refusal is final, and one that meets the same call twice is no fault of the client's."""
    if effect["kind"] == "rate-limit":
        return {}
    return {"every": 5, **({"times": 1} if effect.get("code") == "ORDER_NOT_FOUND" else {})}


def assert_clean(sandbox):
    audit = sandbox.call("GET", "/audit")
    assert audit["clean"], "\n".join(finding["sentence"] for finding in audit["findings"])


def assert_score(sandbox, least):
    card = sandbox.call("GET", "/scorecard?supplier=aurora")
    findings = [it for practice in card["suppliers"][0]["practices"] for it in practice["findings"]]
    told = "\n".join(f"{it['sentence']} {it['advice']}" for it in findings)
    assert card["score"] >= least, f"{card['score']} of 100\n{told}"


def client_in(sandbox, **options):
    """What is tested: import your own client here. When it waits, the sandbox's clock moves, and nobody waits."""
    return Client(sandbox.url, sandbox.keys["aurora"], pause=sandbox.advance, stock=stock, **options)


def stock(order, quantity):
    return [f"user-{order}-{n}@example.com:pass-{n}" for n in range(quantity)]
