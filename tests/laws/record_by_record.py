"""A table written record by record, as a dict: what every server's merge must come to; with records that repeat keys and break rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from schemagen.catalog.batch import Batch, BatchColumn, Counts, Mode
from schemagen.catalog.expressions import AtLeast
from schemagen.catalog.objects import Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique
from schemagen.catalog.types import ArrayType, Integer, ObjectId, SqlType, Text

PARENT = Table(ObjectId("table", "", "parent"), (Column("id", Integer(64), False),), (PrimaryKey(("id",)),))
USUAL = ("a", "b", "v", "mail", "x", "y", "tags", "parent")
# What statements of a merge call things, what a staged record's number is called, and what a server has by itself.
TAKEN = (
    "_seq",
    "_SEQ",
    "_seq_2",
    "kept",
    "last",
    "first",
    "fresh",
    "excluded",
    "s",
    "t",
    "d",
    "e",
    "h",
    "p",
    "w",
    "k",
    "rowid",
    "c",
    "number",
)


def item_table(names: tuple[str, ...] = USUAL) -> Table:
    """The table of the law, its columns called so."""
    a, b, v, mail, x, y, _, parent = names
    types: tuple[SqlType, ...] = (
        Integer(64), Text(), Integer(32), Text(), Integer(32), Integer(32), ArrayType(Text()), Integer(64),
    )  # fmt: skip
    columns = tuple(Column(name, kind, place > 2) for place, (name, kind) in enumerate(zip(names, types, strict=True)))
    constraints = (PrimaryKey((b, a)), Unique((mail,)), Check(AtLeast(v, 0)), ForeignKey((parent,), PARENT.id, ("id",)))
    return Table(ObjectId("table", "", "item"), columns, constraints, (Index("item_xy", (x, y), unique=True), Index("item_v", (v,))))


PARENTS = (1, 2)
Item = tuple[Any, ...]
KEYS, MAILS = st.sampled_from([1, 2]), st.sampled_from(["m", "n", "o", None])
REST = (st.sampled_from([0, 1, None]), st.sampled_from([0, 1]), st.sampled_from([["t"], [], None]))
GOOD = st.tuples(KEYS, st.sampled_from("pq"), st.integers(0, 1), MAILS, *REST, st.sampled_from([1, 2, None]))
BAD = st.tuples(
    st.sampled_from([1, None]), st.sampled_from("pq"), st.sampled_from([1, None, -1]), MAILS, *REST, st.sampled_from([1, 9])
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Item], list[Item]]:
    """Rows that are there, and records: some equal to them, few of them bad."""
    first = draw(st.lists(GOOD, max_size=6))
    known = st.sampled_from(first) if first else GOOD
    return first, draw(st.lists(st.one_of(GOOD, GOOD, known, BAD), max_size=12))


def namings() -> st.SearchStrategy[tuple[str, ...]]:
    """Names for the columns: the usual ones, or such that collide with what the merge calls things."""
    bad = st.lists(st.sampled_from((*USUAL, *TAKEN)), min_size=8, max_size=8, unique_by=str.casefold).map(tuple)
    return st.one_of(st.just(USUAL), bad)


@dataclass
class Reference:
    """The table as a dict, written record by record."""

    rows: dict[tuple[Any, Any], Item]
    rejects: dict[int, str] = field(default_factory=dict)
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    deleted: int = 0

    def write(self, mode: Mode, items: list[Item]) -> None:
        before = dict(self.rows)
        last: dict[tuple[Any, Any], Item] = {}
        for seq, item in enumerate(items):
            code = self._judge(mode, item)
            if code:
                self.rejects[seq] = code
                continue
            key = (item[1], item[0])
            self.superseded += key in last
            last[key] = item
            if mode is Mode.DELETE:
                self.rows.pop(key, None)
            else:
                self.rows[key] = item
        for key, item in last.items():
            if mode is Mode.DELETE:
                self.deleted += key in before
                self.unchanged += key not in before
            else:
                self.inserted += key not in before
                self.unchanged += before.get(key) == item
                self.updated += key in before and before[key] != item

    def counts(self, read: int) -> Counts:
        return Counts(read, self.inserted, self.updated, self.unchanged, self.superseded, self.deleted, len(self.rejects))

    def _judge(self, mode: Mode, item: Item) -> str:
        a, b, v, mail, x, y, _, parent = item
        if a is None:
            return "KEY_NULL"
        if mode is Mode.DELETE:
            return ""
        if v is None or v < 0:
            return "CONSTRAINT"
        if parent is not None and parent not in PARENTS:
            return "FK_ORPHAN"
        if mode is Mode.INSERT and (b, a) in self.rows:
            return "DUPLICATE_KEY"
        for key, other in self.rows.items():
            taken = (mail is not None and other[3] == mail) or (None not in (x, y) and other[4:6] == (x, y))
            if key != (b, a) and taken:
                return "CONSTRAINT"
        return ""


async def batches(table: Table, items: list[Item], size: int = 3) -> AsyncIterator[Batch]:
    for start in range(0, len(items), size):
        part = items[start : start + size]
        columns = [
            BatchColumn(column.name, column.type, list(values))
            for column, values in zip(table.columns, zip(*part, strict=True), strict=True)
        ]
        yield Batch(tuple(columns), range(start, start + len(part)))


SELF: tuple[tuple[str, SqlType], ...] = (("id", Integer(64)), ("boss", Integer(64)), ("name", Text()))
TREE = Table(
    ObjectId("table", "", "tree"),
    tuple(Column(name, kind, name != "id") for name, kind in SELF),
    (PrimaryKey(("id",)), ForeignKey(("boss",), ObjectId("table", "", "tree"), ("id",))),
)
