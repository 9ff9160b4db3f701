"""Single changes on every live server: what a statement's text does not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog import types as sql
from schemagen.catalog.objects import Catalog, Column, EnumType, Identity, Namespace, PrimaryKey, Table
from schemagen.dialects.base import Session
from schemagen.plan.changes import AddEnumValue
from schemagen.plan.diff import diff
from schemagen.plan.make import build_plan
from schemagen.sql import Sql
from tests.dialects.scripts import ALL
from tests.servers.live import Live, run

MOOD = sql.ObjectId("enum", "", "mood")
NUMBERED = Table(
    sql.ObjectId("table", "", "t"),
    (Column("id", sql.Integer(64), False, identity=Identity()), Column("a", sql.Text()), Column("b", sql.Text())),
    (PrimaryKey(("id",), "pk_t"),),
)


def labelled(*values: str) -> Catalog:
    table = Table(
        sql.ObjectId("table", "", "t"), (Column("id", sql.Integer(64), False), Column("m", sql.EnumRef(MOOD))), (PrimaryKey(("id",), "pk"),)
    )
    return Catalog((Namespace("", (table,), (EnumType(MOOD, values),)),))


async def change(live: Live, session: Session, after: Catalog) -> None:
    """Makes of what the session's database holds what `after` says, whatever is lost."""
    found = await live.driver.inspect(session)
    wanted = await live.driver.canonical(session, live.dialect.lower(after, session.server))
    plan = build_plan(found, wanted, dialect=live.name, server=session.server, traits=live.traits, options=ALL, assumed=False)
    await run(session, (statement for step in plan.steps for statement in live.dialect.render(step)))


@pytest.mark.parametrize("values", [("a", "b", "c"), ("b", "a", "c"), ("b", "c", "a"), ("x", "y", "b", "c")], ids=str)
async def test_value_of_an_enum_stands_where_the_schema_has_it(live: Live, values: tuple[str, ...]) -> None:
    session = await live.cleared()
    try:
        await live.apply(session, live.dialect.lower(labelled("b", "c"), session.server))
        await session.execute(Sql("INSERT INTO t VALUES (1, 'b')"))
        await change(live, session, labelled(*values))
        assert (await live.driver.inspect(session)).enums[0].values == values
        assert await session.fetch(Sql("SELECT CAST(m AS text) FROM t")) == [("b",)]
    finally:
        await session.close()


def test_value_before_the_first_says_before_which() -> None:
    (found,) = diff(labelled("b"), labelled("a", "b"))
    assert found == AddEnumValue(MOOD, "a", None, "b")


async def test_column_of_a_numbered_table_is_dropped_and_the_numbers_go_on(live: Live) -> None:
    session, _ = await live.made(NUMBERED)
    try:
        await session.execute(Sql("INSERT INTO t (a) VALUES ('x'), ('y')"))
        await change(live, session, Catalog((Namespace("", (replace(NUMBERED, columns=NUMBERED.columns[:2]),)),)))
        await session.execute(Sql("INSERT INTO t (a) VALUES ('z')"))
        assert await session.fetch(Sql("SELECT id, a FROM t ORDER BY id")) == [(1, "x"), (2, "y"), (3, "z")]
    finally:
        await session.close()


async def test_numbered_column_that_is_dropped_leaves_nothing_behind_and_can_be_made_again(live: Live) -> None:
    number, first, second = NUMBERED.columns
    plain = replace(NUMBERED, columns=(replace(second, nullable=False), first), constraints=(PrimaryKey(("b",), "pk_t"),))
    numbered = replace(plain, columns=(*plain.columns, number))
    session, _ = await live.made(numbered)
    try:
        await session.execute(Sql("INSERT INTO t (a, b) VALUES ('x', '1'), ('y', '2')"))
        await change(live, session, Catalog((Namespace("", (plain,)),)))
        left = await live.driver.inspect(session)
        assert (len(left.tables), left.opaque) == (1, ())
        await change(live, session, Catalog((Namespace("", (numbered,)),)))
        await session.execute(Sql("INSERT INTO t (a, b) VALUES ('z', '3')"))
        assert await session.fetch(Sql("SELECT id, a FROM t ORDER BY id")) == [(1, "x"), (2, "y"), (3, "z")]
    finally:
        await session.close()
