"""Objects of other kinds: what is called as a wanted table or type is, and is none, is never dropped, and is named beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog.objects import Catalog, Column, EnumType, Namespace, PrimaryKey, Table
from schemagen.catalog.types import EnumRef, Integer, ObjectId, Text
from schemagen.deploy.run import apply_live, make_live_plan
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.sql import Sql
from tests.servers.live import Live, run

MOOD = EnumType(ObjectId("enum", "", "mood"), ("a", "b"))
OURS = Table(
    ObjectId("table", "", "ours"),
    (Column("id", Integer(64), nullable=False), Column("m", EnumRef(MOOD.id))),
    (PrimaryKey(("id",), "pk_ours"),),
)
WANTED = Catalog((Namespace("", (OURS,), (MOOD,)),))
PLAIN = Catalog((Namespace("", (replace(OURS, columns=(OURS.columns[0], Column("m", Text()))),)),))


async def test_table_called_as_a_type_that_is_no_longer_wanted_stays(live: Live) -> None:
    """Where tables and types share their names, the type goes by another; where they do not, both are there."""
    session = await live.cleared()
    named = replace(MOOD, id=ObjectId("enum", "", "mood" if live.name == "duckdb" else "feeling"))
    ours = replace(OURS, columns=(OURS.columns[0], Column("m", EnumRef(named.id))))
    try:
        await run(session, map(Sql, ("CREATE TABLE mood (x integer)", "INSERT INTO mood VALUES (7)")))
        await apply_live(Catalog((Namespace("", (ours,), (named,)),)), live.dialect, live.driver, session, PlanOptions())
        for wanted in (Catalog((Namespace("", (ours,), (named,)),)), PLAIN):
            await apply_live(wanted, live.dialect, live.driver, session, PlanOptions(allow=("*:*",)))
            assert await session.fetch(Sql("SELECT x FROM mood")) == [(7,)]
    finally:
        await session.close()


@pytest.mark.parametrize("kind", ["table", "view"])
async def test_type_called_as_something_else_that_is_there_is_refused_by_name_or_made_beside_it(live: Live, kind: str) -> None:
    session = await live.cleared()
    try:
        await session.execute(Sql("CREATE TABLE mood (x integer)" if kind == "table" else "CREATE VIEW mood AS SELECT 7 AS x"))
        if live.traits.type_names_apart:
            await apply_live(WANTED, live.dialect, live.driver, session, PlanOptions())
            assert (await make_live_plan(WANTED, live.dialect, live.driver, session, PlanOptions())).is_empty
        else:
            with pytest.raises(SchemagenError, match=f"^REFUSED: mood: the {kind} mood has its name"):
                await apply_live(WANTED, live.dialect, live.driver, session, PlanOptions(allow=("*:*",)))
        assert len(await session.fetch(Sql("SELECT x FROM mood"))) == (kind == "view")
    finally:
        await session.close()


async def test_table_called_as_a_view_that_is_there_is_refused_by_name(live: Live) -> None:
    session = await live.cleared()
    try:
        await session.execute(Sql("CREATE VIEW ours AS SELECT 7 AS id"))
        with pytest.raises(SchemagenError, match=r"^REFUSED: ours: the view ours has its name"):
            await apply_live(PLAIN, live.dialect, live.driver, session, PlanOptions(allow=("*:*",)))
        assert await session.fetch(Sql("SELECT id FROM ours")) == [(7,)]
    finally:
        await session.close()


async def test_name_that_only_letter_case_tells_from_one_that_is_there_is_seen_before(live: Live) -> None:
    """On a server that does not tell letter case apart."""
    session = await live.cleared()
    try:
        await session.execute(Sql('CREATE VIEW "OURS" AS SELECT 7 AS id'))
        if live.traits.folds_case:
            with pytest.raises(SchemagenError, match=r"^REFUSED: ours: the view OURS has its name"):
                await apply_live(PLAIN, live.dialect, live.driver, session, PlanOptions(allow=("*:*",)))
        else:
            await apply_live(PLAIN, live.dialect, live.driver, session, PlanOptions())
        assert await session.fetch(Sql('SELECT id FROM "OURS"')) == [(7,)]
    finally:
        await session.close()
