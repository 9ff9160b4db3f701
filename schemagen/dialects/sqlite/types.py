"""SQL types by their names in SQLite's STRICT tables, both ways."""

from __future__ import annotations

from schemagen.catalog.types import Binary, Integer, Opaque, Real, SqlType, Text
from schemagen.sql import Sql, raw

_NATIVE: dict[SqlType, str] = {Integer(64): "INTEGER", Real(64): "REAL", Text(): "TEXT", Binary(): "BLOB"}
_KINDS = {name: kind for kind, name in _NATIVE.items()}


def native_type(kind: SqlType) -> Sql:
    """The name of a lowered type. Raises ValueError for one that `lower` replaces or refuses."""
    if isinstance(kind, Opaque):
        return raw(kind.text)
    if kind not in _NATIVE:
        raise ValueError(f"SQLite has no type {type(kind).__name__}; lower replaces it")
    return raw(_NATIVE[kind])


def type_from_native(text: str) -> SqlType:
    """The type of a declared name; Opaque where the model has none."""
    return _KINDS.get(text.upper(), Opaque(text))
