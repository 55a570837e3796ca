#!/bin/sh
# currency.js 2.0.4, numeral 2.0.6 and accounting 0.4.1 (npm): all three read the amount "1E+3" as 13, and "1.5E+3" as 1.53.
#
# Expected: 1000, or an error. Seen: the `E` is thrown away, and the exponent becomes the last digits. Python's `Decimal` and
# Java's `BigDecimal` write 1000 like this once trailing zeros are stripped, and JSON carries an amount as text.
#
# An invoice over 1000 is shown as 13. big.js 7.0.1 reads all three amounts right. currency.js is known not to take exponents
# (https://github.com/scurker/currency.js/issues/412); numeral announced them for 2.0
# (https://github.com/adamwdraper/Numeral-js/issues/335).
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress currency.js@2.0.4 numeral@2.0.6 accounting@0.4.1 big.js@7.0.1 >>npm.log

python3 - >amounts.json <<'PYTHON'
from decimal import Decimal
import json

print(json.dumps([str(Decimal(amount).normalize()) for amount in ("1000.00", "1500.00", "1200")]))
PYTHON
cat >look.cjs <<'NODE'
const accounting = require('accounting');
const Big = require('big.js');
const currency = require('currency.js');
const numeral = require('numeral');

for (const text of require('./amounts.json')) {
  console.log(text, Number(Big(text)), currency(text).value, numeral(text).value(), accounting.unformat(text));
}
NODE
seen=$(node look.cjs)
expected='1E+3 1000 13 13 13
1.5E+3 1500 1.53 1.53 1.53
1.2E+3 1200 1.23 1.23 1.23'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: one of the libraries no longer does what is described here"
  exit 1
fi
