"""DuckDB's own text about tables, for a verdict that shares no code with inspect and diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from schemagen.catalog.objects import Column, ForeignKey, Table, Unique
from schemagen.catalog.types import ObjectId
from schemagen.dialects.duckdb.ddl import create_table
from schemagen.dialects.duckdb.lower import SESSION_SCHEMA, inline_enum
from schemagen.dialects.duckdb.session import DuckdbSession, execute, fetch, memory
from schemagen.sql import Sql, ident

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# One line for each fact; columns and constraints without their place among the others.
_TEXT = Sql("""
SELECT schema_name,
       table_name,
       'table ' || coalesce('comment ' || comment, '')
FROM duckdb_tables()
WHERE database_name = current_database()
UNION ALL
SELECT schema_name,
       table_name,
       'column ' || column_name || ' ' || data_type || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END
           || coalesce(' DEFAULT ' || nullif(column_default, 'NULL'), '') || coalesce(' comment ' || comment, '')
FROM duckdb_columns()
WHERE database_name = current_database()
UNION ALL
SELECT schema_name,
       table_name,
       'constraint ' || constraint_text || ' of ' || array_to_string(constraint_column_names, ', ')
FROM duckdb_constraints()
WHERE database_name = current_database()
UNION ALL
SELECT schema_name,
       table_name,
       'index ' || sql
FROM duckdb_indexes()
WHERE database_name = current_database()
ORDER BY ALL
""")
_LABELS = Sql("SELECT schema_name, type_name, labels FROM duckdb_types() WHERE database_name = current_database() AND labels IS NOT NULL")


async def oracle(session: DuckdbSession, tables: tuple[Table, ...], *, copy: bool = False) -> str:
    """Lines `schema.table: fact`, sorted."""
    return await session.run(lambda connection: _of_copies(connection, tables) if copy else _text(connection, tables))


def _text(connection: DuckDBPyConnection, tables: tuple[Table, ...]) -> str:
    wanted = {(table.id.namespace or SESSION_SCHEMA, table.id.name) for table in tables}
    return "\n".join(f"{schema}.{name}: {fact}" for schema, name, fact in fetch(connection, _TEXT) if (schema, name) in wanted)


def _of_copies(connection: DuckDBPyConnection, tables: tuple[Table, ...]) -> str:
    """The text of the tables as an empty database in memory has them."""
    labels = {
        ObjectId("enum", "" if schema == SESSION_SCHEMA else schema, name): tuple(values)
        for schema, name, values in fetch(connection, _LABELS)
    }
    copies = memory()
    try:
        for namespace in sorted({table.id.namespace for table in tables} - {""}):
            execute(copies, Sql("CREATE SCHEMA {}", ident(namespace)))
        for table in _parents_first(tables):
            for sql in create_table(_copy(table, labels)):
                execute(copies, sql)
        return _text(copies, tables)
    finally:
        copies.close()


def _copy(table: Table, labels: Mapping[ObjectId, tuple[str, ...]]) -> Table:
    columns = tuple(replace(column, type=inline_enum(column.type, labels)) for column in table.columns)
    return replace(table, columns=columns, seed=None)


def _parents_first(tables: tuple[Table, ...]) -> Iterator[Table]:
    """The tables in an order in which their foreign keys can be made; a parent that is not among them is made up of its key."""
    known = {table.id for table in tables}
    made: set[ObjectId] = set()
    for id, keys in _strangers(tables, known).items():
        made.add(id)
        yield _stub(id, keys)
    waiting = sorted(tables, key=lambda table: (table.id.namespace, table.id.name))
    while waiting:
        ready = [table for table in waiting if all(key.target in made or key.target == table.id for key in table.foreign_keys)]
        yield from ready
        made |= {table.id for table in ready}
        waiting = [table for table in waiting if table not in ready]


def _strangers(tables: tuple[Table, ...], known: set[ObjectId]) -> dict[ObjectId, list[tuple[Table, ForeignKey]]]:
    found: dict[ObjectId, list[tuple[Table, ForeignKey]]] = {}
    for table in tables:
        for key in table.foreign_keys:
            if key.target not in known:
                found.setdefault(key.target, []).append((table, key))
    return found


def _stub(id: ObjectId, keys: list[tuple[Table, ForeignKey]]) -> Table:
    columns = {
        theirs: Column(theirs, table.column(mine).type)
        for table, key in keys
        for mine, theirs in zip(key.columns, key.target_columns, strict=True)
    }
    uniques = dict.fromkeys(Unique(key.target_columns) for _, key in keys)
    return Table(id, tuple(columns.values()), tuple(uniques))
