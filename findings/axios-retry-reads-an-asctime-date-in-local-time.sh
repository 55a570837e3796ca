#!/bin/sh
# axios-retry 4.5.0 (npm, with axios 1.21.1): `Retry-After` with a date in asctime form is read as local time.
#
# Of the three forms of a date in HTTP, all are UTC, and RFC 9110, section 5.6.7, has every recipient accept all three. Expected:
# the same wait for each, wherever the client runs. Seen: `Sun Nov  6 08:49:37 1994` names no zone, so JavaScript takes the
# machine's. A server that asks for two minutes makes a client in New York wait for more than five hours, and one in Tokyo not at
# all. The two other forms say GMT and are read rightly.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress axios-retry@4.5.0 axios@1.21.1 >>npm.log

cat >look.mjs <<'NODE'
import axiosRetry from 'axios-retry';

// Without the random part of the pause.
Math.random = () => 0;
// A winter's day, when New York is 5 hours behind.
const now = Date.UTC(2026, 0, 15, 12);
Date.now = () => now;
const dates = {
  'IMF-fixdate': 'Thu, 15 Jan 2026 12:02:00 GMT',
  'RFC 850': 'Thursday, 15-Jan-26 12:02:00 GMT',
  asctime: 'Thu Jan 15 12:02:00 2026',
};
for (const [form, date] of Object.entries(dates)) {
  const error = { response: { status: 503, headers: { 'retry-after': date } } };
  const minutes = Math.round(axiosRetry.exponentialDelay(0, error) / 60_000);
  console.log(`${process.env.TZ}, ${form}: ${minutes} minutes`);
}
NODE
seen=$(for zone in UTC America/New_York Asia/Tokyo; do TZ=$zone node look.mjs; done)
printf '%s\n' "$seen"
expected='UTC, IMF-fixdate: 2 minutes
UTC, RFC 850: 2 minutes
UTC, asctime: 2 minutes
America/New_York, IMF-fixdate: 2 minutes
America/New_York, RFC 850: 2 minutes
America/New_York, asctime: 302 minutes
Asia/Tokyo, IMF-fixdate: 2 minutes
Asia/Tokyo, RFC 850: 2 minutes
Asia/Tokyo, asctime: 0 minutes'
if [ "$seen" != "$expected" ]; then
  echo "changed: axios-retry no longer does what is described here"
  exit 1
fi
