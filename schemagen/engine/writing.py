"""Rows that Python hands over: checked, staged and merged in one transaction, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import Any

from schemagen.catalog.batch import Batch, Counts, Mode, WriteResult
from schemagen.catalog.layout import Layout
from schemagen.catalog.objects import Table
from schemagen.dialects.base import Driver, Session, staging
from schemagen.errors import SchemagenError
from schemagen.records.python_values import BATCH_ROWS, ValueRows

Records = Iterable[Sequence[Any]] | AsyncIterable[Sequence[Any]]


class Writing:
    """One write into one table. `columns`: those that the rows turned out to have."""

    def __init__(self, driver: Driver, session: Session, layout: Layout, rows: ValueRows) -> None:
        self._driver = driver
        self._session = session
        self._layout = layout
        self._rows = rows
        self._columns: tuple[str, ...] | None = None

    async def write(self, records: Records, mode: Mode) -> WriteResult:
        """Writes all records. Raises SchemagenError with nothing written, for the first one that does not fit or is refused."""
        table = self._layout.target
        batches = self._batches(records)
        async with self._session.transaction():
            if mode is Mode.INSERT:
                count = await self._driver.stage(self._session, table, batches)
                return WriteResult(Counts(read=count, inserted=count))
            await self._driver.stage(self._session, staging(table), batches)
            result = await self._driver.merge(self._session, table, mode, self._partial(table, mode))
            if result.rejects:
                first = result.rejects[0]
                raise SchemagenError(first.code, f"{table.id}: row {first.seq + 1}", first.message)
            return result

    def _partial(self, table: Table, mode: Mode) -> tuple[str, ...] | None:
        """The columns that an upsert touches, None for all."""
        everything = {column.name for column in table.columns}
        return None if mode is Mode.DELETE or self._columns is None or set(self._columns) == everything else self._columns

    async def _batches(self, records: Records) -> AsyncIterator[Batch]:
        first = 0
        async for part in _parts(records):
            # Checking values is computing: the loop stays free for the link.
            batch = await asyncio.to_thread(self._rows.batch, part, first)
            self._columns = batch.names
            first += len(part)
            yield batch


async def _parts(records: Records) -> AsyncIterator[list[Sequence[Any]]]:
    """Some thousand records at a time."""
    part: list[Sequence[Any]] = []
    if isinstance(records, AsyncIterable):
        async for record in records:
            part.append(record)
            if len(part) == BATCH_ROWS:
                yield part
                part = []
    else:
        for record in records:
            part.append(record)
            if len(part) == BATCH_ROWS:
                yield part
                part = []
    if part:
        yield part
