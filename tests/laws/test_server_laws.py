"""Laws of live servers: lower is idempotent, what was applied is read back as it was meant, reading leaves no trace."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.plan.scope import normal
from tests.laws.server_catalogs import catalogs
from tests.servers.live import Live

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(data=st.data())
def test_lower_is_idempotent(live: Live, data: st.DataObject) -> None:
    lowered = live.dialect.lower(data.draw(catalogs(live)), live.dialect.assumed_server)
    assert live.dialect.lower(lowered, live.dialect.assumed_server) == lowered


@SETTINGS
@given(data=st.data())
def test_inspect_gives_back_what_was_applied(live: Live, data: st.DataObject) -> None:
    catalog, driver = data.draw(catalogs(live)), live.driver

    async def run() -> None:
        session = await live.cleared()
        try:
            wanted = await driver.canonical(session, live.dialect.lower(catalog, session.server))
            assert await driver.canonical(session, wanted) == wanted
            await live.apply(session, wanted)
            found = await driver.inspect(session)
            assert normal(found) == normal(wanted)
            assert not any(table.unmodelled for table in found.tables)
            assert await driver.oracle(session, wanted.tables) == await driver.oracle(session, wanted.tables, copy=True)
        finally:
            await session.close()

    asyncio.run(run())


@settings(SETTINGS, max_examples=10)
@given(data=st.data())
def test_a_script_without_a_server_makes_the_same_database(live: Live, data: st.DataObject) -> None:
    """Lowered text and the server's own text of it come to one, by the server's own dump."""
    lowered = live.dialect.lower(data.draw(catalogs(live)), live.dialect.assumed_server)

    async def made(canonical: bool) -> str:
        session = await live.cleared(kept=True)
        try:
            await live.apply(session, await live.driver.canonical(session, lowered) if canonical else lowered)
        finally:
            await session.close()
        return live.dump()

    assert asyncio.run(made(True)) == asyncio.run(made(False))


@settings(SETTINGS, max_examples=5)
@given(data=st.data())
def test_a_read_only_session_inspects_and_leaves_no_trace(live: Live, data: st.DataObject) -> None:
    catalog, driver = data.draw(catalogs(live)), live.driver

    async def run() -> None:
        session = await live.cleared(kept=True)
        wanted = live.dialect.lower(catalog, session.server)
        await live.apply(session, wanted)
        await session.close()
        before = live.dump()
        reader = await live.connect(read_only=True)
        try:
            found = await driver.inspect(reader)
            assert normal(found) == normal(await driver.canonical(reader, wanted))
            assert await driver.oracle(reader, wanted.tables) == await driver.oracle(reader, wanted.tables, copy=True)
        finally:
            await reader.close()
        assert live.dump() == before

    asyncio.run(run())


def test_every_live_dialect_has_an_entry() -> None:
    from schemagen.dialects.base import LIVE_DIALECTS
    from tests.servers.live import EMPTIED, ENTRIES

    assert set(ENTRIES) == set(EMPTIED) == set(LIVE_DIALECTS)
