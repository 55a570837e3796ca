#!/bin/sh
# pydantic 2.12.4 (PyPI): a field `int` takes the JSON string "12_345" for 12345, as Python's source code writes numbers,
# and a time of 20000000001 is read in milliseconds where 20000000000 is read in seconds.
#
# Expected: a string with an underscore is no number in JSON, in a form or in a query. Seen: it is, so that a FastAPI
# server updates order 12345 for `{"order": "12_345"}`. Neighbouring numbers lie six centuries apart as times.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.12.4

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime

from pydantic import BaseModel, ValidationError


class Update(BaseModel):
    order: int
    at: datetime | None = None


def read(text):
    try:
        update = Update.model_validate_json(text)
        return update.order, update.at and update.at.year
    except ValidationError:
        return "refused"


for text in '{"order": "12_345"}', '{"order": "_12345"}', '{"order": "12,345"}':
    print(text, read(text))
for at in 20000000000, 20000000001:
    print(at, read(f'{{"order": 1, "at": {at}}}'))
PYTHON
)
expected='{"order": "12_345"} (12345, None)
{"order": "_12345"} refused
{"order": "12,345"} refused
20000000000 (1, 2603)
20000000001 (1, 1970)'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: pydantic no longer does what is described here"
  exit 1
fi
