#!/bin/sh
# A supplier's worker on curl and jq, for Linux. It writes an order and its accounts to disk before it sends them, so a
# retry and a restart send the same accounts again.
#
#   SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... sh worker.sh [--loop]
#
# State in the directory: orders/NUMBER holds the reserved accounts, one a line; orders/NUMBER.owed says how many the order
# needs, and exists until the order is done. Exit code of one run: 1 if the server did not answer or refused the key.
set -u

# Files of this worker are nobody else's: they hold passwords.
umask 077
cd "${REHEARSAL_DIR:-.}" || exit 1
mkdir -p orders
answer=answer.tmp headers=headers.tmp
# SIGTERM ends the worker after the call under way.
stopped=no
trap 'stopped=yes' TERM INT

timeout=$(jq -n "${TIMEOUT_MS:-10000} / 1000")
poll=$(jq -n "${POLL_MS:-60000} / 1000")
first_pause=$(jq -n "${RETRY_MS:-1000} / 1000")

# pause SECONDS: SIGTERM ends it. A child must not keep the lock (9) when its worker is killed.
pause() {
  [ "$stopped" = yes ] && return
  sleep "$1" 9>&- &
  wait $!
  kill $! 2>/dev/null
}

# call PATH [BODY]: the answer is in $answer, `error` in $code. Returns 0 for a success, 1 for a refusal, 2 for no answer:
# the server may have done the work. One curl for each call: curl sends a call on a used connection again by itself. The key
# and the accounts are no arguments of curl, since anybody can read those.
call() {
  code='' retry_after=0
  [ "$stopped" = yes ] && return 2
  printf '%s' "${2:-}" >body.tmp
  set -- "$SANDBOX_URL/api/admin/v2/$1" ${2:+--data-binary @body.tmp --header 'Content-Type: application/json'}
  status=$(printf 'header = "X-Api-Key: %s"\n' "$SANDBOX_KEY" |
    curl --config - --silent --max-time "$timeout" --output "$answer" --dump-header "$headers" \
      --write-out '%{http_code}' "$@" 9>&-) || return 2
  retry_after=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9][0-9]*\).*/\1/p' "$headers")
  retry_after=${retry_after:-0}
  code=$(jq -r '.error // empty' "$answer" 2>/dev/null)
  case $status in
    2??) jq -e 'type == "object"' "$answer" >/dev/null 2>&1 || return 2 ;;
    408 | 429 | 5??) return 2 ;;
    *) return 1 ;;
  esac
}

# update BODY: tries four times, with growing pauses. Returns as `call` does.
update() {
  pause=$first_pause
  for attempt in 1 2 3 4; do
    call orders-update "$1"
    result=$?
    [ $result -lt 2 ] || [ $attempt = 4 ] || [ "$stopped" = yes ] && return $result
    pause "$(jq -n "[$pause, $retry_after] | max")"
    pause=$(jq -n "$pause * 2")
  done
}

# Writes its input to a file as a whole: a crash leaves the old content or the new one.
replace() {
  cat >"$1.tmp" && sync "$1.tmp" && mv "$1.tmp" "$1"
}

# reserve NUMBER OWED: accounts of the stock that no order has. The stock file itself is only read.
reserve() {
  [ -e "orders/$1" ] && return
  find orders -name '*[0-9]' -exec cat {} + >taken.tmp
  awk 'FNR == NR && FILENAME == "taken.tmp" { taken[$0]; next } NF && !($0 in taken)' taken.tmp stock.txt |
    head -n "$2" >free.tmp
  if [ "$(wc -l <free.tmp)" -lt "$2" ]; then
    echo "order $1: not enough stock" >&2
    return 1
  fi
  replace "orders/$1" <free.tmp
}

finish() {
  rm "orders/$1.owed"
  echo "order $1: $2"
}

# deliver NUMBER. Returns 2 if the server does not answer or refuses the key.
deliver() {
  owed=$(cat "orders/$1.owed")
  reserve "$1" "$owed" || return 0
  # An update that changes no status: its answer shows the order as it is now.
  update "{\"order\": $1, \"supplierOrderId\": \"SUP-$1\"}" || { failed "$1"; return; }
  case $(jq -r .status "$answer") in
    completed | cancelled | error) finish "$1" "$(jq -r .status "$answer")"; return 0 ;;
  esac
  accounts=$(jq -R . "orders/$1" | jq -sc 'if . == [] then {} else {accounts: .} end')
  update "$(jq -nc "$accounts + {order: $1, status: \"completed\"}")" || { failed "$1"; return; }
  finish "$1" completed
}

# After a failed update of an order.
failed() {
  result=$?
  echo "order $1: ${code:-no answer}" >&2
  case $code in
    INVALID_API_KEY) return 2 ;;
    # The accounts and the status went in one call, so an order that has the accounts has the status, too.
    INVALID_ACCOUNTS) finish "$1" 'delivered by an earlier call' ;;
    # A refunded order counts as not found.
    ORDER_NOT_FOUND | ACCESS_DENIED) finish "$1" refused ;;
    *) return $result ;;
  esac
}

run() {
  deliver_all || return 2
  call 'orders?status=pending,processing&productType=manual&limit=100' || return 2
  # One line for each order: its number, and how many accounts it needs. Services need none.
  jq -r '.orders[] | "\(.id) \([.items[] | select(.product.type == "product") | .quantity] | add // 0)"' "$answer" |
    while read -r number owed; do
      # An order with accounts but without work was delivered before, or cancelled: look at it yourself.
      if [ -e "orders/$number" ] && [ ! -e "orders/$number.owed" ]; then
        echo "order $number is open again: look at it yourself" >&2
      else
        echo "$owed" | replace "orders/$number.owed"
      fi
    done
  deliver_all
}

deliver_all() {
  for file in orders/*.owed; do
    [ -e "$file" ] || continue
    number=${file#orders/}
    deliver "${number%.owed}"
    [ $? = 2 ] && return 2
  done
  return 0
}

make_stock() {
  [ -e stock.txt ] || seq -f '%04g' 200 | sed 's/.*/user&@example.com:secret-&/' | replace stock.txt
}

# One worker at a time: the system ends the lock with its process.
exec 9>lock
lock() {
  flock -n 9 || { echo 'another worker is running in this directory'; return 1; }
}

if [ "${1:-}" = --loop ]; then
  until lock || [ "$stopped" = yes ]; do pause "$poll"; done
  make_stock
  wait=$poll
  while [ "$stopped" = no ]; do
    # While runs fail, the worker polls less and less often.
    if run; then wait=$poll; else wait=$(jq -n "[$wait * 2, ([$poll, 900] | max)] | min"); fi
    pause "$(jq -n "[$wait, $retry_after] | max")"
  done
  exit 0
fi
lock || exit 0
make_stock
run || [ "$stopped" = yes ] || exit 1
