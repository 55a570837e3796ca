#!/bin/sh
# zod 4.6.7 (npm): `z.fromJSONSchema({ const: ["a", "b"] })` refuses the array `["a", "b"]` and accepts the string "a".
#
# Expected: only the array is valid, as in @cfworker/json-schema 4.1.6. A conversion error would do too: zod gives one for
# `not`. Seen: zod reads the array as a list of choices, in `const` and as a member of `enum`. A constant object converts
# without an error as well, and then no value is valid, not even that object.
#
# A client that generates its checks from an OpenAPI document refuses the right answer and accepts a wrong one. The comment
# in zod's type declarations calls the function semi-experimental and names no such limit.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress zod@4.6.7 @cfworker/json-schema@4.1.6 >>npm.log

cat >look.mjs <<'NODE'
import { Validator } from '@cfworker/json-schema';
import * as z from 'zod';

const pair = ['a', 'b'];
for (const [schema, ...values] of [
  [{ const: pair }, pair, 'a'],
  [{ type: 'array', const: pair }, pair, 'a'],
  [{ enum: [pair, 'c'] }, pair, 'a', 'c'],
  [{ const: [] }, []],
  [{ const: { a: 1 } }, { a: 1 }],
]) {
  for (const value of values) {
    const theirs = new Validator(schema, '2020-12').validate(value).valid;
    console.log(JSON.stringify(schema), JSON.stringify(value), theirs, z.fromJSONSchema(schema).safeParse(value).success);
  }
}
try {
  z.fromJSONSchema({ not: { type: 'string' } });
} catch {
  console.log('not: refused');
}
NODE
seen=$(node look.mjs)
expected='{"const":["a","b"]} ["a","b"] true false
{"const":["a","b"]} "a" false true
{"type":"array","const":["a","b"]} ["a","b"] true false
{"type":"array","const":["a","b"]} "a" false true
{"enum":[["a","b"],"c"]} ["a","b"] true false
{"enum":[["a","b"],"c"]} "a" false true
{"enum":[["a","b"],"c"]} "c" true true
{"const":[]} [] true false
{"const":{"a":1}} {"a":1} true false
not: refused'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: zod no longer does what is described here"
  exit 1
fi
