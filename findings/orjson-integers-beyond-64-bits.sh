#!/bin/sh
# orjson 3.13.0 (PyPI): an integer of more than 64 bits is read as a float, without an error; Python's own `json` and
# msgspec 0.23.0 read it exactly.
#
# Expected: an exact `int`, as for every integer below, or an error, as orjson gives for 1e400. Seen: the type changes at
# 2^64, and the last digits are lost: 18446744073709551617 and 18446744073709551616 are equal.
#
# A server that reads order numbers by orjson answers `order: 18446744073709551617` as it does another number.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check orjson==3.13.0 msgspec==0.23.0

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import json, msgspec, orjson

for text in "18446744073709551615", "18446744073709551616", "18446744073709551617":
    print(text, repr(orjson.loads(text)), msgspec.json.decode(text) == json.loads(text) == int(text))
try:
    orjson.loads("1e400")
except orjson.JSONDecodeError:
    print("1e400 is refused")
PYTHON
)
expected='18446744073709551615 18446744073709551615 True
18446744073709551616 1.8446744073709552e+19 True
18446744073709551617 1.8446744073709552e+19 True
1e400 is refused'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: orjson no longer does what is described here"
  exit 1
fi
