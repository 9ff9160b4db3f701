"""Text to JSON values and back: strict JSON with limits on numbers and depth, one form for equal values, and its digest."""

from __future__ import annotations

import hashlib
import json
from decimal import Context, Decimal
from typing import Any, NoReturn

from schemagen.errors import Location, SchemagenError
from schemagen.jsontext import MAX_DIGITS, BadNumberError, JsonType, as_double, decimal, depth_of, integer, number_text, pointer_of

MAX_BYTES = 64 << 20
MAX_NODES = 1_000_000
# Of a schema, whatever max-depth says: jsonschema-rs takes 255 levels, and walks here recurse, two frames a level.
MAX_SCHEMA_DEPTH = 250

_EXACT = Context(prec=2 * MAX_DIGITS)


def _no_constant(text: str) -> NoReturn:
    raise BadNumberError(f"{text} is no JSON number")


def parse_json(text: str | bytes, source: str, max_depth: int = 200) -> JsonType:
    """The value of strict JSON; numbers are int or Decimal, the last of equal keys wins. Raises BAD_DOCUMENT."""
    text = decode(text, source) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    try:
        value: JsonType = json.loads(text, parse_int=integer, parse_float=decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise SchemagenError("BAD_DOCUMENT", Location(source, line=error.lineno), f"is no JSON: {_why(error)}") from error
    except BadNumberError as error:
        raise SchemagenError("BAD_DOCUMENT", source, str(error)) from error
    except RecursionError as error:
        raise too_deep(source, max_depth) from error
    if depth_of(value, max_depth) > max_depth:
        raise too_deep(source, max_depth)
    return value


def _why(error: json.JSONDecodeError) -> str:
    if not error.doc.strip():
        return "the text is empty"
    return f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"


def decode(data: bytes, source: str) -> str:
    """Text of UTF-8 (a byte order mark is accepted) or of UTF-16 with its mark. Raises BAD_DOCUMENT."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SchemagenError("BAD_DOCUMENT", source, f"is no {encoding[:6].rstrip('-').upper()} text: byte {error.start}") from error


def too_deep(source: str, limit: int) -> SchemagenError:
    return SchemagenError("BAD_DOCUMENT", source, f"is nested deeper than {limit} levels; --set max-depth=N allows more")


class _Settler:
    """One walk over a value: copies it, checks that it is JSON within the limits, and makes `1.0` and `1` one number."""

    def __init__(self, source: str, max_depth: int) -> None:
        self.source, self.max_depth, self.nodes = source, max_depth, 0

    def settle(self, value: Any, path: tuple[str, ...]) -> JsonType:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise SchemagenError("SCHEMA_TOO_LARGE", self.source, f"has more than {MAX_NODES:,} values")
        match value:
            case None | bool():
                return value
            case str():
                return self._text(value, path)
            case int() | float() | Decimal():
                return self._number(value, path)
            case dict() | list() if len(path) >= self.max_depth:
                raise too_deep(self.source, self.max_depth)
            case dict():
                return {self._text(key, path): self.settle(item, (*path, key)) for key, item in value.items()}
            case list() | tuple():
                return [self.settle(item, (*path, str(index))) for index, item in enumerate(value)]
            case _:
                raise self._bad(path, f"expected a JSON value, got {type(value).__name__}")

    def _text(self, value: Any, path: tuple[str, ...]) -> str:
        if not isinstance(value, str):
            raise self._bad(path, f"expected a text as the name of a property, got {value!r}")
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise self._bad(path, "a text holds half of a surrogate pair")
        return value

    def _number(self, value: int | float | Decimal, path: tuple[str, ...]) -> int | Decimal:
        try:
            number_text(value)
        except BadNumberError as error:
            raise self._bad(path, str(error)) from error
        if isinstance(value, int):
            return int(value)
        exact = Decimal(repr(value)) if isinstance(value, float) else value
        return int(exact) if exact == exact.to_integral_value(context=_EXACT) else exact

    def _bad(self, path: tuple[str, ...], sentence: str) -> SchemagenError:
        return SchemagenError("BAD_DOCUMENT", Location(self.source, pointer_of(*path)), sentence)


def settle(value: Any, source: str, max_depth: int = 200) -> JsonType:
    """A copy of `value` in one form: integral numbers as int, all others as Decimal. Raises BAD_DOCUMENT, SCHEMA_TOO_LARGE."""
    return _Settler(source, max_depth).settle(value, ())


def plain(value: JsonType) -> JsonType:
    """A copy with floats for the numbers that a float holds exactly (by its shortest text) and no record has as an integer of 64 bits.

    A validator takes `1e300` of a record for a double, which no integer of a schema is equal to.
    """
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case bool():
            return value
        case Decimal() | int() if isinstance(value, Decimal) or abs(value) >= 1 << 64:
            double = as_double(value)
            return value if double is None else double
        case _:
            return value


def digest_of(value: JsonType) -> str:
    """The sha256 in hex of a value's JSON with sorted keys and no blanks."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_decimal_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _decimal_text(value: Decimal) -> list[str]:
    # json.dumps writes no Decimal; a list of its text is as good for a digest.
    return ["\0number", str(value.normalize(_EXACT))]
