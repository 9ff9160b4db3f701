"""PostgreSQL with a server: the async half of the dialect, put together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import replace

from schemagen.catalog.batch import Batch, Mode, Row, WriteResult
from schemagen.catalog.objects import Catalog, Table
from schemagen.dialects.base import Driver, Session
from schemagen.dialects.postgresql import bulk, canonical, inspect, oracle, session
from schemagen.dialects.postgresql.ddl import create_table
from schemagen.dialects.postgresql.lower import lower
from schemagen.dialects.postgresql.session import postgresql as as_postgresql
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, lit
from schemagen.url import ConnectionParameters

# Advisory lock under which own tables are made: eight letters of schemagen.
_OWN_TABLES_LOCK = int.from_bytes(b"schemagn")


class PostgresqlDriver:
    """Delegates to the modules beside it."""

    async def connect(self, parameters: ConnectionParameters, *, read_only: bool = False) -> Session:
        return await session.connect(parameters, read_only=read_only)

    async def inspect(self, session: Session, namespaces: tuple[str, ...] | None = None) -> Catalog:
        return await inspect.inspect(session, namespaces)

    async def canonical(self, session: Session, catalog: Catalog) -> Catalog:
        return await canonical.canonical(session, catalog)

    async def oracle(self, session: Session, tables: tuple[Table, ...], *, copy: bool = False) -> str:
        return await oracle.oracle(session, tables, copy=copy)

    async def ensure(self, session: Session, tables: tuple[Table, ...]) -> None:
        await _ensure(session, tables)

    async def stage(self, session: Session, target: Table, batches: AsyncIterable[Batch]) -> int:
        return await bulk.stage(session, target, batches)

    async def merge(self, session: Session, table: Table, mode: Mode, columns: tuple[str, ...] | None = None) -> WriteResult:
        return await bulk.merge(session, table, mode, columns)

    def read(self, session: Session, table: Table, key: Row | None = None) -> AsyncGenerator[Batch, None]:
        return bulk.read(session, table, key)


async def _ensure(session: Session, tables: tuple[Table, ...]) -> None:
    """Makes own tables that are missing, one process at a time. Raises SchemagenError REFUSED where something else has the name."""
    server = as_postgresql(session)
    catalog = Catalog()
    for table in tables:
        space = catalog.namespace(table.id.namespace)
        catalog = catalog.with_namespace(replace(space, tables=(*space.tables, table)))
    async with server.transaction():
        await server.fetch(Sql("SELECT pg_catalog.pg_advisory_xact_lock({})", lit(_OWN_TABLES_LOCK)))
        there = await inspect.inspect(session, tuple(space.name for space in catalog.namespaces), own_tables=True)
        taken = {(item.id.namespace, item.id.name) for item in there.opaque}
        for table in lower(catalog, server.server).tables:
            found = there.table(table.id)
            if found is None and (table.id.namespace, table.id.name) not in taken:
                for sql in create_table(table):
                    await server.execute(sql)
            elif found is None or found.unmodelled or _shape(found) != _shape(table):
                raise SchemagenError("REFUSED", str(table.id), "is not the table that schemagen makes under this name; rename or drop it")


def _shape(table: Table) -> tuple[object, ...]:
    return table.key, sorted((column.name, repr(column.type), column.nullable) for column in table.columns)


DRIVER: Driver = PostgresqlDriver()
