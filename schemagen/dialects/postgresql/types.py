"""PostgreSQL's names of column types: from a SqlType to a short name, and from the long one that `format_type` prints back."""

from __future__ import annotations

import re

from schemagen.catalog.types import (
    ArrayType,
    Binary,
    Boolean,
    Date,
    EnumRef,
    Inet,
    InlineEnum,
    Integer,
    Interval,
    Json,
    Numeric,
    Opaque,
    Real,
    SqlType,
    StructRef,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, ident, raw

MAX_PRECISION = 1000
MAX_LENGTH = 10_485_760
MAX_LABEL_BYTES = 63

_INTEGER_NAMES = {16: "smallint", 32: "integer", 64: "bigint"}
_PLAIN: dict[str, SqlType] = {
    "boolean": Boolean(),
    "smallint": Integer(16),
    "integer": Integer(32),
    "bigint": Integer(64),
    "real": Real(32),
    "double precision": Real(64),
    "numeric": Numeric(),
    "text": Text(),
    "bytea": Binary(),
    "date": Date(),
    "interval": Interval(),
    "uuid": Uuid(),
    "json": Json(binary=False),
    "jsonb": Json(),
    "inet": Inet(),
}
_SIZED = re.compile(r"(character varying|character|numeric)\((\d+)(?:,(-?\d+))?\)")
_CLOCK = re.compile(r"(time|timestamp)(?:\((\d)\))? (with|without) time zone")


def type_sql(kind: SqlType) -> Sql:
    """The type as PostgreSQL writes it. Takes lowered types only: ValueError for others."""
    match kind:
        case Integer(bits, False) if bits in _INTEGER_NAMES:
            return raw(_INTEGER_NAMES[bits])
        case Real(bits):
            return raw("real" if bits == 32 else "double precision")
        case Numeric(precision, scale):
            return raw("numeric" if precision is None else f"numeric({precision},{scale or 0})")
        case Text(length, fixed):
            return raw("text" if length is None else f"{'char' if fixed else 'varchar'}({length})")
        case Time(digits, zoned):
            return _clock_sql("time", digits, zoned)
        case Timestamp(zoned, digits):
            return _clock_sql("timestamp", digits, zoned)
        case ArrayType(item):
            return Sql("{}[]", type_sql(item))
        case EnumRef(id) | StructRef(id):
            return Sql("{}", ident(id.namespace, id.name))
        case Json(binary):
            return raw("jsonb" if binary else "json")
        case Boolean() | Date() | Interval() | Uuid() | Inet():
            return raw(type(kind).__name__.lower())
        case Binary():
            return raw("bytea")
        case Opaque(text):
            return raw(text)
        case Integer() | InlineEnum():
            raise ValueError(f"not a type of PostgreSQL, lower it first: {kind}")


def _clock_sql(word: str, digits: int, zoned: bool) -> Sql:
    return raw(f"{word}{'tz' if zoned else ''}{'' if digits >= 6 else f'({digits})'}")


def type_from_text(text: str) -> SqlType:
    """The type that `format_type` printed; one that schemagen does not model is Opaque, never an error."""
    if text.endswith("[]"):
        item = type_from_text(text[:-2])
        return Opaque(text) if isinstance(item, Opaque) else ArrayType(item)
    if text in _PLAIN:
        return _PLAIN[text]
    if clock := _CLOCK.fullmatch(text):
        digits, zoned = int(clock[2] or 6), clock[3] == "with"
        return Timestamp(zoned, digits) if clock[1] == "timestamp" else Time(digits, zoned)
    if sized := _SIZED.fullmatch(text):
        size = int(sized[2])
        if sized[1] == "numeric":
            return Numeric(size, int(sized[3] or 0))
        return Text(size, fixed=sized[1] == "character")
    return Opaque(text)


def lower_type(kind: SqlType) -> SqlType:
    """The type as PostgreSQL will report it. Raises SchemagenError UNSUPPORTED for MySQL's inline ENUM."""
    match kind:
        case Integer(bits, unsigned):
            return _lower_integer(bits, unsigned)
        case Numeric(precision, scale):
            return Numeric() if precision is None or precision > MAX_PRECISION else Numeric(precision, scale or 0)
        case Text(length, fixed):
            return Text() if length is None or length > MAX_LENGTH else Text(length, fixed)
        case Binary():
            return Binary()
        case Time(digits, zoned):
            return Time(min(digits, 6), zoned)
        case Timestamp(zoned, digits):
            return Timestamp(zoned, min(digits, 6))
        case Inet():
            return Inet()
        case ArrayType(item):
            # PostgreSQL's arrays of arrays must be rectangular, lists of lists need not be.
            return Json() if isinstance(item, ArrayType) else ArrayType(lower_type(item))
        case InlineEnum():
            raise SchemagenError("UNSUPPORTED", "postgresql", "has no inline ENUM columns; use --enum type, check or relation")
        case Boolean() | Real() | Date() | Interval() | Uuid() | Json() | EnumRef() | StructRef() | Opaque():
            return kind


def _lower_integer(bits: int, unsigned: bool) -> SqlType:
    """The narrowest signed type that holds every value: 32 bits without sign need 64, 64 need 20 digits."""
    needed = max(16, bits * 2 if unsigned and bits < 64 else bits)
    if unsigned and bits >= 64:
        return Numeric(20 if bits == 64 else 39, 0)
    return Integer(needed) if needed <= 64 else Numeric(39, 0)
