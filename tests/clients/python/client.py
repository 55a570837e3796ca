"""A supplier's client that loses no order and delivers nothing twice, whatever happens to its calls. Copy it.

How the client handles a failed call:

- It never sends a list call again. The next poll is the retry: orders of a lost page come back after 30 minutes.
- It sends an update again, unchanged, after growing pauses, and not before `Retry-After` allows it.
- It treats an answer that breaks off, or that is no JSON, as no answer.
- After `INVALID_ACCOUNTS` it looks at the order: an earlier call may have delivered the accounts.
"""

import logging

import requests

MOST_ATTEMPTS = 8


class Refused(Exception):
    """A final refusal: no retry will succeed."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class MayPass(Exception):
    """A failed call that may succeed after `retry_after` seconds."""

    def __init__(self, retry_after=0):
        super().__init__("no answer")
        self.retry_after = retry_after


class Client:
    def __init__(self, url, key, *, pause, stock, timeout=30):
        """`pause(seconds)` waits. `stock(order, count)` returns accounts for an order, the same ones for each call."""
        self.base = f"{url}/api/admin/v2"
        self.http = requests.Session()
        self.http.headers["X-Api-Key"] = key
        self.pause, self.stock, self.timeout = pause, stock, timeout

    def work(self):
        for order in self.poll():
            try:
                self.deliver(order)
            except (Refused, MayPass) as failed:
                # The order comes back when its window ends; the others need not wait for that.
                logging.warning("order %s was not delivered: %s", order["id"], failed)

    def poll(self):
        params = {"status": "pending,processing", "productType": "manual", "limit": 100, "offset": 0}
        try:
            return self.send("GET", "/orders", params=params)["orders"]
        except (Refused, MayPass) as failed:
            logging.warning("no orders this time: %s", failed)
            return []

    def deliver(self, order):
        number, own_id = order["id"], f"SUP-{order['id']}"
        self.update(number, supplierOrderId=own_id, status="processing")
        # Only products need accounts. The order's `quantity` counts services too.
        owed = sum(item["quantity"] for item in order["items"] if item["product"]["type"] == "product")
        accounts = self.stock(number, owed)
        done = {"supplierOrderId": own_id, "status": "completed"}
        try:
            self.update(number, **done, **({"accounts": accounts} if accounts else {}))
        except Refused as refused:
            if refused.code != "INVALID_ACCOUNTS":
                raise
            found = self.update(number)
            missing = accounts[found["accountsDelivered"]:]
            if missing:
                self.update(number, **done, accounts=missing)
            elif found["status"] != "completed":
                self.update(number, **done)

    def update(self, number, **changes):
        seconds = 1
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                return self.send("POST", "/orders-update", json={"order": number, **changes})
            except MayPass as failed:
                if attempt == MOST_ATTEMPTS:
                    raise
                seconds = max(seconds, failed.retry_after)
            self.pause(seconds)
            seconds *= 2

    def send(self, method, path, **request):
        try:
            response = self.http.request(method, self.base + path, timeout=self.timeout, **request)
        except requests.RequestException as failed:
            raise MayPass from failed
        if response.status_code in (408, 429) or response.status_code >= 500:
            retry_after = response.headers.get("Retry-After", "")
            raise MayPass(int(retry_after) if retry_after.isdecimal() else 0)
        try:
            body = response.json()
        except requests.JSONDecodeError as failed:
            if response.ok:
                raise MayPass from failed
            raise Refused(None, f"status {response.status_code}") from failed
        if not response.ok:
            raise Refused(body.get("error"), body.get("message"))
        return body
