"""What a change may lose, break or block, and the probe that clears it where the data decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import AtLeast, Expr, InList, columns_of
from schemagen.catalog.objects import Check, Column, Constraint, ForeignKey, PrimaryKey, Table, Unique
from schemagen.names import ABSENT_COLUMN, EXTRA_COLUMN
from schemagen.options import HazardKind
from schemagen.plan import changes as ch
from schemagen.plan.matching import constraint_columns, constraint_label, is_our_check, same_structure
from schemagen.plan.outside import name_taken, of_outside
from schemagen.plan.plan import Hazard, Probe, ProbeKind
from schemagen.plan.risks import Risks
from schemagen.plan.scope import types_in
from schemagen.plan.traits import Conversion, Safety

# What schemagen added itself, with the number that a name which was taken brings.
_SYSTEM = re.compile(rf"({re.escape(EXTRA_COLUMN)}|{re.escape(ABSENT_COLUMN)})(_\d+)?")
_REPAIR = "repair those rows first"


def hazards_of(change: ch.Change, risks: Risks) -> tuple[Hazard, ...]:
    """The hazards of one step, not judged yet."""
    found = list(_of(change, risks))
    id = ch.table_of(change)
    table = risks.old(id) if id is not None else None
    if table is not None and not isinstance(change, ch.SetComment):
        found += [Hazard("UNMODELLED", str(id), reason) for reason in table.unmodelled]
        found += of_outside(change, table, risks)
    return tuple(dict.fromkeys(found))


def _of(change: ch.Change, risks: Risks) -> Iterator[Hazard]:
    match change:
        case ch.AlterTable(_, _, changes) | ch.RebuildTable(_, _, changes):
            for item in changes:
                yield from _of(item, risks)
            if isinstance(change, ch.RebuildTable):
                yield from _rebuild(change, risks)
        case ch.CreateTable(table):
            yield from name_taken(table.id, risks)
        case ch.DropTable(table):
            probe = Probe("ROWS", table.id) if risks.options.allow_empty_drops else None
            yield Hazard("DROP_TABLE", str(table.id), "the table and its rows are dropped", probe)
        case ch.DropColumn(table, column):
            asked = risks.options.allow_empty_drops or _SYSTEM.fullmatch(column.name)
            probe = Probe("NOT_EMPTY", table, (column.name,)) if asked else None
            yield Hazard("DROP_COLUMN", f"{table}.{column.name}", "the column and its values are dropped", probe)
        case ch.DropNamespace(name):
            yield Hazard("DROP_NAMESPACE", name, "the namespace is dropped")
        case ch.AlterColumnType():
            yield from _retype(change, risks)
        case ch.SetNotNull(table, column):
            yield from _not_null(table, column, risks)
        case ch.AddColumn(table, column):
            yield from _new_column(table, column, risks)
        case ch.AddConstraint(table, constraint):
            yield from _constraint(table, constraint, risks)
        case ch.DropConstraint(table, constraint):
            yield from _dropped_constraint(table, constraint, risks)
        case ch.DropIndex(table, index) if risks.situation.keeps:
            yield Hazard("DROP_INDEX", f"{table}.{index.name}", "the index is dropped", needs_allow=False)
        case ch.DropDefault(table, column) if risks.situation.keeps and not _has_default(table, column, risks):
            yield Hazard("DROP_DEFAULT", f"{table}.{column}", "the column has no default any more", needs_allow=False)
        case ch.SetIdentity(table, column, _, None):
            kind: HazardKind = "DROP_IDENTITY" if risks.situation.keeps else "DROP_CONSTRAINT"
            yield Hazard(kind, f"{table}.{column}", "the column is no longer numbered by the server", needs_allow=False)
        case ch.SetComment(table, column, _, None) if risks.situation.keeps:
            yield Hazard("DROP_COMMENT", f"{table}.{column}" if column else str(table), "the comment is dropped", needs_allow=False)
        case ch.RemoveRows():
            yield from _lost_rows(change, risks)
        case _:
            yield from _of_type(change, risks)


def _dropped_constraint(id: sql.ObjectId, constraint: Constraint, risks: Risks) -> Iterator[Hazard]:
    """Of a schema's source a key or a third party's check goes by its token only; one of a source that speaks of all is shown."""
    table, new = risks.old(id), risks.situation.after.table(id)
    if table is None:
        return
    if not risks.situation.keeps:
        if not _comes_back(id, constraint, risks):
            yield Hazard("DROP_CONSTRAINT", str(id), _dropped(constraint), needs_allow=False)
    elif not (isinstance(constraint, Check) and is_our_check(table, constraint)):
        there = {column.name for column in (new.columns if new else ())}
        again = new is not None and any(same_structure(constraint, item) for item in new.constraints)
        if set(constraint_columns(constraint)) <= there and not again:
            yield Hazard("DROP_CONSTRAINT", f"{id}.{constraint_label(table, constraint)}", _dropped(constraint))


def _has_default(id: sql.ObjectId, name: str, risks: Risks) -> bool:
    table = risks.situation.after.table(id)
    return table is not None and any(column.name == name and column.default is not None for column in table.columns)


def _dropped(constraint: Constraint) -> str:
    option = "fk" if isinstance(constraint, ForeignKey) else "unique" if isinstance(constraint, Unique) else ""
    hint = f" (where --set {option}=... made it, give that option again)" if option else ""
    return f"{replace(constraint, name=None)} is dropped, because nothing asks for it any more{hint}; rows may break it from then on"


def _of_type(change: ch.Change, risks: Risks) -> Iterator[Hazard]:
    match change:
        case ch.CreateEnum(made) | ch.CreateStruct(made):
            yield from name_taken(made.id, risks)
        case ch.DropEnum(enum):
            yield Hazard("DROP_ENUM", str(enum.id), "the type is dropped")
        case ch.DropStruct(struct):
            yield Hazard("DROP_STRUCT", str(struct.id), "the type is dropped")
        case ch.RecreateEnum(before, after, columns):
            if any(before.id in types_in(member.type) for struct in risks.situation.before.structs for member in struct.members):
                yield Hazard("IMPOSSIBLE", str(before.id), "a composite type uses it, whose members cannot be changed", forbidden=True)
            lost = tuple(value for value in before.values if value not in after.values)
            for table, column in columns if lost else ():
                old = risks.old_column(table, column)
                probe = Probe("VALUES_USED", table, (column,), before=old.type if old else None, values=lost)
                yield Hazard("DROP_ENUM_VALUE", f"{table}.{column}", f"{_values(lost)} of {before.id} are removed", probe, repair=_REPAIR)
            for table in dict.fromkeys(table for table, _ in columns):
                yield from _large("REWRITE_LARGE", table, "its rows are written again", risks)
        case ch.AlterStruct(before, after):
            yield from _struct(change, risks)
        case _:
            return


def _values(values: tuple[str, ...]) -> str:
    shown = ", ".join(repr(value) for value in values[:5])
    return f"values {shown}" + (f" and {len(values) - 5} more" if len(values) > 5 else "")


def _struct(change: ch.AlterStruct, risks: Risks) -> Iterator[Hazard]:
    before, after = change.before, change.after
    kept = {member.name: member for member in after.members}
    for member in before.members:
        if member.name not in kept:
            yield Hazard("DROP_COLUMN", f"{before.id}.{member.name}", "the member and its values are dropped")
    old = tuple(member.name for member in before.members if member.name in kept)
    types = {member.name: member.type for member in before.members}
    used = any(before.id in types_in(column.type) for table in risks.situation.before.tables for column in table.columns)
    appended = tuple(member.name for member in after.members)[: len(old)] == old
    retyped = [name for name in old if kept[name].type != types[name]]
    if retyped and used:
        reason = "a member of a composite type that columns use cannot change its type"
        yield Hazard("IMPOSSIBLE", f"{before.id}.{retyped[0]}", reason, forbidden=True)
    if not appended:
        yield Hazard("IMPOSSIBLE", str(before.id), "members of a composite type are added at its end only", forbidden=True)


def _retype(change: ch.AlterColumnType, risks: Risks) -> Iterator[Hazard]:
    name = f"{change.table}.{change.before.name}"
    conversion = risks.situation.traits.convert(*change.types)
    words = f"{type_words(change.before.type)} becomes {type_words(change.after.type)}"
    reason = f"{words}: {conversion.reason}" if conversion.reason else words
    probe = _conversion_probe(change, conversion, risks)
    match conversion.safety:
        case Safety.REFUSE:
            yield Hazard("IMPOSSIBLE", name, reason, forbidden=True)
        case Safety.LOSSY:
            yield Hazard("LOSSY_CAST", name, reason, probe)
        case Safety.REWRITE_CHECKED if probe is not None and _goes_through(probe):
            yield Hazard("NARROW", name, f"{reason}: other values are made of some, and one that cannot be converted fails", probe)
        case Safety.REWRITE_CHECKED if probe is not None:
            yield Hazard("NARROW", name, reason, probe, repair=_REPAIR)
        case Safety.METADATA | Safety.REWRITE_EXACT | Safety.REWRITE_CHECKED:
            pass
    if conversion.safety is not Safety.METADATA:
        yield from _large("REWRITE_LARGE", change.table, "its rows are written again", risks)


def _conversion_probe(change: ch.AlterColumnType, conversion: Conversion, risks: Risks) -> Probe | None:
    """A type that the plan makes or alters cannot be asked yet: its values are asked for instead."""
    column = change.before.name
    old, new = change.types
    enum = risks.situation.after.enum(new.id) if isinstance(new, sql.EnumRef) else None
    if enum is not None and isinstance(old, sql.EnumRef):
        known = risks.situation.before.enum(old.id)
        lost = tuple(value for value in (known.values if known else ()) if value not in enum.values)
        return Probe("VALUES_USED", change.table, (column,), before=old, values=lost) if lost else None
    if enum is not None:
        return Probe("VIOLATIONS", change.table, (column,), expr=InList(column, enum.values))
    if conversion.probe is None:
        return None
    return Probe(cast(ProbeKind, conversion.probe), change.table, (column,), before=old, to=new)


def _goes_through(probe: Probe) -> bool:
    """True where the server makes other values of those that the probe counts; False where it refuses them."""
    match probe:
        case Probe("CHANGED_BY_CAST", before=before, to=to):
            return not (isinstance(before, sql.Integer) and isinstance(to, sql.Integer | sql.Numeric))
        case Probe("NOT_CASTABLE", before=sql.Json(), to=sql.Text()):
            return True
        case _:
            return False


def type_words(kind: sql.SqlType) -> str:
    """A type for people: no quotes around names."""
    match kind:
        case sql.ArrayType(item):
            return f"{type_words(item)}[]"
        case sql.EnumRef(id) | sql.StructRef(id):
            return str(id)
        case _:
            return str(sql.ansi_type(kind))


def _not_null(table: sql.ObjectId, column: str, risks: Risks) -> Iterator[Hazard]:
    old = risks.old_column(table, column)
    if old is None:
        yield _required(table, column)
    else:
        reason, probe = "the column becomes required", Probe("NULLS", table, (column,))
        yield Hazard("NOT_NULL_WITH_NULLS", f"{table}.{column}", reason, probe, repair="give those rows a value first")
        yield from _large("LONG_LOCK", table, "its rows are read under a lock", risks)


def _required(table: sql.ObjectId, column: str) -> Hazard:
    reason = "a required column without a default cannot be filled for rows that are there; --set sql-defaults=true takes the schema's"
    repair = "without one, add it as optional, fill it, and then require it"
    return Hazard("ADD_REQUIRED_COLUMN_NON_EMPTY", f"{table}.{column}", reason, Probe("ROWS", table), repair=repair)


def _new_column(table: sql.ObjectId, column: Column, risks: Risks) -> Iterator[Hazard]:
    if column.identity is not None:
        yield from _large("REWRITE_LARGE", table, "its rows are numbered", risks)
    elif not column.nullable and column.default is None:
        yield _required(table, column.name)


def _comes_back(table: sql.ObjectId, constraint: Constraint, risks: Risks) -> bool:
    """True where what it says is said by another then, or by one of the same kind over some of its columns, or one of them goes."""
    after = risks.situation.after.table(table)
    if after is None:
        return True
    mine = set(constraint_columns(constraint))
    kept = {column.name for column in after.columns}
    others = [item for item in after.constraints if type(item) is type(constraint)]
    if isinstance(constraint, Unique):
        others += [item for item in after.constraints if isinstance(item, PrimaryKey) and set(item.columns) <= mine]
    return not mine <= kept or any(isinstance(item, PrimaryKey) or mine & set(constraint_columns(item)) for item in others)


def _constraint(id: sql.ObjectId, constraint: Constraint, risks: Risks) -> Iterator[Hazard]:
    table = risks.old(id)
    if table is None or any(same_structure(constraint, item) for item in table.constraints):
        return
    yield from _large("LONG_LOCK", id, "its rows are read under a lock", risks)
    match constraint:
        case Unique(columns) | PrimaryKey(columns):
            yield from _key(table, columns, risks)
        case Check(expr):
            held = any(isinstance(item, Check) and _follows(expr, item.expr) for item in table.constraints)
            if risks.can_ask(id, columns_of(expr)) and columns_of(expr) and not held:
                name = f"{id}.{columns_of(expr)[0]}"
                reason = f"{replace(constraint, name=None)} must hold"
                yield Hazard("ADD_CHECK_WITH_VIOLATIONS", name, reason, Probe("VIOLATIONS", id, expr=expr), repair=_REPAIR)
        case ForeignKey():
            yield from _foreign_key(id, constraint, risks)


def _follows(new: Expr, old: Expr) -> bool:
    """True where every row that passed the old check passes the new one."""
    match new, old:
        case InList(column, values), InList(other, fewer):
            return column == other and set(fewer) <= set(values)
        case AtLeast(column, value), AtLeast(other, more):
            return column == other and value <= more
        case _:
            return new == old


def _key(table: Table, columns: tuple[str, ...], risks: Risks) -> Iterator[Hazard]:
    """A key over more columns than another key has no duplicates; new columns without a value have none either."""
    keys = [set(item.columns) for item in table.constraints if isinstance(item, PrimaryKey | Unique)]
    keys += [set(index.columns) for index in table.indexes if index.unique]
    asked = tuple(name for name in columns if risks.old_column(table.id, name) is not None)
    if any(key <= set(asked) for key in keys):
        return
    new = risks.situation.after.table(table.id)
    added = [item for item in (new.columns if new else ()) if item.name in columns and item.name not in asked]
    if any(item.default is None for item in added):
        return
    probe = Probe("DUPLICATES", table.id, asked) if asked else Probe("ROWS", table.id)
    name = f"{table.id}.{columns[0]}"
    yield Hazard("ADD_UNIQUE_WITH_DUPLICATES", name, f"({', '.join(columns)}) becomes unique", probe, repair=_REPAIR)


def _foreign_key(id: sql.ObjectId, key: ForeignKey, risks: Risks) -> Iterator[Hazard]:
    if not risks.can_ask(id, key.columns):
        return
    name, reason = f"{id}.{key.columns[0]}", f"({', '.join(key.columns)}) must lead to rows of {key.target}"
    if risks.old(key.target) is not None or risks.situation.outside.table(key.target) is not None:
        if key.target == id or risks.can_ask(key.target, key.target_columns):
            probe = Probe("ORPHANS", id, key.columns, key.target, key.target_columns)
            yield Hazard("FK_ORPHANS", name, reason, probe, repair=_REPAIR)
        return
    made = risks.situation.after.table(key.target)
    if made is not None and made.seed is not None and len(key.columns) == 1 and key.target_columns[0] in made.seed.columns:
        place = made.seed.columns.index(key.target_columns[0])
        values = tuple(row[place] for row in made.seed.rows if isinstance(row[place], str | int))
        expr = InList(key.columns[0], values)  # type: ignore[arg-type]  # only str and int are left
        yield Hazard("FK_ORPHANS", name, reason, Probe("VIOLATIONS", id, key.columns, expr=expr), repair=_REPAIR)
    else:
        yield Hazard("FK_ORPHANS", name, f"{reason}, which is new", Probe("NOT_EMPTY", id, key.columns[:1]), repair=_REPAIR)


def _lost_rows(change: ch.RemoveRows, risks: Risks) -> Iterator[Hazard]:
    """Rows of a lookup table: those that others refer to cannot go."""
    lost = tuple(str(row[0]) for row in change.rows.rows)
    used = False
    for other in risks.situation.before.tables:
        for key in other.foreign_keys:
            if key.target == change.table and key.target_columns == change.rows.columns[:1]:
                used = True
                probe = Probe("VALUES_USED", other.id, key.columns, values=lost)
                reason = f"{_values(lost)} of {change.table} are removed"
                repair = _REPAIR if _keeps(other.id, key, risks) else ""
                yield Hazard("DROP_ENUM_VALUE", f"{other.id}.{key.columns[0]}", reason, probe, repair=repair)
    if not used:
        yield Hazard("DROP_ENUM_VALUE", str(change.table), f"{_values(lost)} are removed")


def _keeps(id: sql.ObjectId, key: ForeignKey, risks: Risks) -> bool:
    """True where the foreign key is there after the plan too."""
    table = risks.situation.after.table(id)
    return table is not None and any(same_structure(key, item) for item in table.constraints)


def _rebuild(change: ch.RebuildTable, risks: Risks) -> Iterator[Hazard]:
    if risks.situation.traits.rebuild:
        yield Hazard("IMPOSSIBLE", str(change.before.id), risks.situation.traits.rebuild, forbidden=True)


def _large(kind: HazardKind, table: sql.ObjectId, reason: str, risks: Risks) -> Iterator[Hazard]:
    """Locks that block writers matter where others write meanwhile: on PostgreSQL."""
    if risks.situation.traits.flavor == "postgresql" and risks.old(table) is not None:
        limit = risks.options.large_rows
        yield Hazard(kind, str(table), f"{reason}; at most {limit:,} rows without being asked", Probe("ROWS", table), limit=limit)
