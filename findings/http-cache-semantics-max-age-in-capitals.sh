#!/bin/sh
# http-cache-semantics 4.3.0 (npm): the package reads `Cache-Control: max-age=60` as 60 seconds and ignores `Max-Age=60`.
# With a `Last-Modified` of 1994, that response counts as fresh for almost three years.
#
# Expected: 60 seconds for each spelling, as @tusbar/cache-control 3.0.1 reads them. RFC 9111, section 5.2, compares the
# names of directives without regard to case. Seen: no error; the package drops the server's lifetime and computes a
# heuristic lifetime, a tenth of the time since `Last-Modified`. Without a `Last-Modified`, the lifetime is 0.
#
# A client that caches with this package may answer from a response of years ago. The Python package CacheControl had the
# same mistake: https://github.com/psf/cachecontrol/pull/467.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress http-cache-semantics@4.3.0 @tusbar/cache-control@3.0.1 >>npm.log

cat >look.mjs <<'NODE'
import { parse } from '@tusbar/cache-control';
import CachePolicy from 'http-cache-semantics';

const date = 'Mon, 01 Jan 2024 00:00:00 GMT';
const changed = 'Sun, 06 Nov 1994 08:49:37 GMT';
const request = { method: 'GET', url: '/orders', headers: {} };
for (const lifetime of ['max-age=60', 'Max-Age=60', 'MAX-AGE=60']) {
  const ages = [{}, { 'last-modified': changed }].map((more) => {
    const headers = { date, 'cache-control': lifetime, ...more };
    return Math.round(new CachePolicy(request, { status: 200, headers }).maxAge());
  });
  console.log(lifetime, parse(lifetime).maxAge, ...ages);
}
NODE
seen=$(node look.mjs)
expected='max-age=60 60 60 60
Max-Age=60 60 0 91995542
MAX-AGE=60 60 0 91995542'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: http-cache-semantics no longer does what is described here"
  exit 1
fi
