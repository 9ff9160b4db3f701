"""What differs between two catalogs, as changes in an order in which they can be applied. Knows no dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemagen.catalog.objects import Catalog, Column, EnumType, Seed, StructType, Table
from schemagen.catalog.types import ArrayType, ObjectId
from schemagen.plan import changes as ch
from schemagen.plan.matching import pair_constraints
from schemagen.plan.scope import types_in, types_of_struct
from schemagen.sql import Scalar


def diff(before: Catalog, after: Catalog) -> tuple[ch.Change, ...]:
    """The changes that make `before` into `after`, both of one scope; none where they are equal. Same input, same changes."""
    old_tables = {table.id: table for table in before.tables}
    new_tables = {table.id: table for table in after.tables}
    both = _sorted(set(old_tables) & set(new_tables))
    gone = _sorted(set(old_tables) - set(new_tables))
    old_spaces, new_spaces = ({space.name for space in catalog.namespaces if space.name} for catalog in (before, after))
    changes: list[ch.Change] = [ch.CreateNamespace(name) for name in sorted(new_spaces - old_spaces)]
    changes += _types(before, after)
    changes += [ch.CreateTable(new_tables[id]) for id in _sorted(set(new_tables) - set(old_tables))]
    for id in both:
        changes += _table(old_tables[id], new_tables[id])
    changes += [ch.DropTable(old_tables[id]) for id in gone]
    changes += _dropped_types(before, after)
    return (*changes, *(ch.DropNamespace(name) for name in sorted(old_spaces - new_spaces)))


def _sorted(ids: Iterable[ObjectId]) -> list[ObjectId]:
    return sorted(ids, key=lambda id: (id.namespace, id.name))


def _types(before: Catalog, after: Catalog) -> Iterator[ch.Change]:
    old_enums = {item.id: item for item in before.enums}
    for enum in sorted(after.enums, key=lambda item: str(item.id)):
        if enum.id not in old_enums:
            yield ch.CreateEnum(enum)
        elif enum != old_enums[enum.id]:
            yield from _enum(old_enums[enum.id], enum, before, after)
    old_structs = {item.id: item for item in before.structs}
    for struct in needed_first(after.structs):
        if struct.id not in old_structs:
            yield ch.CreateStruct(struct)
        elif struct != old_structs[struct.id]:
            yield ch.AlterStruct(old_structs[struct.id], struct)


def _dropped_types(before: Catalog, after: Catalog) -> Iterator[ch.Change]:
    kept = {item.id for item in after.structs}
    yield from (ch.DropStruct(item) for item in reversed(needed_first(before.structs)) if item.id not in kept)
    kept = {item.id for item in after.enums}
    yield from (ch.DropEnum(item) for item in sorted(before.enums, key=lambda item: str(item.id)) if item.id not in kept)


def needed_first(structs: Iterable[StructType]) -> list[StructType]:
    """Composite types so that none precedes what it needs, by name where both orders would do."""
    waiting = {item.id: item for item in sorted(structs, key=lambda item: (item.id.namespace, item.id.name))}
    ordered: list[StructType] = []
    while waiting:
        ready = [item for item in waiting.values() if not (types_of_struct(item) - {item.id}) & set(waiting)]
        for item in ready or list(waiting.values()):
            ordered.append(waiting.pop(item.id))
    return ordered


def _enum(before: EnumType, after: EnumType, old: Catalog, new: Catalog) -> Iterator[ch.Change]:
    """Values added one by one where the old ones keep their order, else the type again."""
    if tuple(value for value in after.values if value in before.values) != before.values:
        yield recreate_enum(before, after, old, new)
        return
    for place, value in enumerate(after.values):
        if value not in before.values:
            first = before.values[0] if place == 0 and before.values else None
            yield ch.AddEnumValue(after.id, value, after.values[place - 1] if place else None, first)


def recreate_enum(before: EnumType, after: EnumType, old: Catalog, new: Catalog) -> ch.RecreateEnum:
    """The change, with the columns that are of the type on both sides: what a type made again must carry over."""
    tables = {table.id: table for table in new.tables}
    found = [
        (table.id, column)
        for table in old.tables
        for column in table.columns
        if before.id in types_in(column.type) and table.id in tables and _uses(tables[table.id], column.name, before.id)
    ]
    found.sort(key=lambda item: (item[0].namespace, item[0].name, item[1].name))
    lists = tuple((id, column.name) for id, column in found if isinstance(column.type, ArrayType))
    return ch.RecreateEnum(before, after, tuple((id, column.name) for id, column in found), lists)


def _uses(table: Table, name: str, id: ObjectId) -> bool:
    return any(column.name == name and id in types_in(column.type) for column in table.columns)


def _table(before: Table, after: Table) -> Iterator[ch.Change]:
    pairs = pair_constraints(before.constraints, after.constraints)
    places = {number for number, _ in pairs}
    lost = list(before.constraints)
    for _, constraint in pairs:
        lost.remove(constraint)
    yield from (ch.DropConstraint(before.id, item) for item in sorted(lost, key=repr))
    yield from (ch.DropIndex(before.id, item) for item in sorted(set(before.indexes) - set(after.indexes), key=lambda item: item.name))
    old_columns = {column.name: column for column in before.columns}
    kept = {column.name for column in after.columns}
    for column in after.columns:
        if column.name not in old_columns:
            yield ch.AddColumn(after.id, column)
        else:
            yield from _column(after.id, old_columns[column.name], column)
    yield from (ch.DropColumn(before.id, column) for column in before.columns if column.name not in kept)
    yield from (ch.AddConstraint(after.id, item) for number, item in enumerate(after.constraints) if number not in places)
    yield from (ch.CreateIndex(after.id, item) for item in sorted(set(after.indexes) - set(before.indexes), key=lambda item: item.name))
    yield from _rows(before, after)
    yield from _comments(before, after)


def _column(table: ObjectId, before: Column, after: Column) -> Iterator[ch.Change]:
    if before.type != after.type:
        yield ch.AlterColumnType(table, before, after)
    if after.identity is None and before.identity is not None:
        yield ch.SetIdentity(table, after.name, before.identity, None)
    if before.default is not None and after.default is None:
        yield ch.DropDefault(table, after.name, before.default)
    if after.default is not None and before.default != after.default:
        yield ch.SetDefault(table, after.name, before.default, after.default)
    if before.nullable and not after.nullable:
        yield ch.SetNotNull(table, after.name)
    if after.nullable and not before.nullable:
        yield ch.DropNotNull(table, after.name)
    if after.identity is not None and before.identity != after.identity:
        yield ch.SetIdentity(table, after.name, before.identity, after.identity)


def _rows(before: Table, after: Table) -> Iterator[ch.Change]:
    """Rows of a lookup table; those of a key that is there on both sides stay, and are altered where they say something else."""
    old, new = before.seed or Seed((), ()), after.seed or Seed((), ())
    shared = after.key if after.key == before.key and set(after.key) <= set(old.columns) & set(new.columns) else ()
    key = shared or (old.columns if old.columns == new.columns else ())
    known = {_part(old, row, key): row for row in old.rows if key}
    wanted = {_part(new, row, key): row for row in new.rows if key}
    lost = tuple(row for row in old.rows if _part(old, row, key) not in wanted)
    added = tuple(row for row in new.rows if _part(new, row, key) not in known)
    pairs = [(known[part], row) for part, row in wanted.items() if part in known]
    altered = [(one, other) for one, other in pairs if one != other or old.columns != new.columns]
    if lost:
        yield ch.RemoveRows(after.id, Seed(old.columns, lost))
    if altered:
        sides = (Seed(old.columns, tuple(row for row, _ in altered)), Seed(new.columns, tuple(row for _, row in altered)))
        yield ch.AlterRows(after.id, *sides, key)
    if added:
        yield ch.AddRows(after.id, Seed(new.columns, added))


def _part(seed: Seed, row: tuple[Scalar, ...], names: tuple[str, ...]) -> tuple[Scalar, ...]:
    return tuple(row[seed.columns.index(name)] for name in names)


def _comments(before: Table, after: Table) -> Iterator[ch.Change]:
    if before.comment != after.comment:
        yield ch.SetComment(after.id, None, before.comment, after.comment)
    old = {column.name: column.comment for column in before.columns}
    for column in after.columns:
        if column.name in old and column.comment != old[column.name]:
            yield ch.SetComment(after.id, column.name, old[column.name], column.comment)
