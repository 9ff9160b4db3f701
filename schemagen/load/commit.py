"""One split: claimed, written, its rejects beside its rows, committed together; the only transaction of a load that holds records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schemagen.catalog.batch import Batch, Counts, Mode, WriteResult
from schemagen.catalog.objects import Table
from schemagen.dialects.base import Driver, Session, staging
from schemagen.errors import SchemagenError
from schemagen.load.ledger import count_values, key_of
from schemagen.load.rejects import Reject, refused_rows, rejects_batch, rejects_of
from schemagen.records.compiled import Done
from schemagen.records.job import Job

_REPEATS = 5
# What gives the next worked block of the split, None at its end.
Next = Callable[[], Awaitable[Done | None]]


@dataclass(frozen=True)
class Target:
    """Where rows go: the tables, and the open database."""

    job: Job
    driver: Driver
    session: Session
    ledger: Table
    rejects: Table


@dataclass
class SplitWork:
    """The blocks of one split, kept until it is committed so that it can be written again, their batches only while they are written.

    `row` claims it in the ledger.

    `room` is how many more records may be refused, None without a limit.
    """

    row: dict[str, Any]
    name: str
    room: int | None
    next: Next
    blocks: list[Done] = field(default_factory=list)
    ended: bool = False

    async def each(self) -> AsyncIterator[Done]:
        """Every block, from the first one on, however often it is asked for."""
        for done in list(self.blocks):
            yield done if done.again is None else await asyncio.to_thread(done.again)
        while (found := await self._read()) is not None:
            yield found

    async def drain(self) -> None:
        """Reads the blocks that are left, for their numbers and their hash only."""
        while await self._read() is not None:
            pass

    async def _read(self) -> Done | None:
        found = None if self.ended else await self.next()
        if found is None:
            self.ended = True
        else:
            self.blocks.append(found.light())
        return found

    @property
    def read(self) -> int:
        return sum(len(done.block.records) for done in self.blocks)

    @property
    def digest(self) -> str:
        return self.blocks[-1].block.digest if self.blocks else ""


class AlreadyThereError(Exception):
    """The split is in the ledger: another loader, or an earlier try whose answer was lost, has committed it."""


class TooManyRejectsError(Exception):
    """A refused record beyond the limit. `first` is the first one of its split."""

    def __init__(self, first: Reject) -> None:
        super().__init__(str(first.place))
        self.first = first


async def write_split(target: Target, work: SplitWork) -> Counts:
    """Writes one split and commits it. Raises AlreadyThereError, TooManyRejectsError; what the driver raises, with nothing changed."""
    straight = target.job.mode is Mode.INSERT
    for _ in range(_REPEATS if straight else 0):
        try:
            return await _in_transaction(target, work, straight=straight)
        except SchemagenError as error:
            # A key that is there already: the split goes through staging, which finds the rows. Again: another loader came between.
            if error.kind != "DUPLICATE_KEY":
                raise
            straight = False
    return await _in_transaction(target, work, straight=False)


async def _in_transaction(target: Target, work: SplitWork, *, straight: bool) -> Counts:
    session = target.session
    async with session.transaction():
        if not await session.claim(target.ledger, work.row):
            raise AlreadyThereError
        result = await _write(target, work, straight=straight)
        rejects = _rejects(target, work, result)
        _check_room(work, rejects)
        counts = replace(result.counts, read=work.read, rejected=len(rejects))
        if not counts.balanced:
            raise AssertionError(f"split {work.row['split']} of {work.name} does not add up: {counts}")
        if rejects:
            key = key_of(work.row)
            await target.driver.stage(session, target.rejects, _once(rejects_batch(target.rejects, key, rejects)))
        await session.amend(target.ledger, key_of(work.row), _facts(work, counts))
    return counts


async def _write(target: Target, work: SplitWork, *, straight: bool) -> WriteResult:
    """The good records into the table. The counts are those of the rows."""
    job, table = target.job, target.job.layout.target
    if straight:
        inserted = await target.driver.stage(target.session, table, _batches(target, work))
        return WriteResult(Counts(inserted, inserted=inserted))
    staged = await target.driver.stage(target.session, staging(table), _batches(target, work))
    if not staged:
        return WriteResult(Counts())
    return await target.driver.merge(target.session, table, job.mode)


async def _batches(target: Target, work: SplitWork) -> AsyncIterator[Batch]:
    refused = 0
    async for done in work.each():
        refused += len(done.faults)
        if work.room is not None and refused > work.room:
            _check_room(work, _rejects(target, work, WriteResult(Counts())))
        if done.batch is not None:
            yield done.batch


def _rejects(target: Target, work: SplitWork, result: WriteResult) -> list[Reject]:
    omit = target.job.options.reject_values == "omit"
    found = [reject for done in work.blocks for reject in rejects_of(done.block, done.faults, work.name, omit=omit)]
    if result.rejects:
        found += refused_rows([done.block for done in work.blocks], result.rejects, work.name, omit=omit)
        found.sort(key=lambda reject: reject.seq)
    return found


def _check_room(work: SplitWork, rejects: Sequence[Reject]) -> None:
    if work.room is not None and len(rejects) > work.room:
        raise TooManyRejectsError(rejects[0])


def _facts(work: SplitWork, counts: Counts) -> dict[str, Any]:
    first, last = work.blocks[0].block, work.blocks[-1].block
    end = last.start + last.size
    return {
        **count_values(counts),
        "digest": work.digest,
        "byte_start": first.start,
        "byte_end": end,
        "first_line": first.line,
        "bytes": end - first.start,
        "committed": datetime.now(UTC),
    }


async def _once(batch: Batch) -> AsyncIterator[Batch]:
    yield batch
