#!/usr/bin/env python3
"""A hook to start from: reads one request on stdin, writes one answer on stdout. Replace the bodies of the four actions.

The demo keeps its orders in a file, because the suite starts the program anew for each request.
"""

import inspect
import json
import os
import sys
import tempfile
from pathlib import Path

DEMO = Path(os.environ.get("HOOK_DEMO_FILE", Path(tempfile.gettempdir(), "hook-demo.json")))
STATE = json.loads(DEMO.read_text()) if DEMO.exists() else {"last": 0, "seconds": 0, "orders": {}}


def reset() -> dict:
    """Delete all orders, and withhold none. Keys stay valid. Each case of the suite begins with this."""
    STATE["orders"] = {}
    return {}


def advance_clock(seconds: int) -> dict:
    """Move what the server takes for now ahead, so that windows end."""
    STATE["seconds"] += seconds
    return {}


def create_orders(supplier: str, count: int, quantity: int = 1) -> dict:
    """Create orders that are paid, manual and pending. Add parameters as you support them."""
    numbers = [STATE["last"] + 1 + n for n in range(count)]
    STATE["last"] += count
    STATE["orders"].update({str(n): {"supplier": supplier, "quantity": quantity} for n in numbers})
    return {"orders": numbers}


def order_state(order: int) -> dict:
    """Return the status of an order, its number of accounts, and your supplier's id of it or None."""
    if str(order) not in STATE["orders"]:
        return {"error": f"there is no order {order}"}
    return {"status": "pending", "accounts": 0, "supplierOrderId": None}


def answer(action: str, params: dict) -> dict:
    actions = {f.__name__: f for f in (reset, advance_clock, create_orders, order_state)}
    if action == "capabilities":
        return {"actions": ["capabilities", *actions]}
    # Refuse an action or parameter that is not supported: the suite must not test an order that it did not ask for.
    known = inspect.signature(actions[action]).parameters if action in actions else {}
    if action not in actions or params.keys() - known.keys():
        return {"error": "unsupported"}
    return actions[action](**params)


if __name__ == "__main__":
    request = json.load(sys.stdin)
    print(json.dumps(answer(request["action"], request.get("params", {}))))
    DEMO.write_text(json.dumps(STATE))
