#!/bin/sh
# Starts a server, runs a client's tests against it, and holds the client's scorecard to a bar.
#
#   sandbox.sh COMMAND...
set -eu

ready=$(mktemp -u)
supplier-sandbox --listen 127.0.0.1:0 --log warn --ready-file "$ready" > /dev/null &
server=$!
trap 'kill "$server" 2> /dev/null || true' EXIT
# It is written once the server serves.
while [ ! -s "$ready" ]; do kill -0 "$server"; sleep 0.1; done
# The first of each: the server's address, and the key of its first supplier.
first() { grep -o "\"$1\":\"[^\"]*\"" "$ready" | head -n 1 | cut -d '"' -f 4; }
SANDBOX_URL=$(first url)
SANDBOX_KEY=$(first key)
export SANDBOX_URL SANDBOX_KEY
"$@"
supplier-sandbox scorecard --url "$SANDBOX_URL" --min "${SCORE_MIN:-90}" --junit scorecard.xml
