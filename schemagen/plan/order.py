"""The order of a plan's changes: phases, and what each needs, makes, ends and releases; ties are broken by name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from schemagen.catalog.expressions import columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, ForeignKey, PrimaryKey, StructType, Table, Unique
from schemagen.catalog.types import ObjectId
from schemagen.plan.changes import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AddRows,
    AlterColumnType,
    AlterRows,
    AlterStruct,
    AlterTable,
    Change,
    CreateEnum,
    CreateIndex,
    CreateNamespace,
    CreateStruct,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropEnum,
    DropIndex,
    DropNamespace,
    DropNotNull,
    DropStruct,
    DropTable,
    RebuildTable,
    RecreateEnum,
    RemoveRows,
    SetComment,
    SetDefault,
    SetIdentity,
    SetNotNull,
    table_of,
)
from schemagen.plan.traits import Traits
from schemagen.plan.within import types_in, types_of_struct, types_of_table

Key = tuple[Hashable, ...]


@dataclass(slots=True)
class Effects:
    """Keys of things: made or gone after the change, needed by it (`uses`), and no longer in use after it (`releases`)."""

    makes: set[Key] = field(default_factory=set)
    ends: set[Key] = field(default_factory=set)
    uses: set[Key] = field(default_factory=set)
    releases: set[Key] = field(default_factory=set)


def in_order(changes: Iterable[Change], traits: Traits) -> list[Change]:
    """The changes in the order in which they run: who releases before who ends, who ends before who makes, who makes before who uses.

    Where that goes round in a circle the phase decides; simulation judges the result.
    """
    items = sorted(changes, key=lambda change: (phase(change), _name(change)))
    effects = [effects_of(change, traits) for change in items]
    followers = _followers(effects)
    waits = [0] * len(items)
    for after in followers:
        for number in after:
            waits[number] += 1
    ready = [number for number, count in enumerate(waits) if count == 0]
    done: set[int] = set()
    ordered: list[Change] = []
    while len(ordered) < len(items):
        number = heappop(ready) if ready else min(set(range(len(items))) - done)
        if number in done:
            continue
        done.add(number)
        ordered.append(items[number])
        for follower in followers[number]:
            waits[follower] -= 1
            if waits[follower] == 0 and follower not in done:
                heappush(ready, follower)
    return ordered


def _followers(effects: list[Effects]) -> list[set[int]]:
    """For each change, the changes that come after it."""
    makers, enders = _index(effects, "makes"), _index(effects, "ends")
    followers: list[set[int]] = [set() for _ in effects]
    for number, effect in enumerate(effects):
        for key in effect.uses:
            for maker in makers.get(key, ()):
                followers[maker].add(number)
        for key in effect.releases:
            followers[number].update(enders.get(key, ()))
        for key in effect.ends:
            followers[number].update(makers.get(key, ()))
    for number, after in enumerate(followers):
        after.discard(number)
    return followers


def _index(effects: list[Effects], name: str) -> dict[Key, list[int]]:
    index: dict[Key, list[int]] = {}
    for number, effect in enumerate(effects):
        for key in getattr(effect, name):
            index.setdefault(key, []).append(number)
    return index


_PHASES: dict[type, int] = {
    AddEnumValue: 0, CreateNamespace: 1, DropConstraint: 3, DropIndex: 3, CreateEnum: 4, RecreateEnum: 5, CreateStruct: 6, AlterStruct: 7,
    DropDefault: 8, SetIdentity: 13, CreateTable: 9, AddColumn: 10, AlterColumnType: 11, AlterTable: 11, RebuildTable: 11, DropNotNull: 12,
    SetDefault: 12, SetNotNull: 12, AlterRows: 14, AddRows: 14, DropColumn: 15, AddConstraint: 16, CreateIndex: 16, DropTable: 18,
    RemoveRows: 19, DropStruct: 20, DropEnum: 21, DropNamespace: 22, SetComment: 23,
}  # fmt: skip


def phase(change: Change) -> int:
    """Where a change stands that nothing else pulls: expand, tighten, contract, comments. Foreign keys go first and come last."""
    match change:
        case DropConstraint(_, ForeignKey()):
            return 2
        case AddConstraint(_, ForeignKey()):
            return 17
        case SetIdentity(_, _, _, None):
            return 8
        case _:
            return _PHASES[type(change)]


def _name(change: Change) -> tuple[str, ...]:
    """What breaks ties. Values added to an enum keep the order in which they come (sorting is stable)."""
    table = table_of(change)
    kind = type(change).__name__
    match change:
        case CreateNamespace(name) | DropNamespace(name):
            return (kind, name)
        case AddEnumValue(id):
            return (kind, id.namespace, id.name)
        case CreateEnum(item) | DropEnum(item) | RecreateEnum(item):
            return (kind, item.id.namespace, item.id.name)
        case CreateStruct(item) | DropStruct(item) | AlterStruct(item):
            return (kind, item.id.namespace, item.id.name)
        case _:
            assert table is not None
            return (kind, table.namespace, table.name, _part(change))


def _part(change: Change) -> str:
    match change:
        case DropColumn(_, column):
            return column.name
        case AddColumn() | AddRows() | AlterRows() | RemoveRows():
            return ""  # in the order of the desired table
        case AlterColumnType(_, before):
            return before.name
        case AddConstraint(_, constraint) | DropConstraint(_, constraint):
            return repr(constraint)
        case CreateIndex(_, index) | DropIndex(_, index):
            return index.name
        case SetComment(_, column):
            return column or ""
        case SetNotNull(_, name) | DropNotNull(_, name) | SetDefault(_, name) | DropDefault(_, name) | SetIdentity(_, name):
            return name
        case _:
            return ""


def effects_of(change: Change, traits: Traits) -> Effects:
    """What a change makes, ends, uses and releases."""
    match change:
        case CreateNamespace(name):
            return Effects(makes={("namespace", name)})
        case DropNamespace(name):
            return Effects(ends={("namespace", name)})
        case CreateTable(table):
            made = _table_keys(table) | {("rows", table.id)}
            return Effects(makes=made, uses=_needs(table) | {("namespace", table.id.namespace)})
        case DropTable(table):
            return Effects(ends=_table_keys(table), releases=_needs(table) | {("namespace", table.id.namespace)})
        case RebuildTable(before, after, _, spelled):
            keys, needs = _table_keys(before), _needs(after) - {("type", item.id) for item in spelled}
            return Effects(_table_keys(after), keys, needs, _needs(before) - needs)
        case AlterTable(_, _, changes):
            found = Effects()
            for item in changes:
                other = effects_of(item, traits)
                found.makes |= other.makes
                found.ends |= other.ends
                found.uses |= other.uses
                found.releases |= other.releases
            return found
        case CreateEnum() | DropEnum() | RecreateEnum() | CreateStruct() | DropStruct() | AlterStruct() | AddEnumValue():
            return _of_type(change, traits)
        case AddConstraint(id, constraint):
            return _of_added(id, constraint)
        case DropConstraint(id, constraint):
            return _of_dropped(id, constraint)
        case _:
            return _of_column(change)


def _of_type(
    change: CreateEnum | DropEnum | RecreateEnum | CreateStruct | DropStruct | AlterStruct | AddEnumValue, traits: Traits
) -> Effects:
    match change:
        case CreateEnum(item):
            return Effects(makes={("type", item.id)}, uses={("namespace", item.id.namespace)})
        case DropEnum(item):
            return Effects(ends={("type", item.id)}, releases={("namespace", item.id.namespace)})
        case RecreateEnum(item, _, columns):
            # Where an enum cannot be altered its columns are copied by rebuilds, which come first.
            rewritten = () if traits.in_place("RecreateEnum") else columns
            keys: set[Key] = {("type", item.id), *(("column", table, name) for table, name in rewritten)}
            return Effects(makes=set(keys), ends=keys)
        case CreateStruct(struct):
            return Effects(makes={("type", struct.id)}, uses=_members(struct) | {("namespace", struct.id.namespace)})
        case DropStruct(struct):
            return Effects(ends={("type", struct.id)}, releases=_members(struct) | {("namespace", struct.id.namespace)})
        case AlterStruct(old, new):
            own: set[Key] = {("type", new.id)} if traits.in_place("AlterStruct") else set()
            return Effects(set(own), own, _members(new) - _members(old), _members(old) - _members(new))
        case AddEnumValue():
            return Effects()


def _members(struct: StructType) -> set[Key]:
    return {("type", id) for id in types_of_struct(struct)}


def _table_keys(table: Table) -> set[Key]:
    """What is there with a table: itself, its columns, keys and names."""
    keys: set[Key] = {("table", table.id), ("altered", table.id), *(("column", table.id, column.name) for column in table.columns)}
    for item in table.constraints:
        keys |= _own_keys(table.id, item)
    return keys | {("name", table.id.namespace, index.name) for index in table.indexes}


def _own_keys(table: ObjectId, constraint: Constraint) -> set[Key]:
    keys: set[Key] = {("name", table.namespace, constraint.name)} if constraint.name else set()
    match constraint:
        case PrimaryKey(columns):
            return keys | {("key", table, frozenset(columns)), ("primary", table)}
        case Unique(columns):
            return keys | {("key", table, frozenset(columns))}
        case _:
            return keys


def _needs(table: Table) -> set[Key]:
    """What must be there for a table: its types, and the keys that its foreign keys lead to in other tables."""
    needs: set[Key] = {("type", id) for id in types_of_table(table)}
    for key in table.foreign_keys:
        if key.target != table.id:
            needs |= _target_keys(key)
    return needs


def _target_keys(key: ForeignKey) -> set[Key]:
    columns: set[Key] = {("column", key.target, name) for name in key.target_columns}
    return columns | {
        ("table", key.target), ("altered", key.target), ("key", key.target, frozenset(key.target_columns)), ("rows", key.target),
    }  # fmt: skip


def _constrained(constraint: Constraint) -> tuple[str, ...]:
    return columns_of(constraint.expr) if isinstance(constraint, Check) else constraint.columns


def _of_added(id: ObjectId, constraint: Constraint) -> Effects:
    uses: set[Key] = {("table", id), *(("column", id, name) for name in _constrained(constraint))}
    if isinstance(constraint, ForeignKey):
        return Effects(makes=_own_keys(id, constraint), uses=uses | _target_keys(constraint) | {("rows", constraint.target)})
    return Effects(makes=_own_keys(id, constraint) | {("altered", id)}, uses=uses)


def _of_dropped(id: ObjectId, constraint: Constraint) -> Effects:
    releases: set[Key] = {("column", id, name) for name in _constrained(constraint)}
    if isinstance(constraint, ForeignKey):
        targets = _target_keys(constraint) - {("altered", constraint.target)}
        return Effects(ends=_own_keys(id, constraint), releases=releases | targets | {("table", id)})
    return Effects(makes={("altered", id)}, ends=_own_keys(id, constraint), releases=releases)


def _types(column: Column) -> set[Key]:
    return {("type", id) for id in types_in(column.type)}


def _of_column(change: Change) -> Effects:
    id = table_of(change)
    altered: set[Key] = {("altered", id)}
    match change:
        case AddColumn(_, column):
            return Effects(makes={("column", id, column.name)} | altered, uses=_types(column))
        case DropColumn(_, column):
            return Effects(makes=altered, ends={("column", id, column.name)}, releases=_types(column))
        case AlterColumnType(_, before, after):
            key: Key = ("column", id, after.name)
            old, new = _types(before), _types(after)
            return Effects({key} | altered, {key}, new - old, old - new)
        case DropDefault(_, name) | SetIdentity(_, name, _, None):
            return Effects(makes=altered, releases={("column", id, name)})
        case SetNotNull(_, name) | DropNotNull(_, name) | SetDefault(_, name) | SetIdentity(_, name):
            return Effects(makes=altered, uses={("column", id, name)})
        case CreateIndex(_, index):
            return Effects({("name", id.namespace if id else "", index.name)} | altered, set(), {("column", id, n) for n in index.columns})
        case DropIndex(_, index):
            gone: set[Key] = {("name", id.namespace if id else "", index.name)}
            return Effects(altered, gone, set(), {("column", id, name) for name in index.columns})
        case AddRows():
            return Effects(makes={("rows", id), ("altered rows", id)}, uses={("table", id)})
        case AlterRows(_, _, after):
            columns: set[Key] = {("column", id, name) for name in after.columns}
            return Effects({("rows", id)}, {("altered rows", id)}, columns | {("table", id)})
        case RemoveRows():
            return Effects(ends={("rows", id)})
        case _:
            return Effects(uses={("table", id)})


def referencing(catalog: Catalog, id: ObjectId) -> Iterator[Table]:
    """The tables whose foreign keys lead to a table, itself too."""
    return (table for table in catalog.tables if any(key.target == id for key in table.foreign_keys))
