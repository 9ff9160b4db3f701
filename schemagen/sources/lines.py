"""From a stream to blocks of whole records: lines, and CSV records whose quoted cells may hold newlines."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace

from schemagen.sources.block import Block, Fault, object_lines
from schemagen.sources.cutter import Cutter

_KEPT_BYTES = 1 << 10


def start_of(record: bytes, limit: int) -> bytes:
    """What is kept of a record that is too long."""
    return record[: min(limit, _KEPT_BYTES)]


def too_large(limit: int) -> Fault:
    return Fault("RECORD_TOO_LARGE", f"the record is longer than {limit} bytes (max-record-bytes)")


def line_blocks(pieces: Iterable[bytes], cutter: Cutter, limit: int, *, blank_is_empty: bool = False) -> Iterator[Block]:
    """Blocks of lines. Blank lines (`blank_is_empty`: only those without a character) are no records. CR before LF is dropped.

    A line longer than `limit` is a record with a fault, of which only the first bytes are kept.
    """
    for kind, text in _whole_lines(pieces, limit):
        if kind != "lines":
            yield from _long(kind, text, cutter, limit)
            continue
        while text:
            room = cutter.boundary() - cutter.offset
            end = text.find(b"\n", room - 1) + 1 if len(text) > room else len(text)
            part, text = (text[:end], text[end:]) if end else (text, b"")
            yield cutter.lines(*_records(part, limit, blank_is_empty=blank_is_empty))


def _long(kind: str, text: bytes, cutter: Cutter, limit: int) -> Iterator[Block]:
    if kind == "long":
        yield replace(cutter.lines([start_of(text, limit)], text, [0], {0: too_large(limit)}), raw=b"")
    else:
        yield cutter.skip(text)


def _records(text: bytes, limit: int, *, blank_is_empty: bool) -> tuple[Sequence[bytes], bytes, Sequence[int] | None, dict[int, Fault]]:
    objects = None if blank_is_empty or len(text) > limit else object_lines(text)
    if objects is not None:
        return objects, text, None, {}
    lines = text.split(b"\n")
    ended = not lines[-1]
    if ended:
        lines.pop()
    if b"\r" in text:
        lines = [line[:-1] if line.endswith(b"\r") else line for line in lines]
    starts: list[int] | None = None
    if blank_is_empty:
        kept = [line for line in lines if line]
    else:
        kept = [line for line in lines if line and not line.isspace()]
    if len(kept) != len(lines) or not ended:
        starts = _starts(text, blank_is_empty=blank_is_empty)
    faults = {index: too_large(limit) for index, line in enumerate(kept) if len(line) > limit} if len(text) > limit else {}
    for index in faults:
        kept[index] = start_of(kept[index], limit)
    return kept, text, starts, faults


def _starts(text: bytes, *, blank_is_empty: bool) -> list[int]:
    starts, at = [], 0
    for line in text.split(b"\n"):
        if line.rstrip(b"\r") if blank_is_empty else line.strip():
            starts.append(at)
        at += len(line) + 1
    return starts


def _whole_lines(pieces: Iterable[bytes], limit: int) -> Iterator[tuple[str, bytes]]:
    """("lines", text that ends with a newline or with the file), ("long", the start of a line over `limit`), ("more", its rest)."""
    waiting: list[bytes] = []
    length = 0
    skipping = False
    for piece in pieces:
        if skipping:
            first = piece.find(b"\n") + 1
            yield "more", piece[:first] if first else piece
            if not first:
                continue
            skipping, piece = False, piece[first:]
        end = piece.rfind(b"\n") + 1
        if end:
            yield "lines", b"".join([*waiting, memoryview(piece)[:end]])
            waiting, length, piece = [], 0, piece[end:]
        if piece:
            waiting.append(piece)
            length += len(piece)
        if length > limit + 1:
            yield "long", b"".join(waiting)
            waiting, length, skipping = [], 0, True
    if waiting:
        yield "lines", b"".join(waiting)


def csv_blocks(pieces: Iterable[bytes], cutter: Cutter, limit: int) -> Iterator[Block]:
    """Blocks of CSV records: a newline between quotes belongs to its cell.

    A quote that nothing closes, up to `limit` bytes or the end of the file, is the fault of its line; reading goes on at the next one.
    """
    rest = b""
    for kind, text in _whole_lines(pieces, limit):
        if kind == "lines":
            rest = yield from _closed(rest + text, cutter, limit, last=False)
            continue
        if rest:
            rest = yield from _closed(rest, cutter, limit, last=True)
        yield from _long(kind, text, cutter, limit)
    if rest:
        yield from _closed(rest, cutter, limit, last=True)


def _closed(text: bytes, cutter: Cutter, limit: int, *, last: bool) -> Generator[Block, None, bytes]:
    """Blocks of the records that end in `text`; gives back the open rest, "" where `last`."""
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    records: list[bytes] = []
    starts: list[int] = []
    faults: dict[int, Fault] = {}
    number, at = 0, 0
    while number < len(lines):
        taken, size = _closing(lines, number, limit)
        if not taken and not last and size <= limit:
            break
        if not taken:
            taken, size = 1, len(lines[number])
            faults[len(records)] = Fault("SYNTAX", "a quote is never closed")
        record = lines[number] if taken == 1 else b"\n".join(lines[number : number + taken])
        record = record[:-1] if record.endswith(b"\r") else record
        if record:
            starts.append(at)
            records.append(record)
        number += taken
        at += size + 1
    done = min(at, len(text))
    if done:
        yield from cutter.blocks(records, text[:done], starts, faults)
    return text[done:]


def _closing(lines: list[bytes], number: int, limit: int) -> tuple[int, int]:
    """How many lines the record that begins at line `number` takes (0: it does not end here), and their bytes without the last newline."""
    quotes, size = 0, -1
    for taken, line in enumerate(lines[number:] if b'"' in lines[number] else lines[number : number + 1], 1):
        quotes += line.count(b'"')
        size += len(line) + 1
        if quotes % 2 == 0:
            return taken, size
        if size > limit:
            break
    return 0, size
