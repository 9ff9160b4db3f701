"""Changes of DuckDB tables that are killed right after COMMIT: the cases, the process that dies and the one that opens the file again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from schemagen.catalog.expressions import AtLeast, InList, Literal, Native, columns_of
from schemagen.catalog.objects import (
    Catalog,
    Check,
    Column,
    EnumType,
    ForeignKey,
    Identity,
    Index,
    Namespace,
    PrimaryKey,
    Seed,
    Table,
    Unique,
)
from schemagen.catalog.types import ArrayType, EnumRef, Integer, Json, ObjectId, Text, Timestamp
from schemagen.dialects.base import Session
from schemagen.dialects.common import map_tables
from schemagen.dialects.duckdb.dialect import DIALECT
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.scope import fingerprint
from schemagen.sql import Sql
from schemagen.url import ConnectionParameters

MOOD = EnumType(ObjectId("enum", "", "mood"), ("a", "b"))
PARENT = Table(ObjectId("table", "", "parent"), (Column("id", Integer(64), False),), (PrimaryKey(("id",)),))
ID = ObjectId("table", "", "t")
BASE = Table(
    ID,
    (
        Column("id", Integer(64), False),
        Column("a", Text()),
        Column("b", Integer(32), False),
        Column("j", Json()),
        Column("m", EnumRef(MOOD.id), default=Literal("a")),
        Column("l", ArrayType(Text())),
        Column("z", Text()),
    ),
    (PrimaryKey(("id",)), Check(AtLeast("b", 0))),
)
# Killed after other changes of such a table, the file needs a function that is not there yet when its log is replayed.
TABLES = {
    "plain": BASE,
    "indexed": replace(BASE, indexes=(Index("t_b", ("b",)), Index("t_z", ("z",), unique=True))),
    "abs": replace(BASE, constraints=(*BASE.constraints, Check(Native("(abs(b) >= 0)", ("b",))))),
    "json_valid": replace(BASE, constraints=(*BASE.constraints, Check(Native("json_valid(j)", ("j",))))),
    "child": replace(
        BASE, columns=(*BASE.columns, Column("to", Integer(64))), constraints=(*BASE.constraints, ForeignKey(("to",), PARENT.id, ("id",)))
    ),
    "numbered": replace(BASE, columns=(replace(BASE.columns[0], identity=Identity()), *BASE.columns[1:])),
}
Change = Callable[[Table], Table]


def column(name: str, **values: object) -> Change:
    return lambda table: replace(
        table,
        columns=tuple(replace(item, **values) if item.name == name else item for item in table.columns),  # type: ignore[arg-type]
    )


def added(made: Column) -> Change:
    return lambda table: replace(table, columns=(*table.columns, made))


def without(name: str) -> Change:
    return lambda table: replace(
        table,
        columns=tuple(item for item in table.columns if item.name != name),
        constraints=tuple(item for item in table.constraints if not isinstance(item, Check) or name not in columns_of(item.expr)),
    )


def constrained(item: Check | Unique | ForeignKey) -> Change:
    return lambda table: replace(table, constraints=(*table.constraints, item))


CHANGES: dict[str, Change] = {
    "add-column": added(Column("n", Text())),
    "add-json": added(Column("n", Json())),
    "add-enum": added(Column("n", EnumRef(MOOD.id))),
    "add-list": added(Column("n", ArrayType(Integer(8)))),
    "add-default": added(Column("n", Integer(32), False, default=Literal(5))),
    "add-volatile": added(Column("n", Timestamp(), default=Native("now()"))),
    "add-and-comment": added(Column("n", Text(), comment="it's new")),
    "drop-column": without("a"),
    "drop-json": without("j"),
    "set-not-null": column("a", nullable=False),
    "drop-not-null": column("b", nullable=True),
    "set-default": column("a", default=Literal("it's")),
    "set-default-function": column("a", default=Native("lower('X')")),
    "drop-default": column("m", default=None),
    "widen": column("b", type=Integer(64)),
    "enum-to-text": column("m", type=Text()),
    "text-to-enum": column("a", type=EnumRef(MOOD.id)),
    "text-to-json": column("z", type=Json()),
    "json-to-text": column("j", type=Text()),
    "add-check": constrained(Check(InList("a", ("a", "b", "it's")))),
    "add-function-check": constrained(Check(Native("(round(b) >= 0)", ("b",)))),
    "add-unique": constrained(Unique(("a", "b"))),
    "add-foreign-key": constrained(ForeignKey(("b64",), PARENT.id, ("id",))),
    "drop-check": lambda table: replace(table, constraints=tuple(i for i in table.constraints if i != Check(AtLeast("b", 0)))),
    "drop-key": lambda table: replace(table, constraints=tuple(i for i in table.constraints if not isinstance(i, PrimaryKey))),
    "add-index": lambda table: replace(table, indexes=(*table.indexes, Index("t_new", ("a",)))),
    "drop-indexes": lambda table: replace(table, indexes=()),
    "drop-indexes-and-column": lambda table: replace(without("z")(table), indexes=()),
    "comment-table": lambda table: replace(table, comment='it\'s "a"'),
    "comment-column": column("a", comment="c"),
    "number": column("id", identity=Identity()),
    "number-no-more": column("id", identity=None),
    "many": lambda table: replace(
        column("b", nullable=True)(added(Column("n", Json()))(without("a")(table))),
        indexes=(Index("t_n", ("l",)),) if False else (),
        comment="all at once",
    ),
}
# For the other tables.
SOME = (
    "add-default", "add-volatile", "drop-column", "set-not-null", "drop-default", "text-to-enum", "drop-check", "add-index",
    "comment-column", "number", "number-no-more", "many",
)  # fmt: skip


def catalog_of(table: Table, *others: Table, enum: EnumType = MOOD) -> Catalog:
    return Catalog((Namespace("", (PARENT, table, *others), (enum,)),))


def cases(variant: str) -> dict[str, tuple[Catalog, Catalog]]:
    """Before and after, by name: of one of the tables above, or changes of whole objects."""
    return _of_objects() if variant == "objects" else _of_table(variant)


def _of_table(variant: str) -> dict[str, tuple[Catalog, Catalog]]:
    found: dict[str, tuple[Catalog, Catalog]] = {}
    for table in [TABLES[variant]]:
        for name in CHANGES if variant in ("plain", "indexed", "json_valid") else SOME:
            change = CHANGES[name]
            start = replace(table, columns=(*table.columns, Column("b64", Integer(64)))) if name == "add-foreign-key" else table
            found[f"{variant}-{name}"] = catalog_of(start), catalog_of(change(start))
        for name, values in (("enum-value", ("a", "b", "c")), ("enum-order", ("b", "a"))):
            found[f"{variant}-{name}"] = catalog_of(table), catalog_of(table, enum=replace(MOOD, values=values))
    return found


def _of_objects() -> dict[str, tuple[Catalog, Catalog]]:
    found: dict[str, tuple[Catalog, Catalog]] = {}
    lookup = Table(
        ObjectId("table", "", "state"), (Column("s", Text(), False),), (PrimaryKey(("s",)),), seed=Seed(("s",), (("a",), ("it's",)))
    )
    spaced = Catalog((*catalog_of(BASE).namespaces, Namespace("shop", (replace(BASE, id=ObjectId("table", "shop", "t")),))))
    found["create-table"] = catalog_of(BASE), catalog_of(BASE, lookup, replace(TABLES["json_valid"], id=ObjectId("table", "", "t2")))
    found["drop-table"] = found["create-table"][1], found["create-table"][0]
    found["create-namespace"] = catalog_of(BASE), spaced
    found["drop-namespace"] = spaced, catalog_of(BASE)
    found["referenced"] = catalog_of(BASE, _child()), catalog_of(added(Column("n", Text()))(column("a", comment="c")(BASE)), _child())
    return found


def _child() -> Table:
    return Table(ObjectId("table", "", "child"), (Column("to", Integer(64)),), (ForeignKey(("to",), ID, ("id",)),))


async def canonical(session: Session, catalog: Catalog) -> Catalog:
    return await DRIVER.canonical(session, DIALECT.lower(catalog, session.server))


async def prepare(path: Path, catalog: Catalog) -> None:
    """A file with the catalog and two rows in `t`."""
    session = await DRIVER.connect(ConnectionParameters(database=str(path)))
    await change(session, Catalog((Namespace(""),)), await canonical(session, catalog))
    await session.execute(
        Sql("INSERT INTO t (id, a, b, j, m, l, z) VALUES (7, 'a', 1, '[1]', 'a', ['x'], '1'), (9, 'b', 2, NULL, 'b', NULL, '2')")
    )
    await session.close()


async def change(session: Session, before: Catalog, after: Catalog) -> None:
    """The plan from one to the other, in one transaction."""
    plan = build_plan(
        before, after, dialect="duckdb", server=session.server, traits=DIALECT.traits(session.server),
        options=PlanOptions(allow=("*:*",)), assumed=False,
    )  # fmt: skip
    assert not plan.refusals, [str(item) for item in plan.refusals]
    async with session.transaction():
        for step in plan.steps:
            for sql in DIALECT.render(step):
                await session.execute(sql)


async def change_and_die(folder: Path, variant: str) -> None:
    """One line a case: its name and the fingerprint of what the file should hold."""
    for name, (before, after) in cases(variant).items():
        session = await DRIVER.connect(ConnectionParameters(database=str(folder / f"{name}.duckdb")))
        wanted = await canonical(session, after)
        await change(session, await canonical(session, before), wanted)
        print(name, fingerprint(map_tables(wanted, lambda table: replace(table, seed=None))), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


async def read_again(folder: Path, variant: str) -> None:
    """One line a case: its name, the fingerprint of what the file holds, and the rows of `t`."""
    for name in cases(variant):
        session = await DRIVER.connect(ConnectionParameters(database=str(folder / f"{name}.duckdb")))
        found = await DRIVER.inspect(session)
        rows = await session.fetch(Sql("SELECT id, b, l FROM t ORDER BY id"))
        if any(column.identity for table in found.tables for column in table.columns):
            rows += await session.fetch(Sql("SELECT nextval('t_id_seq')"))
        print(name, fingerprint(found), rows, flush=True)
        await session.close()


if __name__ == "__main__":
    asyncio.run((change_and_die if sys.argv[1] == "change" else read_again)(Path(sys.argv[2]), sys.argv[3]))
