"""Errors, places and diagnostics: what a person is told, in one line each, and how foreign text is made printable."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    # schemas
    "BAD_DOCUMENT",
    "BAD_REF",
    "REF_CYCLE",
    "NEVER",
    "ROOT_NOT_TABULAR",
    "NO_KEY",
    "KEY_NOT_SCALAR",
    "KEY_UNKNOWN",
    "NAME_CLASH",
    "TOO_MANY_COLUMNS",
    "ROW_TOO_LARGE",
    "ENUM_UNREPRESENTABLE",
    "BAD_OVERRIDE",
    "SCHEMA_TOO_LARGE",
    # outside schemas
    "USAGE",
    "NO_FILE",
    "BAD_FILE",
    "NO_CONNECTION",
    "AUTH",
    "UNKNOWN_ENTITY",
    "REFUSED",
    "DRIFT",
    "UNSUPPORTED",
    "MISSING_EXTRA",
    "SERVER",
    # records
    "SYNTAX",
    "RECORD_TOO_LARGE",
    "TOO_DEEP",
    "VALIDATION",
    "PATTERN_LIMIT",
    "UNFIT",
    "NUL_CHAR",
    "KEY_NULL",
    "DUPLICATE_KEY",
    "FK_ORPHAN",
    "CONSTRAINT",
]

DiagnosticCode = Literal[
    "AS_JSON", "REF_SIBLING", "RAW_SQL", "BAD_DEFAULT", "MENDED", "NO_COLUMN", "ANY_REF", "KEY_LENGTH", "AS_TEXT", "NO_TARGET"
]

DIAGNOSTIC_SENTENCES: dict[str, str] = {
    "AS_JSON": "has no exact column type and is stored as JSON",
    "REF_SIBLING": "constraints beside $ref are ignored, as drafts up to 07 say",
    "RAW_SQL": "SQL in a schema document is ignored",
    "BAD_DEFAULT": "the default is not valid for its own schema and is ignored",
    "MENDED": "an older or broken spelling was read as what it means",
    "NO_COLUMN": "admits no value that needs a column",
    "ANY_REF": "a reference that leads nowhere was taken as any value",
    "KEY_LENGTH": "a key of text without maxLength is limited to 255 characters on MySQL",
    "NO_TARGET": "a foreign key that leads to no known column is not made",
    "AS_TEXT": "is stored as text, because the server has no number that wide",
}


def printable(text: str, limit: int = 4096) -> str:
    r"""Foreign text for people: control, format, bidirectional and surrogate characters as ``\x1b``-like escapes; cut at `limit`."""
    shown = text[:limit] if text.isprintable() else "".join(_escaped(c) for c in text[:limit])
    return shown + "…" if len(text) > limit else shown


def _escaped(c: str) -> str:
    if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return c
    return f"\\x{ord(c):02x}" if ord(c) < 0x100 else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"


@dataclass(frozen=True, slots=True)
class Location:
    """A place: a document and a JSON pointer, or a file, a line (from 1) and a byte offset (from 0)."""

    source: str
    pointer: str | None = None
    line: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        if self.line is not None:
            place = f"{self.source}:{self.line}"
            return printable(f"{place} {self.pointer}" if self.pointer else place)
        return printable(self.source if self.pointer is None else f"{self.source}#{self.pointer}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and what would mend it; `sentence` is lower case without full stop."""

    kind: Kind
    place: Location | str
    sentence: str

    def __str__(self) -> str:
        place = str(self.place) if isinstance(self.place, Location) else printable(self.place)
        return f"{self.kind}: {place}: {printable(self.sentence)}" if place else f"{self.kind}: {printable(self.sentence)}"


class SchemagenError(Exception):
    """What stops an operation: the first problem, and how many more there are. Nothing was changed."""

    def __init__(self, kind: Kind, place: Location | str, sentence: str, more: Sequence[Problem] = ()) -> None:
        self.problem = Problem(kind, place, sentence)
        self.more = tuple(more)
        super().__init__(str(self))

    @property
    def kind(self) -> Kind:
        return self.problem.kind

    def __str__(self) -> str:
        text = str(self.problem)
        return f"{text} (and {len(self.more)} more)" if self.more else text

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.problem.kind, self.problem.place, self.problem.sentence, self.more))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A place of a schema that could not be kept exactly in a column type, and what was lost. `--strict` makes it an error."""

    code: DiagnosticCode
    place: Location
    detail: str = ""

    def __str__(self) -> str:
        text = f"{self.code}: {self.place}: {DIAGNOSTIC_SENTENCES[self.code]}"
        return f"{text} ({printable(self.detail)})" if self.detail else text


def missing_extra(package: str, extra: str) -> SchemagenError:
    """The error for an optional library that is not installed; it names the line that installs it."""
    return SchemagenError("MISSING_EXTRA", package, f"is not installed; run: pip install 'schemagen[{extra}]'")
