"""A supplier's order bot, as a Python developer would write it on requests: poll, deliver, poll on.

It expects what the API documents of every answer, and fails on the first that differs.

    BASE_URL=http://127.0.0.1:4010 API_KEY=... python workflow.py

It wants a server whose orders nobody has polled yet: every order can be handed out to it only once.
"""

import json
import os
import re
import sys
from decimal import Decimal
from http import HTTPStatus

import requests

PAGE_SIZE = 50
MOST_POLLS = 100
OPEN_STATUSES = ("pending", "processing")
ENTITY_TYPES = ("product", "smm_service")

REFUSALS = {
    "INVALID_API_KEY": (HTTPStatus.UNAUTHORIZED, "Invalid API key"),
    "ORDER_NOT_FOUND": (HTTPStatus.NOT_FOUND, "Order not found"),
    "ACCESS_DENIED": (HTTPStatus.FORBIDDEN, "You do not have access to this order"),
    "INVALID_ACCOUNTS": (HTTPStatus.BAD_REQUEST, "No valid accounts provided after deduplication"),
}
ORDER_OF_NOBODY = 40401
ORDER_OF_ANOTHER_SUPPLIER = 40301
OWN_ORDER = 12345

OBJECT_ID = re.compile(r"[0-9a-f]{24}")
CREATED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Unexpected(Exception):
    """An answer that is not what the API documents."""


def expect(holds, problem):
    if not holds:
        raise Unexpected(problem)


def expect_equal(actual, expected, what):
    # `True == 1` and `1.0 == 1` in Python, but not in JSON.
    same = actual == expected and type(actual) is type(expected)
    expect(same, f"{what}: expected {expected!r}, got {actual!r}")


class SupplierApi:
    def __init__(self, base_url, key):
        self.base = base_url.rstrip("/") + "/api/admin/v2"
        self.http = requests.Session()
        self.http.headers["X-Api-Key"] = key

    def poll(self):
        page = self._answer("GET", "/orders", params={
            "status": ",".join(OPEN_STATUSES),
            "productType": "manual",
            "limit": PAGE_SIZE,
            "offset": 0,
        })
        check_page(page)
        return page

    def update(self, order, **changes):
        return self._answer("POST", "/orders-update", json={"order": order, **changes})

    def _answer(self, method, path, **request):
        response = self.http.request(method, self.base + path, timeout=30, **request)
        response.raise_for_status()
        # Prices are decimal fractions on the wire, and stay so here: products of them can be compared.
        return response.json(parse_float=Decimal)


def check_page(page):
    expect(isinstance(page, dict) and isinstance(page.get("orders"), list), f"a page without orders: {page!r}")
    expect_equal(page.get("count"), len(page["orders"]), "count")
    total = page.get("total")
    expect(type(total) is int and total >= page["count"], f"total is {total!r} on a page of {page['count']}")
    expect(page["count"] <= PAGE_SIZE, f"{page['count']} orders on a page of at most {PAGE_SIZE}")
    for order in page["orders"]:
        check_order(order)
        expect(order["status"] in OPEN_STATUSES, f"order {order['id']}: polled with status {order['status']}")


def check_order(order):
    try:
        number = order["id"]
        what = f"order {number}"
        expect(type(number) is int, f"{what}: id is {number!r}")
        expect_equal(order["order"], number, f"{what}: order")
        expect_equal(order["paymentStatus"], "completed", f"{what}: paymentStatus")
        user = order["user"]
        expect(OBJECT_ID.fullmatch(user["id"]), f"{what}: user.id is {user['id']!r}")
        expect("@" in user["email"], f"{what}: user.email is {user['email']!r}")
        expect(user["name"], f"{what}: user.name is empty")
        expect(CREATED_AT.fullmatch(order["createdAt"]), f"{what}: createdAt is {order['createdAt']!r}")
        expect(order["items"], f"{what}: no items")
        for item in order["items"]:
            check_item(item, what)
        expect_equal(order["quantity"], sum(item["quantity"] for item in order["items"]), f"{what}: quantity")
    except (KeyError, TypeError) as error:
        raise Unexpected(f"not the documented shape of an order ({error!r}): {order!r}") from error


