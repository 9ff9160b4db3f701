"""A whole load: which splits are to do, the next block decoded while the last is sent, retries, and the end that makes it complete."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schemagen.catalog.batch import Counts, Report
from schemagen.dialects.base import Driver, RetryableError, Session
from schemagen.errors import SchemagenError
from schemagen.load import ledger
from schemagen.load.commit import AlreadyThereError, SplitWork, Target, TooManyRejectsError, write_split
from schemagen.load.ledger import FileId, Finished, Inputs, Resume, Values
from schemagen.load.rejects import check_place, lines_of, whole_file
from schemagen.load.report import LoadStoppedError, Progress
from schemagen.records.compiled import Compiled, Done
from schemagen.records.job import Job
from schemagen.sources.source import Source, sources
from schemagen.sources.stream import Stream

__all__ = ["LoadStoppedError", "Progress", "load"]

TRIES = 3
_PAUSE_S = 0.2
# Blocks worked beforehand, so that the decoder goes on while a split is committed.
_AHEAD = 6
# How long a server may take to start again.
_STARTING_S = 60

Reconnect = Callable[[], Awaitable[Session]]


@dataclass
class _Run:
    """One run of one load: what was decided, and what was done so far."""

    target: Target
    load_id: str
    rejects: str | None
    room: int | None
    reconnect: Reconnect | None
    show: Callable[[Progress], None] | None
    total_bytes: int
    counts: Counts = field(default_factory=Counts)
    bytes: int = 0
    consumed: int = 0
    splits: int = 0
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def report(self, skipped: str = "") -> Report:
        entity = self.target.job.layout.entity.name
        return Report(entity, self.counts, self.bytes, self.seconds, self.load_id, skipped=skipped)

    def progress(self, consumed: int, read: int, stage: str) -> None:
        if self.show is not None:
            done = self.consumed + consumed
            self.show(Progress(done, self.total_bytes, self.counts.read + read, self.counts.rejected, self.splits, stage))

    def committed(self, counts: Counts, size: int) -> None:
        self.counts += counts
        self.bytes += size
        self.splits += 1
        self.seconds = time.monotonic() - self.began


async def load(
    job: Job,
    files: Sequence[str],
    *,
    driver: Driver,
    session: Session,
    rejects: str | None = None,
    max_errors: int | None = None,
    load_id: str | None = None,
    again: bool = False,
    data_format: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    reconnect: Reconnect | None = None,
) -> Report:
    """Loads files, exactly once. The table and schemagen's own tables are there.

    `reconnect` opens another session after a lost link, for the caller to keep; the old one is closed here.
    Raises SchemagenError REFUSED, NO_FILE, USAGE before anything is written; then LoadStoppedError, of the first refused record's code
    where it may not be set aside, else BAD_FILE, SERVER... What was committed before stays, and the same call goes on from there.
    """
    found = sources(files, data_format)
    if rejects is not None:
        check_place(rejects, [source.name for source in found])
    if load_id is not None:
        ledger.check_load_id(load_id)
    own = ledger.own_tables(job.layout.target.id.namespace)
    target = Target(job, driver, session, *own)
    before = [source.etag() for source in found]
    inputs = ledger.identify(found)
    decision = ledger.decide(job, inputs, await _heads(target, load_id), load_id, again=again)
    if isinstance(decision, Finished):
        return await _finished(target, decision, inputs, found, rejects)
    run = _Run(target, "", rejects, _room(rejects, max_errors), reconnect, progress, sum(source.size or 0 for source in found))
    try:
        run = await _begun(run, decision, inputs, found[0].name if found else "")
        await _load_files(run, found, inputs)
        _check_unchanged(found, before, inputs)
        await _complete(run, inputs, found)
    except TooManyRejectsError as error:
        if rejects is not None:
            await _write_file(run.target, run.load_id, inputs, rejects)
        raise _stopped(run, error, max_errors) from error
    except SchemagenError as error:
        raise LoadStoppedError(error.kind, error.problem.place, error.problem.sentence, run.report()) from error
    return run.report()


def _room(rejects: str | None, max_errors: int | None) -> int | None:
    return 0 if rejects is None else max_errors


def _stopped(run: _Run, error: TooManyRejectsError, max_errors: int | None) -> LoadStoppedError:
    fault, kept = error.first.fault, run.counts.read - run.counts.rejected
    rows = "no record is committed" if not kept else f"{kept:,} good record{' before it is' if kept == 1 else 's before it are'} committed"
    if run.rejects is None:
        hint = "the same command with --rejects FILE sets bad records aside and goes on"
    else:
        hint = f"more than {max_errors} records are bad; the same command with a larger --max-errors goes on"
    return LoadStoppedError(fault.code, error.first.place, f"{fault.message}; {rows}; {hint}", run.report())


async def _rows(target: Target, key: Values) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for batch in target.driver.read(target.session, target.ledger, key):
        names = batch.names
        found += [dict(zip(names, row, strict=True)) for row in batch.rows()]
    return found


async def _heads(target: Target, load_id: str | None) -> list[dict[str, Any]]:
    """The heads of all loads into the table, and of the load that is asked for."""
    heads = await _rows(target, {"target": ledger.target_name(target.job), "split": ledger.HEAD})
    if load_id is not None:
        heads += await _rows(target, {"load_id": load_id, "split": ledger.HEAD})
    return heads


async def _begun(run: _Run, decision: ledger.Begin | Resume, inputs: Inputs, name: str) -> _Run:
    """The run with its load id and the split size of its head, which is in the ledger now."""
    target = run.target
    if isinstance(decision, Resume):
        head = decision.head
    else:
        head = ledger.head_row(target.job, inputs, decision.load_id, name)
        async with target.session.transaction():
            claimed = await target.session.claim(target.ledger, head)
        if not claimed:
            # Another loader began the same load just now: go on beside it, under its terms.
            known = ledger.decide(target.job, inputs, await _heads(target, decision.load_id), decision.load_id, again=False)
            if not isinstance(known, Resume):
                raise SchemagenError("REFUSED", decision.load_id, "another process has just finished this load")
            head = known.head
    options = replace(target.job.options, split_bytes=head["split_bytes"])
    job = replace(target.job, options=options)
    return replace(run, target=replace(target, job=job), load_id=str(head["load_id"]))


async def _load_files(run: _Run, found: Sequence[Source], inputs: Inputs) -> None:
    committed: dict[tuple[str, int, int], Values] = {
        (row["file"], row["rank"], row["split"]): row
        for row in await _rows(run.target, {"load_id": run.load_id})
        if row["split"] != ledger.HEAD
    }
    compiled = Compiled(run.target.job)
    for source, file in zip(found, inputs.files, strict=True):
        rows = {split: row for (identity, rank, split), row in committed.items() if (identity, rank) == (file.identity, file.rank)}
        stream = Stream(source, run.target.job.options, run.target.job.options.block_bytes)
        async with _feed(compiled.work(source, stream, run.target.job.options.split_bytes, skip=rows)) as feed:
            await _load_file(run, source, file, rows, feed, stream)
        run.consumed += source.size or 0


async def _load_file(run: _Run, source: Source, file: FileId, rows: Mapping[int, Values], feed: _Feed, stream: Stream) -> None:
    while (head := await feed.peek()) is not None:
        number = head.block.split

        async def following(number: int = number) -> Done | None:
            done = await feed.peek()
            if done is None or done.block.split != number:
                return None
            run.progress(stream.consumed, done.block.first, "writing")
            return await feed.take()

        row = ledger.split_row(run.target.job, run.load_id, file, number, source.name)
        work = SplitWork(row, source.name, None if run.room is None else max(0, run.room - run.counts.rejected), following)
        if number in rows:
            counts = await _skip(run, rows[number], work)
        else:
            counts = await _write(run, work)
        run.committed(counts, sum(done.block.size for done in work.blocks))
        run.progress(stream.consumed, 0, "reading")


async def _skip(run: _Run, row: Values, work: SplitWork) -> Counts:
    """A split that is in: its bytes are compared, not loaded."""
    await work.drain()
    ledger.check_skipped(run.target.job, row, work.name, work.digest, work.read)
    return ledger.counts_of(row)


async def _write(run: _Run, work: SplitWork) -> Counts:
    """One split, tried again after what may pass. A COMMIT whose answer was lost is decided by the next try's claim."""
    for attempt in range(1, TRIES + 1):
        try:
            return await write_split(run.target, work)
        except AlreadyThereError:
            (row,) = await _rows(run.target, ledger.key_of(work.row))
            return await _skip(run, row, work)
        except RetryableError:
            if attempt == TRIES:
                raise
            await asyncio.sleep(_PAUSE_S * 4**attempt)
            await _reconnected(run)
    raise AssertionError("the last try returns or raises")


