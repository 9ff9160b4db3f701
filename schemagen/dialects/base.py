"""The protocols that a dialect fills: Dialect (pure), Driver and Session (async), and the table of dialects."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from importlib import import_module
from itertools import chain, count
from typing import Any, Protocol, cast

from schemagen.catalog.batch import SEQ, Batch, Mode, Row, WriteResult
from schemagen.catalog.objects import Catalog, Column, ServerInfo, Table
from schemagen.catalog.types import Integer, ObjectId
from schemagen.errors import SchemagenError
from schemagen.names import short_hash
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql
from schemagen.url import ConnectionParameters


class RetryableError(SchemagenError):
    """The server refused or the link broke, but the same transaction may pass when it is run again from its start."""


class Dialect(Protocol):
    """What is known about a kind of server without one. Pure."""

    name: str
    assumed_server: ServerInfo

    def traits(self, server: ServerInfo) -> Traits: ...

    def lower(self, catalog: Catalog, server: ServerInfo) -> Catalog:
        """The catalog as this server will report it: names cut, types mapped, what it cannot keep dropped.

        Law: lower(lower(c)) == lower(c). Raises SchemagenError UNSUPPORTED, ENUM_UNREPRESENTABLE, TOO_MANY_COLUMNS,
        ROW_TOO_LARGE or NAME_CLASH.
        """
        ...

    def render(self, step: Step) -> list[Sql]:
        """The statements of one step, each to be sent by itself."""
        ...

    def query(self, probe: Probe) -> Sql:
        """A query of one row and one column, the count that the probe asks for. Names are qualified."""
        ...

    def settings(self, server: ServerInfo) -> list[Sql]:
        """What a session and a script begin with, so that text means what `text` wrote."""
        ...

    def text(self, sql: Sql) -> str:
        """The statement, quoted by this dialect's rules, without a semicolon."""
        ...


