"""Rows in and out: batches staged by COPY, merged by set-based statements, read by a cursor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from schemagen.catalog.batch import Batch, BatchColumn, Counts, Mode, Row, RowReject, WriteResult, numbered
from schemagen.catalog.objects import Column, Table
from schemagen.catalog.types import Date, Opaque, SqlType, Timestamp
from schemagen.dialects.base import Session, is_staging, staging
from schemagen.dialects.common import table_ident
from schemagen.dialects.postgresql.ddl import column_sql
from schemagen.dialects.postgresql.failures import state_of
from schemagen.dialects.postgresql.merging import BEFORE, HELD, TEMPORARY, Merge, Refusal
from schemagen.dialects.postgresql.session import PostgresqlSession, key_condition, postgresql
from schemagen.dialects.postgresql.values import from_driver, to_driver
from schemagen.dialects.postgresql.wire import Encoder, can_send
from schemagen.errors import Kind, SchemagenError
from schemagen.sql import Sql, ident, join, lit

READ_ROWS = 5_000
ANALYZE_ROWS = 10_000
_CURSOR = "schemagen_read"


class _SourceError(Exception):
    """Carries what the source of batches raised through the driver, which may take it for a failure of the link."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("the source of rows failed")
        self.error = error


async def stage(session: Session, target: Table, batches: AsyncIterable[Batch]) -> int:
    """Writes batches into the table, or into its staging table, which is made here. The number of rows."""
    server = postgresql(session)
    is_stage = is_staging(target)
    if is_stage:
        await _make_stage(server, target)
    source = _numbered(batches, target.columns[-1].name) if is_stage else _unnumbered(batches)
    try:
        async with aclosing(source):
            first = await anext(source, None)
            if is_stage:
                server.staged[target.id.name] = first.names[:-1] if first else ()
            if first is None:
                return 0
            kinds = [target.column(name).type for name in first.names]
            sendable = all(can_send(column.type, kind) for column, kind in zip(first.columns, kinds, strict=True))
            return await (_copy_arrow if sendable else _copy_rows)(server, target, first, source, kinds)
    except _SourceError as error:
        raise error.error from None
    except SchemagenError as error:
        if state_of(error)[:2] == "23":
            raise SchemagenError("DUPLICATE_KEY", str(target.id), error.problem.sentence) from error
        raise


async def _make_stage(server: PostgresqlSession, table: Table) -> None:
    """Once per connection: each new temporary table leaves dead rows in the catalogue."""
    name = table.id.name
    if server.stages.get(name) != table.columns:
        await server.execute(Sql("DROP TABLE IF EXISTS {}", ident(TEMPORARY, name)))
    columns = join(", ", [column_sql(column) for column in table.columns])
    await server.execute(Sql("CREATE TEMPORARY TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS", ident(TEMPORARY, name), columns))
    server.stages[name] = table.columns


async def _numbered(batches: AsyncIterable[Batch], name: str) -> AsyncGenerator[Batch, None]:
    """Batches with their records' numbers as a column."""
    start = 0
    async for batch in _caught(batches):
        yield numbered(batch, name, start)
        start += len(batch)


async def _unnumbered(batches: AsyncIterable[Batch]) -> AsyncGenerator[Batch, None]:
    async for batch in _caught(batches):
        yield replace(batch, seq=None)


async def _caught(batches: AsyncIterable[Batch]) -> AsyncGenerator[Batch, None]:
    source = aiter(batches)
    while True:
        try:
            batch = await anext(source, None)
        except Exception as error:
            # Whatever the source raises: told from what the server says, and short, because a long message of a source hangs COPY.
            raise _SourceError(error) from error
        if batch is None:
            return
        yield batch


def _place(target: Table) -> dict[str, Any]:
    """Where COPY goes. The session's own namespace is never named; a staging table is told from a real one of its name."""
    schema = TEMPORARY if is_staging(target) else target.id.namespace or None
    return {"table_name": target.id.name, "schema_name": schema}


async def _copy_arrow(server: PostgresqlSession, target: Table, first: Batch, source: AsyncIterator[Batch], kinds: list[SqlType]) -> int:
    """One binary COPY; the next batch is made and encoded, off the loop, while the last one is sent."""
    encoder = Encoder(first.columns, kinds)
    async with aclosing(_chunks(encoder, first, source, str(target.id))) as chunks, server.watched(str(target.id)):
        status = await server.connection.copy_to_table(**_place(target), columns=list(first.names), source=chunks, format="binary")
    return int(status.split()[-1])


