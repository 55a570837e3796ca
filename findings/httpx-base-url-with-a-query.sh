#!/bin/sh
# httpx 0.28.1 (PyPI): a client whose `base_url` has a query appends the path of each request to that query.
#
# Expected: `Client(base_url="http://h/api?productType=manual").get("/orders")` asks for /api/orders, with or without the
# query. Seen: it asks for the path /api, and `/orders` has become the end of the parameter's value. With `params` the
# request's path is lost altogether, and so is the query of the base URL.
#
# Who polls this way asks another path of the server than the one in the code, and no error says so.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check httpx==0.28.1

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import httpx

client = httpx.Client(base_url="http://h/api?productType=manual")
print(client.build_request("GET", "/orders").url)
print(client.build_request("GET", "/orders", params={"limit": 1}).url)
PYTHON
)
expected='http://h/api?productType=manual/orders
http://h/api?limit=1'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: httpx no longer does what is described here"
  exit 1
fi
