"""A worker as a decent developer writes it straight from the guide. It works while nothing fails.

    SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... python naive.py [--loop]

Its mistakes: it puts the accounts of a failed delivery back into the stock, although the buyer may have them; it sends a
list call again at once; and one order that fails ends the run.
"""

import os
import sys
import time
from pathlib import Path

import requests

API = os.environ["SANDBOX_URL"] + "/api/admin/v2"
STOCK = Path(os.environ.get("REHEARSAL_DIR", "."), "stock.txt")
TIMEOUT = int(os.environ.get("TIMEOUT_MS", "10000")) / 1000
POLL = int(os.environ.get("POLL_MS", "60000")) / 1000

session = requests.Session()
session.headers["X-Api-Key"] = os.environ["SANDBOX_KEY"]

if not STOCK.exists():
    STOCK.write_text("".join(f"user{n:04}@example.com:secret-{n:04}\n" for n in range(1, 201)))


def call(method, path, **request):
    for attempt in range(3):
        try:
            response = session.request(method, API + path, timeout=TIMEOUT, **request)
            response.raise_for_status()
            return response.json()
        except requests.RequestException as error:
            print(f"attempt {attempt + 1} failed: {error}", file=sys.stderr)
            if attempt == 2:
                raise
            time.sleep(1)


def take_accounts(count):
    lines = STOCK.read_text().splitlines()
    if len(lines) < count:
        raise RuntimeError(f"not enough stock: {count} needed, {len(lines)} left")
    STOCK.write_text("".join(f"{line}\n" for line in lines[count:]))
    return lines[:count]


def put_back(accounts):
    lines = accounts + STOCK.read_text().splitlines()
    STOCK.write_text("".join(f"{line}\n" for line in lines))


def deliver(order):
    number = order["id"]
    count = sum(item["quantity"] for item in order["items"] if item["product"]["type"] == "product")
    accounts = take_accounts(count)
    update = {"order": number, "status": "completed", "supplierOrderId": f"SUP-{number}"}
    if accounts:
        update["accounts"] = accounts
    try:
        call("POST", "/orders-update", json=update)
    except requests.RequestException:
        put_back(accounts)
        raise
    print(f"order {number} completed")


def process_orders():
    params = {"status": "pending,processing", "productType": "manual", "limit": 50, "offset": 0}
    orders = call("GET", "/orders", params=params)["orders"]
    print(f"{len(orders)} orders")
    for order in orders:
        deliver(order)


if "--loop" in sys.argv:
    while True:
        try:
            process_orders()
        except Exception as error:
            print(f"error: {error}", file=sys.stderr)
        time.sleep(POLL)
else:
    process_orders()
