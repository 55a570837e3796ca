#!/bin/sh
# aniso8601 10.0.1 (PyPI): `2024-01-01T24:00:00Z`, the end of 1 January by ISO 8601, is read as the start of that day.
# python-dateutil 2.9.0.post0, ciso8601 2.3.3 and Node.js read the start of 2 January.
#
# Expected: the next day, or an error. Seen: a time 24 hours early, before 23:59:59 of the same day; an interval of the two
# hours before midnight ends 22 hours before it starts.
#
# Who asks for the orders up to the end of a day gets those up to its start, and no error says so.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  aniso8601==10.0.1 python-dateutil==2.9.0.post0 ciso8601==2.3.3

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import aniso8601, ciso8601
from dateutil.parser import isoparse

midnight = "2024-01-01T24:00:00Z"
for read in isoparse, ciso8601.parse_datetime, aniso8601.parse_datetime:
    print(read(midnight).strftime("%d %B %H:%M"))
print(aniso8601.parse_datetime(midnight) < aniso8601.parse_datetime("2024-01-01T23:59:59Z"))
start, end = aniso8601.parse_interval(f"2024-01-01T22:00:00Z/{midnight}")
print(end - start)
PYTHON
node --print 'new Date("2024-01-01T24:00:00Z").toISOString()'
)
expected='02 January 00:00
02 January 00:00
01 January 00:00
True
-1 day, 2:00:00
2024-01-02T00:00:00.000Z'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: aniso8601 no longer does what is described here"
  exit 1
fi