async def _chunks(encoder: Encoder, first: Batch, source: AsyncIterator[Batch], place: str) -> AsyncGenerator[bytes, None]:
    async def following() -> bytes | None:
        batch = await anext(source, None)
        return None if batch is None else await _off_loop(encoder.rows, batch, place)

    ahead: asyncio.Task[bytes | None] = asyncio.create_task(_off_loop(encoder.rows, first, place))
    try:
        yield encoder.header()
        while (chunk := await ahead) is not None:
            ahead = asyncio.create_task(following())
            yield chunk
        yield encoder.end()
    finally:
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)


async def _off_loop(work: Callable[[Batch], Any], batch: Batch, place: str) -> Any:
    """The work in a thread. Raises _SourceError UNFIT where a value is not of its column's type."""
    try:
        return await asyncio.to_thread(work, batch)
    except (ValueError, TypeError, OverflowError, ArithmeticError) as error:
        raise _SourceError(SchemagenError("UNFIT", place, f"a value does not fit its column: {error}")) from error


async def _copy_rows(server: PostgresqlSession, target: Table, first: Batch, source: AsyncIterator[Batch], kinds: list[SqlType]) -> int:
    """For columns that pgpq cannot send: asyncpg encodes Python values, a COPY for each batch."""
    count = 0
    batch: Batch | None = first
    async with server.exact_moments():
        while batch is not None:
            rows = await _off_loop(lambda item: _driver_rows(item, kinds), batch, str(target.id))
            async with server.watched(str(target.id)):
                await server.connection.copy_records_to_table(**_place(target), columns=list(batch.names), records=rows)
            count += len(rows)
            batch = await anext(source, None)
    return count


def _driver_rows(batch: Batch, kinds: list[SqlType]) -> list[tuple[Any, ...]]:
    columns = []
    for column, kind in zip(batch.columns, kinds, strict=True):
        convert = to_driver(column.type, kind, column.structs)
        columns.append(column.values if convert is None else [None if value is None else convert(value) for value in column.values])
    return list(zip(*columns, strict=True))


async def merge(session: Session, table: Table, mode: Mode, columns: tuple[str, ...] | None = None) -> WriteResult:
    """Moves the staged rows into the table by mode. Verdicts and counts are those of writing record by record."""
    server = postgresql(session)
    if mode is not Mode.INSERT and not table.key:
        raise SchemagenError("NO_KEY", str(table.id), f"{mode.value} needs a table with a primary key; name one with --key")
    work = Merge(table, staging(table), _written(server, table, columns))
    staged = await _one(server, work.count()) if work.columns else 0
    if not staged:
        return WriteResult(Counts())
    if staged >= ANALYZE_ROWS:
        await server.execute(work.analyze())
    try:
        async with _row_trouble(server):
            result = await _attempt(server, work, mode, judged=False)
    except _RowTroubleError:
        result = await _mended(server, work, mode)
    await server.execute(work.empty())
    result = replace(result, counts=replace(result.counts, read=staged))
    assert result.counts.balanced, f"counts do not add up: {result.counts}"
    return result


def _written(server: PostgresqlSession, table: Table, columns: tuple[str, ...] | None) -> tuple[str, ...]:
    """The columns that go into the table, in its order: those staged, or of these the ones asked for and the key."""
    staged = server.staged.get(staging(table).id.name, ())
    wanted = set(staged if columns is None else (*table.key, *columns))
    return tuple(column.name for column in table.columns if column.name in wanted and column.name in staged)


class _RowTroubleError(Exception):
    """Single rows are to blame (constraints, values, what a trigger raises), or may be: nothing of the statement stays."""


@asynccontextmanager
async def _row_trouble(server: PostgresqlSession) -> AsyncIterator[None]:
    """A savepoint; errors that rows cause come out as _RowTroubleError."""
    try:
        async with server.transaction():
            yield
    except SchemagenError as error:
        if state_of(error)[:2] not in ("22", "23", "P0"):
            raise
        raise _RowTroubleError from error


async def _one(server: PostgresqlSession, sql: Sql) -> int:
    return int((await server.fetch(sql))[0][0])


