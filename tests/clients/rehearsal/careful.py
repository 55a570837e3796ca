"""A supplier's worker that loses no order, delivers nothing twice and wastes no account, whatever happens to its calls, to
the server or to the worker itself. Copy it. It needs Linux or macOS.

    SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... python careful.py         one run, then exit: start it every 5 minutes
    SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... python careful.py --loop  a daemon that polls until SIGTERM

How the worker keeps its promises:

- It writes a polled order to disk before it works on the order. The server shows the order only once in 30 minutes.
- It writes accounts to the order's file before it sends them. A retry, and a restart, send the same accounts again.
- It looks at an order before it delivers: the buyer can cancel the order meanwhile.
- It never sends a list call again. The next run is the retry.

Exit code of one run: 1 if the server did not answer or refused the key, otherwise 0. What failed is tried again by the
next run. A daemon does not exit by itself: while its runs fail, even with 401, it polls less and less often.
"""

import fcntl
import json
import logging
import os
import re
import signal
import sys
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

TIMEOUT = int(os.environ.get("TIMEOUT_MS", "10000")) / 1000
POLL = int(os.environ.get("POLL_MS", "60000")) / 1000
FIRST_PAUSE = int(os.environ.get("RETRY_MS", "1000")) / 1000
LONGEST_PAUSE = 60
LONGEST_POLL = 15 * 60
MOST_ATTEMPTS = 4
PAGE_SIZE = 100

# ---- Calls ----


class Refused(Exception):
    """A final answer: the server did nothing, and the same call would fail again."""

    def __init__(self, status, code):
        super().__init__(f"refused with status {status} {code or ''}")
        self.status, self.code = status, code


class NoAnswer(Exception):
    """No answer, or none that says what the server did. The call may have been carried out."""


class Stopped(Exception):
    """SIGTERM came."""


class Api:
    def __init__(self, url, key, stop):
        self.base, self.stop = url + "/api/admin/v2", stop
        self.http = requests.Session()
        self.http.headers["X-Api-Key"] = key
        # `Retry-After` holds for all calls, not only for the one that it answers.
        self.not_before = 0

    def poll(self):
        params = {"status": "pending,processing", "productType": "manual", "limit": PAGE_SIZE, "offset": 0}
        page = self.send("GET", "/orders", params=params)
        if not isinstance(page.get("orders"), list):
            raise NoAnswer("the answer is not a page")
        return page["orders"]

    def update(self, order, attempts=MOST_ATTEMPTS, **changes):
        for attempt in range(attempts):
            try:
                return self.send("POST", "/orders-update", json={"order": order, **changes})
            except NoAnswer:
                if attempt == attempts - 1:
                    raise
            self.stop.wait(FIRST_PAUSE * 2**attempt)

    def send(self, method, path, **request):
        wait = self.not_before - time.time()
        if wait > LONGEST_PAUSE:
            raise NoAnswer(f"the server wants no calls for {wait:.0f} seconds")
        self.stop.wait(max(wait, 0))
        if self.stop.is_set():
            raise Stopped
        try:
            response = self.http.request(method, self.base + path, timeout=TIMEOUT, **request)
        except requests.RequestException as error:
            raise NoAnswer(type(error).__name__) from error
        status = response.status_code
        self.not_before = max(self.not_before, time_after(response.headers.get("Retry-After", "")))
        if status >= 500 or status in (408, 429):
            raise NoAnswer(f"status {status}")
        try:
            body = response.json()
        except requests.JSONDecodeError:
            body = None
        if status >= 300:
            raise Refused(status, body.get("error") if isinstance(body, dict) else None)
        if not isinstance(body, dict):
            raise NoAnswer("the answer is not JSON")
        return body


def time_after(text):
    """`Retry-After` is a number of seconds, or a date."""
    if text.isdecimal():
        return time.time() + int(text)
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return 0


# ---- State on disk: one file for each order ----


