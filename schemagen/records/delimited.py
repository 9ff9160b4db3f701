"""TSV and CSV: the header, and each record as the JSON object that its cells mean, so that one decoder judges every format."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as quoted
from typing import Literal

import msgspec

from schemagen.catalog import types as sql
from schemagen.catalog.layout import Layout, Slot
from schemagen.errors import Location, SchemagenError, printable
from schemagen.jsontext import escape
from schemagen.options import LoadOptions
from schemagen.shape import types as shapes
from schemagen.sources.block import Fault

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|$)')
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)
_UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_SEPARATORS = {"csv": ",", "tsv": "\t"}
_OTHERS = (";", "\t", ",", "|")
_TRUTHS = {"true": "true", "false": "false", "t": "true", "f": "false"}
_RAW = msgspec.json.Decoder(msgspec.Raw)

# A cell as JSON text, or "" where the property is absent; the flag says that it stood between quotes.
Write = Callable[[str, bool], str]


class _Ragged(ValueError):
    pass


@dataclass(frozen=True)
class _Column:
    name: str
    lead: str
    write: Write


class Delimited:
    """Reads the records of one file, whose header it was given."""

    def __init__(self, kind: Literal["tsv", "csv"], header: bytes, layout: Layout, options: LoadOptions, source: str) -> None:
        self._kind = kind
        slots = {slot.path[0]: slot for slot in layout.properties}
        names = self._names(_text_of(header, source), tuple(slots), Location(source, line=1))
        self._columns = [_Column(name, f"{quoted(name)}:", _writer(slots[name], kind, options)) for name in names]

    def _names(self, header: str, known: tuple[str, ...], place: Location) -> list[str]:
        """The properties that the header names. Raises SchemagenError BAD_FILE with the likely mistake."""
        separator = _likely_separator(header, self._kind, known)
        try:
            names = [text for text, _ in self._cells(header)]
        except _Ragged as error:
            raise SchemagenError("BAD_FILE", place, f"the header cannot be read: {error}{separator}") from error
        for name in names:
            if name not in known:
                hint = separator or _near(name, [item for item in known if item not in names])
                sentence = f"the header names {printable(name)!r}, which is no property; expected some of {', '.join(known)}{hint}"
                raise SchemagenError("BAD_FILE", place, sentence)
            if names.count(name) > 1:
                raise SchemagenError("BAD_FILE", place, f"the header names {printable(name)!r} twice")
        return names

    def json_records(self, records: Sequence[bytes], faults: dict[int, Fault]) -> tuple[list[bytes], dict[int, Fault]]:
        """Each record as a JSON object (`{}` in place of those with a fault), and the faults, those given included."""
        found = dict(faults)
        lines: list[bytes] = []
        for index, record in enumerate(records):
            line = found[index] if index in found else self._line(record)
            if isinstance(line, Fault):
                found[index] = line
                line = b"{}"
            lines.append(line)
        return lines, found

    def _line(self, record: bytes) -> bytes | Fault:
        try:
            cells = self._cells(record.decode())
            if len(cells) != len(self._columns):
                return Fault("SYNTAX", f"expected {len(self._columns)} cells as in the header, got {len(cells)}")
        except UnicodeDecodeError as error:
            return Fault("SYNTAX", f"invalid UTF-8 at byte {error.start} of the record")
        except _Ragged as error:
            return Fault("SYNTAX", str(error))
        parts = []
        for column, (text, in_quotes) in zip(self._columns, cells, strict=True):
            try:
                written = column.write(text, in_quotes)
            except (msgspec.DecodeError, RecursionError) as error:
                return Fault("SYNTAX", f"the cell of a column that holds JSON is no JSON: {str(error).lower()}", f"/{escape(column.name)}")
            if written:
                parts.append(column.lead + written)
        return ("{" + ",".join(parts) + "}").encode()

    def _cells(self, record: str) -> list[tuple[str, bool]]:
        """The cells and whether each was quoted. Of TSV they are still escaped. Raises _Ragged."""
        if self._kind == "tsv":
            return [(cell, False) for cell in record.split("\t")]
        if '"' not in record:
            return [(cell, False) for cell in record.split(",")]
        cells, at = [], 0
        while True:
            match = _CELL.match(record, at)
            if match is None:
                raise _Ragged(f"a quote stands inside a cell, or something behind its end, at character {at} of the record")
            inside, bare, end = match.groups()
            cells.append((bare, False) if inside is None else (inside.replace('""', '"'), True))
            if not end:
                return cells
            at = match.end()


def _text_of(header: bytes, source: str) -> str:
    try:
        return header.decode()
    except UnicodeDecodeError as error:
        raise SchemagenError(
            "BAD_FILE", Location(source, line=1), "the header is no UTF-8; --set encoding names another encoding"
        ) from error


def _likely_separator(header: str, kind: Literal["tsv", "csv"], known: tuple[str, ...]) -> str:
    """A hint, where the header has no separator of its own kind and another one makes properties of it; else ""."""
    own = _SEPARATORS[kind]
    if own in header:
        return ""
    for separator in _OTHERS:
        cells = [cell.strip().strip('"') for cell in header.split(separator)]
        if separator != own and len(cells) > 1 and any(_folded(cell) in map(_folded, known) for cell in cells):
            fix = next((f"; name it .{other}" for other, its in _SEPARATORS.items() if its == separator), "")
            return f"; the file looks separated by {_shown(separator)}, where {kind.upper()} has {_shown(own)}{fix}"
    return ""


def _shown(separator: str) -> str:
    return "tabs" if separator == "\t" else f"'{separator}'"


def _near(name: str, known: Sequence[str]) -> str:
    """`; did you mean ...?` for a name that differs by blanks, case, or a letter or two; else ""."""
    near = [item for item in known if _folded(item) == _folded(name)] or difflib.get_close_matches(name, known, 1, 0.7)
    return f"; did you mean {printable(near[0])!r}?" if near else ""


def _folded(name: str) -> str:
    return "".join(name.split()).strip("\ufeff").casefold()


def _writer(slot: Slot, kind: Literal["tsv", "csv"], options: LoadOptions) -> Write:
    scalar, is_text = _scalar_writer(slot), _is_text(slot)
    nullable, nulls = slot.nullable, frozenset(options.null_values)

    def csv(text: str, in_quotes: bool) -> str:
        if not in_quotes and text == "":
            return ""
        if not in_quotes and (text == "\\N" or text in nulls):
            return "null" if nullable else ""
        return scalar(text)

    def tsv(text: str, in_quotes: bool) -> str:
        if text == "\\N" or text in nulls:
            return "null" if nullable else ""
        if "\\" in text:
            text = _BACKSLASH.sub(_unescape, text)
        if text == "" and not is_text:
            return ""
        return scalar(text)

    return csv if kind == "csv" else tsv


def _unescape(match: re.Match[str]) -> str:
    return _UNESCAPED.get(match[1], match[1])


def _is_text(slot: Slot) -> bool:
    """Whether an empty cell is an empty text, not absence."""
    return isinstance(slot.shape, shapes.Str) or (isinstance(slot.shape, shapes.EnumRef) and slot.shape.open)


def _scalar_writer(slot: Slot) -> Callable[[str], str]:
    match slot.type, slot.shape:
        case sql.Json() | sql.ArrayType() | sql.StructRef(), _:
            return _json
        case sql.Boolean(), _:
            return lambda text: _TRUTHS.get(text.lower()) or quoted(text)
        case sql.Numeric(), shapes.Dec(text=True):
            return quoted
        case sql.Integer() | sql.Real() | sql.Numeric(), _:
            return lambda text: text if _NUMBER.fullmatch(text) else quoted(text)
        case _:
            return quoted


def _json(text: str) -> str:
    _RAW.decode(text.encode())
    return text.replace("\n", " ").replace("\r", " ")
