"""Text columns whose cells all have one length, looked at by position: every cell's tenth byte is one slice, not a loop."""

from __future__ import annotations

from array import array
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

_INSTANT = {4: b"-", 7: b"-", 10: b"T", 13: b":", 16: b":"}
_DATE = {4: b"-", 7: b"-"}
_UUID = {8: b"-", 13: b"-", 18: b"-", 23: b"-"}
# The longest cell that is looked for, a UUID.
_LONGEST = 36
# `2024-05-01T12:30:45Z`, and with a point and up to six digits.
_INSTANT_LENGTHS = (20, 22, 23, 24, 25, 26, 27)


def are_instants(texts: pa.Array) -> bool:
    """True where every cell has the marks of `2024-05-01T12:30:45.678Z` in their places; whether digits stand between, the cast tells."""
    found = _content(texts)
    if found is None or found[1] not in _INSTANT_LENGTHS:
        return False
    content, length = found
    marks = _INSTANT | {length - 1: b"Z"} | ({19: b"."} if length > 20 else {})
    return _has_marks(content, length, marks)


def are_dates(texts: pa.Array) -> bool:
    """True where every cell has the marks of `2024-05-01` in their places."""
    found = _content(texts)
    return found is not None and found[1] == 10 and _has_marks(*found, _DATE)


def uuid_bytes(texts: pa.Array) -> bytes | None:
    """The 16 bytes of every UUID, one after another; None where a cell is null or no UUID."""
    found = _content(texts) if not texts.null_count else None
    if found is None or found[1] != 36 or not _has_marks(*found, _UUID):
        return None
    try:
        values = bytes.fromhex(found[0].translate(None, b"-").decode("ascii"))
    except ValueError:
        return None
    # fromhex passes over blanks.
    return values if len(values) == 16 * len(texts) else None


def _content(texts: pa.Array) -> tuple[bytes, int] | None:
    """What the cells hold, one after another, nulls left out, and the length in bytes that all have."""
    assert texts.offset == 0
    length = _length(texts)
    if not length:
        return None
    size = length * (len(texts) - texts.null_count)
    return texts.buffers()[2][:size].to_pybytes(), length


def _length(texts: pa.Array) -> int:
    """The length in bytes of every cell that is not null; 0 where there is no such length, or none that is looked for."""
    if len(texts) and not texts.null_count:
        offsets = texts.buffers()[1]
        length = memoryview(offsets).cast("i")[len(texts)] // len(texts)
        return length if 0 < length <= _LONGEST and _offsets(length, len(texts)).equals(offsets[: 4 * len(texts) + 4]) else 0
    lengths = pc.min_max(pc.binary_length(texts)).as_py()
    return lengths["min"] if lengths["min"] and lengths["min"] == lengths["max"] else 0


def _offsets(length: int, count: int) -> pa.Buffer:
    """Where cells of that length begin, and where the last one ends, as Arrow keeps it."""
    return _many_offsets(length, 1 << count.bit_length())[: 4 * count + 4]


@lru_cache(maxsize=16)
def _many_offsets(length: int, count: int) -> pa.Buffer:
    return pa.py_buffer(array("i", range(0, length * count + 1, length)))


def _has_marks(content: bytes, length: int, marks: dict[int, bytes]) -> bool:
    count = len(content) // length
    return all(content[place::length] == mark * count for place, mark in marks.items())
