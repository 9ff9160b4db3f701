"""Many rows into DuckDB and out of it: staged, merged by mode, read in batches."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from functools import partial
from typing import TYPE_CHECKING

from schemagen.catalog.batch import Batch, Mode, Row, WriteResult, joined, numbered
from schemagen.catalog.objects import Table
from schemagen.dialects.base import is_staging
from schemagen.dialects.common import table_ident
from schemagen.dialects.duckdb import merge as merging
from schemagen.dialects.duckdb.ddl import column_sql, create_table
from schemagen.dialects.duckdb.inspect import tables_of
from schemagen.dialects.duckdb.lower import SESSION_SCHEMA
from schemagen.dialects.duckdb.rows import INPUT, insert, matches, one_row, read_column, read_sql, registered
from schemagen.dialects.duckdb.session import DATABASE, DuckdbSession, execute, fetch, first_line, reader
from schemagen.errors import SchemagenError, printable
from schemagen.sql import Sql, ident, join, lit

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

READ_ROWS = 8192
STATEMENT_ROWS = 12_000


async def ensure(session: DuckdbSession, tables: tuple[Table, ...]) -> None:
    """Makes own tables that are missing. Raises SchemagenError REFUSED where something else stands under the name."""
    await session.run(lambda connection: _ensure(connection, tables))


def _ensure(connection: DuckDBPyConnection, tables: tuple[Table, ...]) -> None:
    live = tables_of(connection)
    for table in tables:
        found = live.table(table.id)
        if found is None and not _is_view(connection, table):
            for sql in create_table(table):
                execute(connection, sql)
        elif found is None or found.unmodelled or _facts(found) != _facts(table):
            raise SchemagenError("REFUSED", str(table.id), "is not the table that schemagen makes under this name; rename or drop it")


def _is_view(connection: DuckDBPyConnection, table: Table) -> bool:
    query = Sql(
        "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() AND schema_name = {} AND view_name = {}",
        lit(table.id.namespace or SESSION_SCHEMA),
        lit(table.id.name),
    )
    return bool(fetch(connection, query))


def _facts(table: Table) -> tuple[object, ...]:
    return table.key, sorted((column.name, repr(column.type), column.nullable) for column in table.columns)


async def stage(session: DuckdbSession, target: Table, batches: AsyncIterable[Batch]) -> int:
    staged = 0
    temporary = is_staging(target)
    if temporary:
        await session.execute(_create_staging(target))
    async for batch in _larger(batches):
        rows = numbered(batch, target.columns[-1].name, staged) if temporary else batch
        staged += await session.run(partial(_insert, target=target, batch=rows))
    return staged


async def _larger(batches: AsyncIterable[Batch]) -> AsyncIterator[Batch]:
    """The batches, small ones put together: a statement costs as much as the rows of a block, and there is one per batch."""
    held: list[Batch] = []
    async for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= STATEMENT_ROWS:
            yield joined(held)
            held = []
    if held:
        yield joined(held)


def _create_staging(target: Table) -> Sql:
    columns = join(", ", [column_sql(column, target.id) for column in target.columns])
    return Sql("CREATE TEMPORARY TABLE IF NOT EXISTS {} ({})", table_ident(target.id), columns)


def _insert(connection: DuckDBPyConnection, *, target: Table, batch: Batch) -> int:
    import duckdb

    try:
        return insert(connection, Sql("{}", table_ident(target.id)), target.columns, batch)
    except duckdb.ConstraintException as error:
        raise SchemagenError("DUPLICATE_KEY", str(target.id), printable(first_line(error))) from error


async def merge(session: DuckdbSession, table: Table, mode: Mode, columns: tuple[str, ...] | None = None) -> WriteResult:
    return await session.run(lambda connection: merging.merge(connection, table, mode, columns))


async def read(session: DuckdbSession, table: Table, key: Row | None = None) -> AsyncGenerator[Batch, None]:
    """Inside a transaction the rows are taken at once, so that other statements may follow; else they flow on a connection of their own."""
    if session.in_transaction:
        found = await session.run(lambda connection: _table(connection, table, key))
        for part in found.to_batches(READ_ROWS):
            yield _batch(table, part)
        return
    flow = await session.run(lambda connection: _Flow(connection.cursor(), table, key))
    session.begin_read(flow.end)
    try:
        while (part := await session.run(lambda _: flow.following())) is not None:
            yield _batch(table, part)
    finally:
        await session.end_read(flow.end)


def _table(connection: DuckDBPyConnection, table: Table, key: Row | None) -> pa.Table:
    if key is None:
        return reader(connection, _query(table, None)).to_arrow_table()
    with registered(connection, one_row(table, key, "k ")):
        return reader(connection, _query(table, key)).to_arrow_table()


class _Flow:
    """The rows of a table, flowing on a connection of their own."""

    def __init__(self, cursor: DuckDBPyConnection, table: Table, key: Row | None) -> None:
        import pyarrow as pa

        self._cursor = cursor
        execute(cursor, Sql("USE {}", ident(DATABASE)))
        if key is not None:
            found = _table(cursor, table, key)
            self._source = pa.RecordBatchReader.from_batches(found.schema, found.to_batches(READ_ROWS))
        else:
            self._source = reader(cursor, _query(table, None)).to_arrow_reader(READ_ROWS)

    def following(self) -> pa.RecordBatch | None:
        return next(self._source, None)

    def end(self) -> None:
        self._source.close()
        self._cursor.close()


def _query(table: Table, key: Row | None) -> Sql:
    name = table_ident(table.id)
    columns = join(", ", [read_sql(column) for column in table.columns])
    # A column of its name hides where a row is stored; rows come as they are stored then, too.
    stored = () if any(column.name.casefold() == "rowid" for column in table.columns) else ("rowid",)
    by = [ident(table.id.namespace, table.id.name, column) for column in table.key or stored]
    order = Sql(" ORDER BY {}", join(", ", by)) if by else Sql("")
    if key is None:
        return Sql("SELECT {} FROM {}{}", columns, name, order)
    return Sql("SELECT {} FROM {}, {} WHERE {}{}", columns, name, ident(INPUT), matches(table, key), order)


def _batch(table: Table, part: pa.RecordBatch) -> Batch:
    return Batch(tuple(read_column(column, part.column(place)) for place, column in enumerate(table.columns)))
