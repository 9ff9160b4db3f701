"""Rows on their way into and out of DuckDB: Arrow columns handed over without a copy, converted by casts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from schemagen.catalog.batch import Batch, BatchColumn, Row, arrow_type
from schemagen.catalog.objects import Column, Table
from schemagen.catalog.types import (
    ArrayType,
    EnumRef,
    InlineEnum,
    Integer,
    Interval,
    Json,
    Opaque,
    SqlType,
    StructRef,
    Text,
    Time,
    Uuid,
)
from schemagen.dialects.common import table_ident
from schemagen.dialects.duckdb.quote import quote_ident, quote_literal
from schemagen.dialects.duckdb.types import type_sql
from schemagen.sql import Sql, ident, join

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

INPUT = "_schemagen_input"


@contextmanager
def registered(connection: DuckDBPyConnection, batch: Batch) -> Iterator[None]:
    """The batch as the view INPUT."""
    import duckdb
    import pyarrow as pa

    connection.register(INPUT, pa.Table.from_arrays([_given(column) for column in batch.columns], names=list(batch.names)))
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # In a transaction that failed the view goes with it.
            connection.unregister(INPUT)


def _given(column: BatchColumn) -> pa.Array:
    import pyarrow as pa

    if isinstance(column.type, Time) and column.type.zoned and column.given is not None:
        return pa.array([None if value is None else value.isoformat() for value in column.given], type=pa.string())
    return _with_uuids(column.type, column.array)


def _with_uuids(kind: SqlType, array: pa.Array) -> pa.Array:
    """The array with 16 bytes of a uuid marked as such, which DuckDB then takes as they are."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    match kind:
        case Uuid():
            return pa.ExtensionArray.from_storage(pa.uuid(), array)
        case ArrayType(item) if _has_uuid(item):
            return _with_items(array, _with_uuids(item, array.flatten()))
        case _:
            return array


def _with_items(array: pa.ListArray, items: pa.Array) -> pa.ListArray:
    """The lists with other items, given in the order of `flatten`."""
    import pyarrow as pa

    offsets = accumulate(array.value_lengths().fill_null(0).to_pylist(), initial=0)
    return pa.ListArray.from_arrays(pa.array(offsets, type=pa.int32()), items, mask=array.is_null())


def _has_uuid(kind: SqlType) -> bool:
    return isinstance(kind, Uuid) or (isinstance(kind, ArrayType) and _has_uuid(kind.item))


def value_sql(name: str, target: SqlType, source: str = INPUT) -> Sql:
    """A column of a registered batch as a value of the column's type."""
    return Sql("CAST({} AS {})", ident(source, name), type_sql(target))


def insert(connection: DuckDBPyConnection, target: Sql, columns: Sequence[Column], batch: Batch, tail: str = "") -> int:
    """Inserts the batch's columns, by name. The number of rows."""
    types = {column.name: column.type for column in columns}
    with registered(connection, batch):
        values = join(", ", [value_sql(name, types[name]) for name in batch.names])
        into = join(", ", [ident(name) for name in batch.names])
        return _run(connection, Sql("INSERT INTO {} ({}) SELECT {} FROM {}" + tail, target, into, values, ident(INPUT)))


def _run(connection: DuckDBPyConnection, sql: Sql) -> int:
    found = connection.execute(sql.fill(quote_ident, quote_literal)).fetchall()
    return int(found[0][0])


# Single rows, as the ledger has them.


def one_row(table: Table, row: Row, prefix: str = "") -> Batch:
    columns = tuple(BatchColumn(prefix + name, table.column(name).type, [value]) for name, value in row.items())
    return Batch(columns)


def insert_new(connection: DuckDBPyConnection, table: Table, row: Row) -> int:
    """Inserts the row unless its key is there; 1 or 0."""
    return insert(connection, Sql("{}", table_ident(table.id)), table.columns, one_row(table, row), " ON CONFLICT DO NOTHING")


def update(connection: DuckDBPyConnection, table: Table, key: Row, values: Row) -> int:
    """Sets `values` in the rows that match `key`; how many."""
    batch = Batch(one_row(table, key, "k ").columns + one_row(table, values, "v ").columns)
    with registered(connection, batch):
        sets = join(", ", [Sql("{} = {}", ident(name), value_sql(f"v {name}", table.column(name).type)) for name in values])
        return _run(connection, Sql("UPDATE {} SET {} FROM {} WHERE {}", table_ident(table.id), sets, ident(INPUT), matches(table, key)))


def delete(connection: DuckDBPyConnection, table: Table, key: Row) -> int:
    """Deletes the rows that match `key`; how many."""
    with registered(connection, one_row(table, key, "k ")):
        return _run(connection, Sql("DELETE FROM {} USING {} WHERE {}", table_ident(table.id), ident(INPUT), matches(table, key)))


def matches(table: Table, key: Row) -> Sql:
    """The rows of the table whose columns equal those of the registered row, which bear the prefix `k `."""
    target = table.id
    equal = [
        Sql("{} IS NOT DISTINCT FROM {}", ident(target.namespace, target.name, name), value_sql(f"k {name}", table.column(name).type))
        for name in key
    ]
    return join(" AND ", equal)


# Reading.


def read_sql(column: Column) -> Sql:
    """The column in the form whose Arrow array `read_column` takes."""
    name = Sql("{}", ident(column.name))
    match column.type:
        case Interval():
            return Sql("epoch_us({})", name)
        case kind if (text := _text_of(kind)) is not None:
            return Sql("CAST({} AS {})", name, type_sql(text))
        case _:
            return name


def _text_of(kind: SqlType) -> SqlType | None:
    """The type of text by which a column of this type is read; None: as it is."""
    match kind:
        case Json() | EnumRef() | InlineEnum() | Opaque() | StructRef():
            return Text()
        case Integer(bits) if bits > 64:
            return Text()
        case Time(_, zoned) if zoned:
            return Text()
        case ArrayType(item):
            inner = _text_of(item)
            return ArrayType(inner) if inner is not None else None
        case _:
            return None


def read_column(column: Column, array: pa.Array) -> BatchColumn:
    """The column of a batch from what a query with `read_sql` gave."""
    from datetime import time

    if isinstance(column.type, Time) and column.type.zoned:
        values = [None if text is None else time.fromisoformat(text) for text in array.to_pylist()]
        return BatchColumn(column.name, column.type, values)
    return BatchColumn(column.name, column.type, given_array=_without_marks(array).cast(arrow_type(column.type)))


def _without_marks(array: pa.Array) -> pa.Array:
    """The array with extension types taken off, also inside lists."""
    import pyarrow as pa

    if isinstance(array.type, pa.BaseExtensionType):
        return array.storage
    if pa.types.is_list(array.type) and _is_marked(array.type.value_type):
        return _with_items(array, _without_marks(array.flatten()))
    return array


def _is_marked(kind: Any) -> bool:
    import pyarrow as pa

    return isinstance(kind, pa.BaseExtensionType) or (pa.types.is_list(kind) and _is_marked(kind.value_type))
