"""Whether a table that is there can be read as one layout: each column is there, of a type whose values say the same."""

from __future__ import annotations

from dataclasses import dataclass

from schemagen.catalog import types as sql
from schemagen.catalog.layout import Layout
from schemagen.catalog.objects import Catalog, Column, StructType
from schemagen.catalog.types import SqlType

_TEXTS = (sql.Text, sql.EnumRef, sql.InlineEnum)
_FIX = "`schemagen plan SCHEMA --to URL` shows what differs, `schemagen apply` changes it"


def unreadable(layout: Layout, there: Catalog) -> str | None:
    """The first reason why rows of the table in `there` cannot be read as the layout says, and what mends it; None where they can."""
    existing = there.table(layout.target.id)
    assert existing is not None
    by_name = {column.name: column for column in existing.columns}
    types = _Types(layout.structs, there.structs)
    for column in layout.target.columns:
        found = by_name.get(column.name)
        if found is None:
            return f"column {column.name} is missing; {_FIX}, or dump with the schema and options that it was made with"
        if not types.reads(column.type, found.type):
            return _mistyped(column, found)
    return None


def _mistyped(column: Column, found: Column) -> str:
    option = _option(column.type, found.type)
    hint = f"dump with {option}, as it was made" if option else _FIX
    return f"column {column.name} holds {_shown(found.type)}, where {_shown(column.type)} is expected; {hint}"


def _option(meant: SqlType, found: SqlType) -> str:
    """The option that makes a column of the type that is there."""
    match meant, found:
        case _, sql.StructRef():
            return "--struct type"
        case sql.StructRef(), sql.Json():
            return "--struct json"
        case _, sql.ArrayType():
            return "--array array"
        case sql.ArrayType(), sql.Json():
            return "--array json"
        case _:
            return ""


def _shown(kind: SqlType) -> str:
    match kind:
        case sql.StructRef(id):
            return f"the composite type {id}"
        case sql.ArrayType():
            return "an array"
        case sql.Json():
            return "JSON"
        case _:
            return str(kind).lower()


@dataclass(frozen=True)
class _Types:
    """Which stored types are read alike. `meant`, `found`: the composite types of the layout and of the database."""

    meant: tuple[StructType, ...]
    found: tuple[StructType, ...]

    def reads(self, meant: SqlType, found: SqlType) -> bool:
        """Whether values of a column of type `found` come as those of `meant`."""
        match meant, found:
            case sql.StructRef(), sql.StructRef():
                return self._struct(meant, found)
            case sql.ArrayType(item), sql.ArrayType(other):
                return self.reads(item, other)
            case sql.Integer(bits, _), sql.Integer(others, _):
                return bits > 64 or others <= 64
            case sql.Real() | sql.Numeric(), sql.Integer(bits, _):
                return bits <= 64
            case sql.Real() | sql.Numeric(), sql.Real() | sql.Numeric():
                return True
            case sql.Timestamp(zoned), sql.Timestamp(other):
                return zoned == other
            case _ if isinstance(meant, _TEXTS):
                return isinstance(found, _TEXTS)
            case _:
                return meant == found or (type(meant) is type(found) and not isinstance(meant, sql.Opaque))

    def _struct(self, meant: sql.StructRef, found: sql.StructRef) -> bool:
        there = {member.name: member.type for item in self.found if item.id == found.id for member in item.members}
        wanted = {member.name: member.type for item in self.meant if item.id == meant.id for member in item.members}
        return wanted.keys() == there.keys() and all(self.reads(kind, there[name]) for name, kind in wanted.items())
