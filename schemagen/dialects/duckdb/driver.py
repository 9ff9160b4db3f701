"""The DuckDB driver: what needs a connection, each from its own module."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

from schemagen.catalog.batch import Batch, Mode, Row, WriteResult
from schemagen.catalog.objects import Catalog, Table
from schemagen.dialects.base import Session
from schemagen.dialects.duckdb import bulk, session
from schemagen.dialects.duckdb.canonical import canonical
from schemagen.dialects.duckdb.inspect import inspect
from schemagen.dialects.duckdb.oracle import oracle
from schemagen.dialects.duckdb.session import DuckdbSession
from schemagen.url import ConnectionParameters


class DuckdbDriver:
    """Sessions that come in are those that `connect` gave."""

    async def connect(self, parameters: ConnectionParameters, *, read_only: bool = False) -> DuckdbSession:
        return await session.connect(parameters, read_only=read_only)

    async def inspect(self, session: Session, namespaces: tuple[str, ...] | None = None) -> Catalog:
        return await inspect(_own(session), namespaces)

    async def canonical(self, session: Session, catalog: Catalog) -> Catalog:
        return await canonical(_own(session), catalog)

    async def oracle(self, session: Session, tables: tuple[Table, ...], *, copy: bool = False) -> str:
        return await oracle(_own(session), tables, copy=copy)

    async def ensure(self, session: Session, tables: tuple[Table, ...]) -> None:
        await bulk.ensure(_own(session), tables)

    async def stage(self, session: Session, target: Table, batches: AsyncIterable[Batch]) -> int:
        return await bulk.stage(_own(session), target, batches)

    async def merge(self, session: Session, table: Table, mode: Mode, columns: tuple[str, ...] | None = None) -> WriteResult:
        return await bulk.merge(_own(session), table, mode, columns)

    def read(self, session: Session, table: Table, key: Row | None = None) -> AsyncGenerator[Batch, None]:
        return bulk.read(_own(session), table, key)


def _own(session: Session) -> DuckdbSession:
    if not isinstance(session, DuckdbSession):
        raise TypeError(f"a session of another driver: {type(session).__name__}")
    return session


DRIVER = DuckdbDriver()