async def _attempt(server: PostgresqlSession, work: Merge, mode: Mode, *, judged: bool) -> WriteResult:
    """The merge of what is staged, as if no row were refused. `judged`: each row has been, by the conditions on it alone.

    Rows that repeat a key go before the table sees them. Raises _RowTroubleError where that would hide what it says about them.
    """
    staged = await _one(server, work.count())
    match mode:
        case Mode.INSERT:
            rejects = await _rejects(server, (work.earlier(), work.existing())) if work.table.key else ()
            if rejects and not judged:
                raise _RowTroubleError
            inserted = await server.execute(work.insert())
            return WriteResult(Counts(staged, inserted=inserted, rejected=len(rejects)), rejects)
        case Mode.DELETE:
            rejects = await _rejects(server, work.null_keys())
            superseded = await server.execute(work.superseded())
            deleted = await server.execute(work.delete())
            unchanged = staged - len(rejects) - superseded - deleted
            return WriteResult(Counts(staged, 0, 0, unchanged, superseded, deleted, len(rejects)), rejects)
        case Mode.UPSERT:
            superseded = await server.execute(work.superseded())
            if superseded and (not judged or work.other_uniques):
                raise _RowTroubleError
            if not work.is_partial:
                await server.execute(work.unchanged())
            before = await _update_first(server, work) if work.is_partial and work.values else 0
            ((inserted, updated),) = await server.fetch(work.upsert())
            unchanged = staged - superseded - inserted - updated - before
            return WriteResult(Counts(staged, inserted, updated + before, unchanged, superseded))


async def _update_first(server: PostgresqlSession, work: Merge) -> int:
    updated = await server.execute(work.update())
    await server.execute(work.matched())
    return updated


async def _rejects(server: PostgresqlSession, refusals: Iterable[Refusal]) -> tuple[RowReject, ...]:
    found: list[RowReject] = []
    for refusal in refusals:
        found += [RowReject(seq, refusal.code, message) for seq, message in await server.fetch(refusal.sql)]
    return tuple(found)


async def _mended(server: PostgresqlSession, work: Merge, mode: Mode) -> WriteResult:
    """The merge after what can be said about each row has been asked of all; then, if need be, in parts."""
    rejects = () if mode is Mode.DELETE else await _by_statement(server, work, mode)
    try:
        async with _row_trouble(server):
            result = await _attempt(server, work, mode, judged=True)
    except _RowTroubleError:
        result = await _by_parts(server, work, mode)
    counts = replace(result.counts, rejected=result.counts.rejected + len(rejects))
    return WriteResult(counts, tuple(sorted((*rejects, *result.rejects), key=lambda item: item.seq)))


async def _by_statement(server: PostgresqlSession, work: Merge, mode: Mode) -> tuple[RowReject, ...]:
    """What the table's own conditions say. Rows without a parent may be parents themselves, so it goes on until none is left."""
    rejects: tuple[RowReject, ...] = ()
    refusals = list(work.refusals())
    if mode is Mode.INSERT:
        refusals += work.taken()
    while found := await _judged(server, refusals):
        rejects += found
    return rejects


async def _judged(server: PostgresqlSession, refusals: Iterable[Refusal]) -> tuple[RowReject, ...]:
    """A check that fails instead of answering is left to the trying of single rows."""
    found: tuple[RowReject, ...] = ()
    for refusal in refusals:
        try:
            async with _row_trouble(server):
                found += await _rejects(server, (refusal,))
        except _RowTroubleError:
            continue
    return found


async def _by_parts(server: PostgresqlSession, work: Merge, mode: Mode) -> WriteResult:
    """The merge in ranges of record numbers, in order; a range with trouble is halved, so that k bad rows of N cost k log N statements."""
    rejects: list[RowReject] = []
    counts = Counts()

    async def write(low: int, high: int) -> None:
        nonlocal counts
        try:
            async with _row_trouble(server):
                await server.execute(work.put_back(low, high))
                result = await _attempt(server, work, mode, judged=True)
                await server.execute(Sql("DELETE FROM {}", work.source))
        except _RowTroubleError as trouble:
            if low < high:
                middle = (low + high) // 2
                await write(low, middle)
                await write(middle + 1, high)
            else:
                rejects.append(_reject(low, trouble, work.table))
            return
        counts += result.counts
        rejects.extend(result.rejects)

    await server.execute(work.hold())
    if work.table.key:
        await server.execute(work.remember())
    ((low, high),) = await server.fetch(Sql("SELECT min({0}), max({0}) FROM {1}", ident(work.seq), HELD))
    await server.execute(Sql("DELETE FROM {}", work.source))
    await write(low, high)
    if rejects:
        numbers = join(", ", [lit(item.seq) for item in rejects])
        await server.execute(Sql("DELETE FROM {} WHERE {} IN ({})", HELD, ident(work.seq), numbers))
    counts = await _compared(server, work, mode, counts) if mode is not Mode.INSERT else counts
    for table in (HELD, BEFORE) if work.table.key else (HELD,):
        await server.execute(Sql("DROP TABLE {}", table))
    return WriteResult(replace(counts, rejected=len(rejects)), tuple(rejects))


