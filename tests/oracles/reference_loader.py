"""A loader that shares no code with schemagen: `json` and `jsonschema`, one record at a time, the last one of a key wins."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

HUGE = 1000
DEPTH = 200


def multiple_of(validator: Any, divisor: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and (Fraction(value) / Fraction(str(divisor))).denominator != 1:
        yield ValidationError("is no multiple")


def is_number(_: Any, value: Any) -> bool:
    return isinstance(value, Decimal)


def is_integer(_: Any, value: Any) -> bool:
    return isinstance(value, Decimal) and Fraction(value).denominator == 1


# The draft's rules with exact numbers.
TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many({"number": is_number, "integer": is_integer})
ExactValidator = extend(Draft202012Validator, {"multipleOf": multiple_of}, type_checker=TYPES)


class Refused(Exception):
    """A record that is not loaded; the text is the code."""


def parse(line: bytes) -> Any:
    """Strict JSON with exact numbers. Raises Refused."""

    def number(text: str) -> Decimal:
        mantissa, _, exponent = text.lower().partition("e")
        if len(mantissa.replace(".", "").lstrip("-")) > HUGE or abs(Decimal(exponent or "0")) > HUGE:
            raise Refused("UNFIT")
        return Decimal(text)

    def constant(text: str) -> None:
        raise Refused("SYNTAX")

    try:
        text = line.decode()
        if nesting(text) > DEPTH:
            raise Refused("TOO_DEEP")
        value = json.loads(text, parse_int=number, parse_float=number, parse_constant=constant)
        json.dumps(value, default=str, ensure_ascii=False).encode()
    except ValueError as error:
        raise Refused("SYNTAX") from error
    return value


def nesting(text: str) -> int:
    """How deep brackets nest, those inside strings left out."""
    bare = re.sub(r'"(\\.|[^"\\])*"', "", text)
    depth = most = 0
    for character in bare:
        depth += (character in "[{") - (character in "]}")
        most = max(most, depth)
    return most


def holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\0" in name or holds_nul(item) for name, item in value.items())
    if isinstance(value, list):
        return any(holds_nul(item) for item in value)
    return isinstance(value, str) and "\0" in value


def canonical(value: Any, schema: Any = None) -> Any:
    """A value for comparison: numbers by value, instants in UTC to the microsecond, uuids in lower case, keys sorted."""
    schema = schema if isinstance(schema, dict) else {}
    match value:
        case bool() | None:
            return value
        case Decimal() | int() | float():
            return ("number", Decimal(str(value)).normalize() if not isinstance(value, Decimal) else normal(value))
        case str():
            return text_form(value, schema.get("format"))
        case list():
            return [canonical(item, schema.get("items")) for item in value]
        case dict():
            properties = schema.get("properties", {})
            return {name: canonical(value[name], properties.get(name)) for name in sorted(value)}


def normal(value: Decimal) -> Decimal:
    sign, digits, exponent = value.as_tuple()
    if not any(digits):
        return Decimal(0)
    assert isinstance(exponent, int)
    while digits and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    while digits and digits[0] == 0:
        digits = digits[1:]
    return Decimal((sign, digits, exponent))


def text_form(text: str, form: str | None) -> Any:
    if form == "uuid" and re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return text.lower()
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)", text, re.ASCII)
    if form == "date-time" and match:
        day, clock, fraction, offset = match.groups()
        digits = (fraction or ".0")[1:7].ljust(6, "0")
        try:
            return ("instant", datetime.fromisoformat(f"{day}T{clock}.{digits}{offset.upper().replace('Z', '+00:00')}").astimezone(UTC))
        except (ValueError, OverflowError):
            return text
    return text


class ReferenceLoader:
    """Rows by key, counts and refused lines of upserts into one table."""

    def __init__(self, schema: Any, key: str) -> None:
        self.schema, self.key = schema, key
        self.validator = ExactValidator(schema)
        self.database = sqlite3.connect(":memory:")
        self.database.execute("CREATE TABLE rows (key TEXT PRIMARY KEY, record TEXT)")
        self.records: dict[str, Any] = {}

    def close(self) -> None:
        self.database.close()

    def load(self, lines: Iterable[bytes]) -> tuple[Counter[str], list[tuple[int, str]]]:
        """One load of one split."""
        counts: Counter[str] = Counter()
        refused: list[tuple[int, str]] = []
        last: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            counts["read"] += 1
            try:
                key, record = self.judged(line)
            except Refused as error:
                counts["rejected"] += 1
                refused.append((number, str(error)))
                continue
            counts["superseded"] += key in last
            last[key] = record
        for key, record in last.items():
            counts[self.put(key, record)] += 1
        return counts, refused

    def judged(self, line: bytes) -> tuple[str, str]:
        value = parse(line)
        if any(True for _ in self.validator.iter_errors(value)):
            raise Refused("VALIDATION")
        if holds_nul(value):
            raise Refused("NUL_CHAR")
        if not isinstance(value, dict) or value.get(self.key) is None:
            raise Refused("KEY_NULL")
        record = repr(canonical(value, self.schema))
        self.records[record] = value
        return repr(canonical(value[self.key])), record

    def put(self, key: str, record: str) -> str:
        found = self.database.execute("SELECT record FROM rows WHERE key = ?", (key,)).fetchone()
        if found == (record,):
            return "unchanged"
        self.database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (key, record))
        return "updated" if found else "inserted"

    def rows(self) -> list[str]:
        return sorted(record for (record,) in self.database.execute("SELECT record FROM rows"))
