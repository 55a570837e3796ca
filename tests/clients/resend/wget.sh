#!/bin/sh
# One call by GNU Wget, as its users write it; README.md says what the environment says.
set -u

body=$(mktemp)
told=$(mktemp)
trap 'rm -f "$body" "$told"' EXIT

# Without --tries it makes 20, with pauses that grow to ten seconds: two and a half minutes.
tries=3
if [ "$RETRY" = off ]; then tries=1; fi
set -- --no-verbose --server-response --output-document "$body" --tries "$tries" --header "X-Api-Key: $API_KEY"
# One invocation keeps its connections from one URL to the next. It sends method and body to each: the answer to the
# first may be 405.
if [ "$CONNECTION" = reused ]; then set -- "$@" "$BASE_URL/_sandbox/health"; fi
if [ "$METHOD" = GET ]; then
  set -- "$@" "$BASE_URL/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1"
else
  set -- "$@" --header "Content-Type: application/json" --post-data "{\"order\": $ORDER, \"status\": \"processing\"}" \
    "$BASE_URL/api/admin/v2/orders-update"
fi
wget "$@" 2>"$told"
case $? in
0 | 8) outcome=$(sed -n 's|^ *HTTP/1.1 \([0-9]*\) .*|\1|p' "$told" | tail -n 1) message="$(wc -c <"$body") bytes" ;;
*) outcome=error message=$(tail -n 2 "$told") ;;
esac
jq --null-input --compact-output --arg version "$(wget --version | head -n 1 | cut -d ' ' -f 3)" \
  --arg outcome "$outcome" --arg message "$message" \
  '{version: $version, outcome: ($outcome | tonumber? // .), message: $message}'
