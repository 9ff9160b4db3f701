"""SQL types by their MySQL and MariaDB names, both ways."""

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
from schemagen.sql import Lit, Sql, join, raw

_INTEGERS = {8: "tinyint", 16: "smallint", 32: "int", 64: "bigint"}
_BITS = {name: bits for bits, name in _INTEGERS.items()} | {"mediumint": 32, "integer": 32}
_NATIVE = re.compile(r"(\w+(?: precision)?)\s*(?:\((.*)\))?\s*(unsigned)?", re.DOTALL)
_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
_MEANT = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
_PLAIN: dict[str, SqlType] = {
    "longtext": Text(), "longblob": Binary(), "double": Real(64), "float": Real(32), "date": Date(), "json": Json(binary=False),
}  # fmt: skip


def native_type(kind: SqlType) -> Sql:
    """The name of a lowered type. Raises ValueError for one that `lower` replaces or refuses."""
    match kind:
        case Boolean():
            return raw("tinyint(1)")
        case Integer(bits, unsigned):
            return raw(_INTEGERS[bits] + (" unsigned" if unsigned else ""))
        case Real(bits):
            return raw("float" if bits == 32 else "double")
        case Numeric(precision, scale):
            return raw(f"decimal({precision},{scale or 0})")
        case Text(length, fixed):
            return raw("longtext" if length is None else f"{'char' if fixed else 'varchar'}({length})")
        case Binary(length, fixed):
            return raw("longblob" if length is None else f"{'binary' if fixed else 'varbinary'}({length})")
        case Date():
            return raw("date")
        case Time(digits):
            return raw(f"time({digits})")
        case Timestamp(_, digits):
            return raw(f"datetime({digits})")
        case Json():
            return raw("json")
        case InlineEnum(values):
            return Sql("enum({})", join(",", [Lit(value) for value in values]))
        case Opaque(text):
            return raw(text)
        case Interval() | Uuid() | Inet() | ArrayType() | EnumRef() | StructRef():
            raise ValueError(f"MySQL has no type {type(kind).__name__}; lower replaces it")


def type_from_native(text: str) -> SqlType:
    """The type of a COLUMN_TYPE as information_schema gives it; Opaque where the model has none.

    MariaDB's json is longtext with a check, which a column's type alone does not tell.
    """
    match = _NATIVE.fullmatch(text.strip())
    if match is None:
        return Opaque(text)
    name, inside, unsigned = match[1].lower(), match[2] or "", match[3] is not None
    numbers = [int(part) for part in inside.split(",")] if re.fullmatch(r"\d+(,\d+)?", inside) else []
    if name == "tinyint" and numbers == [1] and not unsigned:
        return Boolean()
    if name in _BITS:
        return Integer(_BITS[name], unsigned)
    if name == "enum":
        return InlineEnum(tuple(_ESCAPED.sub(_meant, label) for label in _LABEL.findall(inside)))
    return Opaque(text) if unsigned else _sized(name, numbers, text)


def _meant(escaped: re.Match[str]) -> str:
    return _MEANT.get(escaped[1], escaped[1]) if escaped[1] else "'"


def _sized(name: str, numbers: list[int], text: str) -> SqlType:
    match name, numbers:
        case "decimal", [precision, scale]:
            return Numeric(precision, scale)
        case (("varchar" | "char"), [length]):
            return Text(length, fixed=name == "char")
        case (("varbinary" | "binary"), [length]):
            return Binary(length, fixed=name == "binary")
        case (("datetime" | "time"), ([] | [_])):
            digits = numbers[0] if numbers else 0
            return Timestamp(zoned=False, digits=digits) if name == "datetime" else Time(digits)
        case _, []:
            return _PLAIN.get(name, Opaque(text))
        case _:
            return Opaque(text)
