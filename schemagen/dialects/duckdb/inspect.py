"""A live DuckDB database as a Catalog, by one query for each kind of object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from schemagen.catalog.expressions import Native
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
    OpaqueObject,
    PrimaryKey,
    Table,
    Unique,
)
from schemagen.catalog.types import ObjectId
from schemagen.dialects.duckdb.ddl import sequence_id, sequence_text
from schemagen.dialects.duckdb.lower import SESSION_SCHEMA, find_enum_in
from schemagen.dialects.duckdb.quote import quote_literal
from schemagen.dialects.duckdb.session import DuckdbSession, fetch
from schemagen.dialects.duckdb.types import parse_type
from schemagen.names import is_own
from schemagen.sql import Sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class _TableRow(NamedTuple):
    schema: str
    table: str
    comment: str | None
    sql: str


_TABLES = Sql("""
SELECT schema_name,
       table_name,
       comment,
       sql
FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal AND NOT temporary
ORDER BY schema_name, table_name
""")


class _ColumnRow(NamedTuple):
    schema: str
    table: str
    name: str
    type: str
    nullable: bool
    default: str | None
    comment: str | None
    generated: bool


_COLUMNS = Sql("""
SELECT schema_name,
       table_name,
       column_name,
       data_type,
       is_nullable,
       column_default,
       comment,
       is_generated
FROM duckdb_columns()
WHERE database_name = current_database() AND NOT internal
ORDER BY schema_name, table_name, column_index
""")


class _ConstraintRow(NamedTuple):
    schema: str
    table: str
    kind: str
    expression: str | None
    columns: list[str]
    target: str | None
    target_columns: list[str] | None


_CONSTRAINTS = Sql("""
SELECT schema_name,
       table_name,
       constraint_type,
       expression,
       constraint_column_names,
       referenced_table,
       referenced_column_names
FROM duckdb_constraints()
WHERE database_name = current_database() AND constraint_type <> 'NOT NULL'
ORDER BY schema_name, table_name, constraint_index
""")


class _IndexRow(NamedTuple):
    schema: str
    table: str
    name: str
    unique: bool
    sql: str


_INDEXES = Sql("""
SELECT schema_name,
       table_name,
       index_name,
       is_unique,
       sql
FROM duckdb_indexes()
WHERE database_name = current_database()
ORDER BY schema_name, table_name, index_name
""")


class _TypeRow(NamedTuple):
    schema: str
    name: str
    labels: list[str] | None


_TYPES = Sql("""
SELECT schema_name,
       type_name,
       labels
