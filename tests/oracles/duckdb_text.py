"""What a DuckDB file says of its tables: columns sorted, constraints, comments; by DuckDB's own catalogue."""

from __future__ import annotations

from pathlib import Path

import duckdb

QUERIES = (
    "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal AND table_name NOT LIKE '\\_schemagen%' ESCAPE '\\' ORDER BY ALL",
    "SELECT table_name, column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns()"
    " WHERE NOT internal AND table_name NOT LIKE '\\_schemagen%' ESCAPE '\\' ORDER BY ALL",
    "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints()"
    " WHERE table_name NOT LIKE '\\_schemagen%' ESCAPE '\\' ORDER BY ALL",
    "SELECT type_name, labels FROM duckdb_types() WHERE NOT internal ORDER BY ALL",
)


def catalogue_text(path: Path) -> str:
    """One line a fact, sorted."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return "\n".join(str(row) for query in QUERIES for row in connection.execute(query).fetchall())
