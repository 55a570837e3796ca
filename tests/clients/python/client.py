"""A supplier's client that loses nothing and delivers nothing twice, whatever becomes of its calls. Copy it.

What it does about a call that fails:

- A list call is never sent again. The next poll is the retry: orders of a page that was lost come back after 30 minutes.
- An update is sent again, unchanged, after growing pauses and not before `Retry-After` allows it.
- An answer that breaks off, or that is no JSON, is no answer.
- `INVALID_ACCOUNTS` may mean that an earlier call delivered them: the order itself says how many it has.
"""

import logging

import requests

MOST_ATTEMPTS = 8


class Refused(Exception):
    """A call that will not succeed, however often it is sent."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class MayPass(Exception):
    """A call that may succeed next time, though not within `retry_after` seconds."""

    def __init__(self, retry_after=0):
        super().__init__("no answer")
        self.retry_after = retry_after


class Client:
    def __init__(self, url, key, *, pause, stock, timeout=30):
        """`pause` waits so many seconds. `stock` gives that many accounts for an order, the same if it is asked again."""
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
        # Accounts are owed for products. `quantity` of the order counts services, too.
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
