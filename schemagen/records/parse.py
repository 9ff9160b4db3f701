"""Strict JSON with exact numbers: one record's text as a value, or why it is none; and JSON text in its compact form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from schemagen.jsontext import MAX_DIGITS, MAX_EXPONENT, PERHAPS_HUGE, JsonType, depth_over, escape, exact_number, is_huge
from schemagen.options import LoadOptions
from schemagen.sources.block import Fault

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPED_SURROGATE = re.compile(r"\\u[dD]")


_PERHAPS_HUGE = re.compile(PERHAPS_HUGE.encode())


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
        value: JsonType = json.loads(
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
    # One that a later property of the same name hides is not there.
    for place, _ in _places(value, lambda item: isinstance(item, Huge)) if unusual else ():
        return Fault("UNFIT", f"NUMBER_RANGE: a number of more than {MAX_DIGITS} digits or an exponent beyond {MAX_EXPONENT}", place)
    if _ESCAPED_SURROGATE.search(text):
        for place, _ in _places(value, _has_surrogate):
            return Fault("SYNTAX", "no text: an unpaired surrogate", place)
    return value


def may_hide_huge(record: bytes) -> bool:
    """Whether the text of a record whose value is within the limits may hold a number that is not, hidden by a later property."""
    return _PERHAPS_HUGE.search(record) is not None


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


def compact(raw: msgspec.Raw) -> str:
    """JSON text without blanks and needless escapes, numbers as they are: the same text however it was written."""
    text = msgspec.json.format(bytes(raw), indent=-1).decode()
    return _STRING.sub(_without_escapes, text) if "\\u" in text or "\\/" in text else text


def _without_escapes(match: re.Match[str]) -> str:
    return json.dumps(json.loads(match[0]), ensure_ascii=False) if "\\" in match[0] else match[0]
