"""Blocks: some records of a split, the unit of commit, with their places in the file; and faults, which refuse single records."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

from schemagen.errors import Kind


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record is refused. `pointer` is a JSON pointer into the record, `stage` one of decode, schema, convert, constraint."""

    code: Kind
    message: str
    pointer: str = ""
    keyword: str = ""

    @property
    def stage(self) -> str:
        match self.code:
            case "SYNTAX" | "RECORD_TOO_LARGE" | "TOO_DEEP":
                return "decode"
            case "VALIDATION" | "PATTERN_LIMIT":
                return "schema"
            case "UNFIT" | "NUL_CHAR" | "KEY_NULL":
                return "convert"
            case _:
                return "constraint"


# A newline that does not part two objects.
_NO_PART = re.compile(rb"\n(?:(?<!\}\n)|[^{])")


class ObjectLines(Sequence[bytes]):
    """The lines of a text, each of which begins with a brace and ends with one, cut when somebody asks for one: most blocks are read whole.

    No JSON value can span two of them: `}` before `{` ends a value. Two values on one line are told by their number.
    """

    def __init__(self, text: bytes, count: int) -> None:
        self._text = text
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        return self._cut[index]

    @cached_property
    def _cut(self) -> list[bytes]:
        return self._text[:-1].split(b"\n")


def object_lines(text: bytes) -> ObjectLines | None:
    """The lines of a text that ends with a newline; None where some line is more or less than braces and what is between them."""
    if text[:1] != b"{" or text[-2:] != b"}\n" or _NO_PART.search(text):
        return None
    # Newlines left out, not counted: `count` looks at every byte, `replace` goes from one to the next.
    return ObjectLines(text, len(text) - len(text.replace(b"\n", b"")))


@dataclass(eq=False)
class Block:
    """Whole records of one split, in their order.

    `raw` is what was read for them, separators included; it begins at byte `start` and line `line` of the decompressed file.
    `starts` are the records' places in `raw`; None where each line of `raw` that is not blank is a record.
    `faults` refuses records by their index before anyone decodes them. `first` is the first record's number in its split.
    `hashed` gives the hash of the split's bytes up to the end of this block, `size` the number of bytes read for it, of which `raw` may
    be a part: nothing is kept of a record that is too long.
    """

    split: int
    first: int
    records: Sequence[bytes]
    raw: bytes
    start: int
    line: int
    starts: Sequence[int] | None = None
    faults: dict[int, Fault] = field(default_factory=dict)
    hashed: Callable[[], str] = str
    size: int = 0

    @property
    def digest(self) -> str:
        """Waits for the hash, which is made beside the decoding."""
        return self.hashed()

    @property
    def apart(self) -> bool:
        """Whether the records are known to be parted where JSON values are."""
        return isinstance(self.records, ObjectLines)

    @property
    def text(self) -> bytes | None:
        """The records joined by newlines, where they were read as lines of which none is blank; else None."""
        if self.apart:
            return self.raw
        plain = self.starts is None and self.raw.endswith(b"\n") and b"\r" not in self.raw
        return self.raw[:-1] if plain else None

    def place(self, index: int) -> tuple[int, int]:
        """The line (from 1) and the byte offset (from 0) where a record begins."""
        return self._lines[index], self.start + self._begins[index]

    def without_first(self) -> Block:
        """The block without its first record, which was a header; numbers stay."""
        faults = {index - 1: fault for index, fault in self.faults.items() if index}
        return replace(self, records=self.records[1:], starts=list(self._begins)[1:], first=self.first + 1, faults=faults)

    @cached_property
    def _lines(self) -> Sequence[int]:
        begins = self._begins
        ends = zip([0, *begins], begins, strict=False)
        return list(accumulate((self.raw.count(b"\n", low, high) for low, high in ends), initial=self.line))[1:]

    @cached_property
    def _begins(self) -> Sequence[int]:
        if self.starts is not None:
            return self.starts
        lines = self.raw.split(b"\n")
        begins = list(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))
        return begins if len(begins) == len(self.records) else [at for at, line in zip(begins, lines, strict=True) if line.strip()]
