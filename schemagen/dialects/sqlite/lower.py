"""What SQLite will report back: four types, checks for booleans and JSON, no comments."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import AtLeast, Expr, InList, JsonValid, Literal, columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, Identity, Index, ServerInfo, Table
from schemagen.dialects.common import (
    NameRules,
    column_place,
    fit_catalog,
    keys_not_null,
    limit_columns,
    map_tables,
    name_constraints,
    refuse_types,
)
from schemagen.dialects.sqlite.traits import ENUM_TYPES, MAX_COLUMNS, STRUCT_TYPES
from schemagen.errors import SchemagenError
from schemagen.names import short_hash
from schemagen.sql import Scalar


def lower(catalog: Catalog, server: ServerInfo) -> Catalog:
    """The catalog as SQLite keeps it (law: a second call changes nothing)."""
    refuse_types(catalog, enums=ENUM_TYPES, structs=STRUCT_TYPES)
    limit_columns(catalog, MAX_COLUMNS, "SQLite")
    lowered = name_constraints(map_tables(keys_not_null(catalog), _table))
    return replace(fit_catalog(lowered, _RULES), server=server)


_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _fold(name: str) -> str:
    """Only ASCII letters fold."""
    return name.translate(_FOLD)


def _mend(name: str) -> str:
    """Without the prefix that SQLite keeps for itself."""
    return f"_{name}_{short_hash(name)}" if _fold(name).startswith("sqlite_") else name


_RULES = NameRules(fold=_fold, flat=True, mend=_mend, pools={Index: "relation"})


def lower_type(kind: sql.SqlType) -> sql.SqlType:
    """The type that stores values of `kind`; numbers that 64 bits cannot hold, decimals and times are text."""
    match kind:
        case sql.Boolean():
            return sql.Integer(64)
        case sql.Integer(bits, unsigned):
            return sql.Integer(64) if bits < 64 or (bits == 64 and not unsigned) else sql.Text()
        case sql.Real():
            return sql.Real(64)
        case sql.Binary():
            return sql.Binary()
        case sql.Opaque():
            return kind
        case _:
            return sql.Text()


def _table(table: Table) -> Table:
    types = {column.name: column.type for column in table.columns}
    _check_names(table, types)
    constraints = [kept for item in table.constraints if (kept := _constraint(item, table, types)) is not None]
    columns = tuple(_column(table, column) for column in table.columns)
    return replace(table, columns=columns, constraints=(*constraints, *_domains(table, constraints)), comment=None)


def _check_names(table: Table, types: dict[str, sql.SqlType]) -> None:
    """Every column that a constraint or index names is there: SQLite takes a quoted name that is no column for a string."""
    for item in (*table.constraints, *table.indexes):
        for name in columns_of(item.expr) if isinstance(item, Check) else item.columns:
            if name not in types:
                raise SchemagenError("UNSUPPORTED", str(table.id), f"{item} names the column {name}, which the table does not have")


def _column(table: Table, column: Column) -> Column:
    if isinstance(column.type, sql.InlineEnum):
        raise SchemagenError("UNSUPPORTED", column_place(table, column), ENUM_TYPES)
    kind = lower_type(column.type)
    if column.identity is not None and (table.key != (column.name,) or kind != sql.Integer(64)):
        sentence = "a numbered column must be the whole key, and an integer, on SQLite"
        raise SchemagenError("UNSUPPORTED", column_place(table, column), sentence)
    identity = Identity(always=False) if column.identity else None
    return replace(column, type=kind, default=_default(column.default, kind), identity=identity, comment=None)


def _default(default: Expr | None, kind: sql.SqlType) -> Expr | None:
    return Literal(_value(default.value, kind)) if isinstance(default, Literal) else default


def _value(value: Scalar, kind: sql.SqlType) -> Scalar:
    """A constant as the column stores it."""
    match value:
        case bool() if isinstance(kind, sql.Integer):
            return int(value)
        case Decimal() if isinstance(kind, sql.Text):
            return format(value, "f")
        case int() if isinstance(kind, sql.Text):
            return str(value)
        case int() | Decimal() if isinstance(kind, sql.Real):
            return float(value)
        case _:
            return value


def _listed(value: str | int | bool, kind: sql.SqlType) -> str | int:
    """A value of an enumeration as the column stores it."""
    return str(value) if isinstance(kind, sql.Text) else value if isinstance(value, str) else int(value)


def _is_json(table: Table, column: str) -> JsonValid:
    return JsonValid(column, refuses_null=not table.column(column).nullable)


def _constraint(item: Constraint, table: Table, types: dict[str, sql.SqlType]) -> Constraint | None:
    match item:
        case Check(InList(column, values)):
            kind = lower_type(types[column])
            return replace(item, expr=InList(column, tuple(_listed(value, kind) for value in values)))
        case Check(JsonValid(column)):
            return replace(item, expr=_is_json(table, column))
        case Check(AtLeast(column)) if isinstance(lower_type(types[column]), sql.Text):
            # Text is greater than every number, so the check would say nothing.
            return None
        case _:
            return item


def _domains(table: Table, constraints: Iterable[Constraint]) -> Iterator[Check]:
    """The checks that make integer boolean and text JSON, where the table has none yet."""
    checks = [item.expr for item in constraints if isinstance(item, Check)]
    for column in table.columns:
        match column.type:
            case sql.Boolean() if not any(isinstance(expr, InList) and expr.column == column.name for expr in checks):
                yield Check(InList(column.name, (0, 1)))
            case sql.Json() | sql.ArrayType() if _is_json(table, column.name) not in checks:
                yield Check(_is_json(table, column.name))
