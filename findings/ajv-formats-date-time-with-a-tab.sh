#!/bin/sh
# ajv 8.17.1 with ajv-formats 3.0.1 (npm): the format `date-time` takes a tab or a blank in place of the `T`, and an offset
# without its colon; RFC 3339 has neither a tab nor such an offset. zod 4.1.12 refuses all three.
#
# Expected: an error, as for a date-time without an offset. Seen: valid.
#
# A contract test by ajv passes a server whose `createdAt` most strict parsers refuse.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress ajv@8.17.1 ajv-formats@3.0.1 zod@4.1.12 >>npm.log

cat >look.mjs <<'NODE'
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import * as z from 'zod';

const ajv = new Ajv.default();
addFormats.default(ajv);
const valid = ajv.compile({ type: 'string', format: 'date-time' });
for (const text of ['2024-01-01\t10:00:00Z', '2024-01-01 10:00:00Z', '2024-01-01T10:00:00+0000', '2024-01-01T10:00:00']) {
  console.log(JSON.stringify(text), valid(text), z.iso.datetime({ offset: true }).safeParse(text).success);
}
NODE
seen=$(node look.mjs)
expected='"2024-01-01\t10:00:00Z" true false
"2024-01-01 10:00:00Z" true false
"2024-01-01T10:00:00+0000" true false
"2024-01-01T10:00:00" false false'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: ajv-formats no longer does what is described here"
  exit 1
fi
