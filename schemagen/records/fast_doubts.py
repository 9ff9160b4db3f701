"""What a fast decoder would let pass, or change: found in the bytes of a whole block, so that good blocks pay next to nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from schemagen.jsontext import depth_over

# Digits and points as 0, all else blank: sixteen in a row may be a number that a double changes.
_DIGITS = bytes(0x30 if byte in b"0123456789." else 0x20 for byte in range(256))
_LONE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]")
_SMALL_EXPONENTS = (re.compile(rb"e-[0-9]{3}"), re.compile(rb"E-[0-9]{3}"))
_TINY = re.compile(rb"(?:^|[:,\[\s])-?[0-9.]+[eE]-[0-9]{3}$")
_LARGE_ZEROS = (re.compile(rb"0e\+?[0-9]{4}"), re.compile(rb"0E\+?[0-9]{4}"))
_ZERO = re.compile(rb"(?:^|[:,\[\s])-?[0.]+[eE]\+?[0-9]{4}$")


def with_nul(records: Sequence[bytes], text: bytes) -> set[int]:
    """Records that may hold U+0000. `text` is the records joined by newlines, here and below."""
    if b"\\" not in text or b"\\u0000" not in text:
        return set()
    return {index for index, record in enumerate(records) if b"\\u0000" in record}


def not_utf8(records: Sequence[bytes], text: bytes) -> set[int]:
    return set() if _is_utf8(text) else {index for index, record in enumerate(records) if not _is_utf8(record)}


def with_lone_surrogate(records: Sequence[bytes], text: bytes) -> set[int]:
    """Records that may hold half of a surrogate pair."""
    if b"\\" not in text or (b"\\ud" not in text and b"\\uD" not in text) or not _LONE.search(text):
        return set()
    return {index for index, record in enumerate(records) if _LONE.search(record)}


def has_long_numbers(text: bytes) -> bool:
    """Whether a number may have more digits than a double keeps."""
    return text.translate(_DIGITS).find(b"0" * 16) >= 0


def with_tiny_number(records: Sequence[bytes], text: bytes) -> set[int]:
    """Records with a number so near to 0 that a double may change it. Mantissas of over 15 digits are found otherwise."""
    return _with_number(_SMALL_EXPONENTS, _TINY, records, text)


def with_large_zero(records: Sequence[bytes], text: bytes) -> set[int]:
    """Records with a zero whose exponent may be beyond the limits, which a double does not tell; any other number overflows."""
    return _with_number(_LARGE_ZEROS, _ZERO, records, text)


def _with_number(ends_like: tuple[re.Pattern[bytes], ...], number: re.Pattern[bytes], records: Sequence[bytes], text: bytes) -> set[int]:
    ends = [match.end() for pattern in ends_like for match in pattern.finditer(text)]
    found = [end for end in ends if number.search(text, max(0, end - 32), end)]
    if not found:
        return set()
    starts = list(accumulate((len(record) + 1 for record in records), initial=0))
    return {bisect_right(starts, end - 1) - 1 for end in found}


def too_deep(records: Sequence[bytes], limit: int) -> set[int]:
    """Records that nest deeper than `limit`."""
    many = ((index, record) for index, record in enumerate(records) if record.count(b"[") + record.count(b"{") > limit)
    return {index for index, record in many if depth_over(record.decode("latin-1"), limit)}


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
