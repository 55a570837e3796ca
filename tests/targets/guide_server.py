#!/usr/bin/env python3
"""A small supplier API written from the public guide alone; see README.md beside this file."""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]

STATUSES = ("pending", "processing", "completed", "partial", "cancelled", "error")
PAYMENTS = ("completed", "pending", "failed", "refunded")
PRODUCT_TYPES = ("auto", "manual", "inventory")
NAMES = {"product": "Aged mail account", "smm_service": "Newsletter sign-ups"}
SUPPLIERS = ("first", "second")
WINDOW_NS = 30 * 60 * 10**9
LARGEST_NUMBER = 2**53 - 1
LARGEST_BODY = 4 * 1024 * 1024
FURTHER_WORLDS = 7  # for tests, beside the first
LATEST_MS = 250_000_000_000_000  # within the years that datetime can write


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, http: int, code: str, message: str) -> None:
        super().__init__(code)
        self.http = http
        self.body: Json = {"error": code, "message": message}


class Unframed(Refusal):
    """The end of the request cannot be known, so the connection closes after the answer."""


def bad_request(message: str) -> Refusal:
    return Refusal(400, "BAD_REQUEST", message)


def encode(value: Any) -> str:
    """JSON text; amounts are decimals and are written digit by digit, never as floats."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{encode(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def decode(body: bytes) -> Json:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        value = json.loads(body, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise bad_request("The body is not readable JSON") from None
    if not isinstance(value, dict):
        raise bad_request("The body is not a JSON object")
    return value


def whole(value: object) -> int | None:
    """The integer that a JSON number stands for (12 and 12.0 alike), or nothing."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def page_number(text: str | None, default: int, low: int, high: int) -> int:
    """A number from a query, brought into its range; what is not a number is the default."""
    digits = (text or "").strip().removeprefix("-")
    if text is None or not (digits.isascii() and digits.isdigit()):
        return default
    size = high if len(digits) > 300 else int(digits)
    return max(low, min(high, -size if text.strip().startswith("-") else size))


@dataclass(frozen=True)
class Item:
    supplier: str
    product_type: str
    entity_type: str
    sub_category: str
    quantity: int
    unit_price: Decimal

    def view(self) -> Json:
        name = NAMES[self.entity_type]
        product = repr((self.supplier, self.product_type, name, self.sub_category))
        return {
            "product": {
                "id": hashlib.sha256(product.encode("utf-8", "replace")).hexdigest()[:24],
                "name": name,
                "type": self.entity_type,
            },
            "quantity": self.quantity,
            "unitPrice": self.unit_price,
            "totalPrice": self.unit_price * self.quantity,
        }


