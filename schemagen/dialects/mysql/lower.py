"""What MySQL and MariaDB will report back: types, names, keys of bounded length, rows that InnoDB can hold."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import Expr, JsonValid
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, ForeignKey, Identity, Index, PrimaryKey, ServerInfo, Table, Unique
from schemagen.dialects.common import (
    NameRules,
    column_place,
    fit_catalog,
    keys_not_null,
    limit_columns,
    map_tables,
    map_types,
    name_constraints,
    refuse_types,
)
from schemagen.dialects.mysql.size import VARBINARY_MAX, VARCHAR_MAX, cut_comment, fit_comments, fit_keys, fit_row, foreign_targets
from schemagen.dialects.mysql.traits import ENUM_TYPES, IDENTIFIER_LIMIT, MAX_COLUMNS, STRUCT_TYPES, collation, file_length, fold
from schemagen.errors import SchemagenError
from schemagen.names import short_hash

COLUMN_COMMENT = 1024
TABLE_COMMENT = 2048
_NUMERIC_MAX = 65
_SCALE_MAX = 30


def lower(catalog: Catalog, server: ServerInfo) -> Catalog:
    """The catalog as this server keeps it (law: a second call changes nothing)."""
    refuse_types(catalog, enums=ENUM_TYPES, structs=STRUCT_TYPES)
    lowered = map_types(keys_not_null(name_constraints(catalog)), lower_type)
    lowered = fit_catalog(map_tables(lowered, _with_key_indexes), _RULES)
    limit_columns(lowered, MAX_COLUMNS, "InnoDB")
    tables = lowered.tables
    lowered = map_tables(lowered, lambda table: _table(table, foreign_targets(tables, table), server))
    return replace(lowered, server=server)


def _with_key_indexes(table: Table) -> Table:
    """The table with the index that InnoDB makes for a foreign key, and keeps when the key is dropped, where no other serves it."""
    indexes = table.indexes
    for key in table.foreign_keys:
        listed = [item.columns for item in table.constraints if isinstance(item, PrimaryKey | Unique)] + [item.columns for item in indexes]
        if key.name and not any(columns[: len(key.columns)] == key.columns for columns in listed):
            indexes = (*indexes, Index(key.name, key.columns))
    return replace(table, indexes=indexes)


def _mend(name: str) -> str:
    """Without characters beyond the basic plane and blanks at the end, which identifiers cannot have."""
    kept = "".join("_" if ord(c) > 0xFFFF else c for c in name)
    stripped = kept.rstrip()
    return name if stripped == name else f"{stripped}_{short_hash(name)}"


_RULES = NameRules(
    limit=IDENTIFIER_LIMIT,
    table_measure=file_length,
    fold=fold,
    flat=True,
    mend=_mend,
    # Names of foreign keys live in the database; of checks too, in MySQL 8.
    pools={ForeignKey: "namespace", Check: "namespace"},
)


def lower_type(kind: sql.SqlType) -> sql.SqlType:
    """The type that stores values of `kind`."""
    match kind:
        case sql.Integer(128, _):
            return sql.Numeric(39, 0)
        case sql.Numeric(precision, scale):
            return _numeric(precision, scale)
        case sql.Text(length) if length is not None and length > VARCHAR_MAX:
            return sql.Text()
        case sql.Text(fixed=True):
            # CHAR loses blanks at the end.
            return replace(kind, fixed=False)
        case sql.Binary(length, fixed) if length is not None and length > (255 if fixed else VARBINARY_MAX):
            return sql.Binary()
        case sql.Timestamp(_, digits):
            return sql.Timestamp(zoned=False, digits=min(digits, 6))
        case sql.Time(digits, zoned):
            return sql.Text(32) if zoned else sql.Time(min(digits, 6))
        case sql.Interval():
            return sql.Text()
        case sql.Uuid():
            return sql.Binary(16, fixed=True)
        case sql.Json() | sql.ArrayType():
            return sql.Json(binary=False)
        case sql.Inet(version):
            return sql.Text(15 if version == 4 else 45)
        case _:
            return kind


def _numeric(precision: int | None, scale: int | None) -> sql.SqlType:
    if precision is None:
        return sql.Numeric(_NUMERIC_MAX, _SCALE_MAX) if scale is None else _numeric(38, scale)
    fits = precision <= _NUMERIC_MAX and (scale or 0) <= _SCALE_MAX
    return sql.Numeric(precision, scale or 0) if fits else sql.Text()


def _table(table: Table, targets: frozenset[str], server: ServerInfo) -> Table:
    _check_enums(table)
    options = (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", collation(server)))
    columns = tuple(_column(column) for column in table.columns)
    constraints = tuple(kept for item in table.constraints if (kept := _constraint(item, table)) is not None)
    comment = _cut(table.comment, TABLE_COMMENT)
    lowered = replace(table, columns=columns, constraints=constraints, comment=comment, options=options)
    lowered = fit_comments(fit_row(fit_keys(lowered, targets)))
    for column in lowered.columns:
        _check_identity(lowered, column)
    return lowered


def _column(column: Column) -> Column:
    # AUTO_INCREMENT takes a value of one's own.
    identity = Identity(always=False) if column.identity else None
    return replace(column, identity=identity, comment=_cut(column.comment, COLUMN_COMMENT))


def _cut(comment: str | None, limit: int) -> str | None:
    """A comment as the server gives it back: `?` for characters beyond the basic plane, cut with an ellipsis."""
    return cut_comment("".join("?" if ord(c) > 0xFFFF else c for c in comment or ""), limit)


def _constraint(item: Constraint, table: Table) -> Constraint | None:
    match item:
        case PrimaryKey(columns):
            return PrimaryKey(columns)
        case ForeignKey():
            if "SET DEFAULT" in (item.on_delete, item.on_update):
                raise SchemagenError("UNSUPPORTED", f"{table.id}.{item.name}", "InnoDB has no SET DEFAULT; use CASCADE or SET NULL")
            # RESTRICT and NO ACTION are one; nothing is deferred.
            on_delete = "NO ACTION" if item.on_delete == "RESTRICT" else item.on_delete
            on_update = "NO ACTION" if item.on_update == "RESTRICT" else item.on_update
            return replace(item, on_delete=on_delete, on_update=on_update, deferrable=False)
        case Check(expr) if _is_native_check(expr, table):
            return None
        case Check() | Unique():
            return item


def _is_native_check(expr: Expr, table: Table) -> bool:
    """A check that the type json makes by itself."""
    return isinstance(expr, JsonValid) and any(column.name == expr.column and isinstance(column.type, sql.Json) for column in table.columns)


def _check_enums(table: Table) -> None:
    for column in table.columns:
        if isinstance(column.type, sql.InlineEnum):
            for value in column.type.values:
                if value != value.rstrip(" ") or len(value) > 255 or any(unicodedata.category(c) == "Cs" for c in value):
                    sentence = (
                        f"ENUM of MySQL cannot hold the value {value[:40]!r} (blanks at its end, or over 255 characters); use --enum check"
                    )
                    raise SchemagenError("ENUM_UNREPRESENTABLE", column_place(table, column), sentence)


def _check_identity(table: Table, column: Column) -> None:
    if column.identity is None:
        return
    keys = [item.columns for item in table.constraints if isinstance(item, PrimaryKey | Unique)] + [item.columns for item in table.indexes]
    if not any(columns[0] == column.name for columns in keys):
        sentence = "a numbered column must be the first of a key on MySQL and MariaDB; make it the key or unique"
        raise SchemagenError("UNSUPPORTED", column_place(table, column), sentence)
    if sum(other.identity is not None for other in table.columns) > 1:
        raise SchemagenError("UNSUPPORTED", column_place(table, column), "a table can have one numbered column on MySQL and MariaDB")
