"""The catalog as PostgreSQL will report it: names of 63 bytes, types by their own names, every constraint named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count

from schemagen.catalog.expressions import InList, JsonValid, Native, columns_of
from schemagen.catalog.objects import (
    Catalog,
    Check,
    Column,
    Constraint,
    ForeignKey,
    Index,
    PrimaryKey,
    ServerInfo,
    StructType,
    Table,
    Unique,
)
from schemagen.catalog.types import SqlType, Text
from schemagen.dialects.common import NameRules, column_place, fit_catalog, limit_columns, map_tables
from schemagen.dialects.postgresql.quote import text as quoted
from schemagen.dialects.postgresql.traits import IDENTIFIER_BYTES, MAX_COLUMNS
from schemagen.dialects.postgresql.types import MAX_LABEL_BYTES, lower_type
from schemagen.errors import SchemagenError
from schemagen.names import check_name, foreign_key_name, primary_key_name, short_hash, unique_name, utf8_length
from schemagen.sql import Sql, ident, join, lit

# Indexes, and with them keys and unique constraints, are relations: their names differ from those of tables.
NAME_RULES = NameRules(
    limit=IDENTIFIER_BYTES,
    measure=utf8_length,
    pools={PrimaryKey: "relation", Unique: "relation", Index: "relation", Check: "table", ForeignKey: "table"},
)


def lower(catalog: Catalog, server: ServerInfo) -> Catalog:
    """The catalog as `inspect` reads it back. Raises SchemagenError UNSUPPORTED, ENUM_UNREPRESENTABLE, TOO_MANY_COLUMNS, NAME_CLASH."""
    limit_columns(catalog, MAX_COLUMNS, "PostgreSQL")
    _check_labels(catalog)
    fitted = fit_catalog(map_tables(catalog, _named), NAME_RULES)
    spaces = tuple(replace(space, structs=tuple(_struct(item) for item in space.structs)) for space in fitted.namespaces)
    lowered = map_tables(replace(fitted, namespaces=spaces), _table)
    return replace(lowered, server=server)


def _check_labels(catalog: Catalog) -> None:
    for enum in catalog.enums:
        for value in enum.values:
            if utf8_length(value) > MAX_LABEL_BYTES or "\0" in value:
                sentence = f"label {value[:40]!r} is longer than {MAX_LABEL_BYTES} bytes (or holds NUL); use --enum check or relation"
                raise SchemagenError("ENUM_UNREPRESENTABLE", str(enum.id), sentence)


def _named(table: Table) -> Table:
    """Constraints that mean nothing here dropped, those without a name given the one that schemagen gives.

    PostgreSQL names every constraint, so a name must be known before.
    """
    kept = [item for place, item in enumerate(table.constraints) if not _is_idle(item, table.constraints[:place], table.key)]
    taken = {item.name for item in kept if item.name}
    named = []
    for item in kept:
        name = item.name or next(name for name in _numbered(_default_name(item, table.id.name)) if name not in taken)
        taken.add(name)
        named.append(replace(item, name=name))
    return replace(table, constraints=tuple(named))


def _is_idle(item: Constraint, before: tuple[Constraint, ...], key: tuple[str, ...]) -> bool:
    """A check of JSON text, which the type is; a unique constraint that CREATE TABLE takes for the key, or for another."""
    match item:
        case Check(JsonValid()):
            return True
        case Unique(columns):
            return columns == key or any(isinstance(other, Unique) and other.columns == columns for other in before)
        case _:
            return False


def _numbered(name: str) -> Iterator[str]:
    """The name, then `_2`, `_3`..."""
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _default_name(item: Constraint, table: str) -> str:
    match item:
        case PrimaryKey():
            return primary_key_name(table)
        case Unique(columns):
            return unique_name(table, columns)
        case ForeignKey(columns):
            return foreign_key_name(table, columns)
        case Check(expr):
            return check_name(table, "_".join(columns_of(expr)) or short_hash(repr(expr)))


def _table(table: Table) -> Table:
    columns = tuple(_column(table, column) for column in table.columns)
    key = table.key
    columns = tuple(replace(item, nullable=False) if item.name in key else item for item in columns)
    kinds = {item.name: item.type for item in columns}
    constraints = tuple(_stable(item, kinds) for item in table.constraints)
    return replace(table, columns=columns, constraints=constraints, comment=_comment(table.comment), options=())


def _stable(item: Constraint, kinds: Mapping[str, SqlType]) -> Constraint:
    """A list of values over varchar(n), compared as text: only of that PostgreSQL prints what it prints again when that is run."""
    match item:
        case Check(InList(column, values), name) if isinstance(kinds.get(column), Text) and kinds[column] != Text():
            listed = Sql("{}::text IN ({})", ident(column), join(", ", [lit(value) for value in values]))
            return Check(Native(quoted(listed), (column,)), name)
        case _:
            return item


def _column(table: Table, column: Column) -> Column:
    kind = _lower(column.type, column_place(table, column))
    nullable = column.nullable and column.identity is None
    return replace(column, type=kind, nullable=nullable, comment=_comment(column.comment))


def _struct(struct: StructType) -> StructType:
    members = tuple(replace(item, type=_lower(item.type, f"{struct.id}.{item.name}")) for item in struct.members)
    return replace(struct, members=members, comment=_comment(struct.comment))


def _lower(kind: SqlType, place: str) -> SqlType:
    try:
        return lower_type(kind)
    except SchemagenError as error:
        raise SchemagenError(error.kind, place, error.problem.sentence) from error


def _comment(text: str | None) -> str | None:
    """An empty comment is none; what PostgreSQL's text cannot hold is shown as the replacement character."""
    if not text:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