@dataclass
class Order:
    number: int
    created_ms: int
    status: str
    payment: str
    items: list[Item]
    customer: str = field(default_factory=lambda: secrets.token_hex(12))
    accounts: list[str] = field(default_factory=list, repr=False)
    supplier_order_id: str | None = None
    shown_ns: dict[str, int] = field(default_factory=dict)  # by supplier, not by key

    def belongs_to(self, supplier: str) -> bool:
        return any(item.supplier == supplier for item in self.items)

    def view(self, supplier: str) -> Json:
        items = [item for item in self.items if item.supplier == supplier]
        created = datetime.fromtimestamp(self.created_ms // 1000, UTC)
        return {
            "id": self.number,
            "order": self.number,
            "status": self.status,
            "paymentStatus": self.payment,
            "quantity": sum(item.quantity for item in items),
            "user": {
                "id": self.customer,
                "email": f"customer-{self.customer[:6]}@example.com",
                "name": "Sample Customer",
            },
            "items": [item.view() for item in items],
            "createdAt": f"{created:%Y-%m-%dT%H:%M:%S}.{self.created_ms % 1000:03}Z",
        }


class Clock:
    """Time since the epoch; it runs, or stands still, and can be moved forward."""

    def __init__(self, still: bool = False) -> None:
        self.still = still
        self.base_ns = time.time_ns()
        self.started_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        return self.base_ns + (0 if self.still else time.monotonic_ns() - self.started_ns)

    def advance(self, seconds: int) -> None:
        if self.now_ns() // 10**6 + seconds * 1000 > LATEST_MS:
            raise bad_request("seconds: the clock does not go that far")
        self.base_ns += seconds * 10**9


class Shop:
    """All state. Every public method is one step under one lock."""

    def __init__(self, keys: dict[str, str], clock: Clock) -> None:
        self.lock = threading.Lock()
        self.clock = clock
        self.first_keys = dict(keys)
        self.keys = dict(keys)  # key -> supplier
        self.orders: dict[int, Order] = {}  # in the order of their age
        self.next_number = 10_001
        self.newest_ms = 0

    def _supplier(self, key: str | None) -> str:
        supplier = self.keys.get((key or "").strip())
        if supplier is None:
            raise Refusal(401, "INVALID_API_KEY", "Invalid API key")
        return supplier

    def list_orders(self, key: str | None, query: dict[str, str]) -> Json:
        with self.lock:
            supplier, now = self._supplier(key), self.clock.now_ns()
            statuses = {part.strip() for part in query.get("status", "").split(",")} - {""}
            limit = page_number(query.get("limit"), 50, 1, 500)
            offset = page_number(query.get("offset"), 0, 0, LARGEST_NUMBER)
            product_type, entity_type = query.get("productType"), query.get("entityType")
            sub_category = query.get("subCategory")

            def asked_for(item: Item) -> bool:
                if item.supplier != supplier:
                    return False
                if product_type is None and item.product_type == "manual":
                    return False
                return (
                    product_type in (None, item.product_type)
                    and entity_type in (None, item.entity_type)
                    and sub_category in (None, item.sub_category)
                )

            found = [
                order
                for order in self.orders.values()
                if order.payment == "completed"
                and (not statuses or order.status in statuses)
                and now - order.shown_ns.get(supplier, now - WINDOW_NS) >= WINDOW_NS
                and any(map(asked_for, order.items))
            ]
            page = found[offset : offset + limit]
            for order in page:
                order.shown_ns[supplier] = now
            views = [order.view(supplier) for order in page]
            return {"orders": views, "count": len(views), "total": len(found)}

    def update_order(self, key: str | None, body: bytes) -> Json:
        with self.lock:
            supplier = self._supplier(key)
        asked = decode(body)  # outside the lock: a large body must not hold up the others
        number, status = whole(asked.get("order")), asked.get("status")
        accounts, reference = asked.get("accounts"), asked.get("supplierOrderId")
        if number is None:
            raise bad_request("order must be an order number")
        if status is not None and status not in STATUSES:
            raise bad_request("status must be one of " + ", ".join(STATUSES))
        if reference is not None and not isinstance(reference, str):
            if whole(reference) is None:
                raise bad_request("supplierOrderId must be text")
            reference = str(whole(reference))
        if reference is not None:  # half a surrogate pair would not be readable JSON later on
            reference = reference.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        with self.lock:
            supplier = self._supplier(key)
            order = self.orders.get(number)
            if order is None:
                raise Refusal(404, "ORDER_NOT_FOUND", "Order not found")
            if not order.belongs_to(supplier):
                raise Refusal(403, "ACCESS_DENIED", "You do not have access to this order")
            if accounts is not None:
                order.accounts += distinct_accounts(accounts)
            if status is not None:
                order.status = status
            if reference is not None:
                order.supplier_order_id = reference
            return {"success": True, "order": number, "status": order.status}

    # What follows serves the hook.

    def create_orders(
        self,
        *,
        supplier: str,
        count: int,
        id: int | None = None,
        status: str = "pending",
        paymentStatus: str = "completed",
        quantity: int = 1,
        unitPrice: float = 5,
        productType: str = "manual",
        entityType: str = "product",
        subCategory: str = "General",
        sharedWith: str | None = None,
    ) -> Json:
        for name, value, choices in (
            ("supplier", supplier, SUPPLIERS),
            ("status", status, STATUSES),
            ("paymentStatus", paymentStatus, PAYMENTS),
            ("productType", productType, PRODUCT_TYPES),
            ("entityType", entityType, tuple(NAMES)),
            ("sharedWith", sharedWith, (None, *(s for s in SUPPLIERS if s != supplier))),
        ):
            if value not in choices:
                raise bad_request(f"{name}: not one of {choices}")
        count = within("count", count, 1, 1000)
        quantity = within("quantity", quantity, 1, 10**9)
        if isinstance(unitPrice, bool) or not isinstance(unitPrice, int | float):
            raise bad_request("unitPrice: not a number")
        price = Decimal(repr(unitPrice))
        if not 0 <= price < 10**9 or price != round(price, 4):
            raise bad_request("unitPrice: not an amount of up to 4 decimals")
        if not isinstance(subCategory, str):
            raise bad_request("subCategory: not text")
        items = [
            Item(owner, productType, entityType, subCategory, quantity, round(price, 4))
            for owner in (supplier, sharedWith)
            if owner is not None
        ]
        with self.lock:
            first = self.next_number if id is None else within("id", id, 1, LARGEST_NUMBER)
            within("id of the last order", first + count - 1, 1, LARGEST_NUMBER)
            numbers = list(range(first, first + count))
            if any(number in self.orders for number in numbers):
                raise bad_request("id: there are orders of these numbers")
            if numbers[-1] < 2**52:  # numbers at the very top must not use up the rest
                self.next_number = max(self.next_number, numbers[-1] + 1)
            self.newest_ms = max(self.clock.now_ns() // 10**6, self.newest_ms + 1)
            for number in numbers:
                self.orders[number] = Order(
                    number, self.newest_ms, status, paymentStatus, list(items)
                )
            return {"orders": numbers}

    def advance_clock(self, *, seconds: int) -> Json:
        with self.lock:
            self.clock.advance(within("seconds", seconds, 0, 10**10))
            return {}

    def new_key(self, *, supplier: str) -> Json:
        if supplier not in SUPPLIERS:
            raise bad_request(f"supplier: not one of {SUPPLIERS}")
        with self.lock:
            key = secrets.token_hex(16)
            self.keys[key] = supplier
            return {"key": key}

    def revoke_key(self, *, key: str) -> Json:
        with self.lock:
            if not isinstance(key, str) or self.keys.pop(key, None) is None:
                raise bad_request("key: there is no such key")
            return {}

    def order_state(self, *, order: int) -> Json:
        with self.lock:
            found = self.orders.get(within("order", order, 0, LARGEST_NUMBER))
            if found is None:
                raise bad_request("order: there is no such order")
            return {
                "status": found.status,
                "accounts": len(found.accounts),
                "supplierOrderId": found.supplier_order_id,
            }

    def reset(self) -> Json:
        with self.lock:
            self.orders.clear()
            self.keys = dict(self.first_keys)
            return {}


class Shops:
    """Worlds that know nothing of each other; a key says which is meant."""

    def __init__(self, keys: dict[str, str], still: bool, further: int) -> None:
        self.further_keys = [{name: secrets.token_hex(16) for name in SUPPLIERS} for _ in range(further)]
        others = [{key: name for name, key in named.items()} for named in self.further_keys]
        self.all = [Shop(keys, Clock(still)) for keys in [keys, *others]]

    def of(self, key: str | None) -> Shop:
        text = (key or "").strip()
        return next((shop for shop in self.all if text in shop.keys), self.all[0])


def distinct_accounts(accounts: object) -> list[str]:
    """The well-formed accounts of one submission, each once, in the order they came."""
    texts = accounts if isinstance(accounts, list) else []
    parts = [text.strip().partition(":") for text in texts if isinstance(text, str)]
    valid = dict.fromkeys("".join(part) for part in parts if part[0] and part[2])
    if not valid:
        raise Refusal(400, "INVALID_ACCOUNTS", "No valid accounts provided after deduplication")
    return list(valid)


def within(name: str, value: object, low: int, high: int) -> int:
    number = whole(value)
    if number is None or not low <= number <= high:
        raise bad_request(f"{name}: not an integer from {low} to {high}")
    return number


def answer_hook(shops: Shops, body: bytes) -> tuple[int, Json]:
    try:
        return act(shops, decode(body))
    except Refusal as refusal:
        return refusal.http, {"error": refusal.body["message"]}


def objects(requests: object) -> list[Json]:
    if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests):
        raise bad_request("requests: not a list of objects")
    return requests


def act(shops: Shops, asked: Json) -> tuple[int, Json]:
    """Does what a request asks for of the world that it names."""
    name, params, world = asked.get("action"), asked.get("params", {}), asked.get("world", 0)
    if not isinstance(name, str) or not isinstance(params, dict):
        raise bad_request("action must be text, params an object")
    if world not in range(len(shops.all)):
        return 501, {"error": "unsupported"}
    shop = shops.all[world]
    actions: dict[str, Callable[..., Json]] = {
        "capabilities": lambda: {"actions": list(actions), "worlds": shops.further_keys},
        "create_orders": shop.create_orders,
        "advance_clock": shop.advance_clock,
        "new_key": shop.new_key,
        "revoke_key": shop.revoke_key,
        "order_state": shop.order_state,
        "reset": shop.reset,
        "batch": lambda requests: {"answers": [act(shops, one)[1] for one in objects(requests)]},
    }
    action = actions.get(name)
    if action is None:
        return 501, {"error": "unsupported"}
    known = inspect.signature(action).parameters
    if params.keys() - known.keys():
        return 501, {"error": "unsupported"}
    for missing in [n for n, p in known.items() if p.default is p.empty and n not in params]:
        raise bad_request(f"{missing}: missing")
    return 200, action(**params)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # so that refusals of odd request lines have headers
    server_version, sys_version = "guide-server", ""
    disable_nagle_algorithm = True
    idle_seconds, request_seconds = 120.0, 5.0
    server: Server
    raw_requestline: bytes

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # every method there is, and those there are not
            return self.handle_request
        raise AttributeError(name)

    def handle_one_request(self) -> None:
        self.connection.settimeout(self.idle_seconds)
        super().handle_one_request()

    def parse_request(self) -> bool:
        if not self.raw_requestline.strip():  # an empty line between two requests
            self.close_connection = False
            return False
        self.connection.settimeout(self.request_seconds)
        try:
            return super().parse_request()
        except TimeoutError:
            self.send_error(408)
            return False

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The base class refuses what it cannot read; it does so in JSON, and never with 5xx."""
        http = int(code) if 400 <= code < 500 else 400
        self.answer(http, bad_request("The request cannot be understood").body, close=True)

    def handle_request(self) -> None:
        try:
            body = self.read_body()
            self.answer(*self.route(body))
        except Refusal as refusal:
            self.answer(refusal.http, refusal.body, close=isinstance(refusal, Unframed))

    def route(self, body: bytes) -> tuple[int, Json]:
        try:
            url = urlsplit(self.path)
        except ValueError:
            raise bad_request("The address cannot be understood") from None
        key = self.headers.get("X-Api-Key")
        shop = self.server.shops.of(key)
        query = url.query.encode("latin-1", "replace").decode("utf-8", "replace")
        routes: dict[str, tuple[str, Callable[[], tuple[int, Json]]]] = {
            "/api/admin/v2/orders": (
                "GET",
                lambda: (200, shop.list_orders(key, dict(parse_qsl(query)))),
            ),
            "/api/admin/v2/orders-update": (
                "POST",
                lambda: (200, shop.update_order(key, body)),
            ),
        }
        if self.server.hook:
            routes["/hook"] = ("POST", lambda: answer_hook(self.server.shops, body))
        if url.path not in routes:
            raise Refusal(404, "NOT_FOUND", "There is nothing at this address")
        method, act = routes[url.path]
        if self.command != method:
            raise Refusal(405, "METHOD_NOT_ALLOWED", f"This address takes {method}")
        return act()

    def read_body(self) -> bytes:
        lengths = {text.strip() for text in self.headers.get_all("Content-Length", [])}
        coding = self.headers.get("Transfer-Encoding")
        try:
            if coding is not None:
                if lengths or coding.strip().lower() != "chunked":
                    raise Unframed(400, "BAD_REQUEST", "The body has no readable length")
                return self.read_chunks()
            return self.read_exactly(size_of(lengths, 10)) if lengths else b""
        except TimeoutError:
            raise Unframed(408, "BAD_REQUEST", "The body did not arrive in time") from None

    def read_exactly(self, size: int, taken: int = 0) -> bytes:
        if taken + size > LARGEST_BODY:
            raise Unframed(413, "BAD_REQUEST", "The body is too large")
        data = self.rfile.read(size)
        if len(data) < size:
            raise Unframed(400, "BAD_REQUEST", "The body is shorter than announced")
        return data

    def read_chunks(self) -> bytes:
        body = b""
        while True:
            line = self.rfile.readline(1024).decode("latin-1")
            size = size_of({line.partition(";")[0].strip()}, 16)
            if size == 0:
                break
            body += self.read_exactly(size, len(body))
            if self.read_exactly(2) != b"\r\n":
                raise Unframed(400, "BAD_REQUEST", "The body has no readable length")
        for _ in range(100):  # trailers
            if self.rfile.readline(65536).strip() == b"":
                return body
        raise Unframed(400, "BAD_REQUEST", "The body has too many trailers")

    def answer(self, http: int, body: Json, close: bool = False) -> None:
        data = encode(body).encode("ascii")
        self.send_response(http)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if close:
            self.send_header("Connection", "close")  # the base class then closes
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        if close:
            self.drain()

    def drain(self) -> None:
        """Take in what is still under way: closing on it could cost the client the answer."""
        until = time.monotonic() + 2
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.5)
            while time.monotonic() < until and self.connection.recv(65536):
                pass
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        pass  # nothing of a request is written anywhere


def size_of(texts: set[str], base: int) -> int:
    """The one length that all the texts tell, written in plain digits."""
    digits = "0123456789abcdef"[:base]
    text = texts.pop() if len(texts) == 1 else ""
    if not text or set(text.lower()) - set(digits):
        raise Unframed(400, "BAD_REQUEST", "The body has no readable length")
    text = text.lstrip("0") or "0"
    return int(text, base) if len(text) < 20 else LARGEST_BODY + 1


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, shops: Shops, hook: bool) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.shops, self.hook = shops, hook

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a client that went away is no news
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--first-key", default=secrets.token_hex(16))
    parser.add_argument("--second-key", default=secrets.token_hex(16))
    parser.add_argument("--hook", action="store_true", help="serve the hook at POST /hook")
    parser.add_argument("--still", action="store_true", help="only the hook moves the clock")
    options = parser.parse_args()
    if options.first_key == options.second_key:
        parser.error("the two suppliers need different keys")
    keys = {options.first_key: "first", options.second_key: "second"}
    shops = Shops(keys, options.still, FURTHER_WORLDS if options.hook else 0)
    server = Server(options.port, shops, options.hook)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    for key, supplier in keys.items():
        print(f"{supplier} key {key}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
