"""The staged rows of one merge, and the expressions that its statements are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from schemagen.catalog.batch import RowReject
from schemagen.catalog.objects import ForeignKey, PrimaryKey, Table, Unique
from schemagen.catalog.types import ArrayType
from schemagen.dialects.base import number_name, staging
from schemagen.dialects.common import table_ident
from schemagen.dialects.duckdb.lower import SESSION_SCHEMA
from schemagen.dialects.duckdb.session import execute, fetch
from schemagen.errors import Kind
from schemagen.sql import Ident, Sql, ident, join, lit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Aliases of the table and of the staged rows in every statement.
T, S = "t", "s"


@dataclass(frozen=True)
class Staged:
    """One merge: the table, its staged rows, and the columns that it writes beside the key."""

    connection: DuckDBPyConnection
    table: Table
    columns: tuple[str, ...]
    rejects: list[RowReject] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        return self.table.key

    @property
    def target(self) -> Ident:
        return table_ident(self.table.id)

    @cached_property
    def stage(self) -> Ident:
        return table_ident(staging(self.table).id)

    @cached_property
    def seq(self) -> str:
        """The column of a staged record's number."""
        return number_name(self.table)

    @property
    def written(self) -> tuple[str, ...]:
        """Columns that an insert fills: in the table's order."""
        return tuple(column.name for column in self.table.columns if column.name in {*self.key, *self.columns})

    @property
    def values(self) -> tuple[str, ...]:
        """Columns that an update sets."""
        return tuple(name for name in self.written if name not in self.key)

    @cached_property
    def uniques(self) -> tuple[tuple[str, ...], ...]:
        """Columns of unique constraints and indexes beside the key, of those that are written."""
        found = [item.columns for item in self.table.constraints if isinstance(item, Unique)]
        found += [index.columns for index in self.table.indexes if index.unique]
        return tuple(dict.fromkeys(columns for columns in found if set(columns) <= set(self.written) and columns != self.key))

    @cached_property
    def inbound(self) -> tuple[tuple[Ident, tuple[str, ...], tuple[str, ...]], ...]:
        """Foreign keys that lead to the table: the other table, its columns, ours."""
        query = Sql(
            "SELECT table_name, constraint_column_names, referenced_column_names FROM duckdb_constraints()"
            " WHERE database_name = current_database() AND constraint_type = 'FOREIGN KEY' AND schema_name = {} AND referenced_table = {}",
            lit(self.table.id.namespace or SESSION_SCHEMA),
            lit(self.table.id.name),
        )
        rows = fetch(self.connection, query)
        return tuple((ident(self.table.id.namespace, name), tuple(mine), tuple(theirs)) for name, mine, theirs in rows)

    @cached_property
    def touchy(self) -> frozenset[str]:
        """Columns whose update is a delete and an insert, refused where another row refers to this one: lists, and what has an index."""
        indexed = {name for item in self.table.constraints if isinstance(item, PrimaryKey | Unique | ForeignKey) for name in item.columns}
        indexed |= {name for index in self.table.indexes for name in index.columns}
        return frozenset(indexed | {column.name for column in self.table.columns if isinstance(column.type, ArrayType)})

    def run(self, sql: Sql) -> int:
        return execute(self.connection, sql)

    def count(self, sql: Sql) -> int:
        return int(fetch(self.connection, sql)[0][0])

    def reject(self, code: Kind, message: str, condition: Sql) -> int:
        """Takes the staged rows (alias `s`) that meet the condition out, as rejects; how many."""
        found = fetch(self.connection, Sql("SELECT {} FROM {} AS {} WHERE {}", s(self.seq), self.stage, ident(S), condition))
        if found:
            self.run(Sql("DELETE FROM {} AS {} WHERE {}", self.stage, ident(S), condition))
            self.rejects.extend(RowReject(seq, code, message) for (seq,) in found)
        return len(found)


def s(name: str) -> Ident:
    return ident(S, name)


def t(name: str) -> Ident:
    return ident(T, name)


def equal(pairs: list[tuple[Ident, Ident]]) -> Sql:
    return join(" AND ", [Sql("{} = {}", one, other) for one, other in pairs])


def same_key(columns: tuple[str, ...]) -> Sql:
    return equal([(t(name), s(name)) for name in columns])


def in_table(work: Staged) -> Sql:
    """The staged row's key is in the table."""
    return Sql("EXISTS (SELECT 1 FROM {} AS {} WHERE {})", work.target, ident(T), same_key(work.key))


def differs(columns: tuple[str, ...]) -> Sql:
    """Some of the columns are others in the table than staged; false for no columns."""
    parts = [Sql("{} IS DISTINCT FROM {}", t(name), s(name)) for name in columns]
    return Sql("({})", join(" OR ", parts)) if parts else Sql("false")
