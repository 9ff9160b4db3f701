"""Rows into every live server and back: every type with awkward values, by every writer, and what stops a write."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from schemagen.catalog import types as sql
from schemagen.catalog.batch import Batch, BatchColumn, Counts, Mode, arrow_type
from schemagen.catalog.objects import Column, EnumType, ForeignKey, PrimaryKey, StructMember, StructType, Table
from schemagen.dialects.base import Session, staging
from schemagen.errors import SchemagenError
from tests.dialects.payloads import TEXTS
from tests.servers.live import Live

UTC = dt.UTC
STRINGS = [text.replace("\0", "") for text in TEXTS]
NASTY = ["", " ", "\\N", "\t", "\n", "\r\n", "NULL", "é", "😀", "\u2028", "\ufeff", "\x01", "a" * 5000, *STRINGS, "x" * 100_000]
LABELS = tuple(dict.fromkeys(text for text in ("a", "it's", *STRINGS) if len(text.encode()) <= 63))
ENUM = EnumType(sql.ObjectId("enum", "", "mood"), LABELS)
MEMBERS = (StructMember("street", sql.Text()), StructMember("n", sql.Integer(16)), StructMember("doc", sql.Json()))
STRUCT = StructType(sql.ObjectId("struct", "", "place"), MEMBERS)
# A type, and values that come back as they are: what `values` of a BatchColumn holds.
VALUES: list[tuple[sql.SqlType, list[Any]]] = [
    (sql.Boolean(), [True, False]),
    *((sql.Integer(bits), [-(2 ** (bits - 1)), 0, 2 ** (bits - 1) - 1]) for bits in (8, 16, 32, 64, 128)),
    *((sql.Integer(bits, unsigned=True), [0, 2**bits - 1]) for bits in (8, 16, 32, 64, 128)),
    (sql.Real(32), [0.5, 0.1, 12.345679, -1e30, -1.25]),
    (sql.Real(64), [0.0, -0.0, 0.1, 1e308, 5e-324, -1.7976931348623157e308, 2.0**53 + 2]),
    (sql.Numeric(10, 2), [Decimal("99999999.99"), Decimal("-0.01")]),
    (sql.Numeric(38, 0), [Decimal(10**38 - 1), Decimal(-(10**38) + 1)]),
    (sql.Numeric(38, 10), [Decimal("1234567890123456789012345678.0123456789")]),
    (sql.Numeric(50, 2), [Decimal("1" * 48 + ".25")]),
    (sql.Numeric(), [Decimal("0.1"), Decimal("1e-400"), Decimal(10) ** 400, Decimal("123.4500"), Decimal(10**60 + 1)]),
    (sql.Text(), NASTY),
    (sql.Text(5), ["", "é😀x\\\t", "😀😀😀😀😀"]),
    (sql.Binary(), [b"", b"\0\xff'\\", bytes(range(256))]),
    (sql.Binary(2, fixed=True), [b"ab", b"\0\xff"]),
    (sql.Date(), [dt.date(1, 1, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 31)]),
    (sql.Time(), [dt.time(0), dt.time(23, 59, 59, 999999)]),
    (sql.Time(6, zoned=True), [dt.time(1, 2, 3, tzinfo=UTC), dt.time(12, 0, 0, 5, dt.timezone(dt.timedelta(hours=5, minutes=45)))]),
    (sql.Timestamp(), [dt.datetime(1, 1, 1, tzinfo=UTC), dt.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)]),
    (sql.Timestamp(False), [dt.datetime(1, 1, 1), dt.datetime(2024, 3, 31, 2, 30, 0, 1)]),
    (sql.Timestamp(True, 3), [dt.datetime(2024, 1, 1, 1, 1, 1, 123000, UTC)]),
    (sql.Interval(), [dt.timedelta(0), dt.timedelta(days=-5, microseconds=7), dt.timedelta(days=400000)]),
    (sql.Uuid(), [UUID(int=0), UUID(int=2**128 - 1), UUID("12345678-1234-5678-9abc-def012345678")]),
    (sql.Json(), ["null", '"é\\\\"', '{"a": 1.0, "é😀": [12345678901234567890.1234567890]}']),
    (sql.Json(binary=False), ['{"b" :1,"a": 1.50}', "[]", '{"a": ["\\u0041", 1.0, 1e400, null]}', '"text"', " 1 "]),
    (sql.Inet(), ["127.0.0.1", "1.2.3.4", "::1", "2001:db8::"]),
    (sql.EnumRef(ENUM.id), list(LABELS)),
    (sql.InlineEnum(("x", "y'")), ["x", "y'"]),
    (sql.StructRef(STRUCT.id), [{"street": "a,\"b\\", "n": None, "doc": '{"x": 1.0}'}, {"street": None, "n": -1, "doc": None}]),
    (sql.ArrayType(sql.Text()), [[], NASTY, ["a", None, "", "NULL", '"q\\', "{,}"]]),
    (sql.ArrayType(sql.Text(3)), [["abc", None]]),
    (sql.ArrayType(sql.Integer(16)), [[1, None]]),
    (sql.ArrayType(sql.Integer(64, unsigned=True)), [[2**64 - 1, None]]),
    (sql.ArrayType(sql.Integer(128)), [[2**126, None]]),
    (sql.ArrayType(sql.Real(32)), [[0.5, None]]),
    (sql.ArrayType(sql.Numeric(10, 2)), [[Decimal("0.10"), None]]),
    (sql.ArrayType(sql.Boolean()), [[True, None]]),
    (sql.ArrayType(sql.Date()), [[dt.date(2024, 2, 29)]]),
    (sql.ArrayType(sql.Timestamp()), [[dt.datetime(2024, 1, 1, tzinfo=UTC), None]]),
    (sql.ArrayType(sql.Uuid()), [[UUID(int=7)], [], [None, UUID(int=0), UUID(int=1)]]),
    (sql.ArrayType(sql.Json()), [['{"a": 1}', None]]),
    (sql.ArrayType(sql.EnumRef(ENUM.id)), [["it's", None], []]),
    (sql.ArrayType(sql.Inet()), [["1.2.3.4"]]),
    (sql.ArrayType(sql.StructRef(STRUCT.id)), [[{"street": "a", "n": 1, "doc": None}]]),
]  # fmt: skip
ID_AND_TEXT = (Column("id", sql.Integer(64), False), Column("v", sql.Text()))
KEYED = Table(sql.ObjectId("table", "", "keyed"), ID_AND_TEXT, (PrimaryKey(("id",), "pk_keyed"),))


def shown(kind: sql.SqlType, value: Any) -> Any:
    """A value with its type, as far as the column tells it: a number of a wider type, its text, zones of one offset."""
    match kind, value:
        case _, None:
            return None
        case sql.ArrayType(item), list():
            return [shown(item, element) for element in value]
        case ((sql.Integer() | sql.Numeric()), _):
            return Decimal(value)
        case sql.Real(32), float():
            return struct.pack("f", value)
        case _, dt.datetime() | dt.time():
            return value.isoformat()
        case _:
            return repr(value)


@asynccontextmanager
async def opened(live: Live, *tables: Table) -> AsyncIterator[tuple[Session, list[Table]]]:
    """A database of just these tables, with their enum and composite types; and the tables as the server has them."""
    structs = () if live.traits.struct_types else (STRUCT,)
    session, made = await live.made(*tables, enums=(ENUM,), structs=structs)
    try:
        yield session, list(made)
    finally:
        await session.close()


def is_held(live: Live, table: Table) -> bool:
    """Whether the server has types for the columns; the laws of `lower` say how it refuses others."""
    try:
        live.lowered(table, enums=(ENUM,), structs=(STRUCT,) if "place" in str(table) else ())
    except SchemagenError:
        return False
    return True


async def given(*batches: Batch) -> AsyncIterator[Batch]:
    for batch in batches:
        yield batch


async def rows_of(live: Live, session: Session, table: Table, key: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    return [row async for part in live.driver.read(session, table, key) for row in part.rows()]


def batch(*ids: int) -> Batch:
    return Batch((BatchColumn("id", sql.Integer(64), list(ids)), BatchColumn("v", sql.Text(), [str(number) for number in ids])))


@pytest.mark.parametrize("by_stage", [True, False], ids=["staged", "straight"])
@pytest.mark.parametrize(("kind", "values"), VALUES, ids=lambda item: str(item)[:40] if not isinstance(item, list) else "")
async def test_values_of_every_type_come_back(live: Live, kind: sql.SqlType, values: list[Any], by_stage: bool) -> None:
    """Batches carry the types from before `lower`; NULL stands among the values."""
    table = Table(sql.ObjectId("table", "", "t"), (Column("id", sql.Integer(32), False), Column("v", kind)), (PrimaryKey(("id",)),))
    if not is_held(live, table):
        return
    async with opened(live, table) as (session, (target,)):
        wanted = list(enumerate([None, *values]))
        columns = [
            BatchColumn("v", kind, [value for _, value in wanted], structs=(STRUCT,)),
            BatchColumn("id", sql.Integer(32), [number for number, _ in wanted]),
        ]
        driver = live.driver
        async with session.transaction():
            into = staging(target) if by_stage else target
            assert await driver.stage(session, into, given(Batch(tuple(columns)))) == len(wanted)
            if by_stage:
                assert (await driver.merge(session, target, Mode.UPSERT)).counts == Counts(len(wanted), inserted=len(wanted))
        found = await rows_of(live, session, target)
        assert [number for number, _ in found] == [number for number, _ in wanted]
        assert [shown(kind, value) for _, value in found] == [shown(kind, value) for _, value in wanted]
        async with session.transaction():
            assert found[-1] in await rows_of(live, session, target, {"id": len(values)})
        async with session.transaction():
            await driver.stage(session, staging(target), given(Batch(tuple(columns), range(len(wanted)))))
            assert (await driver.merge(session, target, Mode.UPSERT)).counts == Counts(len(wanted), unchanged=len(wanted))


async def test_many_batches_are_one_write_and_read_in_order_of_the_key(live: Live) -> None:
    async with opened(live, KEYED) as (session, (table,)):
        numbers = list(range(20_000))
        parts = [batch(*numbers[start : start + 1_000]) for start in reversed(range(0, 20_000, 1_000))]
        async with session.transaction():
            assert await live.driver.stage(session, table, given(*parts)) == 20_000
        sizes = [len(part) async for part in live.driver.read(session, table)]
        assert len(sizes) > 2
        assert sum(sizes) == 20_000
        assert [row[0] for row in await rows_of(live, session, table)] == numbers


async def test_arrow_arrays_are_written_as_they_are(live: Live) -> None:
    async with opened(live, KEYED) as (session, (table,)):
        ids = pa.chunked_array([pa.array([None, 1, 2], arrow_type(sql.Integer(64)))]).chunk(0).slice(1)
        columns = (BatchColumn("id", sql.Integer(64), given_array=ids), BatchColumn("v", sql.Text(), given_array=pa.array(["a", None])))
        async with session.transaction():
            await live.driver.stage(session, table, given(Batch(columns)))
        assert await rows_of(live, session, table) == [(1, "a"), (2, None)]


@pytest.mark.parametrize("kind", [sql.Text(), sql.Inet()], ids=str)
@pytest.mark.parametrize("error", [OSError("x" * 20_000), ZeroDivisionError(), SchemagenError("SYNTAX", "f:1", "is no JSON")], ids=str)
async def test_what_the_source_raises_comes_out_and_nothing_is_written(live: Live, error: Exception, kind: sql.SqlType) -> None:
    async def broken() -> AsyncIterator[Batch]:
        yield Batch((BatchColumn("v", kind, ["1.2.3.4"]),))
        raise error

    async with opened(live, Table(sql.ObjectId("table", "", "t"), (Column("v", kind),))) as (session, (table,)):
        with pytest.raises(type(error)) as caught:
            await _write(live, session, table, broken())
        assert caught.value is error
        assert await rows_of(live, session, table) == []


async def _write(live: Live, session: Session, table: Table, batches: AsyncIterator[Batch]) -> int:
    async with session.transaction():
        return await live.driver.stage(session, table, batches)


async def test_a_row_that_the_table_refuses_stops_a_straight_write(live: Live) -> None:
    async with opened(live, KEYED) as (session, (table,)):
        assert await _write(live, session, table, given(batch(1, 2))) == 2
        with pytest.raises(SchemagenError, match=r"DUPLICATE_KEY: keyed: "):
            await _write(live, session, table, given(batch(3, 2)))
        assert await rows_of(live, session, table) == [(1, "1"), (2, "2")]


@pytest.mark.parametrize("mode", [Mode.UPSERT, Mode.DELETE])
async def test_a_table_without_key_is_only_inserted_into(live: Live, mode: Mode) -> None:
    async with opened(live, Table(sql.ObjectId("table", "", "t"), (Column("v", sql.Text()),))) as (session, (table,)):
        with pytest.raises(SchemagenError, match=r"NO_KEY: t: .*primary key"):
            await live.driver.merge(session, table, mode)


async def test_a_row_that_others_need_is_not_deleted(live: Live) -> None:
    child = Table(sql.ObjectId("table", "", "zchild"), (Column("to", sql.Integer(64)),), (ForeignKey(("to",), KEYED.id, ("id",)),))
    async with opened(live, KEYED, child) as (session, (table, other)):
        await _write(live, session, table, given(batch(1, 2, 3)))
        await _write(live, session, other, given(Batch((BatchColumn("to", sql.Integer(64), [2]),))))
        async with session.transaction():
            await live.driver.stage(session, staging(table), given(Batch((BatchColumn("id", sql.Integer(64), [1, 2, 3, 3, 4]),), range(5))))
            result = await live.driver.merge(session, table, Mode.DELETE)
        assert result.counts == Counts(5, deleted=2, superseded=1, unchanged=1, rejected=1)
        assert [(item.seq, item.code) for item in result.rejects] == [(1, "FK_ORPHAN")]


async def test_a_row_is_claimed_once_and_amended_and_removed_by_its_key(live: Live) -> None:
    ledger = Table(
        sql.ObjectId("table", "", "_schemagen_ledger"),
        (Column("id", sql.Text(), False), Column("n", sql.Integer(64), False), Column("at", sql.Timestamp()), Column("hash", sql.Binary())),
        (PrimaryKey(("id", "n")),),
    )
    moment = dt.datetime(2024, 5, 1, 12, tzinfo=UTC)
    row = {"id": "x'y", "n": 1, "at": moment, "hash": b"\0"}
    async with opened(live, ledger) as (session, (table,)):
        async with session.transaction():
            assert await session.claim(table, row)
            assert not await session.claim(table, {**row, "hash": b"other"})
            assert await session.claim(table, {**row, "n": 2})
        assert await session.amend(table, {"id": "x'y", "n": 2}, {"at": None, "hash": b"z"}) == 1
        assert await session.amend(table, {"id": "none"}, {"at": None}) == 0
        assert await rows_of(live, session, table) == [("x'y", 1, moment, b"\0"), ("x'y", 2, None, b"z")]
        assert await session.remove(table, {"id": "x'y"}) == 2
