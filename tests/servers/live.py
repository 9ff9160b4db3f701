"""Live servers by one name: what a law or a server's test needs of each, so that it is one file for all. A new dialect adds an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import Expr, Literal, Native
from schemagen.catalog.objects import Action, Catalog, EnumType, Namespace, StructType, Table
from schemagen.dialects.base import Dialect, Driver, Session, dialect_named, driver_named
from schemagen.dialects.duckdb.types import parse_type
from schemagen.dialects.postgresql.types import type_from_text
from schemagen.plan.changes import Change, CreateEnum, CreateNamespace, CreateStruct, CreateTable
from schemagen.plan.plan import Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql, ident
from schemagen.url import ConnectionParameters, parse_url
from tests.oracles.duckdb_text import catalogue_text
from tests.servers.postgresql import PostgresqlServer


@dataclass(frozen=True)
class Live:
    """One kind of server, and a database of it that the test may empty.

    `dump`: the server's own text of that database. `parse`: a native type. `own_defaults`: what else than a constant of the usual kind a
    column of a type may have as its default. `no_keys`: types that no key or index takes. `on_delete`: what a foreign key may state.
    `system`: names that a namespace may not have. `stores_circles`: rows may refer to one another in a circle.
    """

    name: str
    url: str
    dump: Callable[[], str]
    parse: Callable[[str], sql.SqlType] = field(default=lambda text: sql.Opaque(text))
    own_defaults: Callable[[sql.SqlType], tuple[Expr, ...]] = field(default=lambda kind: ())
    opaque: tuple[sql.Opaque, ...] = ()
    no_keys: tuple[type[sql.SqlType], ...] = ()
    on_delete: Action = "NO ACTION"
    system: frozenset[str] = frozenset()
    stores_circles: bool = True

    @cached_property
    def dialect(self) -> Dialect:
        return dialect_named(self.name)

    @cached_property
    def driver(self) -> Driver:
        return driver_named(self.name)

    @cached_property
    def traits(self) -> Traits:
        return self.dialect.traits(self.dialect.assumed_server)

    async def connect(self, *, read_only: bool = False) -> Session:
        return await self.driver.connect(parse_url(self.url)[1], read_only=read_only)

    async def cleared(self, *, kept: bool = False) -> Session:
        """A session with nothing in its database; `kept`: in the one that `connect` and `dump` see."""
        return await EMPTIED[self.name](self, kept)

    def lowered(self, *tables: Table, enums: tuple[EnumType, ...] = (), structs: tuple[StructType, ...] = ()) -> Catalog:
        """The catalog of tables of the session's own namespace, as this kind of server keeps it."""
        return self.dialect.lower(Catalog((Namespace("", tables, enums, structs),)), self.dialect.assumed_server)

    async def made(
        self, *tables: Table, enums: tuple[EnumType, ...] = (), structs: tuple[StructType, ...] = ()
    ) -> tuple[Session, tuple[Table, ...]]:
        """A session of a database that holds just these tables, and the tables as they stand there, in this order."""
        session = await self.cleared()
        wanted = await self.driver.canonical(session, self.lowered(*tables, enums=enums, structs=structs))
        await self.apply(session, wanted)
        return session, wanted.tables

    async def apply(self, session: Session, catalog: Catalog) -> None:
        """Makes the catalog's objects in one transaction."""
        changes: list[Change] = [CreateNamespace(space.name) for space in catalog.namespaces if space.name]
        changes += [CreateEnum(item) for item in catalog.enums]
        changes += [CreateStruct(item) for item in catalog.structs]
        changes += [CreateTable(table) for table in sorted(catalog.tables, key=lambda table: len(table.foreign_keys))]
        async with session.transaction():
            await run(session, (sql for change in changes for sql in self.dialect.render(Step(change))))


async def run(session: Session, statements: Iterable[Sql]) -> None:
    for statement in statements:
        await session.execute(statement)


async def _empty_postgresql(live: Live, kept: bool) -> Session:
    session = await live.connect()
    for (name,) in await session.fetch(Sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'")):
        await session.execute(Sql("DROP SCHEMA {} CASCADE", ident(name)))
    await session.execute(Sql("CREATE SCHEMA public"))
    return session


async def _empty_duckdb(live: Live, kept: bool) -> Session:
    if not kept:
        return await live.driver.connect(ConnectionParameters())
    path = Path(parse_url(live.url)[1].database or "")
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    return await live.connect()


EMPTIED = {"postgresql": _empty_postgresql, "duckdb": _empty_duckdb}


def _postgresql(request: pytest.FixtureRequest) -> Live:
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    database: str = request.getfixturevalue("postgresql_database")
    return Live(
        "postgresql",
        server.url(database),
        lambda: server.dump(database),
        parse=type_from_text,
        own_defaults=_own_defaults_of_postgresql,
        opaque=(sql.Opaque("point"), sql.Opaque("varchar")),
        no_keys=(sql.ArrayType, sql.Json, sql.StructRef, sql.Opaque),
        on_delete="CASCADE",
        system=frozenset({"public", "information_schema"}),
    )


def _own_defaults_of_postgresql(kind: sql.SqlType) -> tuple[Expr, ...]:
    match kind:
        case sql.Text(int()):
            return (Native("upper('b')"),)
        case sql.Timestamp():
            return (Native("now()"), Native("CURRENT_TIMESTAMP"), Literal("2024-02-29T01:02:03Z"))
        case sql.Date():
            return (Native("current_date"), Native("'2024-01-01'::date + 1"))
        case sql.ArrayType(sql.Text(None) | sql.Integer()):
            return (Literal("{}"),)
        case _:
            return ()


def _duckdb(request: pytest.FixtureRequest) -> Live:
    path = request.getfixturevalue("tmp_path") / "live.duckdb"
    return Live(
        "duckdb",
        f"duckdb:///{path}",
        lambda: catalogue_text(path),
        parse=lambda text: parse_type(text, lambda _: None),
        no_keys=(sql.ArrayType, sql.Interval, sql.Json, sql.Binary),
        system=frozenset({"temp", "system", "memory", "main", "live"}),
        stores_circles=False,
    )


ENTRIES: dict[str, Callable[[pytest.FixtureRequest], Live]] = {"duckdb": _duckdb, "postgresql": _postgresql}


@pytest.fixture(params=ENTRIES)
def live(request: pytest.FixtureRequest) -> Live:
    """Each kind of server that schemagen connects to, in turn."""
    return ENTRIES[request.param](request)
