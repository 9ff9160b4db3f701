#!/bin/sh
# The main job from beginning to end, with a small shop, into a local DuckDB file. Each command is shown before it runs.
set -eu
work=.demo
shop="$work/shop.duckdb"
rm -rf "$work"
mkdir -p "$work"

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
    printf '\033[36m$ %s\033[0m\n' "$*"
    "$@"
}
# Some records are bad on purpose, one plan is refused on purpose: the exit code is 1 or 2, and the demo goes on.
run_with() {
    wanted=$1
    shift
    code=0
    run "$@" || code=$?
    [ "$code" -eq "$wanted" ] || { echo "expected exit code $wanted, got $code" >&2; exit 1; }
}

title '1. A JSON Schema becomes typed Python source'
run schemagen generate schemas/shop/order.json -o "$work/order.py"
run sed -n '/^class OrderLine/,$p' "$work/order.py"

title '2. What would be made in the database'
run schemagen plan schemas/shop/customer.json schemas/shop/order.json --to "duckdb:///$shop"
run schemagen apply schemas/shop/customer.json schemas/shop/order.json --to "duckdb:///$shop" >/dev/null

title '3. Records go in; the bad ones are explained, with file, line and reason'
run_with 1 schemagen load schemas/shop/customer.json schemas/shop/customers.jsonl --to "duckdb:///$shop" --rejects "$work/bad-customers.jsonl"
run_with 1 schemagen load schemas/shop/order.json schemas/shop/orders.jsonl --to "duckdb:///$shop" --rejects "$work/bad-orders.jsonl"
run python3 schemas/show_rejects.py "$work/bad-customers.jsonl" "$work/bad-orders.jsonl"

title '4. The same load again changes nothing'
run_with 1 schemagen load schemas/shop/order.json schemas/shop/orders.jsonl --to "duckdb:///$shop" --rejects "$work/bad-orders.jsonl"

title '5. The schema changes upstream: the plan, and what it refuses'
run schemagen plan schemas/shop/next --to "duckdb:///$shop"
run_with 2 schemagen apply schemas/shop/next --to "duckdb:///$shop"
run schemagen apply schemas/shop/next --to "duckdb:///$shop" --allow 'DROP_COLUMN:order.coupon'
run schemagen plan schemas/shop/next --to "duckdb:///$shop"

title '6. The rows are there'
run python3 schemas/show_query.py "$shop"
