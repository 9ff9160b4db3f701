"""A change applied to a catalog: one pure function, by which plans are simulated before any server sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from schemagen.catalog.expressions import Expr
from schemagen.catalog.objects import Catalog, Column, EnumType, Identity, Namespace, Seed, Table
from schemagen.catalog.types import ObjectId, SqlType
from schemagen.plan import changes as ch

TableChange = (
    ch.ClauseChange | ch.CreateIndex | ch.DropIndex | ch.SetComment | ch.AddRows | ch.RemoveRows | ch.AlterRows
    | ch.AlterTable | ch.RebuildTable
)  # fmt: skip


def apply_change(change: ch.Change, catalog: Catalog) -> Catalog:
    """The catalog after the change. Raises ValueError where what it changes is not there, or what it adds is."""
    match change:
        case ch.CreateNamespace(name):
            _expect(all(space.name != name for space in catalog.namespaces), "namespace", name, "is there already")
            return catalog.with_namespace(Namespace(name))
        case ch.DropNamespace(name):
            _expect(any(space.name == name for space in catalog.namespaces), "namespace", name, "is not there")
            return replace(catalog, namespaces=tuple(space for space in catalog.namespaces if space.name != name))
        case ch.CreateTable(table) | ch.DropTable(table):
            space = catalog.namespace(table.id.namespace)
            rest = tuple(item for item in space.tables if item.id != table.id)
            made = isinstance(change, ch.CreateTable)
            _expect((len(rest) == len(space.tables)) == made, "table", table.id, "is there already" if made else "is not there")
            return catalog.with_namespace(replace(space, tables=(*rest, table) if made else rest))
        case (
            ch.CreateEnum() | ch.DropEnum() | ch.AddEnumValue() | ch.RecreateEnum() | ch.CreateStruct() | ch.DropStruct() | ch.AlterStruct()
        ):  # fmt: skip
            return _apply_to_types(change, catalog)
        case _:
            return _apply_to_table(change, catalog)


def _expect(condition: bool, kind: str, name: object, sentence: str) -> None:
    if not condition:
        raise ValueError(f"{kind} {name} {sentence}")


def _apply_to_types(
    change: ch.CreateEnum | ch.DropEnum | ch.AddEnumValue | ch.RecreateEnum | ch.CreateStruct | ch.DropStruct | ch.AlterStruct,
    catalog: Catalog,
) -> Catalog:
    match change:
        case ch.CreateEnum(enum):
            return _put_enum(catalog, enum.id, None, enum)
        case ch.DropEnum(enum):
            return _put_enum(catalog, enum.id, enum, None)
        case ch.RecreateEnum(before, after):
            return _put_enum(catalog, before.id, before, after)
        case ch.AddEnumValue(id, value, after_value):
            known = catalog.enum(id)
            if known is None:
                raise ValueError(f"enum {id} is not there")
            _expect(value not in known.values, "value", value, f"is in {id} already")
            place = known.values.index(after_value) + 1 if after_value is not None else 0
            return _put_enum(catalog, id, known, EnumType(id, (*known.values[:place], value, *known.values[place:])))
        case ch.CreateStruct(struct):
            _expect(catalog.struct(struct.id) is None, "struct", struct.id, "is there already")
            space = catalog.namespace(struct.id.namespace)
            return catalog.with_namespace(replace(space, structs=(*space.structs, struct)))
        case ch.DropStruct(struct):
            _expect(catalog.struct(struct.id) is not None, "struct", struct.id, "is not there")
            space = catalog.namespace(struct.id.namespace)
            return catalog.with_namespace(replace(space, structs=tuple(item for item in space.structs if item.id != struct.id)))
        case ch.AlterStruct(before, after):
            _expect(catalog.struct(before.id) == before, "struct", before.id, "is not as the change takes it")
            space = catalog.namespace(before.id.namespace)
            return catalog.with_namespace(replace(space, structs=tuple(after if item.id == before.id else item for item in space.structs)))
        case _:
            assert_never(change)


def _put_enum(catalog: Catalog, id: ObjectId, before: EnumType | None, after: EnumType | None) -> Catalog:
    _expect(catalog.enum(id) == before, "enum", id, "is not as the change takes it")
    space = catalog.namespace(id.namespace)
    rest = tuple(item for item in space.enums if item.id != id)
    return catalog.with_namespace(replace(space, enums=(*rest, after) if after is not None else rest))


def _apply_to_table(change: TableChange, catalog: Catalog) -> Catalog:
    id = change.before.id if isinstance(change, ch.AlterTable | ch.RebuildTable) else change.table
    space = catalog.namespace(id.namespace)
    _expect(any(table.id == id for table in space.tables), "table", id, "is not there")
    tables = tuple(changed_table(change, table) if table.id == id else table for table in space.tables)
    return catalog.with_namespace(replace(space, tables=tables))


def changed_table(change: TableChange, table: Table) -> Table:
    """The table after a change of it. Raises ValueError."""
    match change:
        case ch.AlterTable(before, after) | ch.RebuildTable(before, after):
            _expect(table.normal == before.normal, "table", table.id, "is not as the change takes it")
            return after
        case ch.AddColumn(_, column):
            _expect(all(item.name != column.name for item in table.columns), "column", column.name, f"is in {table.id} already")
            return replace(table, columns=(*table.columns, column))
        case ch.DropColumn(_, column):
            _column(table, column.name)
            return replace(table, columns=tuple(item for item in table.columns if item.name != column.name))
        case ch.AddConstraint(_, constraint):
            return replace(table, constraints=(*table.constraints, constraint))
        case ch.DropConstraint(_, constraint):
            _expect(constraint in table.constraints, "constraint", constraint, f"is not in {table.id}")
            place = table.constraints.index(constraint)
            return replace(table, constraints=table.constraints[:place] + table.constraints[place + 1 :])
        case ch.CreateIndex(_, index):
            _expect(all(item.name != index.name for item in table.indexes), "index", index.name, f"is in {table.id} already")
            return replace(table, indexes=(*table.indexes, index))
        case ch.DropIndex(_, index):
            _expect(index in table.indexes, "index", index.name, f"is not in {table.id}")
            return replace(table, indexes=tuple(item for item in table.indexes if item != index))
        case ch.SetComment(_, None, _, comment):
            return replace(table, comment=comment)
        case ch.AddRows(_, rows):
            kept = table.seed.rows if table.seed is not None and table.seed.columns == rows.columns else ()
            return replace(table, seed=Seed(rows.columns, (*kept, *rows.rows)))
        case ch.AlterRows(_, old, new):
            rows_left = tuple(row for row in (table.seed.rows if table.seed else ()) if row not in set(old.rows))
            return replace(table, seed=Seed(new.columns, (*rows_left, *new.rows)))
        case ch.RemoveRows(_, rows):
            left = tuple(row for row in (table.seed.rows if table.seed else ()) if row not in set(rows.rows))
            return replace(table, seed=Seed(rows.columns, left) if left else None)
        case _:
            return _changed_column(change, table)


def _changed_column(
    change: ch.AlterColumnType | ch.SetNotNull | ch.DropNotNull | ch.SetDefault | ch.DropDefault | ch.SetIdentity | ch.SetComment,
    table: Table,
) -> Table:
    match change:
        case ch.AlterColumnType(_, before, after):
            _expect(_column(table, before.name).type == before.type, "column", before.name, "has another type than the change takes")
            return _with(table, before.name, type=after.type)
        case ch.SetNotNull(_, name):
            return _with(table, name, nullable=False)
        case ch.DropNotNull(_, name):
            return _with(table, name, nullable=True)
        case ch.SetDefault(_, name, _, default):
            return _with(table, name, default=default)
        case ch.DropDefault(_, name, before_default):
            _expect(_column(table, name).default == before_default, "column", name, "has another default than the change takes")
            return _with(table, name, default=None)
        case ch.SetIdentity(_, name, before_identity, identity):
            _expect(_column(table, name).identity == before_identity, "column", name, "has another identity than the change takes")
            return _with(table, name, identity=identity)
        case ch.SetComment(_, name, _, comment):
            return _with(table, name or "", comment=comment)
        case _:
            assert_never(change)


def _column(table: Table, name: str) -> Column:
    for column in table.columns:
        if column.name == name:
            return column
    raise ValueError(f"column {name} is not in {table.id}")


def _with(table: Table, name: str, **facts: SqlType | Expr | Identity | str | bool | None) -> Table:
    changed = replace(_column(table, name), **facts)  # type: ignore[arg-type]  # each caller names one field with its type
    return replace(table, columns=tuple(changed if item.name == name else item for item in table.columns))
