#!/bin/sh
# One call by curl, as its users write it; README.md says what the environment says.
set -u

body=$(mktemp)
told=$(mktemp)
trap 'rm -f "$body" "$told"' EXIT

set -- --silent --show-error --output "$body" --write-out '%{http_code}' --header "X-Api-Key: $API_KEY"
if [ "$METHOD" = GET ]; then
  set -- "$@" "$BASE_URL/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1"
else
  set -- "$@" "$BASE_URL/api/admin/v2/orders-update" --header "Content-Type: application/json" \
    --data "{\"order\": $ORDER, \"status\": \"processing\"}"
fi
# One invocation keeps its connections from one URL to the next.
if [ "$CONNECTION" = reused ]; then set -- --silent --output "$body" "$BASE_URL/_sandbox/health" --next "$@"; fi
if outcome=$(curl "$@" 2>"$told"); then message="$(wc -c <"$body") bytes"; else outcome=error message=$(cat "$told"); fi
jq --null-input --compact-output --arg version "$(curl --version | head -n 1 | cut -d ' ' -f 2)" \
  --arg outcome "$outcome" --arg message "$message" \
  '{version: $version, outcome: ($outcome | tonumber? // .), message: $message}'