def check_item(item, what):
    product = item["product"]
    expect(OBJECT_ID.fullmatch(product["id"]), f"{what}: product.id is {product['id']!r}")
    expect(product["name"], f"{what}: product.name is empty")
    expect(product["type"] in ENTITY_TYPES, f"{what}: product.type is {product['type']!r}")
    quantity = item["quantity"]
    expect(type(quantity) is int and quantity > 0, f"{what}: an item's quantity is {quantity!r}")
    expect(
        quantity * item["unitPrice"] == item["totalPrice"],
        f"{what}: {quantity} times {item['unitPrice']} is not {item['totalPrice']}",
    )


def accounts_for(order):
    if all(item["product"]["type"] == "smm_service" for item in order["items"]):
        return []
    number = order["id"]
    return [f"user-{number}-{n}@example.com:pass-{number}-{n}" for n in range(1, order["quantity"] + 1)]


def deliver(api, order):
    number = order["id"]
    supplier_order_id = f"SUP-{number}"
    started = api.update(number, status="processing", supplierOrderId=supplier_order_id)
    check_updated(started, order, "processing", supplier_order_id)
    before = started.get("accountsDelivered")
    expect(type(before) is int, f"order {number}: accountsDelivered is {before!r}")

    # The second call leaves out the supplierOrderId: what is left out stays as it was.
    accounts = accounts_for(order)
    done = api.update(number, status="completed", **({"accounts": accounts} if accounts else {}))
    check_updated(done, order, "completed", supplier_order_id)
    expect_equal(
        done.get("accountsDelivered"),
        before + len(accounts),
        f"order {number}: accountsDelivered after {len(accounts)} were sent to {before}",
    )


def check_updated(answer, order, status, supplier_order_id):
    check_order(answer)
    number = order["id"]
    expect_equal(answer["id"], number, "the order in an update's answer")
    expect_equal(answer.get("status"), status, f"order {number}: status")
    expect_equal(answer.get("supplierOrderId"), supplier_order_id, f"order {number}: supplierOrderId")
    for field in ("quantity", "user", "items", "createdAt"):
        expect_equal(answer[field], order[field], f"order {number}: {field} after an update")


def expect_refusal(code, call):
    status, message = REFUSALS[code]
    try:
        answer = call()
    except requests.HTTPError as error:
        expect_equal(error.response.status_code, int(status), f"the status of {code}")
        expect_equal(error.response.json(), {"error": code, "message": message}, f"the body of {code}")
        return code
    raise Unexpected(f"expected {code}, got a success: {answer!r}")


def workflow(base_url, key):
    api = SupplierApi(base_url, key)

    first = api.poll()
    expect(first["count"], "the first poll brought no orders: the workflow needs a server that nobody has polled")
    print(f"{first['count']} of {first['total']} open orders in the first page")
    for order in first["orders"]:
        deliver(api, order)
    completed = first["count"]

    seen = set()
    page = first
    polls = 1
    while page["orders"]:
        for order in page["orders"]:
            expect(order["id"] not in seen, f"order {order['id']} was handed out twice")
            seen.add(order["id"])
        expect(polls < MOST_POLLS, f"still orders after {polls} polls")
        page = api.poll()
        polls += 1
    expect_equal(
        len(seen), first["total"], f"the orders handed out in {polls} polls, of those that the first page counted"
    )
    print(f"{len(seen)} orders in {polls} polls, {completed} of them completed")

    stranger = SupplierApi(base_url, "not-a-key-of-anybody")
    errors = [
        expect_refusal("INVALID_API_KEY", stranger.poll),
        expect_refusal("ORDER_NOT_FOUND", lambda: api.update(ORDER_OF_NOBODY, status="processing")),
        expect_refusal("ACCESS_DENIED", lambda: api.update(ORDER_OF_ANOTHER_SUPPLIER, status="processing")),
        expect_refusal("INVALID_ACCOUNTS", lambda: api.update(OWN_ORDER, accounts=[])),
    ]
    return {"polled": len(seen), "completed": completed, "errors": errors}


def main():
    try:
        base_url, key = os.environ["BASE_URL"], os.environ["API_KEY"]
    except KeyError as missing:
        sys.exit(f"workflow failed: set {missing.args[0]} in the environment")
    try:
        outcome = workflow(base_url, key)
    except requests.HTTPError as error:
        sys.exit(f"workflow failed: {error}: {error.response.text}")
    except (Unexpected, requests.RequestException) as error:
        sys.exit(f"workflow failed: {error}")
    print(json.dumps(outcome, separators=(",", ":")))


if __name__ == "__main__":
    main()
