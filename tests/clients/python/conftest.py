"""A sandbox for one test, with keys, orders and a clock that no other test sees.

The clock is frozen until the test moves it.
"""

import os

import pytest
import requests

SERVER = os.environ.get("SANDBOX_URL", "http://127.0.0.1:4010")


class Sandbox:
    def __init__(self, **settings):
        self.url, self._control = SERVER, f"{SERVER}/_sandbox/sandboxes"
        made = self.call("POST", "", settings)
        self._control += f"/{made['id']}"
        self.keys = {supplier["id"]: supplier["key"] for supplier in made["suppliers"]}

    def call(self, method, path, body=None):
        response = requests.request(method, self._control + path, json=body, timeout=30)
        response.raise_for_status()
        return response.json() if response.content else None

    def advance(self, seconds):
        self.call("POST", "/clock/advance", {"seconds": seconds})


@pytest.fixture
def sandbox():
    sandbox = Sandbox(scenario="empty")
    sandbox.call("PUT", "/clock", {"mode": "frozen"})
    yield sandbox
    sandbox.call("DELETE", "")