FROM duckdb_types()
WHERE database_name = current_database() AND NOT internal
ORDER BY schema_name, type_name
""")


class _OpaqueRow(NamedTuple):
    schema: str
    name: str
    kind: str
    about: str  # a view's SQL; the table of a trigger


_OPAQUE = Sql("""
SELECT schema_name, view_name, 'view', sql
FROM duckdb_views()
WHERE database_name = current_database() AND NOT internal AND NOT temporary
UNION ALL
SELECT schema_name, sequence_name, 'sequence', ''
FROM duckdb_sequences()
WHERE database_name = current_database() AND NOT temporary
UNION ALL
SELECT schema_name, trigger_name, 'trigger', table_name
FROM duckdb_triggers()
WHERE database_name = current_database() AND NOT temporary
UNION ALL
SELECT DISTINCT schema_name, function_name, function_type, ''
FROM duckdb_functions()
WHERE database_name = current_database() AND NOT internal
ORDER BY ALL
""")
_SCHEMAS = Sql("SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() ORDER BY schema_name")
_SYSTEM = frozenset({"information_schema", "pg_catalog"})


@dataclass(frozen=True, slots=True)
class _Rows:
    """All that the database says about itself."""

    schemas: list[str]
    tables: list[_TableRow]
    columns: list[_ColumnRow]
    constraints: list[_ConstraintRow]
    indexes: list[_IndexRow]
    types: list[_TypeRow]
    opaque: list[_OpaqueRow] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)


async def inspect(session: DuckdbSession, namespaces: tuple[str, ...] | None = None) -> Catalog:
    found = await session.run(lambda connection: inspect_connection(connection, namespaces))
    return replace(found, server=session.server)


def inspect_connection(connection: DuckDBPyConnection, namespaces: tuple[str, ...] | None = None) -> Catalog:
    """The catalog of any connection, without own tables."""
    opaque = [_OpaqueRow(*row) for row in fetch(connection, _OPAQUE)]
    used = {row.about: _tables_in(connection, row.about) for row in opaque if row.kind == "view"}
    rows = replace(_read(connection), opaque=opaque, used=used)
    return _catalog(replace(rows, tables=[row for row in rows.tables if not is_own(row.table)]), namespaces)


def tables_of(connection: DuckDBPyConnection) -> Catalog:
    """Tables and enum types alone, own tables too."""
    return _catalog(_read(connection), None)


def enums_of(connection: DuckDBPyConnection) -> tuple[EnumType, ...]:
    return tuple(_enums([_TypeRow(*row) for row in fetch(connection, _TYPES)]))


def _read(connection: DuckDBPyConnection) -> _Rows:
    return _Rows(
        [row[0] for row in fetch(connection, _SCHEMAS)],
        [_TableRow(*row) for row in fetch(connection, _TABLES)],
        [_ColumnRow(*row) for row in fetch(connection, _COLUMNS)],
        [_ConstraintRow(*row) for row in fetch(connection, _CONSTRAINTS)],
        [_IndexRow(*row) for row in fetch(connection, _INDEXES)],
        [_TypeRow(*row) for row in fetch(connection, _TYPES)],
    )


def _enums(rows: list[_TypeRow]) -> list[EnumType]:
    return [EnumType(_id("enum", row.schema, row.name), tuple(row.labels)) for row in rows if row.labels is not None]


def _catalog(rows: _Rows, namespaces: tuple[str, ...] | None) -> Catalog:
    enums = _enums(rows.types)
    wanted = [name for name in map(_namespace, rows.schemas) if name not in _SYSTEM and (namespaces is None or name in namespaces)]
    found = _Tables(rows, enums)
    tables = [found.table(row) for row in rows.tables]
    spaces = (
        Namespace(
            name,
            tuple(table for table in tables if table.id.namespace == name),
            tuple(item for item in enums if item.id.namespace == name),
        )
        for name in sorted(wanted)
    )
    numbering = {sequence_id(table.id, column.name) for table in tables for column in table.columns if column.identity is not None}
    opaque = [item for item in _opaque(rows) if item.id not in numbering or item.kind != "sequence"]
    return Catalog(tuple(spaces), tuple(item for item in opaque if item.id.namespace in wanted))


def _namespace(schema: str) -> str:
    return "" if schema == SESSION_SCHEMA else schema


def _id(kind: str, schema: str, name: str) -> ObjectId:
    return ObjectId(kind, _namespace(schema), name)


class _Tables:
    """Rows by table, and what makes a Table of them."""

    def __init__(self, rows: _Rows, enums: list[EnumType]) -> None:
        self._enums = enums
        self._columns = _grouped(rows.columns)
        self._constraints = _grouped(rows.constraints)
        self._indexes = _grouped(rows.indexes)
        self._triggers = {(row.schema, row.about) for row in rows.opaque if row.kind == "trigger"}

    def table(self, row: _TableRow) -> Table:
        id = _id("table", row.schema, row.table)
        key = (row.schema, row.table)
        find = find_enum_in(self._enums, id.namespace)
        items: list[_ColumnRow] = self._columns.get(key, [])
        columns = tuple(
            Column(item.name, parse_type(item.type, find), item.nullable, comment=item.comment, **_value(id, item)) for item in items
        )
        names = [item.name for item in items]
        indexes = [(item, index_columns(item.sql)) for item in self._indexes.get(key, [])]
        return Table(
            id,
            columns,
            tuple(_constraint(item, names) for item in self._constraints.get(key, [])),
            tuple(Index(item.name, _stored(found, names), item.unique) for item, found in indexes if found is not None),
            row.comment,
            unmodelled=tuple(self._unmodelled(row, items, [item.name for item, found in indexes if found is None])),
        )

    def _unmodelled(self, row: _TableRow, columns: list[_ColumnRow], odd_indexes: list[str]) -> Iterator[str]:
        yield from (f"column {item.name} is generated" for item in columns if item.generated)
        yield from (f"index {name} is over an expression" for name in odd_indexes)
        if _COLLATE.search(_QUOTED.sub("", row.sql)):
            yield "a column has a collation"
        if (row.schema, row.table) in self._triggers:
            yield "it has a trigger"


def _grouped(rows: Iterable[Any]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.schema, row.table), []).append(row)
    return found


def _value(table: ObjectId, row: _ColumnRow) -> dict[str, Any]:
    """The column's default or identity. The expression of a generated column is shown as its default."""
    if row.generated or row.default is None or row.default == "NULL":
        return {}
    if row.default == f"nextval({quote_literal(sequence_text(table, row.name))})":
        return {"identity": Identity()}
    return {"default": Native(row.default)}