async def _reconnected(run: _Run) -> None:
    """Another session where one can be had; the server may be starting, so it is asked for more than once."""
    if run.reconnect is None:
        return
    last = time.monotonic() + _STARTING_S
    while True:
        try:
            session = await run.reconnect()
        except SchemagenError:
            if time.monotonic() > last:
                raise
            await asyncio.sleep(1)
        else:
            old, run.target = run.target.session, replace(run.target, session=session)
            await old.close()
            return


def _check_unchanged(found: Sequence[Source], before: Sequence[str], inputs: Inputs) -> None:
    for source, etag, file in zip(found, before, inputs.files, strict=True):
        if source.etag() != etag or (file.identity != "-" and source.identity() != file.identity):
            sentence = "has changed while it was read; what was committed stays: load it again under a new --load-id"
            raise SchemagenError("REFUSED", source.name, sentence)


async def _complete(run: _Run, inputs: Inputs, found: Sequence[Source]) -> None:
    """The end: the rejects file in place, then the head complete and the rejects of earlier finished loads gone."""
    target = run.target
    if run.rejects is not None:
        await _write_file(target, run.load_id, inputs, run.rejects)
    key = {"load_id": run.load_id, "file": "", "rank": 0, "split": ledger.HEAD}
    totals = {"bytes": run.bytes, "milliseconds": round(run.seconds * 1000), "committed": datetime.now(UTC), "state": ledger.COMPLETE}
    async with target.session.transaction():
        await target.session.amend(target.ledger, key, {**ledger.count_values(run.counts), **totals})
        for head in await _heads(target, None):
            same = head["entity"] == target.job.layout.entity.name and head["state"] == ledger.COMPLETE
            if same and head["rejected"] and head["load_id"] != run.load_id:
                await target.session.remove(target.rejects, {"load_id": head["load_id"]})