class Session(Protocol):
    """One open connection."""

    server: ServerInfo

    async def execute(self, sql: Sql) -> int:
        """Runs one statement; the number of rows it touched (0 for DDL).

        Raises SchemagenError SERVER with the server's text, cut to 4 kB.
        """
        ...

    async def fetch(self, sql: Sql) -> list[tuple[Any, ...]]: ...

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Commits at the end, rolls back on an exception. Nested: a savepoint where the server has them, else refused."""
        ...

    def lock(self, scope: str) -> AbstractAsyncContextManager[None]:
        """Keeps other schemagen processes that change the same scope out. Raises SchemagenError REFUSED naming the holder after a wait."""
        ...

    async def claim(self, table: Table, row: Row) -> bool:
        """Inserts a row; False where its primary key is there already (waits for an open transaction that inserts the same key)."""
        ...

    async def amend(self, table: Table, key: Row, values: Row) -> int: ...

    async def remove(self, table: Table, key: Row) -> int: ...

    async def after_plan(self) -> None:
        """DuckDB: CHECKPOINT; asyncpg: forget cached types."""
        ...

    async def close(self) -> None: ...


class Driver(Protocol):
    """What needs a connection."""

    async def connect(self, parameters: ConnectionParameters, *, read_only: bool = False) -> Session:
        """An open session. `read_only` leaves no trace, not even a new file.

        Raises SchemagenError NO_CONNECTION, AUTH, MISSING_EXTRA; answers within 5 s.
        """
        ...

    async def inspect(self, session: Session, namespaces: tuple[str, ...] | None = None) -> Catalog:
        """The live catalog: of the named namespaces ("" is the session's own), or of all non-system ones.

        Objects of the session's own namespace carry namespace "". Own tables (`_schemagen_*`) are left out.
        """
        ...

    async def canonical(self, session: Session, catalog: Catalog) -> Catalog:
        """`catalog` (lowered) with every expression as this server gives it back. Law: k = canonical(lower(c)); inspect(apply(k)) == k."""
        ...

    async def oracle(self, session: Session, tables: tuple[Table, ...], *, copy: bool = False) -> str:
        """Text about the tables that the server prints, sorted.

        With `copy`: of throw-away tables made from these values, names mapped back.
        """
        ...

    async def ensure(self, session: Session, tables: tuple[Table, ...]) -> None:
        """Makes own tables (`_schemagen_*`, lowered here) that are missing, safely beside another process that does the same.

        Raises SchemagenError REFUSED where something else than a plain table with these columns stands under the name.
        """
        ...

    async def stage(self, session: Session, target: Table, batches: AsyncIterable[Batch]) -> int:
        """Writes batches into `target`, inside the open transaction: a lowered table, or its `staging(table)`, made on first use.

        Batch columns carry lowered names, and the types that values had before `lower` (a uuid for binary(16)...), which `bulk` converts.
        The number of rows. Columns go by name; a staging table is given the records' numbers, rows from no file are numbered as they come.
        Raises SchemagenError DUPLICATE_KEY where the table's key or another constraint refused a row.
        """
        ...

    async def merge(self, session: Session, table: Table, mode: Mode, columns: tuple[str, ...] | None = None) -> WriteResult:
        """Moves the rows of `staging(table)` into `table` by mode, by set-based statements, and empties the staging table.

        Superseded, unchanged, inserted, updated, deleted are exact. `columns`: the only ones that an upsert touches (all by default).
        In INSERT mode keys that exist, or came earlier, are rejects DUPLICATE_KEY by their number.
        """
        ...

    def read(self, session: Session, table: Table, key: Row | None = None) -> AsyncIterator[Batch]:
        """The table's rows in batches: with a key the rows that match its columns; ordered by primary key where there is one.

        Batch columns have the names and types of `table`, which is a lowered one.
        """
        ...


STAGE = "_schemagen_stage_"


def staging(table: Table) -> Table:
    """The temporary table through which rows of `table` go: its columns, all nullable and without constraints; last `number_name`."""
    columns = tuple(replace(column, nullable=True, default=None, identity=None, comment=None) for column in table.columns)
    name = f"{STAGE}{short_hash(str(table.id))}"
    return Table(ObjectId("table", "", name), (*columns, Column(number_name(table), Integer(64), nullable=False)))


def is_staging(target: Table) -> bool:
    """Whether a table is one that `staging` gave, whatever its columns are called."""
    return not target.id.namespace and target.id.name.startswith(STAGE)


def number_name(table: Table) -> str:
    """What a record's number is called where rows of `table` are staged: `_seq`, else `_seq_2` and so on, so that no column has the name.

    Letter case does not count: not every server tells it apart.
    """
    taken = {column.name.casefold() for column in table.columns}
    return next(name for name in chain((SEQ,), (f"{SEQ}_{number}" for number in count(2))) if name not in taken)


DIALECTS: tuple[str, ...] = ("ansi", "postgresql", "mysql", "duckdb", "sqlite")
# Those with a Driver.
LIVE_DIALECTS: tuple[str, ...] = ("postgresql", "duckdb")


def dialect_named(name: str) -> Dialect:
    """The Dialect of that name. Raises SchemagenError USAGE. Each dialect package has `DIALECT` in `dialect.py`."""
    if name not in DIALECTS:
        raise SchemagenError("USAGE", name, f"is no dialect; known: {', '.join(DIALECTS)}")
    return cast(Dialect, import_module(f"schemagen.dialects.{name}.dialect").DIALECT)


def driver_named(name: str) -> Driver:
    """The Driver of that name: `DRIVER` in `driver.py` of its package. Raises SchemagenError UNSUPPORTED where there is none."""
    if name not in LIVE_DIALECTS:
        raise SchemagenError(
            "UNSUPPORTED", name, "live databases of this kind are not supported yet; `schemagen ddl` writes a script for it"
        )
    return cast(Driver, import_module(f"schemagen.dialects.{name}.driver").DRIVER)
