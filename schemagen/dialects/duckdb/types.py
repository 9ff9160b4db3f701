"""SqlType to DuckDB's type names and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import assert_never

from schemagen.catalog import types as sql
from schemagen.sql import Lit, Sql, ident, join, raw

MAX_DIGITS = 38
FindEnum = Callable[[tuple[str, ...]], sql.ObjectId | None]

# What duckdb_columns().data_type says.
_PLAIN: dict[str, sql.SqlType] = {
    "BOOLEAN": sql.Boolean(),
    "TINYINT": sql.Integer(8),
    "SMALLINT": sql.Integer(16),
    "INTEGER": sql.Integer(32),
    "BIGINT": sql.Integer(64),
    "HUGEINT": sql.Integer(128),
    "UTINYINT": sql.Integer(8, unsigned=True),
    "USMALLINT": sql.Integer(16, unsigned=True),
    "UINTEGER": sql.Integer(32, unsigned=True),
    "UBIGINT": sql.Integer(64, unsigned=True),
    "UHUGEINT": sql.Integer(128, unsigned=True),
    "FLOAT": sql.Real(32),
    "DOUBLE": sql.Real(64),
    "VARCHAR": sql.Text(),
    "BLOB": sql.Binary(),
    "DATE": sql.Date(),
    "TIME": sql.Time(6, zoned=False),
    "TIME WITH TIME ZONE": sql.Time(6, zoned=True),
    "TIMESTAMP": sql.Timestamp(zoned=False),
    "TIMESTAMP WITH TIME ZONE": sql.Timestamp(zoned=True),
    "INTERVAL": sql.Interval(),
    "UUID": sql.Uuid(),
    "JSON": sql.Json(),
}
_NAMES: dict[sql.SqlType, str] = {kind: name for name, kind in _PLAIN.items()}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_ENUM = re.compile(r"ENUM\((.*)\)", re.DOTALL)
_LABEL = re.compile(r"'((?:[^']|'')*)'(?:, )?")


def type_sql(kind: sql.SqlType) -> Sql:
    """The name of a lowered type."""
    match kind:
        case sql.Numeric(precision, scale):
            return raw(f"DECIMAL({precision},{scale or 0})")
        case sql.ArrayType(item):
            return Sql("{}[]", type_sql(item))
        case sql.EnumRef(id) | sql.StructRef(id):
            return Sql("{}", ident(id.namespace, id.name))
        case sql.InlineEnum(values):
            return Sql("ENUM({})", join(", ", [Lit(value) for value in values]))
        case sql.Opaque(text):
            return raw(text)
        case (
            sql.Boolean()
            | sql.Integer()
            | sql.Real()
            | sql.Text()
            | sql.Binary()
            | sql.Date()
            | sql.Time()
            | sql.Timestamp()
            | sql.Interval()
            | sql.Uuid()
            | sql.Json()
            | sql.Inet()
        ):
            return raw(_NAMES[lower_type(kind)])
        case _:
            assert_never(kind)


def parse_type(text: str, find_enum: FindEnum) -> sql.SqlType:
    """The type that `duckdb_columns` names; what is unknown is Opaque. A column of an enum type shows its labels, not its name."""
    if text in _PLAIN:
        return _PLAIN[text]
    if text.endswith("[]"):
        item = parse_type(text[:-2], find_enum)
        return sql.Opaque(text) if isinstance(item, sql.Opaque) else sql.ArrayType(item)
    if match := _DECIMAL.fullmatch(text):
        return sql.Numeric(int(match[1]), int(match[2]))
    if match := _ENUM.fullmatch(text):
        labels = _labels(match[1])
        if labels is not None:
            id = find_enum(labels)
            return sql.EnumRef(id) if id is not None else sql.InlineEnum(labels)
    return sql.Opaque(text)


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


def lower_type(kind: sql.SqlType) -> sql.SqlType:
    """The type that DuckDB reports for a column made with `kind`; a length is not kept, what has no type of its own becomes text."""
    match kind:
        case sql.Numeric(precision, scale) if precision is None or not (scale or 0) <= precision <= MAX_DIGITS:
            return sql.Text()
        case sql.Numeric(precision, scale):
            return sql.Numeric(precision, scale or 0)
        case sql.Text() | sql.Inet():
            return sql.Text()
        case sql.Binary():
            return sql.Binary()
        case sql.Time(_, zoned):
            return sql.Time(6, zoned)
        case sql.Timestamp(zoned, _):
            return sql.Timestamp(zoned)
        case sql.Json():
            return sql.Json()
        case sql.ArrayType(item):
            return sql.ArrayType(lower_type(item))
        case sql.Opaque(text):
            return parse_type(text, lambda _: None)
        case (
            sql.Boolean()
            | sql.Integer()
            | sql.Real()
            | sql.Date()
            | sql.Interval()
            | sql.Uuid()
            | sql.EnumRef()
            | sql.InlineEnum()
            | sql.StructRef()
        ):
            return kind
        case _:
            assert_never(kind)
