"""One call by a Python HTTP client, as its users write it; README.md says what the environment says.

    python.py requests|httpx|urllib3|httplib2|aiohttp
"""

import asyncio
import json
import os
import sys
from importlib.metadata import version

BASE, KEY, METHOD = (os.environ[name] for name in ("BASE_URL", "API_KEY", "METHOD"))
WARM_UP, SWITCHED_OFF = os.environ["CONNECTION"] == "reused", os.environ["RETRY"] == "off"
HEALTH = f"{BASE}/_sandbox/health"
HEADERS = {"X-Api-Key": KEY}
if METHOD == "GET":
    URL, UPDATE = f"{BASE}/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1", None
else:
    URL, UPDATE = f"{BASE}/api/admin/v2/orders-update", {"order": int(os.environ["ORDER"]), "status": "processing"}


def by_requests():
    import requests

    session = requests.Session()
    if WARM_UP:
        session.get(HEALTH)
    response = session.request(METHOD, URL, headers=HEADERS, json=UPDATE)
    return response.status_code, response.content


def by_httpx():
    import httpx

    with httpx.Client(headers=HEADERS) as client:
        if WARM_UP:
            client.get(HEALTH)
        response = client.request(METHOD, URL, json=UPDATE)
        return response.status_code, response.content


def by_urllib3():
    import urllib3

    pool = urllib3.PoolManager(**({"retries": False} if SWITCHED_OFF else {}))
    if WARM_UP:
        pool.request("GET", HEALTH)
    response = pool.request(METHOD, URL, headers=HEADERS, json=UPDATE)
    return response.status, response.data


def by_httplib2():
    import http.client

    import httplib2

    class SentOnce(httplib2.HTTPConnectionWithTimeout):
        """The only error that makes httplib2 send a call again becomes another one."""

        def getresponse(self):
            try:
                return super().getresponse()
            except http.client.BadStatusLine as lost:
                raise ConnectionError("no answer") from lost

    client = httplib2.Http()
    options = {"connection_type": SentOnce} if SWITCHED_OFF else {}
    if WARM_UP:
        client.request(HEALTH, **options)
    if UPDATE is not None:
        options["body"] = json.dumps(UPDATE)
    response, content = client.request(URL, METHOD, headers={**HEADERS, "Content-Type": "application/json"}, **options)
    return response.status, content


def by_aiohttp():
    import aiohttp

    async def call():
        async with aiohttp.ClientSession(headers=HEADERS) as session:
            if SWITCHED_OFF:
                # It is private; there is no option.
                session._retry_connection = False
            if WARM_UP:
                async with session.get(HEALTH) as response:
                    await response.read()
            async with session.request(METHOD, URL, json=UPDATE) as response:
                return response.status, await response.read()

    return asyncio.run(call())


client = sys.argv[1]
call = {
    "requests": by_requests,
    "httpx": by_httpx,
    "urllib3": by_urllib3,
    "httplib2": by_httplib2,
    "aiohttp": by_aiohttp,
}[client]
try:
    outcome, body = call()
    message = f"{len(body)} bytes"
except Exception as error:
    outcome, message = "error", f"{type(error).__name__}: {error}"
print(json.dumps({"version": version(client), "outcome": outcome, "message": message}))
