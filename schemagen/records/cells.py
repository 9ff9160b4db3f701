"""What fits a column: one JSON value as a cell, exactly, or the reason why the column could not give it back.

A cell is what columns are made of, on the fast path and here alike: bool, int and float as they are; text for every other scalar
(a date-time in RFC 3339, a decimal in plain digits, a uuid with hyphens, JSON compact); lists and composite values as drivers take them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from schemagen.catalog import types as sql
from schemagen.catalog.batch import struct_of
from schemagen.catalog.layout import Layout, Slot
from schemagen.catalog.types import SqlType
from schemagen.errors import printable
from schemagen.jsontext import (
    MAX_NUMERIC_DIGITS,
    Format,
    FormatError,
    JsonType,
    as_double,
    duration_of,
    in_format,
    instant_in_utc,
    json_text,
    moment_of,
)
from schemagen.shape import types as shapes
from schemagen.shape.types import Shape

_GOT_LENGTH = 100
_FLOAT32_MAX = 3.4028235677973366e38


_FORMATS: dict[type[SqlType], Format] = {
    sql.Date: "date", sql.Timestamp: "date-time", sql.Time: "time", sql.Interval: "duration",
    sql.Uuid: "uuid", sql.Inet: "address", sql.Binary: "base64",
}  # fmt: skip


class Unfit(ValueError):
    """A value that its column cannot give back equal; the text begins with FORMAT, INT_OVERFLOW, NUMERIC_SCALE or the like.

    `got` is the value's text, apart because messages may have to leave values out.
    """

    def __init__(self, sentence: str, got: str | None = None) -> None:
        super().__init__(sentence)
        self.got = got

    def sentence(self, *, omit: bool) -> str:
        return str(self) if omit or self.got is None else f'{self}, got "{printable(self.got, _GOT_LENGTH)}"'


@dataclass(frozen=True)
class Fitter:
    """The rules of one layout. `zone`: of date-times without offset; without it they do not fit."""

    layout: Layout
    zone: str = ""

    def cell(self, slot: Slot, value: JsonType, raw: str | None = None) -> Any:
        """The cell of a value that is not null (a JSON column takes null too). `raw`: its own compact JSON text. Raises Unfit."""
        if isinstance(slot.type, sql.Json):
            return raw if raw is not None else json_text(value)
        if isinstance(slot.type, sql.Text) and isinstance(slot.lowered, sql.Text):
            return _text(value, slot.type.length, slot.lowered.length)
        return self.fit(slot.type, slot.shape, value)

    def fit(self, kind: SqlType, shape: Shape, value: JsonType) -> Any:
        match kind:
            case sql.Boolean():
                return _typed(value, bool)
            case sql.Integer(bits, unsigned):
                return _integer(value, *integer_range(bits, unsigned))
            case sql.Real(bits):
                return _real(value, bits)
            case sql.Numeric(precision, scale):
                return _numeric(value, precision, scale, isinstance(shape, shapes.Dec) and shape.text)
            case sql.Text(length):
                return _text(value, length, None)
            case sql.EnumRef() | sql.InlineEnum() | sql.Opaque():
                return _typed(value, str)
            case sql.Json():
                return json_text(value)
            case sql.ArrayType(item):
                return self._list(item, shape, value)
            case sql.StructRef():
                return self._struct(kind, shape, value)
            case _:
                return self._text_of(kind, shape, _typed(value, str))

    def _text_of(self, kind: SqlType, shape: Shape, text: str) -> str:
        try:
            naive = isinstance(shape, shapes.Instant) and shape.naive
            if isinstance(kind, sql.Timestamp) and self.zone and not naive:
                return self._instant(text)
            return in_format("local" if naive else _FORMATS[type(kind)], text)
        except ValueError as error:
            raise Unfit(str(error), text) from error

    def _instant(self, text: str) -> str:
        local, offset = moment_of(text)
        return instant_in_utc(text, naive=False) if offset else f"{_in_zone(local, self.zone).isoformat()}Z"

    def _list(self, item: SqlType, shape: Shape, value: JsonType) -> list[Any]:
        inner = shape.item if isinstance(shape, shapes.ListOf) else shapes.Anything()
        return [None if element is None else final(item, self.fit(item, inner, element)) for element in _typed(value, list)]

    def _struct(self, kind: sql.StructRef, shape: Shape, value: JsonType) -> dict[str, Any]:
        given = _typed(value, dict)
        fields = self.struct_fields(shape)
        members = struct_of(kind.id, self.layout.structs).members
        unknown = given.keys() - {item.json_name for item in fields}
        if unknown:
            raise Unfit(f"STRUCT: the composite type has no member {min(unknown)!r}")
        result = {}
        for item, member in zip(fields, members, strict=True):
            element, present = given.get(item.json_name), item.json_name in given
            if isinstance(member.type, sql.Json):
                result[member.name] = json_text(element) if present else None
            elif element is None and present is not item.required:
                raise Unfit(f"STRUCT: null in {item.json_name!r} could not be told from absent")
            else:
                result[member.name] = None if element is None else final(member.type, self.fit(member.type, item.shape, element))
        return result

    def struct_fields(self, shape: Shape) -> tuple[shapes.Field, ...]:
        """The fields of a composite value, in the order of its members."""
        assert isinstance(shape, shapes.ClassRef)
        return tuple(item for item in self.layout.model.named_class(shape.name).fields if not isinstance(item.shape, shapes.Nothing))


def integer_range(bits: int, unsigned: bool) -> tuple[int, int]:
    return (0, (1 << bits) - 1) if unsigned else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def _typed(value: JsonType, kind: type) -> Any:
    if not isinstance(value, kind):
        raise Unfit(f"TYPE: expected {kind.__name__}, got {type(value).__name__}")
    return value


def _integer(value: JsonType, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not _is_integral(value):
        raise Unfit("TYPE: no integer")
    number = int(value)
    if not low <= number <= high:
        raise Unfit("INT_OVERFLOW: the column holds no integer of that size")
    return number


def _is_integral(value: int | float | Decimal) -> bool:
    return value == value.to_integral_value() if isinstance(value, Decimal) else isinstance(value, int) or value.is_integer()


def _real(value: JsonType, bits: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unfit("TYPE: no number")
    if isinstance(value, Decimal) or (isinstance(value, int) and as_double(value) is None):
        raise Unfit("NUMERIC_SCALE: a double would change the number")
    if bits == 32 and abs(value) > _FLOAT32_MAX:
        raise Unfit("NUMERIC_SCALE: the number is beyond a float of 32 bits")
    return float(value)


def _numeric(value: JsonType, precision: int | None, scale: int | None, text: bool) -> str:
    """The number in plain digits with the column's scale."""
    if text:
        number = _decimal_text(_typed(value, str))
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unfit("TYPE: no number")
    else:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    plain = plain_numeric(number, precision, scale)
    if precision is None and not text and "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    if text and plain != value:
        raise Unfit("FORMAT: a column of numbers would not give back the same text")
    return plain


