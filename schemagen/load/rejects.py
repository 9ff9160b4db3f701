"""Refused records: a row of the rejects table, a line of the rejects file, and the file written so that it is there whole or not at all."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import stat
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from schemagen.catalog.batch import Batch, BatchColumn, RowReject
from schemagen.catalog.objects import Table
from schemagen.errors import Location, SchemagenError, printable
from schemagen.sources.block import Block, Fault

_RECORD_BYTES = 1 << 20
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_FIELDS = ("file", "line", "offset", "stage", "code", "pointer", "keyword", "message", "record")


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused record. `seq` is its number in its split; `record` its text, base64 where `encoding` says so, None where left out."""

    seq: int
    file: str
    line: int
    offset: int
    fault: Fault
    record: str | None
    encoding: str | None = None

    @property
    def place(self) -> Location:
        return Location(self.file, self.fault.pointer or None, self.line, self.offset)

    def values(self) -> dict[str, Any]:
        """The columns of the rejects table that tell of the record."""
        return {
            "seq": self.seq,
            "line": self.line,
            "byte_offset": self.offset,
            "name": printable(self.file),
            "stage": self.fault.stage,
            "code": self.fault.code,
            "pointer": _storable(self.fault.pointer),
            "keyword": self.fault.keyword,
            "message": printable(self.fault.message),
            "record": self.record,
            "encoding": self.encoding,
        }


def _storable(text: str) -> str:
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def reject_of(block: Block, index: int, fault: Fault, file: str, *, omit: bool) -> Reject:
    """The reject of one record of a block."""
    line, offset = block.place(index)
    record = bytes(block.records[index][:_RECORD_BYTES])
    if omit:
        return Reject(block.first + index, file, line, offset, fault, None)
    with suppress(UnicodeDecodeError):
        text = record.decode()
        if "\0" not in text:
            return Reject(block.first + index, file, line, offset, fault, text)
    return Reject(block.first + index, file, line, offset, fault, base64.b64encode(record).decode(), "base64")


def rejects_of(block: Block, faults: dict[int, Fault], file: str, *, omit: bool) -> list[Reject]:
    return [reject_of(block, index, faults[index], file, omit=omit) for index in sorted(faults)]


def refused_rows(blocks: Sequence[Block], refused: Iterable[RowReject], file: str, *, omit: bool) -> list[Reject]:
    """The rejects of rows that the server refused, found again by their numbers."""
    found, firsts = [], [block.first for block in blocks]
    for item in sorted(refused, key=lambda reject: reject.seq):
        # Of blocks that begin alike all but the last are without records.
        block = blocks[bisect_right(firsts, item.seq) - 1]
        message = item.code if omit else item.message
        found.append(reject_of(block, item.seq - block.first, Fault(item.code, message), file, omit=omit))
    return found


def rejects_batch(table: Table, split: dict[str, Any], rejects: Sequence[Reject]) -> Batch:
    """The rows of the rejects table for one split, whose key is given."""
    rows = [{**split, **reject.values()} for reject in rejects]
    return Batch(tuple(BatchColumn(column.name, column.type, [row[column.name] for row in rows]) for column in table.columns))


def lines_of(batch: Batch) -> Iterator[str]:
    """The lines of the rejects file for rows of the rejects table."""
    columns = {column.name: column.values for column in batch.columns}
    for number in range(len(batch)):
        row = {name: values[number] for name, values in columns.items()}
        yield _line({**row, "file": row["name"], "offset": row["byte_offset"]})


def line_of(reject: Reject) -> str:
    values = reject.values()
    return _line({**values, "file": values["name"], "offset": values["byte_offset"]})


def _line(row: dict[str, Any]) -> str:
    value = {name: row[name] for name in _FIELDS}
    if row["encoding"]:
        value["encoding"] = row["encoding"]
    return json.dumps(value, ensure_ascii=False)


# Files


def check_place(path: str, inputs: Iterable[str] = ()) -> None:
    """Raises SchemagenError USAGE where a rejects file could not be written there, or would take the place of an input."""
    target = Path(path)
    if target.is_file():
        for name in inputs:
            if os.path.isfile(name) and os.path.samefile(path, name):
                raise SchemagenError("USAGE", path, "is one of the inputs, which would be lost; name another file")
    if target.is_symlink():
        raise SchemagenError("USAGE", path, "is a symbolic link; name the file itself")
    if target.is_dir():
        raise SchemagenError("USAGE", path, "is a folder; name a file")
    if not target.absolute().parent.is_dir():
        raise SchemagenError("USAGE", path, f"the folder {target.parent} does not exist")


@contextmanager
def whole_file(path: str) -> Iterator[TextIO]:
    """A file that replaces `path` when the block ends well: written beside it with mode 0600, synced, renamed.

    A device or pipe is written in place.
    """
    check_place(path)
    if not _is_replaceable(path):
        with _opened(path, os.O_WRONLY | os.O_NOFOLLOW) as file:
            yield file
        return
    target = Path(path).absolute()
    spare = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        with _opened(str(spare), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW) as file:
            yield file
            with _failing(path):
                file.flush()
                os.fsync(file.fileno())
        with _failing(path):
            spare.replace(target)
            _sync_folder(target.parent)
    finally:
        spare.unlink(missing_ok=True)


@contextmanager
def running_file(path: str) -> Iterator[TextIO]:
    """A file that is written as it goes, with mode 0600, never through a symbolic link."""
    check_place(path)
    flags = os.O_WRONLY | os.O_NOFOLLOW | (os.O_CREAT | os.O_TRUNC if _is_replaceable(path) else 0)
    with _opened(path, flags) as file:
        if _is_replaceable(path):
            os.fchmod(file.fileno(), 0o600)
        yield file


def _is_replaceable(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return True


@contextmanager
def _opened(path: str, flags: int) -> Iterator[TextIO]:
    with _failing(path), open(path, "w", encoding="utf-8", newline="\n", opener=lambda name, _: os.open(name, flags, 0o600)) as file:
        yield file


@contextmanager
def _failing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SchemagenError("BAD_FILE", path, f"cannot be written: {(error.strerror or str(error)).lower()}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
