"""Laws of the PostgreSQL dialect: lower is idempotent, what was applied is read back as it was meant, reading leaves no trace."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings

from schemagen.catalog.objects import Catalog
from schemagen.dialects.base import Session
from schemagen.dialects.postgresql.dialect import DIALECT
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.plan.changes import Change, CreateEnum, CreateNamespace, CreateStruct, CreateTable
from schemagen.plan.plan import Step
from schemagen.plan.scope import normal
from schemagen.sql import Sql, ident
from schemagen.url import parse_url
from tests.laws.postgresql_catalogs import catalogs
from tests.servers.postgresql import PostgresqlServer

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


async def apply(session: Session, catalog: Catalog) -> None:
    """Makes the catalog's objects in one transaction."""
    changes: list[Change] = [CreateNamespace(space.name) for space in catalog.namespaces if space.name]
    changes += [CreateEnum(item) for item in catalog.enums]
    changes += [CreateStruct(item) for item in catalog.structs]
    changes += [CreateTable(table) for table in sorted(catalog.tables, key=lambda table: len(table.foreign_keys))]
    async with session.transaction():
        for change in changes:
            for sql in DIALECT.render(Step(change)):
                await session.execute(sql)


async def cleared(url: str) -> Session:
    """A session of the database with nothing in it."""
    session = await DRIVER.connect(parse_url(url)[1])
    for (name,) in await session.fetch(Sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'")):
        await session.execute(Sql("DROP SCHEMA {} CASCADE", ident(name)))
    await session.execute(Sql("CREATE SCHEMA public"))
    return session


@SETTINGS
@given(catalogs())
def test_lower_is_idempotent(catalog: Catalog) -> None:
    lowered = DIALECT.lower(catalog, DIALECT.assumed_server)
    assert DIALECT.lower(lowered, DIALECT.assumed_server) == lowered


@SETTINGS
@given(catalog=catalogs())
def test_inspect_gives_back_what_was_applied(catalog: Catalog, postgresql_url: str) -> None:
    async def run() -> None:
        session = await cleared(postgresql_url)
        try:
            wanted = await DRIVER.canonical(session, DIALECT.lower(catalog, session.server))
            assert await DRIVER.canonical(session, wanted) == wanted
            await apply(session, wanted)
            found = await DRIVER.inspect(session)
            assert normal(found) == normal(wanted)
            assert not any(table.unmodelled for table in found.tables)
            assert await DRIVER.oracle(session, wanted.tables) == await DRIVER.oracle(session, wanted.tables, copy=True)
        finally:
            await session.close()

    asyncio.run(run())


@settings(SETTINGS, max_examples=10)
@given(catalog=catalogs())
def test_a_script_without_a_server_makes_the_same_database(
    catalog: Catalog, postgresql_url: str, postgresql_server: PostgresqlServer, postgresql_database: str
) -> None:
    """Lowered text and the server's own text of it come to one, by the server's own dump."""

    async def made(canonical: bool) -> str:
        session = await cleared(postgresql_url)
        try:
            lowered = DIALECT.lower(catalog, DIALECT.assumed_server)
            await apply(session, await DRIVER.canonical(session, lowered) if canonical else lowered)
        finally:
            await session.close()
        return postgresql_server.dump(postgresql_database)

    assert asyncio.run(made(True)) == asyncio.run(made(False))


@settings(SETTINGS, max_examples=5)
@given(catalog=catalogs())
def test_a_read_only_session_inspects_and_leaves_no_trace(
    catalog: Catalog, postgresql_url: str, postgresql_server: PostgresqlServer, postgresql_database: str
) -> None:
    async def run() -> None:
        session = await cleared(postgresql_url)
        wanted = DIALECT.lower(catalog, session.server)
        await apply(session, wanted)
        await session.close()
        before = postgresql_server.dump(postgresql_database)
        reader = await DRIVER.connect(parse_url(postgresql_url)[1], read_only=True)
        try:
            found = await DRIVER.inspect(reader)
            assert normal(found) == normal(await DRIVER.canonical(reader, wanted))
            assert await DRIVER.oracle(reader, wanted.tables) == await DRIVER.oracle(reader, wanted.tables, copy=True)
        finally:
            await reader.close()
        assert postgresql_server.dump(postgresql_database) == before

    asyncio.run(run())
