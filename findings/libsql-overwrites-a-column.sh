#!/bin/sh
# libsql 0.5.29 (npm): a row that `get` returns has a further property `_metadata` with the query's duration; a column of
# that name is lost. Rows of `all` and `iterate` are as they were asked for, and `pluck` does nothing.
#
# Expected: the same row from `get` as from `all`, as by better-sqlite3, whose API the package announces. Seen: `get` returns
# another row each time it is called, since the durations differ, and a value of the column `_metadata` never.
#
# A server that answers with such a row tells its clients how long its database took. The issue that asked for it means to
# keep clear of the names of columns: https://github.com/tursodatabase/libsql-js/issues/122.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress libsql@0.5.29 >>npm.log

cat >look.cjs <<'NODE'
const Database = require('libsql');

const database = new Database(':memory:');
const shown = (row) => JSON.stringify(row).replace(/"duration":[^}]+/, '"duration":…');
for (const sql of ['SELECT 12345 AS id', `SELECT '{"colour": "red"}' AS _metadata`]) {
  console.log('get    ', shown(database.prepare(sql).get()));
  console.log('all    ', shown(database.prepare(sql).all()));
  console.log('iterate', shown([...database.prepare(sql).iterate()]));
}
console.log('pluck  ', shown(database.prepare('SELECT 12345 AS id').pluck().get()));
NODE
seen=$(node look.cjs)
expected='get     {"id":12345,"_metadata":{"duration":…}}
all     [{"id":12345}]
iterate [{"id":12345}]
get     {"_metadata":{"duration":…}}
all     [{"_metadata":"{\"colour\": \"red\"}"}]
iterate [{"_metadata":"{\"colour\": \"red\"}"}]
pluck   {"id":12345,"_metadata":{"duration":…}}'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: libsql no longer does what is described here"
  exit 1
fi
