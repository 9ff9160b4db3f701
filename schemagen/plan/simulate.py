"""A plan run on values before any server sees it: every catalog between must be valid, and the last one the wanted one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from schemagen.catalog.expressions import columns_of
from schemagen.catalog.objects import Catalog, Check, ForeignKey, PrimaryKey, StructType, Table, Unique
from schemagen.catalog.types import ObjectId
from schemagen.errors import SchemagenError
from schemagen.plan import changes as ch
from schemagen.plan.apply import apply_change, changed_table
from schemagen.plan.plan import Step
from schemagen.plan.scope import ids_of, normal, types_in, types_of_struct, types_of_table
from schemagen.plan.strategy import Situation


@dataclass(slots=True)
class _Walk:
    """The catalog as it stands, and which tables refer to which."""

    situation: Situation
    catalog: Catalog
    known: frozenset[ObjectId]
    referrers: dict[ObjectId, set[ObjectId]] = field(default_factory=dict)


def simulate(changes: Iterable[ch.Change], situation: Situation) -> tuple[Step, ...]:
    """The steps with their tables before and after each. Raises SchemagenError REFUSED where the plan does not lead to what is wanted."""
    before, after = situation.before, situation.after
    walk = _Walk(situation, before, ids_of(before) | ids_of(after))
    for table in (*before.tables, *after.tables):
        for key in table.foreign_keys:
            walk.referrers.setdefault(key.target, set()).add(table.id)
    steps = []
    for change in changes:
        try:
            steps.append(_step(change, walk))
        except ValueError as error:
            raise _failed(type(change).__name__, str(error)) from error
        for sentence in _problems(change, walk):
            raise _failed(type(change).__name__, sentence)
    reached, wanted = normal(walk.catalog), normal(after)
    if reached != wanted:
        raise _failed(before.server.flavor if before.server else "plan", first_difference(reached, wanted))
    return tuple(steps)


def _failed(place: str, sentence: str) -> SchemagenError:
    return SchemagenError("REFUSED", place, f"the plan, tried on values, fails: {sentence}; nothing is done")


def _step(change: ch.Change, walk: _Walk) -> Step:
    """Runs one change."""
    id = ch.table_of(change)
    before = walk.catalog.table(id) if id is not None else None
    change = _settled(change, before, walk.situation.after)
    touched = _referencing(change, walk)
    walk.catalog = apply_change(change, walk.catalog)
    after = walk.catalog.table(id) if id is not None else None
    return Step(change, before, after, referencing=touched)


def _settled(change: ch.Change, table: Table | None, target: Catalog) -> ch.Change:
    """Changes of whole tables with the table as it stands by now; a rebuild takes the wanted order of columns."""
    if table is None or not isinstance(change, ch.AlterTable | ch.RebuildTable):
        return change
    after = table
    for item in change.changes:
        after = changed_table(item, after)  # type: ignore[arg-type]  # inside stand changes of this table only
    wanted = target.table(table.id)
    if isinstance(change, ch.RebuildTable) and wanted is not None:
        places = {column.name: number for number, column in enumerate(wanted.columns)}
        columns = tuple(sorted(after.columns, key=lambda column: places[column.name]))
        after = replace(after, columns=columns, pointer=wanted.pointer)
    return replace(change, before=table, after=after)


def _referencing(change: ch.Change, walk: _Walk) -> tuple[Table, ...]:
    """For a rebuild, tables that refer to it (itself too); for a type that is made again or altered, tables that use it."""
    match change:
        case ch.RebuildTable(before):
            catalogs = (walk.catalog, walk.situation.outside)
            found = [t for catalog in catalogs for t in catalog.tables if any(key.target == before.id for key in t.foreign_keys)]
        case ch.RecreateEnum(before) | ch.AlterStruct(before):
            found = [table for table in walk.catalog.tables if before.id in types_of_table(table)]
        case _:
            return ()
    return tuple(sorted(found, key=lambda table: (table.id.namespace, table.id.name)))


def _problems(change: ch.Change, walk: _Walk) -> Iterator[str]:
    """What is wrong with the catalog after the change, as far as it can have come from it."""
    match change:
        case ch.DropNamespace(name):
            space = walk.catalog.namespace(name)
            if space.tables or space.enums or space.structs:
                yield f"namespace {name} is not empty"
        case ch.DropEnum(item) | ch.DropStruct(item):
            users = [table.id for table in walk.catalog.tables if item.id in types_of_table(table)]
            users += [struct.id for struct in walk.catalog.structs if item.id in types_of_struct(struct)]
            yield from (f"{user} still uses the type {item.id}" for user in users)
        case _:
            pass
    id = ch.table_of(change)
    if id is None:
        for struct in walk.catalog.structs:
            yield from _struct_problems(struct, walk)
        return
    for owner in sorted({id, *walk.referrers.get(id, ())}, key=str):
        table = walk.catalog.table(owner)
        if table is not None:
            yield from _table_problems(table, walk)


def _struct_problems(struct: StructType, walk: _Walk) -> Iterator[str]:
    for id in types_of_struct(struct):
        if not _has_type(id, walk):
            yield f"the type {id} of {struct.id} is not there"


def _has_type(id: ObjectId, walk: _Walk) -> bool:
    return id not in walk.known or walk.catalog.enum(id) is not None or walk.catalog.struct(id) is not None


def _table_problems(table: Table, walk: _Walk) -> Iterator[str]:
    names = {column.name for column in table.columns}
    if table.id.namespace and all(space.name != table.id.namespace for space in walk.catalog.namespaces):
        yield f"the namespace of {table.id} is not there"
    for column in table.columns:
        for id in types_in(column.type):
            if not _has_type(id, walk):
                yield f"the type {id} of {table.id}.{column.name} is not there"
    for item in table.constraints:
        columns = columns_of(item.expr) if isinstance(item, Check) else item.columns
        yield from (f"{table.id} has no column {name}, which a constraint names" for name in columns if name not in names)
        if isinstance(item, ForeignKey):
            yield from _key_problems(table, item, walk)
    for index in table.indexes:
        yield from (f"{table.id} has no column {name}, which an index names" for name in index.columns if name not in names)


def _key_problems(table: Table, key: ForeignKey, walk: _Walk) -> Iterator[str]:
    target = walk.catalog.table(key.target)
    if target is None:
        if key.target in walk.known and not walk.situation.traits.forward_references:
            yield f"{table.id} refers to {key.target}, which is not there"
        return
    keys = [item.columns for item in target.constraints if isinstance(item, PrimaryKey | Unique)]
    keys += [index.columns for index in target.indexes if index.unique]
    if not any(set(columns) == set(key.target_columns) for columns in keys):
        yield f"{table.id} refers to ({', '.join(key.target_columns)}) of {key.target}, which is no key"


def first_difference(found: Catalog, wanted: Catalog) -> str:
    """The first object in which two normal catalogs differ, in words."""
    for kind in ("tables", "enums", "structs"):
        have, want = ({item.id: item for item in getattr(catalog, kind)} for catalog in (found, wanted))
        for id in sorted({*have, *want}, key=str):
            if have.get(id) == want.get(id):
                continue
            if id not in have or id not in want:
                return f"{id} is {'missing' if id not in have else 'still there'}"
            return _table_difference(have[id], want[id]) if kind == "tables" else f"type {id} is {have[id]}, expected {want[id]}"
    names = [sorted(space.name for space in catalog.namespaces) for catalog in (found, wanted)]
    return f"namespaces are {names[0]}, expected {names[1]}" if names[0] != names[1] else "nothing"


def _table_difference(found: Table, wanted: Table) -> str:
    have, want = ({column.name: column for column in table.columns} for table in (found, wanted))
    for name in sorted({*have, *want}):
        if have.get(name) != want.get(name):
            return f"column {found.id}.{name} is {have.get(name)!r}, expected {want.get(name)!r}"
    for kind in ("constraints", "indexes", "comment", "seed"):
        if getattr(found, kind) != getattr(wanted, kind):
            return f"{kind} of {found.id} are {getattr(found, kind)!r}, expected {getattr(wanted, kind)!r}"
    return f"{found.id} differs"
