"""Rows into DuckDB: what only a server does that writes some changes by deleting a row and inserting it."""

from __future__ import annotations

import pytest

from schemagen.catalog.batch import Counts, Mode
from schemagen.catalog.objects import Column, ForeignKey, PrimaryKey, Table, Unique
from schemagen.catalog.types import ArrayType, Integer, ObjectId, Text
from schemagen.sql import Sql
from tests.laws.test_merge import codes, merged, rows_of
from tests.servers.live import ENTRIES, Live


@pytest.fixture
def duckdb(request: pytest.FixtureRequest) -> Live:
    return ENTRIES["duckdb"](request)


@pytest.mark.parametrize(("column", "code"), [("name", None), ("tags", "CONSTRAINT"), ("mail", "CONSTRAINT")])
async def test_a_row_that_others_refer_to_keeps_what_duckdb_writes_by_deleting(duckdb: Live, column: str, code: str | None) -> None:
    """Only a changed list or indexed column of such a row is a reject, and other columns of its table are updated."""
    parent = Table(
        ObjectId("table", "", "parent"),
        (Column("id", Integer(64), False), Column("name", Text()), Column("tags", ArrayType(Text())), Column("mail", Text())),
        (PrimaryKey(("id",)), Unique(("mail",))),
    )
    child = Table(ObjectId("table", "", "zchild"), (Column("to", Integer(64)),), (ForeignKey(("to",), parent.id, ("id",)),))
    session, (parent, _) = await duckdb.made(parent, child)
    try:
        old = [(1, "a", ["x"], "m1"), (2, "b", ["y"], "m2"), (3, "c", [], "m3")]
        await merged(duckdb, session, parent, old, Mode.UPSERT)
        await session.execute(Sql("INSERT INTO zchild VALUES (1)"))
        place = [item.name for item in parent.columns].index(column)
        new = [(*row[:place], ["new"] if column == "tags" else f"new{row[0]}", *row[place + 1 :]) for row in old[:2]] + old[2:]
        counts, rejects = await merged(duckdb, session, parent, new, Mode.UPSERT)
        assert codes(rejects) == ({0: code} if code else {})
        assert counts == Counts(3, 0, 2 - len(rejects), 1, 0, 0, len(rejects))
        assert await rows_of(duckdb, session, parent) == [old[0] if code else new[0], new[1], new[2]]
        counts, rejects = await merged(duckdb, session, parent, old, Mode.DELETE)
        assert (counts.deleted, codes(rejects)) == (2, {0: "FK_ORPHAN"})
    finally:
        await session.close()