class Outbox:
    """Entries by order number. The fields of an entry:

    order: its number, owed: how many accounts it needs, accounts: those reserved for it, in this order for ever,
    delivered: how many of them the order has for certain, outcome: why there is nothing left to do, or None.
    """

    def __init__(self):
        self.directory = Path("outbox")
        self.directory.mkdir(exist_ok=True)
        self.entries = {}
        for file in self.directory.glob("*.json"):
            entry = json.loads(file.read_text())
            self.entries[entry["order"]] = entry

    def open_entries(self):
        return [entry for entry in self.entries.values() if not entry["outcome"]]

    def save(self, entry):
        replace_file(self.directory / f"{entry['order']}.json", json.dumps(entry))
        # After a power cut, the file has its new name only if the directory was flushed, too.
        directory = os.open(self.directory, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
        self.entries[entry["order"]] = entry

    def close(self, entry, outcome):
        entry["outcome"] = outcome
        self.save(entry)
        logging.info("order %s: %s", entry["order"], outcome)

    def free_accounts(self):
        """The worker only reads the stock file. An account is taken once it stands in an order's file: one write."""
        taken = {account for entry in self.entries.values() for account in entry["accounts"]}
        lines = [line.strip() for line in Path("stock.txt").read_text().splitlines()]
        # The server drops what is not `login:password`.
        is_valid = re.compile(r"[^:]*[^:\s]\s*:\s*\S").match
        return [line for line in dict.fromkeys(lines) if is_valid(line) and line not in taken]

    def reserve(self, entry):
        """Takes accounts for an order. While the outcome of a delivery is unknown, its accounts stay as they are."""
        if unconfirmed(entry):
            return
        entry["accounts"] += self.free_accounts()[: entry["owed"] - len(entry["accounts"])]
        self.save(entry)


def unconfirmed(entry):
    return entry["accounts"][entry["delivered"] :]


def replace_file(file, content):
    """Replaces a file as a whole: a crash leaves the old content or the new one."""
    temporary = Path(f"{file}.tmp")
    with temporary.open("w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(file)


# ---- Work ----

STEPS = ["pending", "processing", "partial", "completed"]
ENDS = ["cancelled", "error"]


def ahead(current, wanted):
    """The status to set, if the order is not that far yet. A status never goes back."""
    if current in ENDS or (current in STEPS and STEPS.index(current) >= STEPS.index(wanted)):
        return {}
    return {"status": wanted}


def is_wanted(now, owed):
    # Another supplier of a shared order can complete the order before all of our accounts are there.
    is_full = now.get("accountsDelivered", owed) >= owed
    return now.get("status") not in ENDS and not (now.get("status") == "completed" and is_full)


class Worker:
    def __init__(self, api):
        self.api = api

    def run(self):
        self.outbox = Outbox()
        self.deliver_all(self.outbox.open_entries())
        orders = self.api.poll()
        self.deliver_all([entry for entry in map(self.note, orders) if entry])

    def note(self, order):
        """Writes a polled order to disk, and returns its entry if it is new."""
        number = order["id"]
        known = self.outbox.entries.get(number)
        if known and known["outcome"] == "completed":
            logging.error("order %s is open again after its delivery: look at it yourself", number)
            return None
        if known and not known["outcome"]:
            return None
        owed = sum(item["quantity"] for item in order["items"] if item["product"]["type"] == "product")
        # A cancelled or refused order that comes again is paid again. It gets the accounts that were reserved for it.
        entry = {"order": number, "owed": owed, "accounts": [], "delivered": 0, **(known or {}), "outcome": None}
        self.outbox.save(entry)
        return entry

    def deliver_all(self, entries):
        """Delivers what it can. Raises an error if the other orders would fail as well."""
        unanswered = 0
        for entry in entries:
            try:
                self.deliver(entry)
                unanswered = 0
            except NoAnswer as error:
                # An order that gets no answer must not hold up the others. If two in a row get none, the server is down.
                unanswered += 1
                if unanswered == 2:
                    raise
                logging.error("order %s: %s", entry["order"], error)
            except Refused as error:
                if error.status == 401:
                    raise
                unanswered = 0
                logging.error("order %s: %s", entry["order"], error)
                # A refunded order counts as not found. An order with any other failure stays open for the next run.
                if error.code in ("ORDER_NOT_FOUND", "ACCESS_DENIED"):
                    self.outbox.close(entry, "refused")

    def deliver(self, entry):
        order, owed = entry["order"], entry["owed"]
        if owed > 0 and not unconfirmed(entry) and not self.outbox.free_accounts():
            logging.error("order %s: waits for stock", order)
            return
        # This update changes no status. Its answer shows the order as it is now.
        now = self.api.update(order, supplierOrderId=f"SUP-{order}")
        if not is_wanted(now, owed):
            # If accounts were reserved, they stay with this order: its buyer may have them.
            self.outbox.close(entry, now["status"])
            return
        if now.get("status") == "pending":
            # Sent once. The server may carry out a call without an answer later, even after the delivery. The next run
            # goes on.
            self.api.update(order, attempts=1, status="processing")
        self.outbox.reserve(entry)
        accounts = unconfirmed(entry)
        status = "completed" if len(entry["accounts"]) == owed else "partial"
        try:
            self.api.update(order, **ahead(now.get("status"), status), **({"accounts": accounts} if accounts else {}))
        except Refused as error:
            if error.code != "INVALID_ACCOUNTS":
                raise
            # The order has these accounts: an earlier call delivered them, and its answer was lost.
            found = self.api.update(order)
            if found.get("accountsDelivered", owed) < len(entry["accounts"]):
                raise
            if step := ahead(found.get("status"), status):
                self.api.update(order, **step)
        entry["delivered"] = len(entry["accounts"])
        if status == "completed":
            self.outbox.close(entry, "completed")
        else:
            self.outbox.save(entry)


# ---- One run, or a daemon ----


def lock():
    """The lock file, or None if another worker has locked it. The system ends the lock with its process."""
    file = Path("lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def make_stock():
    if not Path("stock.txt").exists():
        replace_file("stock.txt", "".join(f"user{n:04}@example.com:secret-{n:04}\n" for n in range(1, 201)))


class Program:
    def __init__(self):
        self.stop = threading.Event()
        # SIGTERM ends the worker after the call under way: calls after it are not made, and pauses end at once.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        self.worker = Worker(Api(os.environ["SANDBOX_URL"], os.environ["SANDBOX_KEY"], self.stop))
        self.held = None

    def try_run(self):
        """Whether the run came to its end. A worker that finds another one at work leaves the work to it."""
        try:
            self.held = self.held or lock()
            if not self.held:
                logging.info("another worker is running in this directory")
                return True
            make_stock()
            self.worker.run()
        except Stopped:
            pass
        except Exception as error:
            logging.error("the run ended: %s", error)
            return False
        return True

    def loop(self):
        failures = 0
        while not self.stop.is_set():
            failures = 0 if self.try_run() else failures + 1
            self.stop.wait(min(POLL * 2**failures, max(POLL, LONGEST_POLL)))


def main():
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in ("SANDBOX_URL", "SANDBOX_KEY"):
        if not os.environ.get(name):
            sys.exit(f"set {name} in the environment")
    os.chdir(os.environ.get("REHEARSAL_DIR", "."))
    program = Program()
    if "--loop" in sys.argv:
        program.loop()
    elif not program.try_run():
        sys.exit(1)


if __name__ == "__main__":
    main()
