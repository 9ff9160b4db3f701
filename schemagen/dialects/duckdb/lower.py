"""What DuckDB will report back of a catalog: types mapped, names fitted, what it does not keep dropped or refused."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import replace

from schemagen.catalog.expressions import AtLeast, Expr, InList, JsonValid, Literal, Native
from schemagen.catalog.objects import (
    Catalog,
    Check,
    Column,
    Constraint,
    EnumType,
    ForeignKey,
    Identity,
    Index,
    Namespace,
    PrimaryKey,
    ServerInfo,
    Table,
    Unique,
)
from schemagen.catalog.types import ArrayType, EnumRef, InlineEnum, ObjectId, SqlType, Text
from schemagen.dialects.common import NameRules, column_place, fit_catalog, map_tables, map_types, refuse_types
from schemagen.dialects.duckdb.quote import is_sql_text
from schemagen.dialects.duckdb.traits import STRUCTS
from schemagen.dialects.duckdb.types import FindEnum, lower_type
from schemagen.errors import SchemagenError

SESSION_SCHEMA = "main"
_TAKEN_SCHEMAS = frozenset({"temp", "system", "memory", "information_schema", "pg_catalog"})
# Only ASCII letters fold: "é" and "É" are two columns.
_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_RULES = NameRules(fold=lambda name: name.translate(_FOLD), pools={Index: "namespace"})


def lower(catalog: Catalog, server: ServerInfo) -> Catalog:
    """Raises SchemagenError UNSUPPORTED, ENUM_UNREPRESENTABLE or NAME_CLASH. A second call changes nothing."""
    refuse_types(catalog, structs=STRUCTS)
    catalog = fit_catalog(_own_schema(catalog), _RULES)
    for enum in catalog.enums:
        _check_labels(enum.values, str(enum.id))
    catalog = unify_enums(map_tables(map_types(catalog, lower_type), _table), ())
    _check_cycles(catalog)
    return replace(catalog, server=server)


def _own_schema(catalog: Catalog) -> Catalog:
    """Objects of schema `main`, the session's own, under the name ""."""
    spaces: dict[str, Namespace] = {}
    for space in catalog.namespaces:
        if space.name.translate(_FOLD) in _TAKEN_SCHEMAS:
            raise SchemagenError("UNSUPPORTED", space.name, "is a name that DuckDB keeps for itself; choose another namespace")
        name = _own(space.name)
        known = spaces.get(name, Namespace(name))
        spaces[name] = replace(
            known,
            tables=known.tables + tuple(_own_table(table) for table in space.tables),
            enums=known.enums + tuple(replace(item, id=_own_id(item.id)) for item in space.enums),
        )
    mapped = replace(catalog, namespaces=tuple(sorted(spaces.values(), key=lambda space: space.name)))
    return map_types(mapped, _own_type)


def _own(name: str) -> str:
    return "" if name.translate(_FOLD) == SESSION_SCHEMA else name


def _own_id(id: ObjectId) -> ObjectId:
    return replace(id, namespace=_own(id.namespace))


def _own_table(table: Table) -> Table:
    constraints = (replace(item, target=_own_id(item.target)) if isinstance(item, ForeignKey) else item for item in table.constraints)
    return replace(table, id=_own_id(table.id), constraints=tuple(constraints))


def _own_type(kind: SqlType) -> SqlType:
    match kind:
        case EnumRef(id):
            return EnumRef(_own_id(id))
        case ArrayType(item):
            return ArrayType(_own_type(item))
        case _:
            return kind


def _table(table: Table) -> Table:
    """The table, whose types are lowered, as it is read back."""
    columns = tuple(_column(table, column) for column in table.columns)
    kept = (_constraint(table, item) for item in table.constraints)
    return replace(
        table,
        columns=columns,
        constraints=tuple(item for item in kept if item is not None),
        comment=_comment(table.comment),
        options=(),
    )


def _column(table: Table, column: Column) -> Column:
    return replace(
        column,
        nullable=column.nullable and column.name not in table.key,
        default=_default(column.default, column_place(table, column)),
        identity=Identity() if column.identity is not None else None,
        comment=_comment(column.comment),
    )


def _default(expr: Expr | None, place: str) -> Expr | None:
    match expr:
        case Literal(None) | Native("NULL"):
            return None
        case Literal(str() as text) if not is_sql_text(text):
            raise SchemagenError("UNSUPPORTED", place, "its default has a character that SQL text cannot hold")
        case _:
            return expr


