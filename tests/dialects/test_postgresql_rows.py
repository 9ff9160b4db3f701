"""Rows into PostgreSQL: what only its COPY, its temporary tables, its triggers and its infinities do."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from schemagen.catalog.batch import Batch, BatchColumn, Counts, Mode
from schemagen.catalog.expressions import Literal
from schemagen.catalog.objects import (
    Column,
    EnumType,
    Identity,
    PrimaryKey,
    StructMember,
    StructType,
    Table,
)
from schemagen.catalog.types import (
    ArrayType,
    Boolean,
    Date,
    EnumRef,
    Inet,
    Integer,
    Json,
    Numeric,
    ObjectId,
    Opaque,
    SqlType,
    StructRef,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.dialects.base import Session, staging
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.dialects.postgresql.wire import can_send
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, lit
from tests.dialects.payloads import TEXTS
from tests.servers.live import ENTRIES, Live

UTC = dt.UTC
STRINGS = [text.replace("\0", "") for text in TEXTS]
LABELS = tuple(text for text in STRINGS if len(text.encode()) <= 63)
ENUM = EnumType(ObjectId("enum", "", "mood"), LABELS)
STRUCT = StructType(
    ObjectId("struct", "", "place"), (StructMember("street", Text()), StructMember("n", Integer(16)), StructMember("doc", Json()))
)


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Live:
    return ENTRIES["postgresql"](request)


async def opened(live: Live, *tables: Table) -> Session:
    return (await live.made(*tables, enums=(ENUM,), structs=(STRUCT,)))[0]


async def given(*batches: Batch) -> AsyncIterator[Batch]:
    for batch in batches:
        yield batch


async def rows_of(session: Session, table: Table) -> list[tuple[Any, ...]]:
    return [row async for batch in DRIVER.read(session, table) for row in batch.rows()]


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
    meant: SqlType, stored: SqlType, value: Any, wanted: Any, postgresql: Live
) -> None:
    table = Table(ObjectId("table", "", "t"), (Column("v", stored),))
    session = await opened(postgresql, table)
    try:
        async with session.transaction():
            await DRIVER.stage(session, staging(table), given(Batch((BatchColumn("v", meant, [value, None]),))))
            assert (await DRIVER.merge(session, table, Mode.INSERT)).counts == Counts(2, inserted=2)
        assert await rows_of(session, table) == [(wanted,), (None,)]
    finally:
        await session.close()


KEYED = Table(ObjectId("table", "", "keyed"), (Column("id", Integer(64), False), Column("v", Text())), (PrimaryKey(("id",), "pk_keyed"),))


def batch(*ids: int) -> Batch:
    return Batch((BatchColumn("id", Integer(64), list(ids)), BatchColumn("v", Text(), [str(number) for number in ids])))


@pytest.mark.parametrize(
    ("kind", "value"), [(Integer(16), 40_000), (Text(), 5), (Numeric(4, 2), Decimal("1.555")), (Text(), "\ud800")], ids=str
)
async def test_a_value_of_another_type_is_unfit_and_nothing_is_written(kind: SqlType, value: Any, postgresql: Live) -> None:
    table = Table(ObjectId("table", "", "t"), (Column("v", kind),))
    session = await opened(postgresql, table)

    async def write() -> None:
        async with session.transaction():
            await DRIVER.stage(session, table, given(Batch((BatchColumn("v", kind, [value]),))))

    try:
        with pytest.raises(SchemagenError, match="UNFIT: t: a value does not fit"):
            await write()
        assert await rows_of(session, table) == []
    finally:
        await session.close()


async def test_columns_that_no_batch_brings_take_their_defaults(postgresql: Live) -> None:
    number = Column("id", Integer(64), False, identity=Identity(always=True))
    columns = (number, Column("v", Text(), default=Literal("d")), Column("w", Text()))
    table = Table(ObjectId("table", "", "t"), columns, (PrimaryKey(("id",)),))
    session = await opened(postgresql, table)
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


async def test_the_staging_table_follows_the_table_and_a_rollback(postgresql: Live) -> None:
    session = await opened(postgresql, KEYED)
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


async def test_a_trigger_that_objects_to_one_row_of_many_rejects_that_one(postgresql: Live) -> None:
    """Nothing but trying finds it; the counts are exact all the same."""
    session = await opened(postgresql, KEYED)
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


@pytest.mark.parametrize(("kind", "text"), [("date", "20000-01-01"), ("date", "infinity"), ("timestamptz", "-infinity")])
async def test_what_no_python_value_can_hold_is_named_when_it_is_read(kind: str, text: str, postgresql: Live) -> None:
    stored = Date() if kind == "date" else Timestamp()
    table = Table(ObjectId("table", "", "t"), (Column("v", stored),))
    session = await opened(postgresql, table)
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
