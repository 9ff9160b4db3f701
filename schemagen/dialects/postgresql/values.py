"""Values on their way to asyncpg and back: what a column of one type holds, as the column that is really there takes it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from schemagen.catalog.batch import struct_of
from schemagen.catalog.objects import StructType
from schemagen.catalog.types import (
    ArrayType,
    Boolean,
    Date,
    EnumRef,
    Inet,
    InlineEnum,
    Integer,
    Json,
    Numeric,
    Opaque,
    Real,
    SqlType,
    StructRef,
    Text,
    Timestamp,
)

Converter = Callable[[Any], Any]
# Types whose Python values are text.
_TEXTS = (Text, Json, Inet, EnumRef, InlineEnum, Opaque)


def to_driver(meant: SqlType, stored: SqlType, structs: Sequence[StructType] = ()) -> Converter | None:
    """How a value of type `meant` (see BatchColumn) becomes what asyncpg takes for a column of type `stored`; None: it is that already.

    Covers what `lower` does and the conversions that keep every value; other pairs are the caller's mistake and fail in the driver.
    """
    match meant, stored:
        case ArrayType(item), ArrayType(kind):
            inner = to_driver(item, kind, structs)
            return None if inner is None else lambda values: [None if value is None else inner(value) for value in values]
        case StructRef(id), StructRef():
            names = [member.name for member in struct_of(id, structs).members]
            return lambda value: tuple(value.get(name) for name in names)
        case Json(), Json() | Text() | Opaque():
            return None
        case _, Json():
            return lambda value: json_text(meant, value)
        case _, Text() | Opaque() if not isinstance(meant, _TEXTS):
            return lambda value: text_of(meant, value)
        case Integer() | Real(), Numeric():
            return Decimal
        case Integer() | Numeric(), Real():
            return float
        case Boolean(), Integer():
            return int
        case Date(), Timestamp(zoned):
            return lambda value: datetime.combine(value, time(), UTC if zoned else None)
        case Timestamp(True), Timestamp(False):
            return lambda value: value.astimezone(UTC).replace(tzinfo=None)
        case Timestamp(False), Timestamp(True):
            return lambda value: value.replace(tzinfo=UTC)
        case _:
            return None


def text_of(kind: SqlType, value: Any) -> str:
    """The text by which a value goes into a column of text."""
    match kind:
        case Boolean():
            return "true" if value else "false"
        case Numeric():
            return format(value, "f")
        case Timestamp(zoned):
            return instant_text(value, zoned)
        case ArrayType() | StructRef():
            return json_text(kind, value)
        case _:
            return str(value)


def instant_text(value: datetime, zoned: bool) -> str:
    """`Z`, seconds always, the shortest fraction."""
    moment = (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None)
    text = moment.isoformat()
    if "." in text:
        text = text.rstrip("0")
    return f"{text}Z" if zoned else text


def json_text(kind: SqlType, value: Any) -> str:
    """The value as JSON text; numbers keep their digits."""
    if value is None:
        return "null"
    match kind:
        case Json():
            return str(value)
        case ArrayType(item):
            return f"[{','.join(json_text(item, element) for element in value)}]"
        case Boolean() | Integer() | Real() | Numeric():
            return text_of(kind, value)
        case StructRef():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return json.dumps(text_of(kind, value), ensure_ascii=False)


def from_driver(kind: SqlType) -> Converter | None:
    """How what asyncpg read from a column becomes what a BatchColumn holds; None: it is that already."""
    match kind:
        case ArrayType(item):
            inner = from_driver(item)
            return None if inner is None else lambda values: [None if value is None else inner(value) for value in values]
        case StructRef():
            return _members
        case Real(32):
            return shortest_single
        case Inet():
            return str
        case _:
            return None


def _members(record: Any) -> dict[str, Any]:
    """A composite value by member name, those inside it too."""
    return {name: _member(value) for name, value in record.items()}


def _member(value: Any) -> Any:
    if hasattr(value, "items"):
        return _members(value)
    return [_member(item) for item in value] if isinstance(value, list) else value


# PostgreSQL counts days and microseconds from the year 2000; asyncpg's `tuple` format takes the bare count.
_DAY_ZERO = date(2000, 1, 1)
_LOCAL_ZERO = datetime(2000, 1, 1)  # for types without a zone
_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

# Type, how a value becomes its count, and back.
MOMENTS: tuple[tuple[str, Converter, Converter], ...] = (
    ("date", lambda value: ((value - _DAY_ZERO).days,), lambda count: _DAY_ZERO + timedelta(days=count[0])),
    ("timestamp", lambda value: ((value - _LOCAL_ZERO) // _TICK,), lambda count: _LOCAL_ZERO + count[0] * _TICK),
    ("timestamptz", lambda value: ((value - _ZERO) // _TICK,), lambda count: _ZERO + count[0] * _TICK),
)


def shortest_single(value: float) -> float:
    """The double with the fewest digits that is the same 32-bit number: 0.1, not 0.10000000149011612."""
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if _single(short) == _single(value):
            return short
    return value


def _single(value: float) -> bytes:
    try:
        return struct.pack("f", value)
    except OverflowError:
        return b""