async def _write_file(target: Target, load_id: str, inputs: Inputs, path: str) -> None:
    """The rejects file, from the table, in the order of the inputs."""
    with whole_file(path) as file:
        for item in inputs.files:
            key = {"load_id": load_id, "file": item.identity, "rank": item.rank}
            async for batch in target.driver.read(target.session, target.rejects, key):
                file.writelines(f"{line}\n" for line in lines_of(batch))


async def _finished(target: Target, decision: Finished, inputs: Inputs, found: Sequence[Source], rejects: str | None) -> Report:
    """The report of a load that is not done again; first its files are compared, byte by byte, with what was loaded."""
    head = decision.head
    run = _Run(target, str(head["load_id"]), rejects, None, None, None, 0)
    rows = {(row["file"], row["rank"], row["split"]): row for row in await _rows(target, {"load_id": run.load_id})}
    del rows[("", 0, ledger.HEAD)]
    if not inputs.once:
        await asyncio.to_thread(_compare, target.job, head, rows, inputs, found)
    kept = [batch async for batch in target.driver.read(target.session, target.rejects, {"load_id": run.load_id})]
    if rejects is not None and sum(len(batch) for batch in kept) == head["rejected"]:
        await _write_file(target, run.load_id, inputs, rejects)
    report = run.report(decision.sentence)
    return replace(report, counts=ledger.counts_of(head), bytes=head["bytes"], seconds=head["milliseconds"] / 1000)


def _compare(job: Job, head: Values, rows: Mapping[tuple[str, int, int], Values], inputs: Inputs, found: Sequence[Source]) -> None:
    compiled = Compiled(job)
    left = dict(rows)
    for source, file in zip(found, inputs.files, strict=True):
        stream = Stream(source, job.options, job.options.block_bytes)
        read: dict[int, tuple[str, int]] = {}
        for done in compiled.work(source, stream, head["split_bytes"], skip=None):
            digest, count = done.block.digest, read.get(done.block.split, ("", 0))[1]
            read[done.block.split] = (digest, count + len(done.block.records))
        for split, (digest, count) in read.items():
            row = left.pop((file.identity, file.rank, split), None)
            if row is None:
                raise SchemagenError("REFUSED", source.name, f"the ledger has no row of split {split} of a load that it calls complete")
            ledger.check_skipped(job, row, source.name, digest, count)
    if left:
        raise SchemagenError("REFUSED", f"load {head['load_id']}", "the ledger has rows of splits that the files do not have")


class _Feed:
    """Worked blocks in order; the next ones are made in a thread while the last is sent."""

    def __init__(self, thread: ThreadPoolExecutor, work: Generator[Done, None, None]) -> None:
        self._thread = thread
        self._work = work
        self._ahead: list[Future[Done | None]] = []

    async def peek(self) -> Done | None:
        while len(self._ahead) < _AHEAD:
            self._ahead.append(self._thread.submit(next, self._work, None))
        return await asyncio.wrap_future(self._ahead[0])

    async def take(self) -> Done | None:
        done = await self.peek()
        self._ahead.pop(0)
        return done

    def stop(self) -> None:
        for future in self._ahead:
            future.cancel()


@asynccontextmanager
async def _feed(work: Generator[Done, None, None]) -> AsyncIterator[_Feed]:
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="decode") as thread:
            feed = _Feed(thread, work)
            try:
                yield feed
            finally:
                feed.stop()
    finally:
        work.close()
