"""The order of a plan's changes: phases, and what each needs, makes, ends and releases; ties are broken by name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from schemagen.catalog.expressions import columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, ForeignKey, PrimaryKey, StructType, Table, Unique
from schemagen.catalog.types import ObjectId
from schemagen.plan import changes as ch
from schemagen.plan.scope import types_in, types_of_struct, types_of_table
from schemagen.plan.traits import Traits

Key = tuple[Hashable, ...]


@dataclass(slots=True)
class Effects:
    """Keys of things: made or gone after the change, needed by it (`uses`), and no longer in use after it (`releases`)."""

    makes: set[Key] = field(default_factory=set)
    ends: set[Key] = field(default_factory=set)
    uses: set[Key] = field(default_factory=set)
    releases: set[Key] = field(default_factory=set)


def in_order(changes: Iterable[ch.Change], traits: Traits) -> list[ch.Change]:
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
    ordered: list[ch.Change] = []
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
    ch.AddEnumValue: 0, ch.CreateNamespace: 1, ch.DropConstraint: 3, ch.DropIndex: 3, ch.CreateEnum: 4, ch.RecreateEnum: 5,
    ch.CreateStruct: 6, ch.AlterStruct: 7, ch.DropDefault: 8, ch.CreateTable: 9, ch.AddColumn: 10, ch.AlterColumnType: 11,
    ch.AlterTable: 11, ch.RebuildTable: 11, ch.DropNotNull: 12, ch.SetDefault: 12, ch.SetNotNull: 12, ch.SetIdentity: 13,
    ch.AlterRows: 14, ch.AddRows: 14, ch.DropColumn: 15, ch.AddConstraint: 16, ch.CreateIndex: 16, ch.DropTable: 18,
    ch.RemoveRows: 19, ch.DropStruct: 20, ch.DropEnum: 21, ch.DropNamespace: 22, ch.SetComment: 23,
}  # fmt: skip


def phase(change: ch.Change) -> int:
    """Where a change stands that nothing else pulls: expand, tighten, contract, comments. Foreign keys go first and come last."""
    match change:
        case ch.DropConstraint(_, ForeignKey()):
            return 2
        case ch.AddConstraint(_, ForeignKey()):
            return 17
        case ch.SetIdentity(_, _, _, None):
            return 8
        case _:
            return _PHASES[type(change)]


def _name(change: ch.Change) -> tuple[str, ...]:
    """What breaks ties. Values added to an enum keep the order in which they come (sorting is stable)."""
    table = ch.table_of(change)
    kind = type(change).__name__
    match change:
        case ch.CreateNamespace(name) | ch.DropNamespace(name):
            return (kind, name)
        case ch.AddEnumValue(id):
            return (kind, id.namespace, id.name)
        case ch.CreateEnum(item) | ch.DropEnum(item) | ch.RecreateEnum(item):
            return (kind, item.id.namespace, item.id.name)
        case ch.CreateStruct(item) | ch.DropStruct(item) | ch.AlterStruct(item):
            return (kind, item.id.namespace, item.id.name)
        case _:
            assert table is not None
            return (kind, table.namespace, table.name, _part(change))


def _part(change: ch.Change) -> str:
    match change:
        case ch.DropColumn(_, column):
            return column.name
        case ch.AddColumn() | ch.AddRows() | ch.AlterRows() | ch.RemoveRows():
            return ""  # in the order of the desired table
        case ch.AlterColumnType(_, before):
            return before.name
        case ch.AddConstraint(_, constraint) | ch.DropConstraint(_, constraint):
            return repr(constraint)
        case ch.CreateIndex(_, index) | ch.DropIndex(_, index):
            return index.name
        case ch.SetComment(_, column):
            return column or ""
        case ch.SetNotNull(_, name) | ch.DropNotNull(_, name) | ch.SetDefault(_, name) | ch.DropDefault(_, name) | ch.SetIdentity(_, name):
            return name
        case _:
            return ""


def effects_of(change: ch.Change, traits: Traits) -> Effects:
    """What a change makes, ends, uses and releases."""
    match change:
        case ch.CreateNamespace(name):
            return Effects(makes={("namespace", name)})
        case ch.DropNamespace(name):
            return Effects(ends={("namespace", name)})
        case ch.CreateTable(table):
            made = _table_keys(table) | {("rows", table.id)}
            return Effects(makes=made, uses=_needs(table) | {("namespace", table.id.namespace)})
        case ch.DropTable(table):
            return Effects(ends=_table_keys(table), releases=_needs(table) | {("namespace", table.id.namespace)})
        case ch.RebuildTable(before, after, _, spelled):
            keys, needs = _table_keys(before), _needs(after) - {("type", item.id) for item in spelled}
            return Effects(_table_keys(after), keys, needs, _needs(before) - needs)
        case ch.AlterTable(_, _, changes):
            found = Effects()
            for item in changes:
                other = effects_of(item, traits)
                found.makes |= other.makes
                found.ends |= other.ends
                found.uses |= other.uses
                found.releases |= other.releases
            return found
        case (
            ch.CreateEnum() | ch.DropEnum() | ch.RecreateEnum() | ch.CreateStruct() | ch.DropStruct() | ch.AlterStruct() | ch.AddEnumValue()
        ):
            return _of_type(change, traits)
        case ch.AddConstraint(id, constraint):
            return _of_added(id, constraint)
        case ch.DropConstraint(id, constraint):
            return _of_dropped(id, constraint)
        case _:
            return _of_column(change)


def _of_type(
    change: ch.CreateEnum | ch.DropEnum | ch.RecreateEnum | ch.CreateStruct | ch.DropStruct | ch.AlterStruct | ch.AddEnumValue,
    traits: Traits,
) -> Effects:
    match change:
        case ch.CreateEnum(item):
            return Effects(makes={("type", item.id)}, uses={("namespace", item.id.namespace)})
        case ch.DropEnum(item):
            return Effects(ends={("type", item.id)}, releases={("namespace", item.id.namespace)})
        case ch.RecreateEnum(item, _, columns):
            # Where an enum cannot be altered its columns are copied by rebuilds, which come first.
            rewritten = () if traits.in_place("RecreateEnum") else columns
            keys: set[Key] = {("type", item.id), *(("column", table, name) for table, name in rewritten)}
            return Effects(makes=set(keys), ends=keys)
        case ch.CreateStruct(struct):
            return Effects(makes={("type", struct.id)}, uses=_members(struct) | {("namespace", struct.id.namespace)})
        case ch.DropStruct(struct):
            return Effects(ends={("type", struct.id)}, releases=_members(struct) | {("namespace", struct.id.namespace)})
        case ch.AlterStruct(old, new):
            own: set[Key] = {("type", new.id)} if traits.in_place("AlterStruct") else set()
            return Effects(set(own), own, _members(new) - _members(old), _members(old) - _members(new))
        case ch.AddEnumValue():
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


def _of_column(change: ch.Change) -> Effects:
    id = ch.table_of(change)
    altered: set[Key] = {("altered", id)}
    match change:
        case ch.AddColumn(_, column):
            return Effects(makes={("column", id, column.name)} | altered, uses=_types(column))
        case ch.DropColumn(_, column):
            return Effects(makes=altered, ends={("column", id, column.name)}, releases=_types(column))
        case ch.AlterColumnType(_, before, after):
            key: Key = ("column", id, after.name)
            old, new = _types(before), _types(after)
            return Effects({key} | altered, {key}, new - old, old - new)
        case ch.DropDefault(_, name) | ch.SetIdentity(_, name, _, None):
            return Effects(makes=altered, releases={("column", id, name)})
        case ch.SetNotNull(_, name) | ch.DropNotNull(_, name) | ch.SetDefault(_, name) | ch.SetIdentity(_, name):
            return Effects(makes=altered, uses={("column", id, name)})
        case ch.CreateIndex(_, index):
            return Effects({("name", id.namespace if id else "", index.name)} | altered, set(), {("column", id, n) for n in index.columns})
        case ch.DropIndex(_, index):
            gone: set[Key] = {("name", id.namespace if id else "", index.name)}
            return Effects(altered, gone, set(), {("column", id, name) for name in index.columns})
        case ch.AddRows():
            return Effects(makes={("rows", id), ("altered rows", id)}, uses={("table", id)})
        case ch.AlterRows(_, _, after):
            columns: set[Key] = {("column", id, name) for name in after.columns}
            return Effects({("rows", id)}, {("altered rows", id)}, columns | {("table", id)})
        case ch.RemoveRows():
            return Effects(ends={("rows", id)})
        case _:
            return Effects(uses={("table", id)})


def referencing(catalog: Catalog, id: ObjectId) -> Iterator[Table]:
    """The tables whose foreign keys lead to a table, itself too."""
    return (table for table in catalog.tables if any(key.target == id for key in table.foreign_keys))
