"""Each row of a live server's conversion matrix on that server: probes count what would be lost, the change keeps the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog.expressions import AtLeast, InList
from schemagen.catalog.objects import Catalog, EnumType, Namespace
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, Text
from schemagen.dialects.base import Session
from schemagen.errors import SchemagenError
from schemagen.plan.changes import CreateEnum
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Safety
from schemagen.sql import Sql, lit, raw
from tests.conftest import ROOT
from tests.dialects.scripts import ALL
from tests.servers.live import ENTRIES, Live, run

ID = ObjectId("table", "", "t")


def rows(name: str) -> list[dict[str, str]]:
    head, *lines = (ROOT / "tests/cases/dialects" / name / "casts.tsv").read_text().splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


CASES = [pytest.param(name, case, id=f"{name}-{case['before']} to {case['after']}") for name in ENTRIES for case in rows(name)]


def values(text: str) -> list[str]:
    return text.split(";") if text else []


async def filled(session: Session, kind: str, given: list[str]) -> None:
    await session.execute(Sql("DROP TABLE IF EXISTS t"))
    await session.execute(Sql("CREATE TABLE t (id integer, c {})", raw(kind)))
    await session.execute(Sql("INSERT INTO t VALUES (0, NULL)"))
    for number, value in enumerate(given, 1):
        await session.execute(Sql("INSERT INTO t VALUES ({}, CAST(CAST({} AS text) AS {}))", lit(number), lit(value), raw(kind)))


async def changed(live: Live, session: Session, case: dict[str, str]) -> list[str | None]:
    """The column as text after its type was changed, whatever is lost."""
    found = await live.driver.inspect(session)
    (old,) = found.tables
    new = replace(old, columns=(old.columns[0], replace(old.columns[1], type=live.parse(case["after"]))))
    made = Catalog((Namespace("", (new,)),))
    plan = build_plan(found, made, dialect=live.name, server=session.server, traits=live.traits, options=ALL, assumed=False)
    await run(session, (sql for step in plan.steps for sql in live.dialect.render(step)))
    return [text for (text,) in await session.fetch(Sql("SELECT CAST(c AS text) FROM t ORDER BY id"))]


@pytest.mark.parametrize(("name", "case"), CASES)
async def test_conversion_does_what_its_row_says(request: pytest.FixtureRequest, name: str, case: dict[str, str]) -> None:
    live = ENTRIES[name](request)
    before, after = live.parse(case["before"]), live.parse(case["after"])
    conversion = live.traits.convert(before, after)
    assert (conversion.safety, conversion.probe or "") == (Safety[case["safety"]], case["probe"])
    if conversion.safety is Safety.REFUSE:
        assert conversion.reason
        return
    kept = [(value.split("=", 1) * 2)[:2] for value in values(case["kept"])]
    lost = values(case["lost"])
    session = await live.cleared()
    try:
        await filled(session, case["before"], [given for given, _ in kept] + lost)
        if conversion.probe is not None:
            probe = Probe(conversion.probe, ID, ("c",), before=before, to=after)  # type: ignore[arg-type]  # the probe's kind
            assert await session.fetch(live.dialect.query(probe)) == [(len(lost),)]
        await filled(session, case["before"], [given for given, _ in kept])
        assert await changed(live, session, case) == [None] + [wanted for _, wanted in kept]
        assert (await live.driver.inspect(session)).tables[0].column("c").type == after
    finally:
        await session.close()


NARROWED = [row for row in CASES if row.values[0] == "postgresql" and row.values[1]["probe"] == "TOO_LONG"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(("name", "case"), NARROWED)
async def test_a_narrowing_that_is_forced_fails_instead_of_cutting(request: pytest.FixtureRequest, name: str, case: dict[str, str]) -> None:
    """Where lengths are kept; DuckDB has none."""
    live = ENTRIES[name](request)
    session = await live.cleared()
    try:
        await filled(session, case["before"], values(case["lost"])[:1])
        with pytest.raises(SchemagenError, match="22001"):
            await changed(live, session, case)
    finally:
        await session.close()


async def test_a_probe_against_labels_counts_what_is_none_of_them(live: Live) -> None:
    """By the labels where the type is not made yet, else by the type."""
    session = await live.cleared()
    try:
        await session.execute(Sql("CREATE TABLE t (c text)"))
        await session.execute(Sql("INSERT INTO t VALUES ('a'), ('b'), ('z'), (NULL)"))
        probe = Probe("NOT_CASTABLE", ID, ("c",), before=Text(), to=EnumRef(ObjectId("enum", "", "mood")))
        assert await session.fetch(live.dialect.query(probe)) == [(3,)]
        labelled = replace(probe, values=("a", "b"))
        assert await session.fetch(live.dialect.query(labelled)) == [(1,)]
        await session.execute(Sql("CREATE TYPE mood AS ENUM ('a', 'b')"))
        assert await session.fetch(live.dialect.query(probe)) == [(1,)]
    finally:
        await session.close()


MOOD = EnumType(ObjectId("enum", "", "mood"), ("a", "it's"))
ELSEWHERE = ObjectId("enum", "shop", "mood")
COUNTS = [
    (Probe("ROWS", ID), 5),
    (Probe("NULLS", ID, ("b",)), 2),
    (Probe("NOT_EMPTY", ID), 5),
    (Probe("NOT_EMPTY", ID, ("b",)), 3),
    (Probe("DUPLICATES", ID, ("a",)), 2),
    (Probe("DUPLICATES", ID, ("a", "b")), 1),
    (Probe("ORPHANS", ID, ("a",), ObjectId("table", "shop", "p"), ("x",)), 1),
    (Probe("VIOLATIONS", ID, expr=InList("v", ("a", "b"))), 2),
    (Probe("VIOLATIONS", ID, expr=AtLeast("b", 2)), 2),
    (Probe("VALUES_USED", ID, ("m",), before=EnumRef(MOOD.id), values=("it's", "gone")), 1),
    (Probe("VALUES_USED", ID, ("v",), values=("it's",)), 1),
    (Probe("VALUES_USED", ID, ("l",), before=ArrayType(EnumRef(MOOD.id)), values=("a",)), 1),
    (Probe("TOO_LONG", ID, ("v",), before=Text(), to=Text(3)), 2),
    (Probe("NOT_CASTABLE", ID, ("v",), before=Text(), to=EnumRef(MOOD.id)), 1),
    (Probe("NOT_CASTABLE", ID, ("v",), before=Text(), to=EnumRef(ELSEWHERE)), 4),
]


async def test_probes_count_rows_that_stand_in_the_way(live: Live) -> None:
    session = await live.cleared()
    try:
        await run(session, live.dialect.render(Step(CreateEnum(MOOD))))
        statements = (
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.p (x INTEGER)",
            "INSERT INTO shop.p VALUES (1), (2)",
            "CREATE TABLE t (a INTEGER, b INTEGER, v VARCHAR, m mood, l mood[])",
            "INSERT INTO t VALUES (1, 1, 'a', 'a', CAST(ARRAY['a'] AS mood[])), (1, 1, 'it''s', 'it''s', CAST(ARRAY[] AS mood[]))",
            "INSERT INTO t VALUES (1, NULL, 'a', NULL, CAST(ARRAY['it''s'] AS mood[]))",
            "INSERT INTO t VALUES (2, NULL, 'long', 'a', NULL), (3, 3, NULL, NULL, NULL)",
        )
        await run(session, map(Sql, statements))
        for probe, count in COUNTS:
            assert await session.fetch(live.dialect.query(probe)) == [(count,)], probe
    finally:
        await session.close()
