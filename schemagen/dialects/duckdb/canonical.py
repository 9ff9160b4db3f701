"""Defaults and checks as DuckDB gives them back, asked of an empty database of the same library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from schemagen.catalog.expressions import Expr, Native, columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Table
from schemagen.catalog.types import ObjectId
from schemagen.dialects.common import map_tables
from schemagen.dialects.duckdb.ddl import create_table
from schemagen.dialects.duckdb.inspect import enums_of, tables_of
from schemagen.dialects.duckdb.lower import inline_enum, unify_enums
from schemagen.dialects.duckdb.session import DuckdbSession, execute, first_line, memory
from schemagen.errors import SchemagenError, printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


async def canonical(session: DuckdbSession, catalog: Catalog) -> Catalog:
    """Raises SchemagenError UNSUPPORTED naming the table for an expression that DuckDB refuses."""
    return await session.run(lambda connection: _canonical(connection, catalog))


def _canonical(connection: DuckDBPyConnection, catalog: Catalog) -> Catalog:
    live = enums_of(connection)
    catalog = unify_enums(catalog, live)
    labels = {item.id: item.values for item in (*live, *catalog.enums)}
    drafts = {table.id: _draft(table, labels) for table in catalog.tables if _has_expressions(table)}
    if not drafts:
        return catalog
    places = {draft: id for id, draft in reversed(drafts.items())}
    names = {draft: f"t{number}" for number, draft in enumerate(places)}
    asked = memory()
    try:
        for draft, id in places.items():
            _ask(asked, replace(draft, id=ObjectId("table", "", names[draft])), str(id))
        answers = {table.id.name: table for table in tables_of(asked).tables}
    finally:
        asked.close()
    known = {id: answers[names[draft]] for id, draft in drafts.items() if names[draft] in answers}
    return map_tables(catalog, lambda table: _answered(table, known[table.id]) if table.id in known else table)


def _has_expressions(table: Table) -> bool:
    return any(isinstance(item, Check) for item in table.constraints) or any(column.default is not None for column in table.columns)


def _draft(table: Table, labels: Mapping[ObjectId, tuple[str, ...]]) -> Table:
    """The defaults and checks of a table, over the columns that they need, and nothing else. Equal for tables that ask the same."""
    checks = tuple(item for item in table.constraints if isinstance(item, Check))
    named = {name for item in checks for name in columns_of(item.expr)}
    every = any(not columns_of(item.expr) for item in checks)
    columns = tuple(
        Column(item.name, inline_enum(item.type, labels), default=item.default)
        for item in table.columns
        if every or item.default is not None or item.name in named
    )
    return Table(ObjectId("table", "", ""), columns, checks)


def _ask(connection: DuckDBPyConnection, draft: Table, place: str) -> None:
    """Makes the draft; not where all its expressions are a database's own text, which may name what only that database has."""
    import duckdb

    try:
        for sql in create_table(draft):
            execute(connection, sql)
    except duckdb.Error as error:
        expressions = [item.expr for item in draft.constraints if isinstance(item, Check)]
        expressions += [column.default for column in draft.columns if column.default is not None]
        if not all(isinstance(item, Native) for item in expressions):
            message = f"DuckDB refuses an expression or type of the table: {printable(first_line(error))}"
            raise SchemagenError("UNSUPPORTED", place, message) from error


def _answered(table: Table, answer: Table) -> Table:
    defaults: dict[str, Expr | None] = {column.name: column.default for column in answer.columns}
    checks = iter([item for item in answer.constraints if isinstance(item, Check)])
    return replace(
        table,
        columns=tuple(replace(column, default=defaults.get(column.name)) for column in table.columns),
        constraints=tuple(next(checks) if isinstance(item, Check) else item for item in table.constraints),
    )
