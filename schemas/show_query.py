"""Prints what customers have ordered, from the DuckDB file named."""

import sys

import duckdb

QUERY = """
SELECT customer.name, count(*) AS orders, sum("order".total) AS total, max("order".state) AS last_state
FROM "order" JOIN customer ON customer.id = "order".customer_id
GROUP BY customer.name ORDER BY total DESC
"""
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(connection.sql(QUERY))
