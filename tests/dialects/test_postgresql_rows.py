"""Rows into PostgreSQL and back: every type with awkward values, by every writer, and what stops a write."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from schemagen.catalog.batch import Batch, BatchColumn, Counts, Mode, arrow_type
from schemagen.catalog.expressions import Literal
from schemagen.catalog.objects import (
    Catalog,
    Column,
    EnumType,
    ForeignKey,
    Identity,
    Namespace,
    PrimaryKey,
    StructMember,
    StructType,
    Table,
)
from schemagen.catalog.types import (
    ArrayType,
    Binary,
    Boolean,
    Date,
    EnumRef,
    Inet,
    Integer,
    Interval,
    Json,
    Numeric,
    ObjectId,
    Opaque,
    Real,
    SqlType,
    StructRef,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.dialects.base import Session, staging
from schemagen.dialects.postgresql.dialect import DIALECT
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.dialects.postgresql.wire import can_send
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, lit
from schemagen.url import parse_url
from tests.dialects.payloads import TEXTS
from tests.laws.test_postgresql_laws import apply

UTC = dt.UTC
STRINGS = [text.replace("\0", "") for text in TEXTS]
LABELS = tuple(text for text in STRINGS if len(text.encode()) <= 63)
ENUM = EnumType(ObjectId("", "mood"), LABELS)
STRUCT = StructType(ObjectId("", "place"), (StructMember("street", Text()), StructMember("n", Integer(16)), StructMember("doc", Json())))
# A type, and values that come back as they are: what `values` of a BatchColumn holds.
VALUES: list[tuple[SqlType, list[Any]]] = [
    (Boolean(), [True, False]),
    (Integer(8), [-128, 127]),
    (Integer(16), [-(2**15), 2**15 - 1]),
    (Integer(32), [-(2**31), 2**31 - 1]),
    (Integer(64), [-(2**63), 2**63 - 1, 2**53 + 1]),
    (Integer(8, unsigned=True), [0, 255]),
    (Integer(32, unsigned=True), [0, 2**32 - 1]),
    (Integer(64, unsigned=True), [0, 2**64 - 1]),
    (Integer(128), [-(2**127), 2**127 - 1]),
    (Real(32), [0.5, 0.1, 12.345679, -1e30]),
    (Real(64), [0.1, 5e-324, -1.7976931348623157e308, 12.3456789]),
    (Numeric(10, 2), [Decimal("99999999.99"), Decimal("-0.01")]),
    (Numeric(38, 10), [Decimal("1234567890123456789012345678.0123456789")]),
    (Numeric(50, 2), [Decimal("1" * 48 + ".25")]),
    (Numeric(), [Decimal("0.1"), Decimal("1e-400"), Decimal(10) ** 400, Decimal("123.4500")]),
    (Text(), ["", *STRINGS, "x" * 100_000]),
    (Text(5), ["", "é😀x\\\t"]),
    (Binary(), [b"", bytes(range(256))]),
    (Binary(16, fixed=True), [bytes(range(16))]),
    (Date(), [dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    (Time(), [dt.time(0), dt.time(23, 59, 59, 999999)]),
    (Time(6, zoned=True), [dt.time(1, 2, 3, tzinfo=UTC)]),
    (Timestamp(), [dt.datetime(1, 1, 1, tzinfo=UTC), dt.datetime(9999, 12, 31, 23, 59, 59, 999998, UTC)]),
    (Timestamp(False), [dt.datetime(1, 1, 1), dt.datetime(2024, 3, 31, 2, 30, 0, 1)]),
    (Timestamp(True, 3), [dt.datetime(2024, 1, 1, 1, 1, 1, 123000, UTC)]),
    (Interval(), [dt.timedelta(days=-3, microseconds=7)]),
    (Uuid(), [UUID(int=0), UUID(int=2**128 - 1)]),
    (Json(), ["null", '"é\\\\"', '{"a": 1.0, "é😀": [12345678901234567890.1234567890]}']),
    (Json(binary=False), ['{"b" :1,"a": 1.50}', "[]"]),
    (Inet(), ["1.2.3.4", "::1", "2001:db8::"]),
    (EnumRef(ENUM.id), list(LABELS)),
    (StructRef(STRUCT.id), [{"street": "a,\"b\\", "n": None, "doc": '{"x": 1.0}'}, {"street": None, "n": -1, "doc": None}]),
    (ArrayType(Text()), [[], ["a", None, "", "NULL", '"q\\', "{,}"]]),
    (ArrayType(Text(3)), [["abc", None]]),
    (ArrayType(Integer(16)), [[1, None]]),
    (ArrayType(Integer(64, unsigned=True)), [[2**64 - 1, None]]),
    (ArrayType(Real(32)), [[0.1, None]]),
    (ArrayType(Numeric(10, 2)), [[Decimal("1.50"), None]]),
    (ArrayType(Boolean()), [[True, None]]),
    (ArrayType(Date()), [[dt.date(2024, 2, 29)]]),
    (ArrayType(Timestamp()), [[dt.datetime(2024, 1, 1, tzinfo=UTC), None]]),
    (ArrayType(Uuid()), [[UUID(int=5), None]]),
    (ArrayType(Json()), [['{"a": 1}', None]]),
    (ArrayType(EnumRef(ENUM.id)), [[LABELS[0], None]]),
    (ArrayType(Inet()), [["1.2.3.4"]]),
    (ArrayType(StructRef(STRUCT.id)), [[{"street": "a", "n": 1, "doc": None}]]),
]  # fmt: skip


def lowered(table: Table, session: Session) -> Table:
    types = ((ENUM,), (STRUCT,))
    return DIALECT.lower(Catalog((Namespace("", (table,), *types),)), session.server).tables[0]


async def opened(url: str, *tables: Table) -> Session:
    session = await DRIVER.connect(parse_url(url)[1])
    await apply(session, DIALECT.lower(Catalog((Namespace("", tables, (ENUM,), (STRUCT,)),)), session.server))
    return session


def described(kind: SqlType) -> str:
    return str(kind)


async def given(*batches: Batch) -> AsyncIterator[Batch]:
    for batch in batches:
        yield batch


async def rows_of(session: Session, table: Table) -> list[tuple[Any, ...]]:
    return [row async for batch in DRIVER.read(session, table) for row in batch.rows()]


@pytest.mark.parametrize("by_stage", [True, False], ids=["staged", "straight"])
@pytest.mark.parametrize(("kind", "values"), VALUES, ids=described)
async def test_values_of_every_type_come_back(kind: SqlType, values: list[Any], by_stage: bool, postgresql_url: str) -> None:
    """Batches carry the types from before `lower`; NULL stands among the values."""
    table = Table(ObjectId("", "t"), (Column("id", Integer(32), False), Column("v", kind)), (PrimaryKey(("id",)),))
    session = await opened(postgresql_url, table)
    try:
        target = lowered(table, session)
        wanted = list(enumerate([None, *values]))
        columns = [
            BatchColumn("v", kind, [value for _, value in wanted], structs=(STRUCT,)),
            BatchColumn("id", Integer(32), [number for number, _ in wanted]),
        ]
        async with session.transaction():
            assert await DRIVER.stage(session, staging(target) if by_stage else target, given(Batch(tuple(columns)))) == len(wanted)
            if by_stage:
                result = await DRIVER.merge(session, target, Mode.UPSERT)
                assert result.counts == Counts(len(wanted), inserted=len(wanted))
        found = await rows_of(session, target)
        assert found == wanted
        if not isinstance(target.column("v").type, Numeric | Uuid):
            assert [type(row[1]) for row in found[1:]] == [type(value) for value in values]
        async with session.transaction():
            await DRIVER.stage(session, staging(target), given(Batch(tuple(columns), range(len(wanted)))))
            assert (await DRIVER.merge(session, target, Mode.UPSERT)).counts == Counts(len(wanted), unchanged=len(wanted))
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("meant", "stored", "value", "wanted"),
    [
        (Integer(32), Integer(64), 7, 7),
        (Integer(64), Numeric(), 7, Decimal(7)),
        (Integer(64), Text(), 7, "7"),
        (Numeric(10, 2), Text(), Decimal("1.50"), "1.50"),
        (Boolean(), Text(), True, "true"),
        (Uuid(), Text(), UUID(int=1), str(UUID(int=1))),
        (Date(), Text(), dt.date(2024, 1, 1), "2024-01-01"),
        (Timestamp(), Text(), dt.datetime(2024, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=1))), "2024-01-01T01:00:00Z"),
        (Date(), Timestamp(), dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=UTC)),
        (Text(), Json(), 'a"', '"a\\""'),
        (ArrayType(ArrayType(Numeric())), Json(), [[Decimal("1.50")], []], "[[1.50], []]"),
        (ArrayType(Text()), Json(), ["a", None], '["a", null]'),
        (Boolean(), Integer(16), True, 1),
        (EnumRef(ENUM.id), Text(), LABELS[0], LABELS[0]),
        (Text(), Opaque("character varying"), "a", "a"),
    ],
    ids=str,
)
async def test_a_wider_column_that_is_there_already_takes_the_value(
    meant: SqlType, stored: SqlType, value: Any, wanted: Any, postgresql_url: str
) -> None:
    table = Table(ObjectId("", "t"), (Column("v", stored),))
    session = await opened(postgresql_url, table)
    try:
        async with session.transaction():
            await DRIVER.stage(session, staging(table), given(Batch((BatchColumn("v", meant, [value, None]),))))
            assert (await DRIVER.merge(session, table, Mode.INSERT)).counts == Counts(2, inserted=2)
        assert await rows_of(session, table) == [(wanted,), (None,)]
    finally:
        await session.close()


KEYED = Table(ObjectId("", "keyed"), (Column("id", Integer(64), False), Column("v", Text())), (PrimaryKey(("id",), "pk_keyed"),))


def batch(*ids: int) -> Batch:
    return Batch((BatchColumn("id", Integer(64), list(ids)), BatchColumn("v", Text(), [str(number) for number in ids])))


async def test_many_batches_are_one_write_and_read_in_order_of_the_key(postgresql_url: str) -> None:
    session = await opened(postgresql_url, KEYED)
    try:
        numbers = list(range(20_000))
        parts = [batch(*numbers[start : start + 1_000]) for start in reversed(range(0, 20_000, 1_000))]
        async with session.transaction():
            assert await DRIVER.stage(session, KEYED, given(*parts)) == 20_000
        sizes = [len(part) async for part in DRIVER.read(session, KEYED)]
        assert sizes == [5_000] * 4
        assert [row[0] for row in await rows_of(session, KEYED)] == numbers
    finally:
        await session.close()


async def test_arrow_arrays_are_written_as_they_are(postgresql_url: str) -> None:
    session = await opened(postgresql_url, KEYED)
    try:
        ids = pa.chunked_array([pa.array([None, 1, 2], arrow_type(Integer(64)))]).chunk(0).slice(1)
        columns = (BatchColumn("id", Integer(64), given_array=ids), BatchColumn("v", Text(), given_array=pa.array(["a", None])))
        async with session.transaction():
            await DRIVER.stage(session, KEYED, given(Batch(columns)))
        assert await rows_of(session, KEYED) == [(1, "a"), (2, None)]
    finally:
        await session.close()


@pytest.mark.parametrize("kind", [Text(), Inet()], ids=["by pgpq", "by asyncpg"])
@pytest.mark.parametrize("error", [OSError("x" * 20_000), ZeroDivisionError(), SchemagenError("SYNTAX", "f:1", "is no JSON")], ids=str)
async def test_what_the_source_raises_comes_out_and_nothing_is_written(error: Exception, kind: SqlType, postgresql_url: str) -> None:
    table = Table(ObjectId("", "t"), (Column("v", kind),))
    session = await opened(postgresql_url, table)

    async def broken() -> AsyncIterator[Batch]:
        yield Batch((BatchColumn("v", kind, ["1.2.3.4"]),))
        raise error

    async def write() -> None:
        async with session.transaction():
            await DRIVER.stage(session, table, broken())

    try:
        with pytest.raises(type(error)) as caught:
            await write()
        assert caught.value is error
        assert await rows_of(session, table) == []
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("kind", "value"), [(Integer(16), 40_000), (Text(), 5), (Numeric(4, 2), Decimal("1.555")), (Text(), "\ud800")], ids=str
)
async def test_a_value_of_another_type_is_unfit_and_nothing_is_written(kind: SqlType, value: Any, postgresql_url: str) -> None:
    table = Table(ObjectId("", "t"), (Column("v", kind),))
    session = await opened(postgresql_url, table)

    async def write() -> None:
        async with session.transaction():
            await DRIVER.stage(session, table, given(Batch((BatchColumn("v", kind, [value]),))))

    try:
        with pytest.raises(SchemagenError, match="UNFIT: t: a value does not fit"):
            await write()
        assert await rows_of(session, table) == []
    finally:
        await session.close()


async def test_a_row_that_the_table_refuses_stops_a_straight_write(postgresql_url: str) -> None:
    session = await opened(postgresql_url, KEYED)

    async def write(part: Batch) -> None:
        async with session.transaction():
            await DRIVER.stage(session, KEYED, given(part))

    try:
        await write(batch(1, 2))
        with pytest.raises(SchemagenError, match=r"DUPLICATE_KEY: keyed: 23505.*line 2"):
            await write(batch(3, 2))
        assert await rows_of(session, KEYED) == [(1, "1"), (2, "2")]
    finally:
        await session.close()


@pytest.mark.parametrize("mode", [Mode.UPSERT, Mode.DELETE])
async def test_a_table_without_key_is_only_inserted_into(mode: Mode, postgresql_url: str) -> None:
    table = Table(ObjectId("", "t"), (Column("v", Text()),))
    session = await opened(postgresql_url, table)
    try:
        with pytest.raises(SchemagenError, match="NO_KEY: t: "):
            await DRIVER.merge(session, table, mode)
    finally:
        await session.close()


async def test_columns_that_no_batch_brings_take_their_defaults(postgresql_url: str) -> None:
    number = Column("id", Integer(64), False, identity=Identity(always=True))
    columns = (number, Column("v", Text(), default=Literal("d")), Column("w", Text()))
    table = Table(ObjectId("", "t"), columns, (PrimaryKey(("id",)),))
    session = await opened(postgresql_url, table)
    try:
        part = Batch((BatchColumn("w", Text(), ["x", "y"]),))
        async with session.transaction():
            await DRIVER.stage(session, table, given(part))
        async with session.transaction():
            await DRIVER.stage(session, staging(table), given(part))
            assert (await DRIVER.merge(session, table, Mode.INSERT)).counts == Counts(2, inserted=2)
        own = Batch((BatchColumn("id", Integer(64), [2, 90]), BatchColumn("w", Text(), ["z", "z"])))
        async with session.transaction():
            await DRIVER.stage(session, staging(table), given(own))
            assert (await DRIVER.merge(session, table, Mode.UPSERT)).counts == Counts(2, inserted=1, updated=1)
        assert await rows_of(session, table) == [(1, "d", "x"), (2, "d", "z"), (3, "d", "x"), (4, "d", "y"), (90, "d", "z")]
    finally:
        await session.close()


async def test_the_staging_table_follows_the_table_and_a_rollback(postgresql_url: str) -> None:
    session = await opened(postgresql_url, KEYED)
    wider = Table(KEYED.id, (*KEYED.columns, Column("w", Text())), KEYED.constraints)

    async def given_up() -> None:
        async with session.transaction():
            await DRIVER.stage(session, staging(KEYED), given(batch(1)))
            raise ZeroDivisionError

    try:
        with pytest.raises(ZeroDivisionError):
            await given_up()
        for table in (KEYED, wider, KEYED):
            async with session.transaction():
                await DRIVER.stage(session, staging(table), given(batch(1, 2)))
                result = await DRIVER.merge(session, KEYED, Mode.UPSERT)
                assert result.counts.read == 2
                await DRIVER.stage(session, staging(table), given(batch(3)))
                assert (await DRIVER.merge(session, KEYED, Mode.UPSERT)).counts.read == 1
        assert len(await rows_of(session, KEYED)) == 3
    finally:
        await session.close()


async def test_a_trigger_that_objects_to_one_row_of_many_rejects_that_one(postgresql_url: str) -> None:
    """Nothing but trying finds it; the counts are exact all the same."""
    session = await opened(postgresql_url, KEYED)
    try:
        body = "BEGIN IF NEW.v = '777' THEN RAISE 'no'; END IF; RETURN NEW; END"
        await session.execute(Sql("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS {}", lit(body)))
        await session.execute(Sql("CREATE TRIGGER g BEFORE INSERT ON keyed FOR EACH ROW EXECUTE FUNCTION f()"))
        async with session.transaction():
            await DRIVER.stage(session, staging(KEYED), given(batch(*range(1000)), batch(5, 5, 777)))
            result = await DRIVER.merge(session, KEYED, Mode.UPSERT)
        assert result.counts == Counts(1003, inserted=999, superseded=2, rejected=2)
        assert [(item.seq, item.code) for item in result.rejects] == [(777, "CONSTRAINT"), (1002, "CONSTRAINT")]
    finally:
        await session.close()


async def test_a_row_that_others_need_is_not_deleted(postgresql_url: str) -> None:
    child = Table(ObjectId("", "child"), (Column("to", Integer(64)),), (ForeignKey(("to",), KEYED.id, ("id",)),))
    session = await opened(postgresql_url, KEYED, child)
    try:
        async with session.transaction():
            await DRIVER.stage(session, KEYED, given(batch(1, 2, 3)))
            await DRIVER.stage(session, child, given(Batch((BatchColumn("to", Integer(64), [2]),))))
        async with session.transaction():
            await DRIVER.stage(session, staging(KEYED), given(Batch((BatchColumn("id", Integer(64), [1, 2, 3, 3, 4]),), range(5))))
            result = await DRIVER.merge(session, KEYED, Mode.DELETE)
        assert result.counts == Counts(5, deleted=2, superseded=1, unchanged=1, rejected=1)
        assert [(item.seq, item.code) for item in result.rejects] == [(1, "FK_ORPHAN")]
    finally:
        await session.close()


@pytest.mark.parametrize(("kind", "text"), [("date", "20000-01-01"), ("date", "infinity"), ("timestamptz", "-infinity")])
async def test_what_no_python_value_can_hold_is_named_when_it_is_read(kind: str, text: str, postgresql_url: str) -> None:
    stored = Date() if kind == "date" else Timestamp()
    table = Table(ObjectId("", "t"), (Column("v", stored),))
    session = await opened(postgresql_url, table)
    try:
        await session.execute(Sql("INSERT INTO t VALUES ('9999-12-31'), ('0001-01-01')"))
        assert len(await rows_of(session, table)) == 2
        await session.execute(Sql("INSERT INTO t VALUES ({})", lit(text)))
        with pytest.raises(SchemagenError, match="SERVER: t: holds "):
            await rows_of(session, table)
        assert await session.fetch(Sql("SELECT 1")) == [(1,)]
    finally:
        await session.close()


def test_pgpq_is_trusted_only_with_what_it_can_send() -> None:
    cannot = (Uuid(), Timestamp(), Text(3), Json(), Inet(), Time(6, zoned=True))
    assert not any(can_send(ArrayType(kind), ArrayType(kind)) for kind in cannot)
    neither = (Numeric(), Numeric(39, 0), Inet(), Time(6, zoned=True), StructRef(STRUCT.id), Opaque("point"))
    assert not any(can_send(kind, kind) for kind in neither)
