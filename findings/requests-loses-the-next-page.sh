#!/bin/sh
# requests 2.34.2 and httpx 0.28.1 (PyPI): `links` reads `Link: <URL>; rel="next"` and loses the link once another valid
# parameter or a second relation stands beside it. parse-link-header 2.0.0 (npm) finds it every time.
#
# Expected: the link of the next page, for each of the headers below (RFC 8288, section 3). Seen: none where the title holds
# `=` or `;` and where `rel` names two relations; with a `;` in the query the URL is cut off there.
#
# A client that follows `next` until there is none stops after the first page, without an error. Open for requests:
# https://github.com/psf/requests/pull/5464 (`;` in a URL) and https://github.com/psf/requests/pull/7520 (`=` in a value).
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check requests==2.34.2 httpx==0.28.1
npm init -y >npm.log
npm install --silent --no-progress parse-link-header@2.0.0 >>npm.log

cat >headers <<'TEXT'
<https://h/o?page=2>; rel="next"
<https://h/o?page=2>; title="a=b"; rel="next"
<https://h/o?page=2>; title="a;b"; rel="next"
<https://h/o?page=2>; rel="next last"
<https://h/o?page=2;size=9>; rel="next"
TEXT
cat >look.py <<'PYTHON'
import httpx, requests

for header in open("headers").read().splitlines():
    ours = requests.Response()
    ours.headers["Link"] = header
    theirs = httpx.Response(200, headers={"Link": header})
    print(*(answer.links.get("next", {}).get("url") for answer in (ours, theirs)))
PYTHON
cat >look.cjs <<'NODE'
const parse = require('parse-link-header');
const headers = require('node:fs').readFileSync('headers', 'utf8').trim().split('\n');
console.log(new Set(headers.map((header) => parse(header).next.url)));
NODE
seen=$(venv/bin/python look.py && node look.cjs)
expected="https://h/o?page=2 https://h/o?page=2
None None
None None
None None
https://h/o?page=2 https://h/o?page=2
Set(2) { 'https://h/o?page=2', 'https://h/o?page=2;size=9' }"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: requests or httpx no longer does what is described here"
  exit 1
fi
