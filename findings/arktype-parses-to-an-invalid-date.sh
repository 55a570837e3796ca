#!/bin/sh
# arktype 2.2.10 (npm): `string.date.iso.parse` returns an invalid `Date` and no error, for two forms of ISO 8601 that the
# keyword takes and JavaScript's `Date` does not: an offset of hours alone, and a week date.
#
# Expected: a date, or an error. Seen: neither; what the validator calls valid answers NaN for every part, and `toISOString`
# throws a RangeError later, far from the validator. zod 4.1.12 refuses both.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress arktype@2.2.10 zod@4.1.12 >>npm.log

cat >look.mjs <<'NODE'
import { type } from 'arktype';
import * as z from 'zod';

const parse = type('string.date.iso.parse');
for (const text of ['2024-01-01T10:00:00+05:00', '2024-01-01T10:00:00+05', '2024-W01-1', '2024-01-01T10:00:00+5']) {
  const read = parse(text);
  const seen = read instanceof type.errors ? 'refused' : String(read.getTime());
  console.log(text, seen, z.iso.datetime({ offset: true }).safeParse(text).success);
}
NODE
seen=$(node look.mjs)
expected='2024-01-01T10:00:00+05:00 1704085200000 true
2024-01-01T10:00:00+05 NaN false
2024-W01-1 NaN false
2024-01-01T10:00:00+5 refused false'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: arktype no longer does what is described here"
  exit 1
fi
