"""PostgreSQL's names of column types: from a SqlType to a short name, and from the long one that `format_type` prints back."""

from __future__ import annotations

import re

from schemagen.catalog import types as sql
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, ident, raw

MAX_PRECISION = 1000
MAX_LENGTH = 10_485_760
MAX_LABEL_BYTES = 63

_INTEGER_NAMES = {16: "smallint", 32: "integer", 64: "bigint"}
_PLAIN: dict[str, sql.SqlType] = {
    "boolean": sql.Boolean(),
    "smallint": sql.Integer(16),
    "integer": sql.Integer(32),
    "bigint": sql.Integer(64),
    "real": sql.Real(32),
    "double precision": sql.Real(64),
    "numeric": sql.Numeric(),
    "text": sql.Text(),
    "bytea": sql.Binary(),
    "date": sql.Date(),
    "interval": sql.Interval(),
    "uuid": sql.Uuid(),
    "json": sql.Json(binary=False),
    "jsonb": sql.Json(),
    "inet": sql.Inet(),
}
_SIZED = re.compile(r"(character varying|character|numeric)\((\d+)(?:,(-?\d+))?\)")
_CLOCK = re.compile(r"(time|timestamp)(?:\((\d)\))? (with|without) time zone")


def type_sql(kind: sql.SqlType) -> Sql:
    """The type as PostgreSQL writes it. Takes lowered types only: ValueError for others."""
    match kind:
        case sql.Integer(bits, False) if bits in _INTEGER_NAMES:
            return raw(_INTEGER_NAMES[bits])
        case sql.Real(bits):
            return raw("real" if bits == 32 else "double precision")
        case sql.Numeric(precision, scale):
            return raw("numeric" if precision is None else f"numeric({precision},{scale or 0})")
        case sql.Text(length, fixed):
            return raw("text" if length is None else f"{'char' if fixed else 'varchar'}({length})")
        case sql.Time(digits, zoned):
            return _clock_sql("time", digits, zoned)
        case sql.Timestamp(zoned, digits):
            return _clock_sql("timestamp", digits, zoned)
        case sql.ArrayType(item):
            return Sql("{}[]", type_sql(item))
        case sql.EnumRef(id) | sql.StructRef(id):
            return Sql("{}", ident(id.namespace, id.name))
        case sql.Json(binary):
            return raw("jsonb" if binary else "json")
        case sql.Boolean() | sql.Date() | sql.Interval() | sql.Uuid() | sql.Inet():
            return raw(type(kind).__name__.lower())
        case sql.Binary():
            return raw("bytea")
        case sql.Opaque(text):
            return raw(text)
        case sql.Integer() | sql.InlineEnum():
            raise ValueError(f"not a type of PostgreSQL, lower it first: {kind}")


def _clock_sql(word: str, digits: int, zoned: bool) -> Sql:
    return raw(f"{word}{'tz' if zoned else ''}{'' if digits >= 6 else f'({digits})'}")


def type_from_text(text: str) -> sql.SqlType:
    """The type that `format_type` printed; one that schemagen does not model is Opaque, never an error."""
    if text.endswith("[]"):
        item = type_from_text(text[:-2])
        return sql.Opaque(text) if isinstance(item, sql.Opaque) else sql.ArrayType(item)
    if text in _PLAIN:
        return _PLAIN[text]
    if clock := _CLOCK.fullmatch(text):
        digits, zoned = int(clock[2] or 6), clock[3] == "with"
        return sql.Timestamp(zoned, digits) if clock[1] == "timestamp" else sql.Time(digits, zoned)
    if sized := _SIZED.fullmatch(text):
        size = int(sized[2])
        if sized[1] == "numeric":
            return sql.Numeric(size, int(sized[3] or 0))
        return sql.Text(size, fixed=sized[1] == "character")
    return sql.Opaque(text)


def lower_type(kind: sql.SqlType) -> sql.SqlType:
    """The type as PostgreSQL will report it. Raises SchemagenError UNSUPPORTED for MySQL's inline ENUM."""
    match kind:
        case sql.Integer(bits, unsigned):
            return _lower_integer(bits, unsigned)
        case sql.Numeric(precision, scale):
            return sql.Numeric() if precision is None or precision > MAX_PRECISION else sql.Numeric(precision, scale or 0)
        case sql.Text(length, fixed):
            return sql.Text() if length is None or length > MAX_LENGTH else sql.Text(length, fixed)
        case sql.Binary():
            return sql.Binary()
        case sql.Time(digits, zoned):
            return sql.Time(min(digits, 6), zoned)
        case sql.Timestamp(zoned, digits):
            return sql.Timestamp(zoned, min(digits, 6))
        case sql.Inet():
            return sql.Inet()
        case sql.ArrayType(item):
            # PostgreSQL's arrays of arrays must be rectangular, lists of lists need not be.
            return sql.Json() if isinstance(item, sql.ArrayType) else sql.ArrayType(lower_type(item))
        case sql.InlineEnum():
            raise SchemagenError("UNSUPPORTED", "postgresql", "has no inline ENUM columns; use --enum type, check or relation")
        case (
            sql.Boolean()
            | sql.Real()
            | sql.Date()
            | sql.Interval()
            | sql.Uuid()
            | sql.Json()
            | sql.EnumRef()
            | sql.StructRef()
            | sql.Opaque()
        ):
            return kind


def _lower_integer(bits: int, unsigned: bool) -> sql.SqlType:
    """The narrowest signed type that holds every value: 32 bits without sign need 64, 64 need 20 digits."""
    needed = max(16, bits * 2 if unsigned and bits < 64 else bits)
    if unsigned and bits >= 64:
        return sql.Numeric(20 if bits == 64 else 39, 0)
    return sql.Integer(needed) if needed <= 64 else sql.Numeric(39, 0)
