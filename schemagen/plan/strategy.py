"""Changes made into what this server can do: native statements, one ALTER a table, or a rebuild, with what must be dropped and restored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemagen.catalog.expressions import columns_of
from schemagen.catalog.objects import Catalog, Check, Constraint, ForeignKey, PrimaryKey, Table, Unique
from schemagen.catalog.types import ObjectId
from schemagen.plan import changes as ch
from schemagen.plan.diff import recreate_enum
from schemagen.plan.order import phase
from schemagen.plan.scope import types_of_table
from schemagen.plan.traits import Safety, Traits

NOTHING = Catalog()


@dataclass(frozen=True, slots=True)
class Situation:
    """Both catalogs of a plan, and the facts of its server. `outside`: what else is in the database, read only.

    `keeps`: beside what `after` says the tables may hold what others made.
    """

    before: Catalog
    after: Catalog
    traits: Traits
    outside: Catalog = NOTHING
    keeps: bool = False


def by_means(changes: Iterable[ch.Change], situation: Situation) -> list[ch.Change]:
    """The changes as the server can carry them out, in no order yet."""
    changes = list(changes)
    tables: dict[ObjectId, list[ch.Change]] = {}
    created = [change.table for change in changes if isinstance(change, ch.CreateTable)]
    dropped = [change.table for change in changes if isinstance(change, ch.DropTable)]
    result, renewed = _types(changes, situation)
    result += _created(created, situation.traits)
    result += _dropped(dropped, situation.traits)
    made_or_gone = {table.id for table in (*created, *dropped)}
    for change in changes:
        id = ch.table_of(change)
        if id is not None and id not in made_or_gone:
            tables.setdefault(id, []).append(change)
    for table in situation.before.tables:
        if (types_of_table(table) & renewed or _of_new_enum(table.id, result)) and table.id not in made_or_gone:
            tables.setdefault(table.id, [])
    rebuilt = {id for id, items in tables.items() if needs_rebuild(id, items, renewed, situation)}
    for id, restored in _restored_keys(tables, rebuilt, result, situation).items():
        tables.setdefault(id, []).extend(restored)
    for id in tables:
        result += _rebuild(id, tables[id], result, situation) if id in rebuilt else _native(id, tables[id], result, situation)
    return result


def _types(changes: Iterable[ch.Change], situation: Situation) -> tuple[list[ch.Change], frozenset[ObjectId]]:
    """Changes that are about no table, and the types whose columns must be copied because the server cannot alter a type."""
    result: list[ch.Change] = []
    renewed: set[ObjectId] = set()
    in_place = situation.traits.in_place
    for change in changes:
        match change:
            case ch.AddEnumValue(id) if in_place("AddEnumValue"):
                if id not in renewed:
                    result.append(_recreated(id, situation))
                renewed.add(id)
            case ch.RecreateEnum(before) if in_place("RecreateEnum"):
                result.append(change)
                renewed.add(before.id)
            case ch.AlterStruct(before) if in_place("AlterStruct"):
                result.append(change)
                renewed.add(before.id)
            case _ if ch.table_of(change) is None:
                result.append(change)
    return result, frozenset(renewed)


def _recreated(id: ObjectId, situation: Situation) -> ch.RecreateEnum:
    before, after = situation.before.enum(id), situation.after.enum(id)
    assert before is not None
    assert after is not None
    return recreate_enum(before, after, situation.before, situation.after)


def _created(tables: list[Table], traits: Traits) -> Iterator[ch.Change]:
    """CREATE TABLE with all that belongs to it, but for foreign keys that cannot stand inside."""
    tied = set() if traits.forward_references else tables_in_cycles(tables)
    for table in tables:
        later = [item for item in table.foreign_keys if not traits.fk_in_create or _ties(item, table, tied)]
        yield ch.CreateTable(replace(table, constraints=tuple(item for item in table.constraints if item not in later)))
        yield from (ch.AddConstraint(table.id, item) for item in later)


def _ties(key: ForeignKey, table: Table, tied: set[ObjectId]) -> bool:
    return key.target != table.id and {key.target, table.id} <= tied


def _dropped(tables: list[Table], traits: Traits) -> Iterator[ch.Change]:
    """DROP TABLE; foreign keys that go round in a circle are dropped first."""
    tied = tables_in_cycles(tables) if not (traits.in_place("DropConstraint") or traits.in_place("DropForeignKey")) else set()
    for table in tables:
        first = [item for item in table.foreign_keys if _ties(item, table, tied)]
        yield from (ch.DropConstraint(table.id, item) for item in first)
        yield ch.DropTable(replace(table, constraints=tuple(item for item in table.constraints if item not in first)))


def tables_in_cycles(tables: Iterable[Table]) -> set[ObjectId]:
    """Tables whose foreign keys to one another go round in a circle, and those between two circles."""
    targets = {table.id: {key.target for key in table.foreign_keys if key.target != table.id} for table in tables}
    while True:
        wanted = {target for items in targets.values() for target in items}
        free = {id for id, items in targets.items() if id not in wanted or not items & set(targets)}
        if not free:
            return set(targets)
        targets = {id: items - free for id, items in targets.items() if id not in free}


def kinds_of(change: ch.Change) -> tuple[str, ...]:
    """The names by which traits know a change, the general one first: AddConstraint and AddCheck; a required column is SetNotNull too."""
    name = type(change).__name__
    match change:
        case ch.AddConstraint(_, constraint) | ch.DropConstraint(_, constraint):
            return (name, f"{name.removesuffix('Constraint')}{type(constraint).__name__}")
        case ch.AddColumn(_, column):
            return (name, *(("SetNotNull",) if not column.nullable else ()), *(("SetIdentity",) if column.identity else ()))
        case _:
            return (name,)


def needs_rebuild(id: ObjectId, changes: list[ch.Change], renewed: frozenset[ObjectId], situation: Situation) -> bool:
    """True where some change of the table is no native statement of this server."""
    traits = situation.traits
    before, after = situation.before.table(id), situation.after.table(id)
    if before is not None and after is not None and types_of_table(before) & types_of_table(after) & renewed:
        return True
    if before is None:
        return False
    kinds = {kind for change in changes if not isinstance(change, ch.AddRows | ch.AlterRows | ch.RemoveRows) for kind in kinds_of(change)}
    if any(traits.in_place(kind) for kind in kinds) or (kinds and traits.only_rebuild(before, frozenset(kinds))):
        return True
    blocked = traits.blocked_by_index if _is_indexed(before) else frozenset()
    return bool(kinds & blocked or (kinds & traits.blocked_by_reference and is_referenced(before, situation)))


def _is_indexed(table: Table) -> bool:
    return bool(table.indexes) or any(isinstance(item, PrimaryKey | Unique) for item in table.constraints)


def is_referenced(table: Table, situation: Situation) -> bool:
    """True where foreign keys lead to the table before the plan, or from outside its scope."""
    catalogs = (situation.before, situation.outside)
    return any(key.target == table.id for catalog in catalogs for other in catalog.tables for key in other.foreign_keys)


def _rebuild(id: ObjectId, changes: list[ch.Change], types: list[ch.Change], situation: Situation) -> Iterator[ch.Change]:
    before, after = situation.before.table(id), situation.after.table(id)
    assert before is not None
    assert after is not None
    rows = [change for change in changes if isinstance(change, ch.AddRows | ch.AlterRows | ch.RemoveRows)]
    spelled = tuple(change.after for change in types if isinstance(change, ch.RecreateEnum) and change.after.id in types_of_table(after))
    changed = tuple(change for change in changes if change not in rows)
    yield ch.RebuildTable(before, replace(after, seed=before.seed), changed, spelled)
    yield from rows


def _native(id: ObjectId, changes: list[ch.Change], types: list[ch.Change], situation: Situation) -> list[ch.Change]:
    """The table's changes as statements; what hangs on a column that changes its type is dropped before and restored after."""
    before, after = situation.before.table(id), situation.after.table(id)
    assert before is not None
    assert after is not None
    result = [part for change in changes for part in _split(change)]
    retyped = {change.before.name for change in changes if isinstance(change, ch.AlterColumnType)} | _of_new_enum(id, types)
    if retyped:
        result = [*_defaults(before, after, retyped, result), *_checks(before, retyped, result)]
    loose = [item for item in result if _stands_alone(item)]
    grouped = [item for item in result if not _stands_alone(item)]
    if situation.traits.one_alter and len(grouped) > 1:
        return [ch.AlterTable(before, after, tuple(sorted(grouped, key=phase))), *loose]
    return result


