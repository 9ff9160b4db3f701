"""A live PostgreSQL database as a Catalog: nine queries in one snapshot, whatever the number of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schemagen.catalog.expressions import Native
from schemagen.catalog.objects import (
    Action,
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
    StructMember,
    StructType,
    Table,
    Unique,
)
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, Opaque, SqlType, StructRef
from schemagen.dialects.base import Session
from schemagen.dialects.postgresql import catalogue
from schemagen.dialects.postgresql.catalogue import (
    AttachedRow,
    ColumnRow,
    ConstraintRow,
    EnumRow,
    IndexRow,
    OpaqueRow,
    RelationRow,
)
from schemagen.dialects.postgresql.session import PostgresqlSession, postgresql
from schemagen.dialects.postgresql.types import type_from_text
from schemagen.names import is_own
from schemagen.plan.diff import needed_first

_ACTIONS: Mapping[str, Action] = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
T = TypeVar("T")
Row = TypeVar("Row", bound=tuple[Any, ...])


@dataclass(slots=True)
class _Found:
    """The rows of one reading, by the relation that they belong to, and how namespaces are called."""

    session: PostgresqlSession
    own: str
    relations: list[RelationRow] = field(default_factory=list)
    columns: dict[int, list[ColumnRow]] = field(default_factory=dict)
    constraints: dict[int, list[ConstraintRow]] = field(default_factory=dict)
    indexes: dict[int, list[IndexRow]] = field(default_factory=dict)
    attached: dict[int, list[AttachedRow]] = field(default_factory=dict)

    def id(self, kind: str, namespace: str, name: str) -> ObjectId:
        return ObjectId(kind, self.space(namespace), name)

    def space(self, namespace: str) -> str:
        """What a namespace is called in the catalog."""
        return "" if namespace == self.own else namespace

    def type(self, row: ColumnRow) -> SqlType:
        match row.type_kind:
            case "e":
                kind: SqlType = EnumRef(self.id("enum", row.type_namespace, row.type_name))
            case "c":
                kind = StructRef(self.id("struct", row.type_namespace, row.type_name))
            case "b" if row.type_namespace == "pg_catalog":
                return type_from_text(row.type_text)
            case _:
                return Opaque(row.type_text)
        return ArrayType(kind) if row.is_array else kind


async def inspect(session: Session, namespaces: tuple[str, ...] | None = None, *, own_tables: bool = False) -> Catalog:
    """The catalog of the namespaces ("" is the session's own), or of all that are not the system's; schemagen's own tables if asked.

    The session's own namespace is reported as "", unless it was asked for by its name only.
    """
    server = postgresql(session)
    async with server.snapshot():
        there = [name for (name,) in await server.fetch(catalogue.NAMESPACES)]
        wanted = (
            there if namespaces is None else [name for name in there if name in namespaces or (name == server.own and "" in namespaces)]
        )
        own = server.own if namespaces is None or "" in namespaces else ""
        found = _Found(server, own)
        found.relations = await _rows(server, RelationRow, catalogue.RELATIONS, wanted)
        found.columns = _grouped(await _rows(server, ColumnRow, catalogue.COLUMNS, wanted), lambda row: row.relation)
        found.constraints = _grouped(await _rows(server, ConstraintRow, catalogue.CONSTRAINTS, wanted), lambda row: row.relation)
        found.indexes = _grouped(await _rows(server, IndexRow, catalogue.INDEXES, wanted), lambda row: row.relation)
        found.attached = _grouped([AttachedRow(*row) for row in await server.fetch(catalogue.ATTACHED)], lambda row: row.relation)
        enums = await _rows(server, EnumRow, catalogue.ENUMS, wanted)
        opaque = await _rows(server, OpaqueRow, catalogue.OPAQUE, wanted)
    names = sorted({"" if name == own else name for name in wanted} | ({""} if namespaces is None or "" in namespaces else set()))
    spaces = tuple(_namespace(name, found, enums, own_tables=own_tables) for name in names)
    return Catalog(spaces, tuple(_opaque_object(row, found) for row in opaque), session.server)


async def _rows(session: PostgresqlSession, kind: Callable[..., Row], sql: Any, namespaces: Sequence[str]) -> list[Row]:
    rows, _ = await session.run(sql, namespaces)
    return [kind(*row) for row in rows]


def _grouped(rows: Iterable[T], key: Callable[[T], int]) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _namespace(name: str, found: _Found, enums: Sequence[EnumRow], *, own_tables: bool) -> Namespace:
    here = [row for row in found.relations if found.space(row.namespace) == name]
    mine = [row for row in here if own_tables or not is_own(row.name)]
    return Namespace(
        name,
        tuple(_table(row, found) for row in mine if row.kind != "c"),
        tuple(
            EnumType(found.id("enum", row.namespace, row.name), tuple(row.values)) for row in enums if found.space(row.namespace) == name
        ),
        tuple(needed_first(_struct(row, found) for row in mine if row.kind == "c")),
    )


def _struct(row: RelationRow, found: _Found) -> StructType:
    members = tuple(StructMember(column.name, found.type(column)) for column in found.columns.get(row.oid, ()))
    return StructType(found.id("struct", row.namespace, row.name), members, row.comment)


def _table(row: RelationRow, found: _Found) -> Table:
    columns = found.columns.get(row.oid, [])
    constraints = found.constraints.get(row.oid, [])
    indexes = found.indexes.get(row.oid, [])
    backing = {index.constraint: index for index in indexes if index.constraint is not None}
    reasons = [
        *_of_relation(row),
        *(reason for column in columns for reason in _of_column(column)),
        *(reason for item in constraints for reason in _of_constraint(item, backing.get(item.name))),
        *(f"index {index.name} is more than a list of columns" for index in indexes if not index.plain and index.constraint is None),
        *(f"has the {item.kind} {item.name}" for item in found.attached.get(row.oid, ())),
    ]
    return Table(
        found.id("table", row.namespace, row.name),
        tuple(_column(column, found) for column in columns),
        tuple(_constraint(item, found) for item in constraints if item.kind in "pufc"),
        tuple(Index(index.name, tuple(index.columns), index.is_unique) for index in indexes if index.plain and index.constraint is None),
        row.comment,
        unmodelled=tuple(reasons),
    )


def _column(row: ColumnRow, found: _Found) -> Column:
    return Column(
        row.name,
        found.type(row),
        nullable=not row.not_null,
        default=Native(row.default) if row.default is not None and not row.generated else None,
        identity=Identity(always=row.identity == "a") if row.identity else None,
        comment=row.comment,
    )


def _constraint(row: ConstraintRow, found: _Found) -> Constraint:
    columns = tuple(row.columns)
    match row.kind:
        case "p":
            return PrimaryKey(columns, row.name)
        case "u":
            return Unique(columns, row.name)
        case "f":
            return ForeignKey(
                columns,
                found.id("table", row.target_namespace or "", row.target or ""),
                tuple(row.target_columns),
                row.name,
                _ACTIONS[row.on_delete],
                _ACTIONS[row.on_update],
                row.deferrable,
            )
        case _:
            return Check(Native(row.expression or "", tuple(sorted(columns))), row.name)


def _of_relation(row: RelationRow) -> list[str]:
    """What the model cannot say about a table as such."""
    facts = {
        "is a partitioned table": row.kind == "p",
        "is a foreign table": row.kind == "f",
        "is a partition": row.is_partition,
        "inherits from another table": row.has_parent and not row.is_partition,
        "is unlogged": row.persistence == "u",
        "has row level security": row.row_security,
    }
    return [reason for reason, holds in facts.items() if holds]


def _of_column(row: ColumnRow) -> list[str]:
    reasons = [f"column {row.name} is generated"] if row.generated else []
    return reasons + ([f"column {row.name} has the collation {row.collation}"] if row.collation else [])


def _of_constraint(row: ConstraintRow, index: IndexRow | None) -> list[str]:
    facts = {
        "is an exclusion constraint": row.kind == "x",
        "is a constraint trigger": row.kind == "t",
        "is not valid, or not enforced": not row.valid,
        "is initially deferred": row.deferred,
        "is deferrable": row.deferrable and row.kind != "f",
        "is not inherited": row.kind == "c" and row.no_inherit,
        "matches fully": row.kind == "f" and row.match == "f",
        "sets only some columns": row.part_of_columns,
        "has an index that is more than its columns": index is not None and not index.plain and row.kind in "pu",
    }
    return [f"constraint {row.name} {reason}" for reason, holds in facts.items() if holds]


def _opaque_object(row: OpaqueRow, found: _Found) -> OpaqueObject:
    ids = {item.oid: found.id("table", item.namespace, item.name) for item in found.relations}
    needs = sorted((ids[oid] for oid in row.needs if oid in ids), key=str)
    return OpaqueObject(row.kind, found.id(row.kind, row.namespace, row.name), tuple(needs))