def _constraint(row: _ConstraintRow, names: list[str]) -> Constraint:
    columns = _stored(row.columns, names)
    match row.kind:
        case "PRIMARY KEY":
            return PrimaryKey(columns)
        case "UNIQUE":
            return Unique(columns)
        case "FOREIGN KEY":
            return ForeignKey(columns, _id("table", row.schema, row.target or ""), tuple(row.target_columns or ()))
        case _:
            return Check(Native(row.expression or "", columns))


def _stored(columns: Iterable[str], names: list[str]) -> tuple[str, ...]:
    """The columns as their table spells them: an index may name them in other case."""
    spelled = {name.lower(): name for name in names}
    return tuple(name if name in names else spelled.get(name.lower(), name) for name in columns)


_NAME = r'(?:"(?:[^"]|"")*"|\w+)'
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_COLLATE = re.compile(r"\bCOLLATE\b")
_INDEX = re.compile(rf"CREATE (?:UNIQUE )?INDEX {_NAME} ON (?:{_NAME}\.)*{_NAME}\(({_NAME}(?:, {_NAME})*)\);", re.DOTALL)
_NAMES = re.compile(_NAME)


def index_columns(sql: str) -> tuple[str, ...] | None:
    """The columns of an index from DuckDB's text of it; None where it is over an expression."""
    match = _INDEX.fullmatch(sql)
    return tuple(_unquoted(name) for name in _NAMES.findall(match[1])) if match else None


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _opaque(rows: _Rows) -> Iterator[OpaqueObject]:
    for row in rows.opaque:
        match row.kind:
            case "view":
                needs = (_parts(text, row.schema) for text in sorted(rows.used[row.about]))
                yield OpaqueObject("view", _id("view", row.schema, row.name), tuple(needs))
            case "trigger":
                yield OpaqueObject("trigger", _id("trigger", row.schema, row.name), (_id("table", row.schema, row.about),))
            case kind:
                yield OpaqueObject(kind, _id(kind, row.schema, row.name))
    yield from (OpaqueObject("type", _id("type", row.schema, row.name)) for row in rows.types if row.labels is None)


def _tables_in(connection: DuckDBPyConnection, view: str) -> set[str]:
    """The tables that a view reads, as they are written there."""
    import duckdb

    body = next((view[match.end() :] for match in re.finditer(r'"(?:[^"]|"")*"|\bAS\b', view) if match[0] == "AS"), "")
    try:
        return set(connection.get_table_names(body, qualified=True))
    except duckdb.Error:
        return set()


def _parts(text: str, schema: str) -> ObjectId:
    names = [_unquoted(name) for name in _NAMES.findall(text)]
    return _id("table", names[-2] if len(names) > 1 else schema, names[-1])
