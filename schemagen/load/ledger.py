"""Exactly once: schemagen's own tables, what identifies a load and its files, and what a new run does about the loads before it.

The protocol, checked by `tests/laws/test_ledger_model.py`: the row of a split is inserted first in the transaction that holds its rows and
rejects, so that the unique key decides between loaders, zombies and repeated tasks; a load is complete when all splits are in and the
rejects file is in place.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemagen.catalog.batch import Counts
from schemagen.catalog.objects import Column, PrimaryKey, Table
from schemagen.catalog.types import Integer, ObjectId, Text, Timestamp
from schemagen.errors import SchemagenError, printable
from schemagen.records.job import Job
from schemagen.sources.source import Source

HEAD = -1
OPEN, COMPLETE, COMMITTED = "open", "complete", "committed"
_COUNTS = ("read", "inserted", "updated", "unchanged", "superseded", "deleted", "rejected")
_LONGEST_ID = 200
_KEY = ("load_id", "file", "rank", "split")

Values = Mapping[str, Any]


def _columns(texts: str, numbers: str, optional: str, times: str) -> tuple[Column, ...]:
    return (
        *(Column(name, Text(), nullable=False) for name in texts.split()),
        *(Column(name, Integer(), nullable=False) for name in numbers.split()),
        *(Column(name, Text()) for name in optional.split()),
        *(Column(name, Timestamp()) for name in times.split()),
    )


def ledger_table(namespace: str) -> Table:
    """One row for each committed split, and for each load one of split -1, its head, with the totals and the state."""
    columns = _columns(
        "load_id file entity target fingerprint inputs digest state name worker",
        f"rank split split_bytes files byte_start byte_end first_line {' '.join(_COUNTS)} bytes milliseconds",
        "",
        "started committed",
    )
    return Table(ObjectId("table", namespace, "_schemagen_ledger"), columns, (PrimaryKey(_KEY, "pk__schemagen_ledger"),))


def rejects_table(namespace: str) -> Table:
    """The rejects of committed splits. `record` is text, or base64 where `encoding` says so."""
    columns = _columns("load_id file", "rank split seq line byte_offset", "name stage code pointer keyword message record encoding", "")
    return Table(ObjectId("table", namespace, "_schemagen_rejects"), columns, (PrimaryKey((*_KEY, "seq"), "pk__schemagen_rejects"),))


def own_tables(namespace: str) -> tuple[Table, ...]:
    """The tables that a load needs beside the loaded ones."""
    return ledger_table(namespace), rejects_table(namespace)


@dataclass(frozen=True, slots=True)
class FileId:
    """A file by its content: the hash of its size and ends, and its rank among files of equal ones in the same load."""

    identity: str
    rank: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a load reads. `once`: some input can be read one time only, so that another run cannot tell whether it is the same."""

    files: tuple[FileId, ...]
    once: bool

    @property
    def digest(self) -> str:
        return _hash([item.identity for item in self.files])


def identify(found: Sequence[Source]) -> Inputs:
    """The identities of files, in order. The same bytes are the same file, by whatever path."""
    files: list[FileId] = []
    for source in found:
        identity = source.identity() or "-"
        files.append(FileId(identity, sum(item.identity == identity for item in files)))
    return Inputs(tuple(files), any(item.identity == "-" for item in files))


def default_load_id(job: Job, inputs: Inputs) -> str:
    """The same for the same inputs, entity, table and mode, so that the same command goes on where it stopped."""
    if inputs.once:
        return uuid.uuid4().hex
    return _hash([inputs.digest, job.layout.entity.name, target_name(job), job.mode.value])[:32]


def target_name(job: Job) -> str:
    return str(job.layout.target.id)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def check_load_id(load_id: str) -> None:
    """Raises SchemagenError USAGE for one that people could not read back."""
    if not load_id or len(load_id) > _LONGEST_ID or not load_id.isprintable():
        raise SchemagenError("USAGE", "load id", f"expected 1 to {_LONGEST_ID} printable characters, got {printable(load_id, 50)!r}")


# What a run does


@dataclass(frozen=True, slots=True)
class Begin:
    """A new load."""

    load_id: str


@dataclass(frozen=True, slots=True)
class Resume:
    """An unfinished load goes on; its head tells the size of splits."""

    head: Values


@dataclass(frozen=True, slots=True)
class Finished:
    """The load is complete and is not done again."""

    head: Values
    sentence: str


Decision = Begin | Resume | Finished


