"""Laws of the merge: rows, counts and rejects are those of a reference that writes record by record, on every live server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.batch import Counts, Mode, RowReject
from schemagen.catalog.objects import Column, PrimaryKey, Table
from schemagen.catalog.types import Integer, Json, ObjectId, Text
from schemagen.dialects.base import Session, staging
from schemagen.sql import Sql, lit
from tests.laws.record_by_record import PARENT, PARENTS, TREE, Item, Reference, batches, histories, item_table, namings
from tests.servers.live import Live

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def on(live: Live, work: Callable[[Session], Awaitable[None]], *made: Table) -> None:
    """Runs the work on a database that holds just these tables."""

    async def run() -> None:
        session, _ = await live.made(*made)
        try:
            await work(session)
        finally:
            await session.close()

    asyncio.run(run())


async def rows_of(live: Live, session: Session, table: Table) -> list[Item]:
    return [row async for batch in live.driver.read(session, table) for row in batch.rows()]


async def merged(
    live: Live, session: Session, table: Table, items: list[Item], mode: Mode, columns: tuple[str, ...] | None = None
) -> tuple[Counts, dict[int, RowReject]]:
    (lowered,) = live.lowered(table).tables
    async with session.transaction():
        await live.driver.stage(session, staging(lowered), batches(table, items))
        result = await live.driver.merge(session, lowered, mode, columns)
    assert len(result.rejects) == result.counts.rejected
    return result.counts, {item.seq: item for item in result.rejects}


def codes(rejects: dict[int, RowReject]) -> dict[int, str]:
    return {seq: item.code for seq, item in rejects.items()}


@SETTINGS
@given(mode=st.sampled_from(list(Mode)), history=histories(), names=namings())
def test_merge_equals_writing_record_by_record(
    live: Live, mode: Mode, history: tuple[list[Item], list[Item]], names: tuple[str, ...]
) -> None:
    first, items = history
    table = item_table(names)

    async def work(session: Session) -> None:
        for number in PARENTS:
            await session.execute(Sql("INSERT INTO parent VALUES ({})", lit(number)))
        start = Reference({})
        start.write(Mode.UPSERT, first)
        if kept := [item for seq, item in enumerate(first) if seq not in start.rejects]:
            await merged(live, session, table, kept, Mode.UPSERT)
        wanted = Reference(dict(start.rows))
        wanted.write(mode, items)
        counts, rejects = await merged(live, session, table, items, mode)
        assert codes(rejects) == wanted.rejects
        assert counts == wanted.counts(len(items))
        assert await rows_of(live, session, table) == [item for _, item in sorted(wanted.rows.items())]

    on(live, work, PARENT, table)


@settings(SETTINGS, max_examples=40)
@given(items=st.lists(st.tuples(st.integers(1, 6), st.one_of(st.none(), st.integers(1, 7)), st.sampled_from("ab")), max_size=8))
def test_rows_of_a_table_that_refers_to_itself_go_in_whatever_their_order(live: Live, items: list[Item]) -> None:
    """Rows that lead to nowhere are rejected, and where the server stores none, rows that lead in a circle; all others are there."""

    async def work(session: Session) -> None:
        counts, rejects = await merged(live, session, TREE, items, Mode.UPSERT)
        assert counts.balanced
        stored = {row[0]: row for row in await rows_of(live, session, TREE)}
        assert all(row[1] is None or row[1] in stored for row in stored.values())
        for key, seq in {item[0]: seq for seq, item in enumerate(items)}.items():
            assert stored.get(key) == items[seq] or seq in rejects
            assert items[seq][1] is not None or stored[key] == items[seq]
        assert set(codes(rejects).values()) <= {"FK_ORPHAN"} | (set() if live.stores_circles else {"CONSTRAINT"})

    on(live, work, TREE)


PARTIAL = Table(
    ObjectId("table", "", "partial"),
    (Column("id", Integer(32), False), Column("must", Text(), False), Column("may", Text()), Column("doc", Json(binary=False))),
    (PrimaryKey(("id",), "pk_partial"),),
)
ROWS = st.tuples(st.integers(1, 4), st.sampled_from(["m", "n"]), st.sampled_from(["x", "y", None]), st.sampled_from(['{"a": 1.0}', "null"]))


@settings(SETTINGS, max_examples=25)
@given(first=st.lists(ROWS, max_size=3), items=st.lists(ROWS, max_size=6))
def test_an_upsert_of_some_columns_touches_no_others(live: Live, first: list[Item], items: list[Item]) -> None:
    """A new row lacks the required column and is a reject that names it; a row that is there keeps it."""

    async def work(session: Session) -> None:
        await merged(live, session, PARTIAL, first, Mode.UPSERT)
        before = {row[0]: row for row in first}
        counts, rejects = await merged(live, session, PARTIAL, items, Mode.UPSERT, ("may",))
        wanted: dict[int, Any] = dict(before)
        for seq, item in enumerate(items):
            assert (seq in rejects) == (item[0] not in before)
            if item[0] in before:
                old = before[item[0]]
                wanted[item[0]] = (old[0], old[1], item[2], old[3])
        assert await rows_of(live, session, PARTIAL) == [wanted[key] for key in sorted(wanted)]
        assert (counts.read, counts.inserted, counts.rejected) == (len(items), 0, len(rejects))
        assert counts.updated == sum(wanted[key] != before[key] for key in before)
        assert all(item.code == "CONSTRAINT" and "must" in item.message for item in rejects.values())

    on(live, work, PARTIAL)
