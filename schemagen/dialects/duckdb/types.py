"""SqlType to DuckDB's type names and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import assert_never

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
    ObjectId,
    Opaque,
    Real,
    SqlType,
    StructRef,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.sql import Lit, Sql, ident, join, raw

MAX_DIGITS = 38
FindEnum = Callable[[tuple[str, ...]], ObjectId | None]

# What duckdb_columns().data_type says.
_PLAIN: dict[str, SqlType] = {
    "BOOLEAN": Boolean(),
    "TINYINT": Integer(8),
    "SMALLINT": Integer(16),
    "INTEGER": Integer(32),
    "BIGINT": Integer(64),
    "HUGEINT": Integer(128),
    "UTINYINT": Integer(8, unsigned=True),
    "USMALLINT": Integer(16, unsigned=True),
    "UINTEGER": Integer(32, unsigned=True),
    "UBIGINT": Integer(64, unsigned=True),
    "UHUGEINT": Integer(128, unsigned=True),
    "FLOAT": Real(32),
    "DOUBLE": Real(64),
    "VARCHAR": Text(),
    "BLOB": Binary(),
    "DATE": Date(),
    "TIME": Time(6, zoned=False),
    "TIME WITH TIME ZONE": Time(6, zoned=True),
    "TIMESTAMP": Timestamp(zoned=False),
    "TIMESTAMP WITH TIME ZONE": Timestamp(zoned=True),
    "INTERVAL": Interval(),
    "UUID": Uuid(),
    "JSON": Json(),
}
_NAMES: dict[SqlType, str] = {kind: name for name, kind in _PLAIN.items()}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_ENUM = re.compile(r"ENUM\((.*)\)", re.DOTALL)
_LABEL = re.compile(r"'((?:[^']|'')*)'(?:, )?")


def type_sql(kind: SqlType) -> Sql:
    """The name of a lowered type."""
    match kind:
        case Numeric(precision, scale):
            return raw(f"DECIMAL({precision},{scale or 0})")
        case ArrayType(item):
            return Sql("{}[]", type_sql(item))
        case EnumRef(id) | StructRef(id):
            return Sql("{}", ident(id.namespace, id.name))
        case InlineEnum(values):
            return Sql("ENUM({})", join(", ", [Lit(value) for value in values]))
        case Opaque(text):
            return raw(text)
        case Boolean() | Integer() | Real() | Text() | Binary() | Date() | Time() | Timestamp() | Interval() | Uuid() | Json() | Inet():
            return raw(_NAMES[lower_type(kind)])
        case _:
            assert_never(kind)


def parse_type(text: str, find_enum: FindEnum) -> SqlType:
    """The type that `duckdb_columns` names; what is unknown is Opaque. A column of an enum type shows its labels, not its name."""
    if text in _PLAIN:
        return _PLAIN[text]
    if text.endswith("[]"):
        item = parse_type(text[:-2], find_enum)
        return Opaque(text) if isinstance(item, Opaque) else ArrayType(item)
    if match := _DECIMAL.fullmatch(text):
        return Numeric(int(match[1]), int(match[2]))
    if match := _ENUM.fullmatch(text):
        labels = _labels(match[1])
        if labels is not None:
            id = find_enum(labels)
            return EnumRef(id) if id is not None else InlineEnum(labels)
    return Opaque(text)


def _labels(text: str) -> tuple[str, ...] | None:
    """The labels of `'a', 'it''s'`; None where the text is no such list."""
    labels, position = [], 0
    while position < len(text):
        match = _LABEL.match(text, position)
        if match is None:
            return None
        labels.append(match[1].replace("''", "'"))
        position = match.end()
    return tuple(labels)


def lower_type(kind: SqlType) -> SqlType:
    """The type that DuckDB reports for a column made with `kind`; a length is not kept, what has no type of its own becomes text."""
    match kind:
        case Numeric(precision, scale) if precision is None or not (scale or 0) <= precision <= MAX_DIGITS:
            return Text()
        case Numeric(precision, scale):
            return Numeric(precision, scale or 0)
        case Text() | Inet():
            return Text()
        case Binary():
            return Binary()
        case Time(_, zoned):
            return Time(6, zoned)
        case Timestamp(zoned, _):
            return Timestamp(zoned)
        case Json():
            return Json()
        case ArrayType(item):
            return ArrayType(lower_type(item))
        case Opaque(text):
            return parse_type(text, lambda _: None)
        case Boolean() | Integer() | Real() | Date() | Interval() | Uuid() | EnumRef() | InlineEnum() | StructRef():
            return kind
        case _:
            assert_never(kind)
