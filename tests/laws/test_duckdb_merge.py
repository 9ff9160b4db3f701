"""Laws of DuckDB's merge: rows, counts and rejects are those of a reference that writes record by record."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.batch import Counts, Mode
from schemagen.catalog.objects import Catalog, Column, ForeignKey, Namespace, PrimaryKey, Table, Unique
from schemagen.catalog.types import ArrayType, Integer, ObjectId, Text
from schemagen.dialects.base import Session, staging
from schemagen.dialects.duckdb.dialect import DIALECT
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.sql import Sql
from schemagen.url import ConnectionParameters
from tests.laws.record_by_record import PARENT, PARENTS, TABLE, TREE, Item, Reference, batches, histories
from tests.laws.test_duckdb_laws import apply

SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


async def rows_of(session: Session, table: Table) -> list[Item]:
    return [row async for batch in DRIVER.read(session, table) for row in batch.rows()]


async def opened(*made: Table) -> Session:
    session = await DRIVER.connect(ConnectionParameters())
    wanted = await DRIVER.canonical(session, DIALECT.lower(Catalog((Namespace("", made),)), session.server))
    await apply(session, wanted)
    return session


async def merged(session: Session, table: Table, items: list[Item], mode: Mode) -> tuple[Counts, dict[int, str]]:
    async with session.transaction():
        await DRIVER.stage(session, staging(table), batches(table, items))
        result = await DRIVER.merge(session, table, mode)
    return result.counts, {item.seq: item.code for item in result.rejects}


@SETTINGS
@given(st.sampled_from(list(Mode)), histories())
def test_merge_equals_writing_record_by_record(mode: Mode, history: tuple[list[Item], list[Item]]) -> None:
    first, items = history

    async def run() -> None:
        session = await opened(PARENT, TABLE)
        try:
            for number in PARENTS:
                await session.execute(Sql("INSERT INTO parent VALUES (" + str(number) + ")"))
            start = Reference({})
            start.write(Mode.UPSERT, first)
            kept = [item for seq, item in enumerate(first) if seq not in start.rejects]
            if kept:
                await merged(session, TABLE, kept, Mode.UPSERT)
            wanted = Reference(dict(start.rows))
            wanted.write(mode, items)
            counts, rejects = await merged(session, TABLE, items, mode)
            assert counts.balanced
            assert rejects == wanted.rejects
            assert counts == wanted.counts(len(items))
            assert await rows_of(session, TABLE) == [item for _, item in sorted(wanted.rows.items())]
        finally:
            await session.close()

    asyncio.run(run())


@SETTINGS
@given(st.lists(st.tuples(st.integers(1, 6), st.one_of(st.none(), st.integers(1, 7)), st.sampled_from("ab")), max_size=8))
def test_rows_of_a_table_that_refers_to_itself_go_in_parents_first(items: list[Item]) -> None:
    """Rows that lead to nowhere, or in a circle, are rejected; all others are there, whatever their order."""

    async def run() -> None:
        session = await opened(TREE)
        try:
            last = {item[0]: seq for seq, item in enumerate(items)}
            counts, rejects = await merged(session, TREE, items, Mode.UPSERT)
            assert counts.balanced
            stored = {row[0]: row for row in await rows_of(session, TREE)}
            assert all(row[1] is None or row[1] in stored for row in stored.values())
            for key, seq in last.items():
                assert (key in stored and stored[key] == items[seq]) or seq in rejects
                if items[seq][1] is None:
                    assert stored[key] == items[seq]
        finally:
            await session.close()

    asyncio.run(run())


@pytest.mark.parametrize(("column", "code"), [("name", None), ("tags", "CONSTRAINT"), ("mail", "CONSTRAINT")])
async def test_a_row_that_others_refer_to_keeps_what_duckdb_writes_by_deleting(column: str, code: str | None) -> None:
    """Only a changed list or indexed column of such a row is a reject, and other columns of its table are updated."""
    parent = Table(
        ObjectId("", "parent"),
        (Column("id", Integer(64), False), Column("name", Text()), Column("tags", ArrayType(Text())), Column("mail", Text())),
        (PrimaryKey(("id",)), Unique(("mail",))),
    )
    child = Table(ObjectId("", "child"), (Column("to", Integer(64)),), (ForeignKey(("to",), parent.id, ("id",)),))
    session = await opened(parent, child)
    try:
        old = [(1, "a", ["x"], "m1"), (2, "b", ["y"], "m2"), (3, "c", [], "m3")]
        await merged(session, parent, old, Mode.UPSERT)
        await session.execute(Sql("INSERT INTO child VALUES (1)"))
        place = [item.name for item in parent.columns].index(column)
        new = [(*row[:place], ["new"] if column == "tags" else f"new{row[0]}", *row[place + 1 :]) for row in old[:2]] + old[2:]
        counts, rejects = await merged(session, parent, new, Mode.UPSERT)
        assert rejects == ({0: code} if code else {})
        assert counts == Counts(3, 0, 2 - len(rejects), 1, 0, 0, len(rejects))
        assert await rows_of(session, parent) == [old[0] if code else new[0], new[1], new[2]]
        counts, rejects = await merged(session, parent, old, Mode.DELETE)
        assert (counts.deleted, rejects) == (2, {0: "FK_ORPHAN"})
    finally:
        await session.close()
