"""Each row of PostgreSQL's conversion matrix on a server: probes count what would be lost, the change keeps the rest."""

from __future__ import annotations

import pytest

from schemagen.catalog.objects import Column
from schemagen.catalog.types import EnumRef, ObjectId, Text
from schemagen.dialects.base import Session
from schemagen.dialects.postgresql.dialect import DIALECT
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.dialects.postgresql.types import type_from_text
from schemagen.errors import SchemagenError
from schemagen.plan.changes import AlterColumnType
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Safety
from schemagen.sql import Sql, lit, raw
from schemagen.url import parse_url
from tests.conftest import ROOT

HEAD, *LINES = (ROOT / "tests/cases/dialects/postgresql/casts.tsv").read_text().splitlines()
CASES = [dict(zip(HEAD.split("\t"), line.split("\t"), strict=True)) for line in LINES]
ID = ObjectId("", "t")


def named(case: dict[str, str]) -> str:
    return f"{case['before']} to {case['after']}"


def values(text: str) -> list[str]:
    return text.split(";") if text else []


async def filled(session: Session, case: dict[str, str], given: list[str]) -> None:
    await session.execute(Sql("DROP TABLE IF EXISTS t"))
    await session.execute(Sql("CREATE TABLE t (id integer, c {})", raw(case["before"])))
    await session.execute(Sql("INSERT INTO t VALUES (0, NULL)"))
    for number, value in enumerate(given, 1):
        await session.execute(Sql("INSERT INTO t VALUES ({}, {}::text::{})", lit(number), lit(value), raw(case["before"])))


async def changed(session: Session, case: dict[str, str]) -> list[str | None]:
    before, after = Column("c", type_from_text(case["before"])), Column("c", type_from_text(case["after"]))
    for sql in DIALECT.render(Step(AlterColumnType(ID, before, after))):
        await session.execute(sql)
    return [text for (text,) in await session.fetch(Sql("SELECT c::text FROM t ORDER BY id"))]


@pytest.mark.parametrize("case", CASES, ids=named)
async def test_conversion_does_what_its_row_says(case: dict[str, str], postgresql_url: str) -> None:
    before, after = type_from_text(case["before"]), type_from_text(case["after"])
    conversion = DIALECT.traits(DIALECT.assumed_server).convert(before, after)
    assert (conversion.safety, conversion.probe or "") == (Safety[case["safety"]], case["probe"])
    if conversion.safety is Safety.REFUSE:
        assert conversion.reason
        return
    kept = [value.split("=", 1) for value in values(case["kept"])]
    lost = values(case["lost"])
    session = await DRIVER.connect(parse_url(postgresql_url)[1])
    try:
        await filled(session, case, [given for given, _ in kept] + lost)
        if conversion.probe is not None:
            probe = Probe(conversion.probe, ID, ("c",), before=before, to=after)  # type: ignore[arg-type]  # the probe's kind
            assert await session.fetch(DIALECT.query(probe)) == [(len(lost),)]
        await filled(session, case, [given for given, _ in kept])
        assert await changed(session, case) == [None] + [wanted for _, wanted in kept]
        found = await DRIVER.inspect(session)
        assert found.tables[0].column("c").type == after
    finally:
        await session.close()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["probe"] == "TOO_LONG"], ids=lambda case: f"{case['before']} to {case['after']}"
)
async def test_a_narrowing_that_is_forced_fails_instead_of_cutting(case: dict[str, str], postgresql_url: str) -> None:
    session = await DRIVER.connect(parse_url(postgresql_url)[1])
    try:
        await filled(session, case, values(case["lost"])[:1])
        with pytest.raises(SchemagenError, match="22001"):
            await changed(session, case)
    finally:
        await session.close()


async def test_a_probe_against_labels_counts_what_is_none_of_them(postgresql_url: str) -> None:
    """By the labels where the type is not made yet, else by the type."""
    session = await DRIVER.connect(parse_url(postgresql_url)[1])
    try:
        await session.execute(Sql("CREATE TABLE t (c text)"))
        await session.execute(Sql("INSERT INTO t VALUES ('a'), ('b'), ('z'), (NULL)"))
        probe = Probe("NOT_CASTABLE", ID, ("c",), before=Text(), to=EnumRef(ObjectId("", "mood")))
        assert await session.fetch(DIALECT.query(probe)) == [(3,)]
        labelled = Probe(probe.kind, ID, ("c",), before=probe.before, to=probe.to, values=("a", "b"))
        assert await session.fetch(DIALECT.query(labelled)) == [(1,)]
        await session.execute(Sql("CREATE TYPE mood AS ENUM ('a', 'b')"))
        assert await session.fetch(DIALECT.query(probe)) == [(1,)]
    finally:
        await session.close()