def plain_numeric(number: Decimal, precision: int | None, scale: int | None) -> str:
    """The number in plain digits as the column gives it back. Raises Unfit."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if precision is None:
        if number and not (exponent >= -MAX_NUMERIC_DIGITS and number.adjusted() <= MAX_NUMERIC_DIGITS):
            raise Unfit(f"NUMERIC_SCALE: more than {MAX_NUMERIC_DIGITS} digits before or behind the point")
        return format(number if number else abs(number), "f")
    places = scale or 0
    if number and number.adjusted() >= precision - places:
        raise Unfit(f"NUMERIC_SCALE: more digits than numeric({precision},{places}) holds")
    surplus = -exponent - places
    if surplus > 0 and any(digits[max(0, len(digits) - surplus) :]):
        raise Unfit(f"NUMERIC_SCALE: more than {places} digits behind the point")
    unscaled = int("".join(map(str, digits[: max(0, len(digits) - surplus)] if surplus > 0 else digits)) or "0")
    if surplus < 0:
        unscaled *= 10**-surplus
    body = str(unscaled).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{body[:-places]}.{body[-places:]}" if places else f"{sign}{body}"


def _decimal_text(text: str) -> Decimal:
    try:
        return Decimal(in_format("decimal", text))
    except FormatError as error:
        raise Unfit(str(error), text) from error


def _text(value: JsonType, *limits: int | None) -> str:
    text: str = _typed(value, str)
    for limit in limits:
        if limit is not None and len(text) > limit:
            raise Unfit(f"TEXT_LENGTH: longer than the {limit} characters of the column")
    return text


def _in_zone(local: datetime, zone: str) -> datetime:
    instant = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise Unfit(f"TIMESTAMP_RANGE: no such time in {zone}, where clocks were put forward")
    return instant.replace(tzinfo=None)


def final(kind: SqlType, cell: Any) -> Any:
    """A cell of a scalar column as the Python value that drivers take (see BatchColumn)."""
    match kind:
        case sql.Numeric():
            return Decimal(cell)
        case sql.Date():
            return date.fromisoformat(cell)
        case sql.Timestamp(zoned):
            local, offset = moment_of(cell)
            if offset not in ("", "Z"):
                local = datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC).replace(tzinfo=None)
            return local.replace(tzinfo=UTC) if zoned else local
        case sql.Time():
            return time.fromisoformat(cell)
        case sql.Interval():
            return duration_of(cell)
        case sql.Uuid():
            return UUID(cell)
        case sql.Binary():
            return base64.b64decode(cell)
        case _:
            return cell