def _stands_alone(change: ch.Change) -> bool:
    match change:
        case ch.AddConstraint(_, ForeignKey()) | ch.DropConstraint(_, ForeignKey()) | ch.AddRows() | ch.AlterRows() | ch.RemoveRows():
            return True
        case _:
            return False


def _split(change: ch.Change) -> Iterator[ch.Change]:
    """A required column without a value of its own is added first and made required after."""
    match change:
        case ch.AddColumn(table, column) if not column.nullable and column.default is None and column.identity is None:
            yield ch.AddColumn(table, replace(column, nullable=True))
            yield ch.SetNotNull(table, column.name)
        case _:
            yield change


def _of_new_enum(id: ObjectId, types: list[ch.Change]) -> set[str]:
    return {name for change in types if isinstance(change, ch.RecreateEnum) for table, name in change.columns if table == id}


def _defaults(before: Table, after: Table, retyped: set[str], changes: list[ch.Change]) -> Iterator[ch.Change]:
    """The changes, and defaults of retyped columns: dropped first and set after, for they are values of the old type."""
    for change in changes:
        match change:
            case ch.SetDefault(table, name, old, new) if name in retyped and old is not None:
                yield ch.DropDefault(table, name, old)
                yield ch.SetDefault(table, name, None, new)
            case _:
                yield change
    others = retyped - {change.column for change in changes if isinstance(change, ch.SetDefault | ch.DropDefault)}
    kept = {column.name: column.default for column in after.columns}
    for column in before.columns:
        if column.name in others and column.default is not None:
            yield ch.DropDefault(before.id, column.name, column.default)
            default = kept.get(column.name)
            if default is not None:
                yield ch.SetDefault(before.id, column.name, None, default)


