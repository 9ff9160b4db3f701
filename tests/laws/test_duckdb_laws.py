"""Laws of the DuckDB dialect: lower is idempotent, and what was applied is read back as it was meant."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings

from schemagen.catalog.objects import Catalog
from schemagen.dialects.base import Session
from schemagen.dialects.duckdb.dialect import DIALECT
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.plan.changes import CreateEnum, CreateNamespace, CreateTable
from schemagen.plan.plan import Step
from schemagen.plan.scope import normal
from schemagen.url import ConnectionParameters
from tests.laws.duckdb_catalogs import catalogs

SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


async def apply(session: Session, catalog: Catalog) -> None:
    """Makes the catalog's objects in one transaction."""
    changes: list[CreateNamespace | CreateEnum | CreateTable] = []
    changes += [CreateNamespace(space.name) for space in catalog.namespaces if space.name]
    changes += [CreateEnum(item) for item in catalog.enums]
    changes += [CreateTable(table) for table in sorted(catalog.tables, key=lambda table: len(table.foreign_keys))]
    async with session.transaction():
        for change in changes:
            for sql in DIALECT.render(Step(change)):
                await session.execute(sql)


@SETTINGS
@given(catalogs())
def test_lower_is_idempotent(catalog: Catalog) -> None:
    lowered = DIALECT.lower(catalog, DIALECT.assumed_server)
    assert DIALECT.lower(lowered, DIALECT.assumed_server) == lowered


@SETTINGS
@given(catalogs())
def test_inspect_gives_back_what_was_applied(catalog: Catalog) -> None:
    async def run() -> None:
        session = await DRIVER.connect(ConnectionParameters())
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
