"""The changes: a closed union of what can differ between two catalogs. A change to a column or object carries it before and after."""

from __future__ import annotations

from dataclasses import dataclass

from schemagen.catalog.expressions import Expr
from schemagen.catalog.objects import Column, Constraint, EnumType, Identity, Index, Seed, StructType, Table
from schemagen.catalog.types import ObjectId, SqlType
from schemagen.sql import Scalar, Sql, ident, join, lit


@dataclass(frozen=True, slots=True)
class CreateNamespace:
    name: str


@dataclass(frozen=True, slots=True)
class DropNamespace:
    name: str


@dataclass(frozen=True, slots=True)
class CreateTable:
    """Without its foreign keys where the planner adds them later (`table` is what is created by this statement)."""

    table: Table


@dataclass(frozen=True, slots=True)
class DropTable:
    table: Table


@dataclass(frozen=True, slots=True)
class AddColumn:
    table: ObjectId
    column: Column


@dataclass(frozen=True, slots=True)
class DropColumn:
    table: ObjectId
    column: Column


@dataclass(frozen=True, slots=True)
class AlterColumnType:
    table: ObjectId
    before: Column
    after: Column

    @property
    def types(self) -> tuple[SqlType, SqlType]:
        return self.before.type, self.after.type


@dataclass(frozen=True, slots=True)
class SetNotNull:
    table: ObjectId
    column: str


@dataclass(frozen=True, slots=True)
class DropNotNull:
    table: ObjectId
    column: str


@dataclass(frozen=True, slots=True)
class SetDefault:
    table: ObjectId
    column: str
    before: Expr | None
    after: Expr


@dataclass(frozen=True, slots=True)
class DropDefault:
    table: ObjectId
    column: str
    before: Expr


@dataclass(frozen=True, slots=True)
class SetIdentity:
    """Adds, drops (after None) or changes a column's identity."""

    table: ObjectId
    column: str
    before: Identity | None
    after: Identity | None


@dataclass(frozen=True, slots=True)
class AddConstraint:
    table: ObjectId
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class DropConstraint:
    table: ObjectId
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class CreateIndex:
    table: ObjectId
    index: Index


@dataclass(frozen=True, slots=True)
class DropIndex:
    table: ObjectId
    index: Index


@dataclass(frozen=True, slots=True)
class CreateEnum:
    enum: EnumType


@dataclass(frozen=True, slots=True)
class DropEnum:
    enum: EnumType


@dataclass(frozen=True, slots=True)
class AddEnumValue:
    """`after` is the value it follows; None: it comes first, before `first`, which was first until then (None: there was none)."""

    enum: ObjectId
    value: str
    after: str | None
    first: str | None = None


@dataclass(frozen=True, slots=True)
class RecreateEnum:
    """Values removed or reordered: a new type, every column of it rewritten.

    `columns`: (table, column) that use it; `lists`: those of them that hold lists of it.
    """

    before: EnumType
    after: EnumType
    columns: tuple[tuple[ObjectId, str], ...]
    lists: tuple[tuple[ObjectId, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CreateStruct:
    struct: StructType


@dataclass(frozen=True, slots=True)
class DropStruct:
    struct: StructType


@dataclass(frozen=True, slots=True)
class AlterStruct:
    """Members added, dropped or retyped."""

    before: StructType
    after: StructType


@dataclass(frozen=True, slots=True)
class SetComment:
    """Of a table (`column` None) or column; `after` None removes it."""

    table: ObjectId
    column: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class AddRows:
    """Rows of a lookup table that are missing."""

    table: ObjectId
    rows: Seed


@dataclass(frozen=True, slots=True)
class RemoveRows:
    """Rows of a lookup table that are no longer wanted."""

    table: ObjectId
    rows: Seed


@dataclass(frozen=True, slots=True)
class AlterRows:
    """Rows of a lookup table that keep their `key` columns and say something else; both sides in one order."""

    table: ObjectId
    before: Seed
    after: Seed
    key: tuple[str, ...]

    @property
    def sql(self) -> list[Sql]:
        """An UPDATE for each row, in SQL that every server reads; rows that refer to it stay."""
        others = [name for name in self.after.columns if name not in self.key]
        named = [dict(zip(self.after.columns, row, strict=True)) for row in self.after.rows] if others else []
        return [self._update(others, row) for row in named]

    def _update(self, others: list[str], row: dict[str, Scalar]) -> Sql:
        values = join(", ", [Sql("{} = {}", ident(name), lit(row[name])) for name in others])
        place = join(" AND ", [Sql("{} = {}", ident(name), lit(row[name])) for name in self.key])
        return Sql("UPDATE {} SET {} WHERE {}", ident(self.table.namespace, self.table.name), values, place)


@dataclass(frozen=True, slots=True)
class AlterTable:
    """Several changes of one table in one statement (MySQL, MariaDB)."""

    before: Table
    after: Table
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RebuildTable:
    """A new table under a temporary name, rows copied, the old one dropped (SQLite, DuckDB).

    Columns of both are copied by name; `changes` are what the rebuild brings about. `spelled`: enum types that are made again
    afterwards, as they will be; the new table spells their labels out, for a type that a table names cannot be dropped.
    """

    before: Table
    after: Table
    changes: tuple[Change, ...]
    spelled: tuple[EnumType, ...] = ()


# What ALTER TABLE has a clause for, on one column or constraint.
ClauseChange = (
    AddColumn | DropColumn | AlterColumnType | SetNotNull | DropNotNull | SetDefault | DropDefault | SetIdentity
    | AddConstraint | DropConstraint
)  # fmt: skip
Change = (
    CreateNamespace | DropNamespace | CreateTable | DropTable | AddColumn | DropColumn | AlterColumnType | SetNotNull | DropNotNull
    | SetDefault | DropDefault | SetIdentity | AddConstraint | DropConstraint | CreateIndex | DropIndex | CreateEnum | DropEnum
    | AddEnumValue | RecreateEnum | CreateStruct | DropStruct | AlterStruct | SetComment | AddRows | RemoveRows | AlterRows | AlterTable
    | RebuildTable
)  # fmt: skip


def table_of(change: Change) -> ObjectId | None:
    """The table that a change is about; None for namespaces and types."""
    match change:
        case CreateTable(table) | DropTable(table):
            return table.id
        case AlterTable(before) | RebuildTable(before):
            return before.id
        case (
            CreateNamespace() | DropNamespace() | CreateEnum() | DropEnum() | AddEnumValue() | RecreateEnum()
            | CreateStruct() | DropStruct() | AlterStruct()
        ):  # fmt: skip
            return None
        case _:
            return change.table