def _constraint(table: Table, item: Constraint) -> Constraint | None:
    match item:
        case PrimaryKey() | Unique():
            return replace(item, name=None)
        case ForeignKey():
            return _foreign_key(table, item)
        case Check(expr):
            known = _check(table, expr)
            return Check(known) if known is not None else None


def _check(table: Table, expr: Expr) -> Expr | None:
    """The expression over lowered columns; None where it says nothing there, or the type says it already."""
    match expr:
        case JsonValid():
            # The type JSON says it; and a file with such a check may not open again after a kill.
            return None
        case AtLeast(column) if table.column(column).type == Text():
            return None
        case InList(column, values):
            # A record with U+0000 is refused before, so such a value is never stored.
            kept = tuple(value for value in values if not isinstance(value, str) or is_sql_text(value))
            if table.column(column).type == Text():
                kept = tuple(str(value) for value in kept)
            return InList(column, kept) if kept else None
        case _:
            return expr


def _foreign_key(table: Table, item: ForeignKey) -> ForeignKey:
    place = f"{table.id}.{','.join(item.columns)}"
    if item.target.namespace != table.id.namespace:
        raise SchemagenError("UNSUPPORTED", place, f"DuckDB has no foreign keys across schemas; {item.target} must stand in the same one")
    for action in (item.on_delete, item.on_update):
        if action not in ("NO ACTION", "RESTRICT"):
            raise SchemagenError("UNSUPPORTED", place, f"DuckDB has no foreign keys with {action}; leave the action or the foreign key out")
    return replace(item, name=None, on_delete="NO ACTION", on_update="NO ACTION", deferrable=False)


def _check_cycles(catalog: Catalog) -> None:
    """Raises SchemagenError UNSUPPORTED for foreign keys in a circle: DuckDB adds none to a table that exists."""
    needs = {table.id: {key.target for key in table.foreign_keys} - {table.id} for table in catalog.tables}
    while ready := [id for id, targets in needs.items() if not targets & needs.keys()]:
        for id in ready:
            del needs[id]
    if needs:
        names = ", ".join(sorted(str(id) for id in needs))
        raise SchemagenError("UNSUPPORTED", names, "their foreign keys form a circle, which DuckDB cannot hold; leave one of them out")


def _comment(text: str | None) -> str | None:
    return text if text is None or is_sql_text(text) else "".join(c if is_sql_text(c) else "\ufffd" for c in text)


def _check_labels(labels: tuple[str, ...], place: str) -> None:
    bad = next((label for label in labels if not is_sql_text(label)), None)
    if bad is not None:
        raise SchemagenError(
            "ENUM_UNREPRESENTABLE", place, f"the value {bad!r} has a character that SQL text cannot hold; use --enum check"
        )


def find_enum_in(enums: Iterable[EnumType], namespace: str) -> FindEnum:
    """What finds the type of a column of `namespace` by its labels: one of the same namespace first, then by name.

    DuckDB keeps the labels of a column's enum type, not its name, so of two types with equal labels only the first is ever seen.
    """
    ordered = sorted(enums, key=lambda item: (item.id.namespace != namespace, item.id.namespace, item.id.name))
    known: dict[tuple[str, ...], ObjectId] = {}
    for item in ordered:
        known.setdefault(item.values, item.id)
    return known.get


def unify_enums(catalog: Catalog, others: Iterable[EnumType]) -> Catalog:
    """The catalog with each enum column of the type that `inspect` will find for it, in a database that has `others` too."""
    labels = {item.id: item.values for item in (*others, *catalog.enums)}
    types = [EnumType(id, values) for id, values in labels.items()]

    def named(kind: SqlType, find: FindEnum) -> SqlType:
        match kind:
            case EnumRef(id) if id in labels:
                return EnumRef(find(labels[id]) or id)
            case InlineEnum(values):
                found = find(values)
                return EnumRef(found) if found is not None else kind
            case ArrayType(item):
                return ArrayType(named(item, find))
            case _:
                return kind

    def table(table: Table) -> Table:
        find = find_enum_in(types, table.id.namespace)
        return replace(table, columns=tuple(replace(column, type=named(column.type, find)) for column in table.columns))

    return map_tables(catalog, table)


def inline_enum(kind: SqlType, labels: Mapping[ObjectId, tuple[str, ...]]) -> SqlType:
    """The type with the labels of an enum type in place of its name, as DuckDB stores it."""
    match kind:
        case EnumRef(id) if id in labels:
            return InlineEnum(labels[id])
        case ArrayType(item):
            return ArrayType(inline_enum(item, labels))
        case _:
            return kind
