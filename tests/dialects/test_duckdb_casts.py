"""Each row of DuckDB's conversion matrix on DuckDB: probes count what would be lost, the rebuild keeps the rest; and the other probes."""

from __future__ import annotations

import pytest

from schemagen.catalog.expressions import AtLeast, InList
from schemagen.catalog.objects import Column, EnumType, Table
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, Text
from schemagen.dialects.base import Session
from schemagen.dialects.duckdb.dialect import DIALECT
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.dialects.duckdb.types import parse_type
from schemagen.plan.changes import AlterColumnType, CreateEnum, RebuildTable
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Safety
from schemagen.sql import Sql, lit, raw
from schemagen.url import ConnectionParameters
from tests.conftest import ROOT

HEAD, *LINES = (ROOT / "tests/cases/dialects/duckdb/casts.tsv").read_text().splitlines()
CASES = [dict(zip(HEAD.split("\t"), line.split("\t"), strict=True)) for line in LINES]
ID = ObjectId("", "t")


def values(text: str) -> list[str]:
    return text.split(";") if text else []


async def filled(session: Session, kind: str, given: list[str]) -> None:
    await session.execute(Sql("DROP TABLE IF EXISTS t"))
    await session.execute(Sql("CREATE TABLE t (id INTEGER, c {})", raw(kind)))
    await session.execute(Sql("INSERT INTO t VALUES (0, NULL)"))
    for number, value in enumerate(given, 1):
        await session.execute(Sql("INSERT INTO t VALUES ({}, CAST({} AS {}))", lit(number), lit(value), raw(kind)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['before']} to {case['after']}")
async def test_conversion_does_what_its_row_says(case: dict[str, str]) -> None:
    before, after = (parse_type(case[side], lambda _: None) for side in ("before", "after"))
    conversion = DIALECT.traits(DIALECT.assumed_server).convert(before, after)
    assert (conversion.safety, conversion.probe or "") == (Safety[case["safety"]], case["probe"])
    if conversion.safety is Safety.REFUSE:
        assert conversion.reason
        return
    kept = [(value.split("=", 1) * 2)[:2] for value in values(case["kept"])]
    lost = values(case["lost"])
    session = await DRIVER.connect(ConnectionParameters())
    try:
        await filled(session, case["before"], [given for given, _ in kept] + lost)
        if conversion.probe is not None:
            probe = Probe(conversion.probe, ID, ("c",), before=before, to=after)  # type: ignore[arg-type]  # the probe's kind
            assert await session.fetch(DIALECT.query(probe)) == [(len(lost),)]
        await filled(session, case["before"], [given for given, _ in kept])
        old = (await DRIVER.inspect(session)).tables[0]
        change = AlterColumnType(ID, Column("c", before), Column("c", after))
        new = Table(ID, (old.columns[0], change.after))
        for sql in DIALECT.render(Step(RebuildTable(old, new, (change,)), old, new)):
            await session.execute(sql)
        found = await session.fetch(Sql("SELECT CAST(c AS VARCHAR) FROM t ORDER BY id"))
        assert [text for (text,) in found] == [None] + [wanted for _, wanted in kept]
        assert (await DRIVER.inspect(session)).tables[0].column("c").type == after
    finally:
        await session.close()


MOOD = EnumType(ObjectId("", "mood"), ("a", "it's"))
COUNTS = [
    (Probe("ROWS", ID), 5),
    (Probe("NULLS", ID, ("b",)), 2),
    (Probe("NOT_EMPTY", ID), 5),
    (Probe("NOT_EMPTY", ID, ("b",)), 3),
    (Probe("DUPLICATES", ID, ("a",)), 2),
    (Probe("DUPLICATES", ID, ("a", "b")), 1),
    (Probe("ORPHANS", ID, ("a",), ObjectId("shop", "p"), ("x",)), 1),
    (Probe("VIOLATIONS", ID, expr=InList("v", ("a", "b"))), 2),
    (Probe("VIOLATIONS", ID, expr=AtLeast("b", 2)), 2),
    (Probe("VALUES_USED", ID, ("m",), values=("it's", "gone")), 1),
    (Probe("VALUES_USED", ID, ("v",), values=("it's",)), 1),
    (Probe("VALUES_USED", ID, ("l",), before=ArrayType(EnumRef(MOOD.id)), values=("a",)), 1),
    (Probe("TOO_LONG", ID, ("v",), to=Text(3)), 2),
    (Probe("NOT_CASTABLE", ID, ("v",), before=Text(), to=EnumRef(MOOD.id)), 1),
    (Probe("NOT_CASTABLE", ID, ("v",), before=Text(), to=EnumRef(ObjectId("shop", "mood"))), 4),
]


async def test_probes_count_rows_that_stand_in_the_way() -> None:
    session = await DRIVER.connect(ConnectionParameters())
    try:
        for sql in DIALECT.render(Step(CreateEnum(MOOD))):
            await session.execute(sql)
        for text in (
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.p (x INTEGER)",
            "INSERT INTO shop.p VALUES (1), (2)",
            "CREATE TABLE t (a INTEGER, b INTEGER, v VARCHAR, m mood, l mood[])",
            "INSERT INTO t VALUES (1, 1, 'a', 'a', ['a']), (1, 1, 'it''s', 'it''s', []), (1, NULL, 'a', NULL, ['it''s'])",
            "INSERT INTO t VALUES (2, NULL, 'long', 'a', NULL), (3, 3, NULL, NULL, NULL)",
        ):
            await session.execute(Sql(text))
        for probe, count in COUNTS:
            assert await session.fetch(DIALECT.query(probe)) == [(count,)], probe
    finally:
        await session.close()
