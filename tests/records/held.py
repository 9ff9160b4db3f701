"""Sources that are bytes in memory, and what a worker process makes of one. Imports what such a process may."""

from __future__ import annotations

import io
import pickle
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from schemagen.catalog.batch import Batch
from schemagen.records.compiled import Compiled
from schemagen.sources.block import Fault
from schemagen.sources.source import Format
from schemagen.sources.stream import Stream


@dataclass(frozen=True)
class Held:
    """A source whose bytes are in memory."""

    content: bytes
    format: Format = "jsonl"
    name: str = "records"

    @property
    def size(self) -> int:
        return len(self.content)

    def etag(self) -> str:
        return ""

    def identity(self) -> str:
        return ""

    def open(self) -> BinaryIO:
        return cast(BinaryIO, io.BytesIO(self.content))


def rows_of(batch: Batch | None) -> list[dict[str, Any]]:
    """Rows by column name; without the record's number."""
    if batch is None:
        return []
    table = batch.arrow().drop_columns(["_seq"]) if batch.seq is not None else batch.arrow()
    return cast(list[dict[str, Any]], table.to_pylist())


@dataclass(frozen=True)
class Verdict:
    """What became of one block: its rows, its faults by index, and its hash."""

    rows: list[dict[str, Any]]
    faults: dict[int, Fault]
    digest: str


def verdicts(job: bytes, text: bytes, split: int) -> list[Verdict]:
    """What this process makes of a pickled job and the text of its records."""
    source = Held(text)
    compiled = Compiled(pickle.loads(job))
    work = compiled.work(source, Stream(source, compiled.job.options, 1 << 20), split)
    return [Verdict(rows_of(done.batch), done.faults, done.block.digest) for done in work]


def loaded_modules() -> set[str]:
    return set(sys.modules)
