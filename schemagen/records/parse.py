"""Strict JSON with exact numbers: one record's text as a value, or why it is none; and a value as JSON text again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import Any, NoReturn

from schemagen.document.node import JsonType
from schemagen.options import LoadOptions
from schemagen.sources.block import Fault

MAX_DIGITS = 1000
MAX_EXPONENT = 1000
_SURELY_SMALL = 5
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')
_ESCAPED_SURROGATE = re.compile(r"\\u[dD]")


class Huge(str):
    """The text of a number that is beyond every limit, in the place of the number."""

    __slots__ = ()


class _Refused(ValueError):
    pass


def parse_record(record: bytes, options: LoadOptions) -> JsonType | Fault:
    """The record's value; numbers are int, float where a double holds them exactly as written, else Decimal."""
    try:
        text = record.decode()
    except UnicodeDecodeError as error:
        return Fault("SYNTAX", f"invalid UTF-8 at byte {error.start} of the record")
    if depth_over(text, options.max_depth):
        return Fault("TOO_DEEP", f"the record nests deeper than {options.max_depth} (max-depth)")
    unusual: list[str] = []
    pairs = _no_duplicates if options.duplicate_keys == "error" else None
    try:
        value = json.loads(
            text,
            parse_int=lambda digits: _integer(digits, unusual),
            parse_float=lambda digits: _number(digits, unusual),
            parse_constant=_constant,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        return Fault("SYNTAX", f"no JSON: {error.msg.lower()} at character {error.pos} of the record")
    except RecursionError:
        return Fault("TOO_DEEP", f"the record nests deeper than {options.max_depth} (max-depth)")
    except _Refused as error:
        return Fault("SYNTAX", str(error))
    if unusual:
        place, _ = next(_places(value, lambda item: isinstance(item, Huge)))
        return Fault("UNFIT", f"NUMBER_RANGE: a number of more than {MAX_DIGITS} digits or an exponent beyond {MAX_EXPONENT}", place)
    if _ESCAPED_SURROGATE.search(text):
        for place, _ in _places(value, _has_surrogate):
            return Fault("SYNTAX", "no text: an unpaired surrogate", place)
    return value


def depth_over(text: str, limit: int) -> bool:
    """Whether brackets nest deeper than `limit`, counted before anything is decoded."""
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += 1 if match[1] else -1 if match[2] else 0
        if depth > limit:
            return True
    return False


def _integer(text: str, unusual: list[str]) -> int | Huge:
    if is_huge(text):
        unusual.append(text)
        return Huge(text)
    return int(text)


def _number(text: str, unusual: list[str]) -> float | Decimal | Huge:
    if is_huge(text):
        unusual.append(text)
        return Huge(text)
    return exact_number(text)


def is_huge(text: str) -> bool:
    """Whether a JSON number is beyond the limits of digits or exponent, told from its text."""
    if len(text) <= _SURELY_SMALL:
        return False
    digits, _, exponent = text.lower().partition("e")
    size = exponent.lstrip("+-").lstrip("0")
    return len(digits.lstrip("-").replace(".", "")) > MAX_DIGITS or len(size) > 4 or (size != "" and int(size) > MAX_EXPONENT)


def exact_number(text: str) -> float | Decimal:
    """The double that the text means, else the Decimal: where a double would change the number."""
    double = float(text)
    if repr(double) == text:
        return double
    if math.isinf(double) or Decimal(text) != Decimal(repr(double)):
        return Decimal(text)
    return double


def _constant(text: str) -> NoReturn:
    raise _Refused(f"no JSON: {text} is no number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in value if names.count(name) > 1)
        raise _Refused(f"the property {twice!r} occurs twice in one object (duplicate-keys)")
    return value


def _places(value: JsonType, found: Callable[[Any], bool], path: str = "") -> Iterator[tuple[str, Any]]:
    """JSON pointers of scalars, and of objects for their keys, of which `found` is true."""
    if isinstance(value, dict):
        for name, item in value.items():
            if found(name):
                yield path, name
            yield from _places(item, found, f"{path}/{escape(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, found, f"{path}/{index}")
    elif found(value):
        yield path, value


def _has_surrogate(item: Any) -> bool:
    return isinstance(item, str) and any("\ud800" <= c <= "\udfff" for c in item)


def place_of_nul(value: JsonType) -> str | None:
    """The JSON pointer of the first text that holds U+0000."""
    for place, _ in _places(value, lambda item: isinstance(item, str) and "\0" in item):
        return place
    return None


def without_nul(value: JsonType) -> JsonType:
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [without_nul(item) for item in value]
        case dict():
            return {name.replace("\0", ""): without_nul(item) for name, item in value.items()}
        case _:
            return value


def escape(name: str) -> str:
    """A property name as a token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_of(path: list[str | int]) -> str:
    return "".join(f"/{escape(str(item))}" for item in path)


def json_text(value: JsonType) -> str:
    """Compact JSON, numbers as exactly as they are."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int():
            return str(value)
        case float():
            return repr(value)
        case Decimal():
            return str(value)
        case list() | tuple():
            return f"[{','.join(json_text(item) for item in value)}]"
        case dict():
            return "{" + ",".join(f"{quoted(name)}:{json_text(item)}" for name, item in value.items()) + "}"
        case _:
            raise TypeError(f"no JSON value: {type(value).__name__}")
