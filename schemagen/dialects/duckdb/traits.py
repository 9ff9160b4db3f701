"""What DuckDB can alter in place, and what a change of type does to values."""

from __future__ import annotations

import re

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import expression_sql
from schemagen.catalog.objects import Check, Table
from schemagen.dialects.conversions import CHANGED_BY_CAST, EXACT, NOT_CASTABLE, standard_conversion
from schemagen.plan.traits import Conversion, Safety, Traits

STRUCTS = "DuckDB has no named composite types; store nested objects as JSON (--struct json)"
REFERENCED = "DuckDB cannot rebuild a table that other tables reference; drop their foreign keys first"

_REBUILD = "DuckDB cannot do it in place"
# What DuckDB refuses on a table that has an index or that another references.
_FIXED = frozenset({"DropColumn", "SetNotNull", "DropNotNull"})
_HARMLESS = frozenset({"CreateIndex", "DropIndex", "AddRows", "AlterRows", "RemoveRows"})
_STRING = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r'[\w"]\(')
# Each of these, killed after COMMIT, leaves a file that opens again (tests/dialects/test_duckdb_kill.py).
_NATIVE = frozenset(
    {
        "CreateNamespace", "DropNamespace", "CreateTable", "DropTable", "AddColumn", "DropColumn", "SetNotNull", "DropNotNull",
        "SetDefault", "DropDefault", "CreateIndex", "DropIndex", "CreateEnum", "DropEnum", "SetComment", "AddRows", "AlterRows",
        "RemoveRows",
    }
)  # fmt: skip
_REASONS = {
    # A retype to an enum leaves a file that never opens again after a kill; others are refused beside a key or a check.
    "AlterColumnType": "DuckDB changes a type by building the table again",
    "AddConstraint": "DuckDB adds a constraint by building the table again",
    "DropConstraint": "DuckDB drops a constraint by building the table again",
    "SetIdentity": "DuckDB numbers a column of an existing table only when it is built again",
    "AddEnumValue": "an enum type of DuckDB cannot be altered; its tables are built again",
    "RecreateEnum": "an enum type of DuckDB cannot be altered; its tables are built again",
    "AlterStruct": STRUCTS,
    "CreateStruct": STRUCTS,
    "DropStruct": STRUCTS,
}


def in_place(kind: str) -> str:
    """ "" where a change of that class name is a native statement, else why the table is built again."""
    return "" if kind in _NATIVE else _REASONS.get(kind, _REBUILD)


def only_rebuild(table: Table, kinds: frozenset[str]) -> str:
    """Why this table is built again for changes of these names, "" where it need not be."""
    if (table.indexes or "CreateIndex" in kinds) and kinds & _FIXED:
        return "DuckDB does not alter a table that has an index"
    if "DropColumn" in kinds and not _keys_come_first(table):
        return "DuckDB does not drop a column before one that a key or foreign key names"
    if "DropColumn" in kinds and any(column.identity is not None for column in table.columns):
        return "DuckDB does not drop a column of a table that is numbered by a sequence"
    if kinds - _HARMLESS and any(_calls_function(item) for item in table.constraints if isinstance(item, Check)):
        # Killed after COMMIT, some such files do not open again: the log is replayed before the function is known.
        return "DuckDB does not safely alter a table whose check calls a function"
    return ""


def _keys_come_first(table: Table) -> bool:
    """True where columns that a key, unique constraint or foreign key names stand before all others."""
    indexed = {name for item in table.constraints if not isinstance(item, Check) for name in item.columns}
    return {column.name for column in table.columns[: len(indexed)]} == indexed


def _calls_function(check: Check) -> bool:
    return _CALL.search(_STRING.sub("", str(expression_sql(check.expr)))) is not None


def convert(before: sql.SqlType, after: sql.SqlType) -> Conversion:
    """How a column of one lowered type becomes another. Every change of type rewrites the table."""
    found = _convert(before, after)
    return EXACT if found.safety is Safety.METADATA and before != after else found


def _convert(before: sql.SqlType, after: sql.SqlType) -> Conversion:
    match before, after:
        case sql.EnumRef(), sql.Text():
            return EXACT
        case ((sql.Text() | sql.EnumRef() | sql.InlineEnum()), (sql.EnumRef() | sql.InlineEnum())):
            return NOT_CASTABLE if before != after else standard_conversion(before, after)
        case ((sql.Integer(128, _) | sql.Integer(64, True)), sql.Real()):
            return CHANGED_BY_CAST
        case sql.Text(), sql.Binary():
            return Conversion(Safety.REFUSE, reason="text becomes bytes only by an encoding")
        case sql.ArrayType(one), sql.ArrayType(other):
            item = convert(one, other)
            return CHANGED_BY_CAST if item.safety is Safety.REWRITE_CHECKED else item
        case _:
            return standard_conversion(before, after)


TRAITS = Traits(
    flavor="duckdb",
    transactional_ddl=True,
    named_constraints=False,
    namespaces=True,
    enum_types="",
    struct_types=STRUCTS,
    arrays="",
    comments=True,
    in_place=in_place,
    convert=convert,
    blocked_by_reference=_FIXED,
    only_rebuild=only_rebuild,
    rebuild_referenced=REFERENCED,
    fk_in_create=True,
    folds_case=True,
    type_names_apart=True,
)
