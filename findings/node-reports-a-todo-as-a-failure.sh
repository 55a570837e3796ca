#!/bin/sh
# Node.js 24.21.0 (npm package `node`) with junitparser 5.0.3 (PyPI): a `todo` test that fails does not fail the run, and
# its JUnit report says that it did.
#
# Expected: exit code 0 and a report without failures, since the summary says `fail 0`, `todo 1`. Seen: exit code 0, and a
# test case with both `<skipped type="todo">` and `<failure>`; its suite counts one failure, and one skipped test too.
#
# A CI server that judges by the report refuses a build that passed, and counts two results for one test. The documentation
# of `todo` says that such a test is not treated as a failure (https://nodejs.org/api/test.html#todo-tests).
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress node@24.21.0 >>npm.log
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3

cat >look.test.mjs <<'NODE'
import { equal } from 'node:assert';
import { test } from 'node:test';

test('orders', async (t) => {
  await t.test('are listed', () => {});
  await t.test('are sorted', { todo: true }, () => equal(1, 2));
});
NODE
node_modules/.bin/node --test --test-reporter=junit --test-reporter-destination=report.xml look.test.mjs
seen=$(
  echo "exit code 0"
  sed -n 's/.*<!-- \(fail [0-9]*\|todo [0-9]*\) -->.*/\1/p' report.xml
  venv/bin/python - <<'PYTHON'
from junitparser import JUnitXml

for suite in JUnitXml.fromfile("report.xml"):
    print(suite.tests, "tests,", suite.failures, "failures,", suite.skipped, "skipped")
    for case in suite:
        print(case.name, [type(result).__name__ for result in case.result])
PYTHON
)
expected="exit code 0
fail 0
todo 1
2 tests, 1 failures, 1 skipped
are listed []
are sorted ['Skipped', 'Failure']"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: Node.js no longer does what is described here"
  exit 1
fi
