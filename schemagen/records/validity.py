"""The untouched schema as judge of records: which are valid, and for one that is not, where and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from schemagen.errors import printable
from schemagen.jsontext import JsonType, pointer_of
from schemagen.options import LoadOptions
from schemagen.records.parse import parse_record
from schemagen.sources.block import Fault

_MESSAGE_LENGTH = 1000
_PLAIN = msgspec.json.Decoder()
# What msgspec raises for a record that it does not take.
FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Validator(Protocol):
    """What `jsonschema_rs` gives for a schema."""

    def is_valid(self, instance: Any) -> bool: ...

    def iter_errors(self, instance: Any) -> Iterable[Any]: ...


class Judge:
    """Judges values by one schema. `omit`: messages hold no values of the record."""

    def __init__(self, validator: Validator, options: LoadOptions) -> None:
        self._validator = validator
        self._options = options
        self.is_valid = validator.is_valid

    def fault(self, value: JsonType) -> Fault | None:
        """What is wrong with a value; None where it is valid."""
        if self.is_valid(value):
            return None
        for error in self._validator.iter_errors(value):
            return self._fault(error)
        return Fault("VALIDATION", "is not valid")

    def fault_outside(self, value: JsonType, steps: Sequence[str | None]) -> Fault | None:
        """What is wrong with a whole document but not at or under one of its records; the first such error."""
        if self.is_valid(value):
            return None
        for error in self._validator.iter_errors(value):
            path = list(error.instance_path)
            inside = len(path) >= len(steps) and all(
                isinstance(item, int) if step is None else item == step for item, step in zip(path, steps, strict=False)
            )
            if not inside:
                return self._fault(error)
        return None

    def record(self, record: bytes) -> JsonType | Fault:
        """The value of a record; the fault of one that is no JSON or not valid."""
        value = parse_record(record, self._options)
        return value if isinstance(value, Fault) else self.fault(value) or value

    def _fault(self, error: Any) -> Fault:
        keyword = str(error.kind.name)
        limit = type(error.kind).__name__ == "BacktrackLimitExceeded"
        if self._options.reject_values == "omit":
            message = f"does not meet {keyword}"
        else:
            message = printable(error.message, _MESSAGE_LENGTH)
        return Fault("PATTERN_LIMIT" if limit else "VALIDATION", message, pointer_of(*error.instance_path), keyword)


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a block, and `text`, the same joined by newlines.

    `trusted`: no value spans two of them. `inexact`: doubles may change numbers in them.
    """

    records: Sequence[bytes]
    text: bytes
    trusted: bool
    inexact: bool


def not_valid(given: Records, is_valid: Callable[[Any], bool], known: set[int], options: LoadOptions) -> set[int]:
    """The records, but those known to be doubtful, that are not valid for sure."""
    values = None if given.inexact else _plain_values(given)
    if values is not None:
        return {index for index, value in enumerate(values) if not is_valid(value)}
    found = set()
    for index, record in enumerate(given.records):
        if index not in known:
            value = parse_record(record, options) if given.inexact else _plain_value(record)
            if isinstance(value, Fault) or not is_valid(value):
                found.add(index)
    return found


def _plain_values(given: Records) -> list[Any] | None:
    """Each record's value by one pass; None where the pass cannot tell them apart."""
    if not given.trusted and not one_object_each(given.records):
        return None
    try:
        values = _PLAIN.decode_lines(given.text)
    except FAILURES:
        return None
    return values if len(values) == len(given.records) else None


def _plain_value(record: bytes) -> Any:
    try:
        return _PLAIN.decode(record)
    except FAILURES:
        return Fault("SYNTAX", "is judged alone")


def one_object_each(records: Sequence[bytes]) -> bool:
    """Whether no value can span two lines: each begins with a brace and ends with one, and `}` before `{` ends a value in any JSON.

    Two values on one line are told by their number.
    """
    return {record[0] for record in records} == {0x7B} and {record[-1] for record in records} == {0x7D}