def decide(job: Job, inputs: Inputs, heads: Sequence[Values], load_id: str | None, *, again: bool) -> Decision:
    """What to do, given the heads of all loads into the table and of the load id. Raises SchemagenError REFUSED."""
    if load_id is not None:
        head = next((item for item in heads if item["load_id"] == load_id), None)
        return Begin(load_id) if head is None else _known(job, inputs, head, load_id)
    base = default_load_id(job, inputs)
    mine = sorted((item for item in heads if _number(item["load_id"], base)), key=lambda item: _number(item["load_id"], base))
    if mine and mine[-1]["state"] == OPEN:
        return Resume(_same_options(job, mine[-1]))
    if mine and not job.layout.key and not again:
        return Finished(mine[-1], f"already loaded at {_when(mine[-1])} by {mine[-1]['worker']}; --again loads it once more")
    _refuse_beside_open(job, heads)
    return Begin(f"{base}.{_number(mine[-1]['load_id'], base) + 1}" if mine else base)


def _number(load_id: str, base: str) -> int:
    """1 for the first load of these inputs, 2 for `.2`; 0 for another load."""
    if load_id == base:
        return 1
    head, _, number = load_id.rpartition(".")
    return int(number) if head == base and number.isascii() and number.isdigit() else 0


def _known(job: Job, inputs: Inputs, head: Values, load_id: str) -> Decision:
    if head["target"] != target_name(job) or head["inputs"] != inputs.digest:
        raise SchemagenError("REFUSED", load_id, "this load id was given to a load of other files or into another table; choose a new one")
    _same_options(job, head)
    if head["state"] == OPEN:
        return Resume(head)
    return Finished(head, f"load {load_id} was finished at {_when(head)} by {head['worker']}, and is not done again")


def _same_options(job: Job, head: Values) -> Values:
    if head["fingerprint"] != job.fingerprint:
        sentence = "was begun with another schema, key, mode or other options; give the same ones to finish it, or a new --load-id"
        raise SchemagenError("REFUSED", f"load {head['load_id']}", sentence)
    return head


def _refuse_beside_open(job: Job, heads: Sequence[Values]) -> None:
    """Without a key a mended file would double the rows that are in."""
    if job.layout.key:
        return
    for head in heads:
        if head["state"] == OPEN and head["target"] == target_name(job):
            sentence = (
                f"a load of {head['name']} into this table is not finished; finish it (the same files, with --rejects), or name a --load-id"
            )
            raise SchemagenError("REFUSED", target_name(job), sentence)


def _when(head: Values) -> str:
    committed = head["committed"]
    return f"{committed:%Y-%m-%d %H:%M:%S}Z" if committed is not None else "an unknown time"


# Rows


def head_row(job: Job, inputs: Inputs, load_id: str, name: str) -> dict[str, Any]:
    return {
        **_blank(job, load_id),
        "file": "",
        "rank": 0,
        "split": HEAD,
        "inputs": inputs.digest,
        "state": OPEN,
        "name": printable(name),
        "files": len(inputs.files),
    }


def split_row(job: Job, load_id: str, file: FileId, split: int, name: str) -> dict[str, Any]:
    """The row that claims a split, before anything is known of it."""
    return {
        **_blank(job, load_id),
        "file": file.identity,
        "rank": file.rank,
        "split": split,
        "state": COMMITTED,
        "name": printable(name),
        "files": 1,
    }


def _blank(job: Job, load_id: str) -> dict[str, Any]:
    return {
        "load_id": load_id,
        "entity": job.layout.entity.name,
        "target": target_name(job),
        "fingerprint": job.fingerprint,
        "inputs": "",
        "digest": "",
        "worker": worker_name(),
        "split_bytes": job.options.split_bytes,
        **dict.fromkeys(("byte_start", "byte_end", "first_line", *_COUNTS, "bytes", "milliseconds"), 0),
        "started": datetime.now(UTC),
        "committed": None,
    }


def key_of(row: Values) -> dict[str, Any]:
    return {name: row[name] for name in _KEY}


def count_values(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in _COUNTS}


def counts_of(row: Values) -> Counts:
    return Counts(**{name: row[name] for name in _COUNTS})


def check_skipped(job: Job, row: Values, name: str, digest: str, read: int) -> None:
    """Raises SchemagenError REFUSED where a split that the ledger calls committed is not the one that was read just now."""
    if row["digest"] != digest:
        sentence = (
            f"bytes {row['byte_start']} to {row['byte_end']} are not those that were loaded; the file has changed: name a new --load-id"
        )
        raise SchemagenError("REFUSED", name, sentence)
    if row["fingerprint"] != job.fingerprint or row["read"] != read or not counts_of(row).balanced:
        raise SchemagenError("REFUSED", name, f"the ledger's row of split {row['split']} is not one that a load wrote; nothing was skipped")
