"""Laws of PostgreSQL's merge: rows, counts and rejects are those of a reference that writes record by record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.batch import Counts, Mode
from schemagen.catalog.objects import Catalog, Column, Namespace, PrimaryKey, Table
from schemagen.catalog.types import Integer, Json, ObjectId, Text
from schemagen.dialects.base import Session, staging
from schemagen.dialects.postgresql.dialect import DIALECT
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.sql import Sql, lit
from tests.laws.record_by_record import PARENT, PARENTS, TABLE, TREE, Item, Reference, batches, histories
from tests.laws.test_postgresql_laws import apply, cleared

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def on(url: str, work: Callable[[Session], Awaitable[None]], *made: Table) -> None:
    """Runs the work on a database that holds just these tables."""

    async def run() -> None:
        session = await cleared(url)
        try:
            await apply(session, await DRIVER.canonical(session, DIALECT.lower(Catalog((Namespace("", made),)), session.server)))
            await work(session)
        finally:
            await session.close()

    asyncio.run(run())


async def rows_of(session: Session, table: Table) -> list[Item]:
    return [row async for batch in DRIVER.read(session, table) for row in batch.rows()]


async def merged(
    session: Session, table: Table, items: list[Item], mode: Mode, columns: tuple[str, ...] | None = None
) -> tuple[Counts, dict[int, str]]:
    lowered = DIALECT.lower(Catalog((Namespace("", (table,)),)), session.server).tables[0]
    async with session.transaction():
        await DRIVER.stage(session, staging(lowered), batches(table, items))
        result = await DRIVER.merge(session, lowered, mode, columns)
    return result.counts, {item.seq: item.code for item in result.rejects}


@SETTINGS
@given(mode=st.sampled_from(list(Mode)), history=histories())
def test_merge_equals_writing_record_by_record(mode: Mode, history: tuple[list[Item], list[Item]], postgresql_url: str) -> None:
    first, items = history

    async def work(session: Session) -> None:
        for number in PARENTS:
            await session.execute(Sql("INSERT INTO parent VALUES ({})", lit(number)))
        start = Reference({})
        start.write(Mode.UPSERT, first)
        await merged(session, TABLE, [item for seq, item in enumerate(first) if seq not in start.rejects], Mode.UPSERT)
        wanted = Reference(dict(start.rows))
        wanted.write(mode, items)
        counts, rejects = await merged(session, TABLE, items, mode)
        assert rejects == wanted.rejects
        assert counts == wanted.counts(len(items))
        assert await rows_of(session, TABLE) == [item for _, item in sorted(wanted.rows.items())]

    on(postgresql_url, work, PARENT, TABLE)


@settings(SETTINGS, max_examples=15)
@given(items=st.lists(st.tuples(st.integers(1, 6), st.one_of(st.none(), st.integers(1, 7)), st.sampled_from("ab")), max_size=8))
def test_rows_of_a_table_that_refers_to_itself_go_in_whatever_their_order(items: list[Item], postgresql_url: str) -> None:
    async def work(session: Session) -> None:
        counts, rejects = await merged(session, TREE, items, Mode.UPSERT)
        assert counts.balanced
        stored = {row[0]: row for row in await rows_of(session, TREE)}
        for key, seq in {item[0]: seq for seq, item in enumerate(items)}.items():
            assert stored.get(key) == items[seq] or seq in rejects
        assert set(rejects.values()) <= {"FK_ORPHAN"}

    on(postgresql_url, work, TREE)


PARTIAL = Table(
    ObjectId("", "partial"),
    (Column("id", Integer(32), False), Column("must", Text(), False), Column("may", Text()), Column("doc", Json(binary=False))),
    (PrimaryKey(("id",), "pk_partial"),),
)
ROWS = st.tuples(st.integers(1, 4), st.sampled_from(["m", "n"]), st.sampled_from(["x", "y", None]), st.sampled_from(['{"a": 1.0}', "null"]))


@settings(SETTINGS, max_examples=15)
@given(first=st.lists(ROWS, max_size=3), items=st.lists(ROWS, max_size=6))
def test_an_upsert_of_some_columns_touches_no_others(first: list[Item], items: list[Item], postgresql_url: str) -> None:
    """A new row lacks the required column and is a reject; a row that is there keeps it."""

    async def work(session: Session) -> None:
        await merged(session, PARTIAL, first, Mode.UPSERT)
        before = {row[0]: row for row in first}
        counts, rejects = await merged(session, PARTIAL, items, Mode.UPSERT, ("may",))
        wanted: dict[int, Any] = dict(before)
        for seq, item in enumerate(items):
            assert (seq in rejects) == (item[0] not in before)
            if item[0] in before:
                old = before[item[0]]
                wanted[item[0]] = (old[0], old[1], item[2], old[3])
        assert await rows_of(session, PARTIAL) == [wanted[key] for key in sorted(wanted)]
        assert (counts.read, counts.inserted, counts.rejected) == (len(items), 0, len(rejects))
        assert counts.updated == sum(wanted[key] != before[key] for key in before)

    on(postgresql_url, work, PARTIAL)
