"""SQL types by their MySQL and MariaDB names, both ways."""

from __future__ import annotations

import re

from schemagen.catalog import types as sql
from schemagen.sql import Lit, Sql, join, raw

_INTEGERS = {8: "tinyint", 16: "smallint", 32: "int", 64: "bigint"}
_BITS = {name: bits for bits, name in _INTEGERS.items()} | {"mediumint": 32, "integer": 32}
_NATIVE = re.compile(r"(\w+(?: precision)?)\s*(?:\((.*)\))?\s*(unsigned)?", re.DOTALL)
_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
_MEANT = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
_PLAIN: dict[str, sql.SqlType] = {
    "longtext": sql.Text(), "longblob": sql.Binary(), "double": sql.Real(64), "float": sql.Real(32), "date": sql.Date(),
    "json": sql.Json(binary=False),
}  # fmt: skip


def native_type(kind: sql.SqlType) -> Sql:
    """The name of a lowered type. Raises ValueError for one that `lower` replaces or refuses."""
    match kind:
        case sql.Boolean():
            return raw("tinyint(1)")
        case sql.Integer(bits, unsigned):
            return raw(_INTEGERS[bits] + (" unsigned" if unsigned else ""))
        case sql.Real(bits):
            return raw("float" if bits == 32 else "double")
        case sql.Numeric(precision, scale):
            return raw(f"decimal({precision},{scale or 0})")
        case sql.Text(length, fixed):
            return raw("longtext" if length is None else f"{'char' if fixed else 'varchar'}({length})")
        case sql.Binary(length, fixed):
            return raw("longblob" if length is None else f"{'binary' if fixed else 'varbinary'}({length})")
        case sql.Date():
            return raw("date")
        case sql.Time(digits):
            return raw(f"time({digits})")
        case sql.Timestamp(_, digits):
            return raw(f"datetime({digits})")
        case sql.Json():
            return raw("json")
        case sql.InlineEnum(values):
            return Sql("enum({})", join(",", [Lit(value) for value in values]))
        case sql.Opaque(text):
            return raw(text)
        case sql.Interval() | sql.Uuid() | sql.Inet() | sql.ArrayType() | sql.EnumRef() | sql.StructRef():
            raise ValueError(f"MySQL has no type {type(kind).__name__}; lower replaces it")


def type_from_native(text: str) -> sql.SqlType:
    """The type of a COLUMN_TYPE as information_schema gives it; Opaque where the model has none.

    MariaDB's json is longtext with a check, which a column's type alone does not tell.
    """
    match = _NATIVE.fullmatch(text.strip())
    if match is None:
        return sql.Opaque(text)
    name, inside, unsigned = match[1].lower(), match[2] or "", match[3] is not None
    numbers = [int(part) for part in inside.split(",")] if re.fullmatch(r"\d+(,\d+)?", inside) else []
    if name == "tinyint" and numbers == [1] and not unsigned:
        return sql.Boolean()
    if name in _BITS:
        return sql.Integer(_BITS[name], unsigned)
    if name == "enum":
        return sql.InlineEnum(tuple(_ESCAPED.sub(_meant, label) for label in _LABEL.findall(inside)))
    return sql.Opaque(text) if unsigned else _sized(name, numbers, text)


def _meant(escaped: re.Match[str]) -> str:
    return _MEANT.get(escaped[1], escaped[1]) if escaped[1] else "'"


def _sized(name: str, numbers: list[int], text: str) -> sql.SqlType:
    match name, numbers:
        case "decimal", [precision, scale]:
            return sql.Numeric(precision, scale)
        case (("varchar" | "char"), [length]):
            return sql.Text(length, fixed=name == "char")
        case (("varbinary" | "binary"), [length]):
            return sql.Binary(length, fixed=name == "binary")
        case (("datetime" | "time"), ([] | [_])):
            digits = numbers[0] if numbers else 0
            return sql.Timestamp(zoned=False, digits=digits) if name == "datetime" else sql.Time(digits)
        case _, []:
            return _PLAIN.get(name, sql.Opaque(text))
        case _:
            return sql.Opaque(text)