def _checks(before: Table, retyped: set[str], changes: list[ch.Change]) -> Iterator[ch.Change]:
    """Checks that stay over columns that change their type: dropped first and added after."""
    lost = [change.constraint for change in changes if isinstance(change, ch.DropConstraint)]
    for item in before.constraints:
        if isinstance(item, Check) and item not in lost and set(columns_of(item.expr)) & retyped:
            yield ch.DropConstraint(before.id, item)
            yield ch.AddConstraint(before.id, item)


def _restored_keys(
    tables: dict[ObjectId, list[ch.Change]], rebuilt: set[ObjectId], types: list[ch.Change], situation: Situation
) -> dict[ObjectId, list[ch.Change]]:
    """Foreign keys that stay, but whose columns change their type, or whose key is made again: dropped first and added last."""
    touched = {id: _touched(id, changes, types, situation.traits) for id, changes in tables.items() if id not in rebuilt}
    kept = {table.id for table in situation.after.tables}
    result: dict[ObjectId, list[ch.Change]] = {}
    for table in situation.before.tables:
        if table.id in rebuilt or table.id not in kept:
            continue
        lost = [change.constraint for change in tables.get(table.id, ()) if isinstance(change, ch.DropConstraint)]
        for key in table.foreign_keys:
            mine, theirs = touched.get(table.id, _UNTOUCHED), touched.get(key.target, _UNTOUCHED)
            again = set(key.columns) & mine.columns or set(key.target_columns) & theirs.columns
            if key not in lost and (again or frozenset(key.target_columns) in theirs.keys):
                result.setdefault(table.id, []).extend([ch.DropConstraint(table.id, key), ch.AddConstraint(table.id, key)])
    return result


@dataclass(frozen=True, slots=True)
class _Touched:
    """Columns whose values are rewritten, and keys that are dropped."""

    columns: frozenset[str] = frozenset()
    keys: frozenset[frozenset[str]] = frozenset()


_UNTOUCHED = _Touched()


def _touched(id: ObjectId, changes: list[ch.Change], types: list[ch.Change], traits: Traits) -> _Touched:
    columns = {
        change.before.name
        for change in changes
        if isinstance(change, ch.AlterColumnType) and traits.convert(*change.types).safety is not Safety.METADATA
    }
    keys = [change.constraint for change in changes if isinstance(change, ch.DropConstraint) and _is_key(change.constraint)]
    return _Touched(frozenset(columns | _of_new_enum(id, types)), frozenset(frozenset(_key_columns(key)) for key in keys))


def _is_key(constraint: Constraint) -> bool:
    return isinstance(constraint, PrimaryKey | Unique)


def _key_columns(constraint: Constraint) -> tuple[str, ...]:
    return constraint.columns if isinstance(constraint, PrimaryKey | Unique) else ()
