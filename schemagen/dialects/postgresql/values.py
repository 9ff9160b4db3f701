"""Values on their way to asyncpg and back: what a column of one type holds, as the column that is really there takes it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from schemagen.catalog import types as sql
from schemagen.catalog.batch import struct_of
from schemagen.catalog.objects import StructType

Converter = Callable[[Any], Any]
# Types whose Python values are text.
_TEXTS = (sql.Text, sql.Json, sql.Inet, sql.EnumRef, sql.InlineEnum, sql.Opaque)


def to_driver(meant: sql.SqlType, stored: sql.SqlType, structs: Sequence[StructType] = ()) -> Converter | None:
    """How a value of type `meant` (see BatchColumn) becomes what asyncpg takes for a column of type `stored`; None: it is that already.

    Covers what `lower` does and the conversions that keep every value; other pairs are the caller's mistake and fail in the driver.
    """
    match meant, stored:
        case sql.ArrayType(item), sql.ArrayType(kind):
            inner = to_driver(item, kind, structs)
            return None if inner is None else lambda values: [None if value is None else inner(value) for value in values]
        case sql.StructRef(id), sql.StructRef():
            names = [member.name for member in struct_of(id, structs).members]
            return lambda value: tuple(value.get(name) for name in names)
        case sql.Json(), sql.Json() | sql.Text() | sql.Opaque():
            return None
        case _, sql.Json():
            return lambda value: json_text(meant, value)
        case _, sql.Text() | sql.Opaque() if not isinstance(meant, _TEXTS):
            return lambda value: text_of(meant, value)
        case sql.Integer() | sql.Real(), sql.Numeric():
            return Decimal
        case sql.Integer() | sql.Numeric(), sql.Real():
            return float
        case sql.Boolean(), sql.Integer():
            return int
        case sql.Date(), sql.Timestamp(zoned):
            return lambda value: datetime.combine(value, time(), UTC if zoned else None)
        case sql.Timestamp(True), sql.Timestamp(False):
            return lambda value: value.astimezone(UTC).replace(tzinfo=None)
        case sql.Timestamp(False), sql.Timestamp(True):
            return lambda value: value.replace(tzinfo=UTC)
        case _:
            return None


def text_of(kind: sql.SqlType, value: Any) -> str:
    """The text by which a value goes into a column of text."""
    match kind:
        case sql.Boolean():
            return "true" if value else "false"
        case sql.Numeric():
            return format(value, "f")
        case sql.Timestamp(zoned):
            return instant_text(value, zoned)
        case sql.ArrayType() | sql.StructRef():
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


def json_text(kind: sql.SqlType, value: Any) -> str:
    """The value as JSON text; numbers keep their digits."""
    if value is None:
        return "null"
    match kind:
        case sql.Json():
            return str(value)
        case sql.ArrayType(item):
            return f"[{','.join(json_text(item, element) for element in value)}]"
        case sql.Boolean() | sql.Integer() | sql.Real() | sql.Numeric():
            return text_of(kind, value)
        case sql.StructRef():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return json.dumps(text_of(kind, value), ensure_ascii=False)


def from_driver(kind: sql.SqlType) -> Converter | None:
    """How what asyncpg read from a column becomes what a BatchColumn holds; None: it is that already."""
    match kind:
        case sql.ArrayType(item):
            inner = from_driver(item)
            return None if inner is None else lambda values: [None if value is None else inner(value) for value in values]
        case sql.StructRef():
            return _members
        case sql.Real(32):
            return shortest_single
        case sql.Inet():
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
