#!/bin/sh
# Starts a server, runs a client's tests against it, and requires a minimum score of the client.
#
#   sandbox.sh COMMAND...
set -eu

ready=$(mktemp -u)
supplier-sandbox --listen 127.0.0.1:0 --log warn --ready-file "$ready" > /dev/null &
server=$!
trap 'kill "$server" 2> /dev/null || true' EXIT
# The server writes the file once it is ready.
while [ ! -s "$ready" ]; do kill -0 "$server"; sleep 0.1; done
# The first value of a field: the server's URL, or the key of its first supplier.
first() { grep -o "\"$1\":\"[^\"]*\"" "$ready" | head -n 1 | cut -d '"' -f 4; }
SANDBOX_URL=$(first url)
SANDBOX_KEY=$(first key)
export SANDBOX_URL SANDBOX_KEY
"$@"
supplier-sandbox scorecard --url "$SANDBOX_URL" --min "${SCORE_MIN:-90}" --junit scorecard.xml
