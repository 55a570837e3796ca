#!/bin/sh
# junit2json 4.0.0 and test-results-parser 0.4.6 (npm): a test name that looks like a number becomes a number. In a JUnit
# report, the tests "1.1" and "1.10" both get the name 1.1.
#
# Expected: the names as strings, as junit-to-ctrf 0.0.14 keeps them; junit2json declares `name?: string`. Seen: numbers,
# and the packages disagree: junit2json reads the name "1e3" as 1, test-results-parser reads 1000. junit2json gives two
# long order numbers the same name; test-results-parser turns the name "true" into a boolean.
#
# A test over versions or order numbers gets the name of another test, so that a failed test looks like a passed one. A call
# of `name.startsWith` throws, although junit2json's types allow the call.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress junit2json@4.0.0 test-results-parser@0.4.6 junit-to-ctrf@0.0.14 >>npm.log

cat >report.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="versions" tests="7" failures="1" time="7">
  <testcase classname="versions" name="1.1" time="1"/>
  <testcase classname="versions" name="1.10" time="1"><failure message="refused">refused</failure></testcase>
  <testcase classname="versions" name="007" time="1"/>
  <testcase classname="versions" name="1e3" time="1"/>
  <testcase classname="versions" name="true" time="1"/>
  <testcase classname="versions" name="12345678901234567890" time="1"/>
  <testcase classname="versions" name="12345678901234567891" time="1"/>
</testsuite>
XML
node_modules/.bin/junit-to-ctrf report.xml -o ctrf.json >>npm.log
cat >look.cjs <<'NODE'
const { readFileSync } = require('node:fs');
const { parse } = require('junit2json');
const parser = require('test-results-parser');

const print = (name, cases) => console.log(name, JSON.stringify(cases.map((test) => test.name)));
print('junit-to-ctrf', require('./ctrf.json').results.tests);
print('test-results-parser', parser.parse({ type: 'junit', files: ['report.xml'] }).suites[0].cases);
parse(readFileSync('report.xml', 'utf8')).then((suite) => print('junit2json', suite.testcase));
NODE
seen=$(node look.cjs)
expected='junit-to-ctrf ["versions: 1.1","versions: 1.10","versions: 007","versions: 1e3","versions: true","versions: 12345678901234567890","versions: 12345678901234567891"]
test-results-parser [1.1,1.1,7,1000,true,"12345678901234567890","12345678901234567891"]
junit2json [1.1,1.1,7,1,"true",12345678901234567000,12345678901234567000]'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: one of the readers no longer does what is described here"
  exit 1
fi
