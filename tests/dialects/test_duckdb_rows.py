"""Values of every type go into DuckDB and come back equal; single rows are claimed, amended and removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from schemagen.catalog.batch import Batch, BatchColumn, Mode
from schemagen.catalog.objects import Catalog, Column, EnumType, Namespace, PrimaryKey, Table
from schemagen.catalog.types import (
    ArrayType,
    Binary,
    Boolean,
    Date,
    EnumRef,
    Inet,
    InlineEnum,
    Integer,
    Interval,
    Json,
    Numeric,
    ObjectId,
    Real,
    SqlType,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.dialects.base import Session, staging
from schemagen.dialects.duckdb.dialect import DIALECT
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.errors import SchemagenError
from schemagen.url import ConnectionParameters
from tests.laws.test_duckdb_laws import apply

UTC = dt.UTC
NASTY = ["", " ", "'", '"', "\\", "\\N", "\t", "\n", "\r\n", "{}", "%s", "NULL", "é", "😀", "\u2028", "\ufeff", "\x01", "a" * 5000]
ENUM = EnumType(ObjectId("", "mood"), ("a", "it's", "", "😀"))
VALUES: list[tuple[SqlType, list[Any]]] = [
    (Boolean(), [True, False]),
    *((Integer(bits), [-(2 ** (bits - 1)), 0, 2 ** (bits - 1) - 1]) for bits in (8, 16, 32, 64, 128)),
    *((Integer(bits, unsigned=True), [0, 2**bits - 1]) for bits in (8, 16, 32, 64, 128)),
    (Real(), [0.0, -0.0, 0.1, 1e308, 5e-324, 2.0**53 + 2]),
    (Real(32), [0.5, -1.25]),
    (Numeric(10, 2), [Decimal("12345678.90"), Decimal("-0.01")]),
    (Numeric(38, 0), [Decimal(10**38 - 1), Decimal(-(10**38) + 1)]),
    (Numeric(), [Decimal("1"), Decimal("0.1000"), Decimal("1E-30"), Decimal(10**60 + 1)]),
    (Text(), NASTY),
    (Text(5), ["12345", "😀😀😀😀😀"]),
    (Binary(), [b"", b"\0\xff'\\", bytes(range(256))]),
    (Binary(2, fixed=True), [b"ab", b"\0\xff"]),
    (Date(), [dt.date(1, 1, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 31)]),
    (Time(), [dt.time(0), dt.time(23, 59, 59, 999999)]),
    (Time(zoned=True), [dt.time(12, 0, tzinfo=UTC), dt.time(12, 0, 0, 5, dt.timezone(dt.timedelta(hours=5, minutes=45)))]),
    (Timestamp(zoned=True), [dt.datetime(1, 1, 1, tzinfo=UTC), dt.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)]),
    (Timestamp(zoned=False), [dt.datetime(1, 1, 1), dt.datetime(2024, 3, 31, 2, 30, 0, 1)]),
    (Interval(), [dt.timedelta(0), dt.timedelta(days=-5, microseconds=7), dt.timedelta(days=400000)]),
    (Uuid(), [UUID(int=0), UUID(int=2**128 - 1), UUID("12345678-1234-5678-9abc-def012345678")]),
    (Json(), ['{"a": ["\\u0041", 1.0, 1e400, null]}', '"text"', "null", " 1 "]),
    (Inet(), ["127.0.0.1", "::1"]),
    (EnumRef(ENUM.id), list(ENUM.values)),
    (InlineEnum(("x", "y'")), ["x", "y'"]),
    (ArrayType(Text()), [[], NASTY, [None, "a"]]),
    (ArrayType(Uuid()), [[UUID(int=7)], [], [None, UUID(int=0), UUID(int=1)]]),
    (ArrayType(Integer(128)), [[2**126, None]]),
    (ArrayType(Timestamp()), [[dt.datetime(2024, 1, 1, tzinfo=UTC), None]]),
    (ArrayType(EnumRef(ENUM.id)), [["it's", None], []]),
    (ArrayType(Numeric(10, 2)), [[Decimal("0.10")]]),
    (ArrayType(Json()), [["1", '{"a": 1}']]),
]


def shown(value: Any) -> str:
    """A value with its type; zones of one offset are equal."""
    if isinstance(value, list):
        return str([shown(item) for item in value])
    return value.isoformat() if isinstance(value, dt.datetime | dt.time) else repr(value)


async def one(batch: Batch) -> AsyncIterator[Batch]:
    yield batch


async def made(table: Table, *enums: EnumType) -> tuple[Session, Table]:
    session = await DRIVER.connect(ConnectionParameters())
    wanted = DIALECT.lower(Catalog((Namespace("", (table,), enums),)), session.server)
    await apply(session, wanted)
    return session, wanted.tables[0]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=lambda item: str(item)[:40] if not isinstance(item, list) else "")
@pytest.mark.parametrize("staged", [False, True])
async def test_values_come_back_as_they_went_in(kind: SqlType, values: list[Any], staged: bool) -> None:
    table = Table(ObjectId("", "t"), (Column("n", Integer(64), False), Column("v", kind)), (PrimaryKey(("n",)),))
    session, lowered = await made(table, ENUM)
    try:
        all_values = [*values, None]
        batch = Batch((BatchColumn("n", Integer(64), range(len(all_values))), BatchColumn("v", kind, all_values)), range(len(all_values)))
        async with session.transaction():
            assert await DRIVER.stage(session, staging(lowered) if staged else lowered, one(batch)) == len(all_values)
            if staged:
                assert (await DRIVER.merge(session, lowered, Mode.UPSERT)).counts.inserted == len(all_values)
        found = [row async for part in DRIVER.read(session, lowered) for row in part.rows()]
        stored = [value for _, value in found]
        wanted = [format(value, "f") if isinstance(value, Decimal) and kind == Numeric() else value for value in all_values]
        assert [shown(value) for value in stored] == [shown(value) for value in wanted]
        async with session.transaction():
            within = [row async for part in DRIVER.read(session, lowered, {"v": stored[-2]}) for row in part.rows()]
            assert (len(values) - 1, stored[-2]) in within
        if staged:
            async with session.transaction():
                await DRIVER.stage(session, staging(lowered), one(batch))
                assert (await DRIVER.merge(session, lowered, Mode.UPSERT)).counts.unchanged == len(all_values)
    finally:
        await session.close()


async def test_a_row_is_claimed_once_and_amended_and_removed_by_its_key() -> None:
    table = Table(
        ObjectId("", "_schemagen_ledger"),
        (Column("id", Text(), False), Column("n", Integer(64), False), Column("at", Timestamp()), Column("hash", Binary())),
        (PrimaryKey(("id", "n")),),
    )
    session, lowered = await made(table)
    moment = dt.datetime(2024, 5, 1, 12, tzinfo=UTC)
    row = {"id": "x'y", "n": 1, "at": moment, "hash": b"\0"}
    try:
        async with session.transaction():
            assert await session.claim(lowered, row)
            assert not await session.claim(lowered, {**row, "hash": b"other"})
            assert await session.claim(lowered, {**row, "n": 2})
        assert await session.amend(lowered, {"id": "x'y", "n": 2}, {"at": None, "hash": b"z"}) == 1
        assert await session.amend(lowered, {"id": "none"}, {"at": None}) == 0
        assert [part.rows() async for part in DRIVER.read(session, lowered)] == [[("x'y", 1, moment, b"\0"), ("x'y", 2, None, b"z")]]
        assert await session.remove(lowered, {"id": "x'y"}) == 2
    finally:
        await session.close()


async def test_a_row_that_the_key_refuses_ends_the_straight_way() -> None:
    session, lowered = await made(Table(ObjectId("", "t"), (Column("n", Integer(64), False),), (PrimaryKey(("n",)),)))
    try:
        with pytest.raises(SchemagenError, match="DUPLICATE_KEY: t: "):
            async with session.transaction():
                await DRIVER.stage(session, lowered, one(Batch((BatchColumn("n", Integer(64), [1, 1]),))))
        async with session.transaction():
            assert await DRIVER.stage(session, lowered, one(Batch((BatchColumn("n", Integer(64), [1, 2]),)))) == 2
    finally:
        await session.close()


async def test_a_partial_upsert_touches_only_its_columns() -> None:
    session, lowered = await made(
        Table(
            ObjectId("", "t"),
            (Column("n", Integer(64), False), Column("a", Text()), Column("b", Text()), Column("c", Text(), False)),
            (PrimaryKey(("n",)),),
        )
    )
    columns = ("n", "a", "b", "c")
    try:
        full = Batch(
            tuple(BatchColumn(name, lowered.column(name).type, [value]) for name, value in zip(columns, (1, "a", "b", "c"), strict=True))
        )
        await DRIVER.stage(session, lowered, one(full))
        part = Batch((BatchColumn("n", Integer(64), [1, 1, 2]), BatchColumn("a", Text(), ["x", "y", "z"])), [0, 1, 2])
        async with session.transaction():
            await DRIVER.stage(session, staging(lowered), one(part))
            result = await DRIVER.merge(session, lowered, Mode.UPSERT, ("a",))
        counts = result.counts
        assert (counts.updated, counts.superseded, counts.inserted, counts.rejected) == (1, 1, 0, 1)
        assert [(item.seq, item.code, item.message) for item in result.rejects] == [(2, "CONSTRAINT", 'column "c" admits no NULL')]
        assert [row async for batch in DRIVER.read(session, lowered) for row in batch.rows()] == [(1, "y", "b", "c")]
    finally:
        await session.close()


async def test_an_upsert_without_a_key_is_refused() -> None:
    session, lowered = await made(Table(ObjectId("", "t"), (Column("n", Integer(64)),)))
    try:
        for mode in (Mode.UPSERT, Mode.DELETE):
            with pytest.raises(SchemagenError, match="NO_KEY: t: has no primary key"):
                await DRIVER.merge(session, lowered, mode)
    finally:
        await session.close()