async def _compared(server: PostgresqlSession, work: Merge, mode: Mode, counts: Counts) -> Counts:
    """Counts by what became of each key, because a key may have been written in several parts."""
    rows = await _one(server, Sql("SELECT count(*) FROM {}", HELD))
    ((keys, fresh, same),) = await server.fetch(work.became())
    if mode is Mode.DELETE:
        return Counts(rows, unchanged=keys - counts.deleted, superseded=rows - keys, deleted=counts.deleted)
    return Counts(rows, inserted=fresh, updated=keys - fresh - same, unchanged=same, superseded=rows - keys)


def _reject(seq: int, trouble: _RowTroubleError, table: Table) -> RowReject:
    error = trouble.__cause__
    assert isinstance(error, SchemagenError)
    return RowReject(seq, _code(error, table), error.problem.sentence)


def _code(error: SchemagenError, table: Table) -> Kind:
    cause = error.__cause__
    match state_of(error):
        case "23505" if table.primary_key is not None and getattr(cause, "constraint_name", None) == table.primary_key.name:
            return "DUPLICATE_KEY"
        case "23503":
            return "FK_ORPHAN"
        case _:
            return "CONSTRAINT"


async def read(session: Session, table: Table, key: Row | None = None) -> AsyncGenerator[Batch, None]:
    """The rows in batches of 5,000, by primary key where there is one, in one snapshot.

    Raises SchemagenError SERVER for a date beyond Python's, infinity too.
    """
    server = postgresql(session)
    condition, values = key_condition(table, key) if key else (Sql("TRUE"), [])
    names = join(", ", [Sql("{}::text" if isinstance(item.type, Opaque) else "{}", ident(item.name)) for item in table.columns])
    order = Sql(" ORDER BY {}", join(", ", [ident(name) for name in table.key])) if table.key else Sql("")
    query = Sql("SELECT {} FROM {} WHERE {}{}", names, table_ident(table.id), condition, order)
    converters = [from_driver(column.type) for column in table.columns]
    unsure = {number: column for number, column in enumerate(table.columns) if isinstance(column.type, Date | Timestamp)}
    async with server.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        await server.run(Sql("DECLARE {} NO SCROLL CURSOR FOR {}", ident(_CURSOR), query), *values, place=str(table.id))
        while rows := await _fetched(server, table):
            given = list(zip(*rows, strict=True))
            for number in [number for number in unsure if not _ENDS.isdisjoint(given[number])]:
                await _expect_finite(server, table, unsure.pop(number))
            columns = zip(table.columns, given, converters, strict=True)
            yield Batch(tuple(BatchColumn(column.name, column.type, _converted(items, convert)) for column, items, convert in columns))
        await server.execute(Sql("CLOSE {}", ident(_CURSOR)))


async def _fetched(server: PostgresqlSession, table: Table) -> list[tuple[Any, ...]]:
    try:
        return await server.fetch(Sql("FETCH {} FROM {}", lit(READ_ROWS), ident(_CURSOR)))
    except (ValueError, OverflowError) as error:
        raise SchemagenError("SERVER", str(table.id), f"holds a value that Python cannot: {error}") from error


# asyncpg reads infinity as one of these, which may also be there as such.
_ENDS = frozenset({date.max, date.min} | {moment.replace(tzinfo=zone) for moment in (datetime.max, datetime.min) for zone in (None, UTC)})


async def _expect_finite(server: PostgresqlSession, table: Table, column: Column) -> None:
    sql = Sql("SELECT count(*) FROM {} WHERE NOT pg_catalog.isfinite({})", table_ident(table.id), ident(column.name))
    if count := await _one(server, sql):
        raise SchemagenError("SERVER", str(table.id), f"holds infinity in {count} rows of column {column.name}, which no record can")


def _converted(given: tuple[Any, ...], convert: Callable[[Any], Any] | None) -> tuple[Any, ...]:
    return given if convert is None else tuple(None if value is None else convert(value) for value in given)
