"""What of a live table pairs with what a source states, and what stays though a schema does not speak of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from schemagen.catalog.expressions import InList, Native, columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, ForeignKey, PrimaryKey, Table, Unique
from schemagen.names import check_name
from schemagen.plan.plan import token_matches

# Bytes of names that no server shortens; of longer ones this much is left as it was.
_WHOLE_NAME, _LEFT = 48, 36
# A list of constants that a column must be in, as a server prints it.
_VALUE = r"(?:'(?:[^']|'')*'|-?[0-9]+|true|false)"
_IN_LIST = re.compile(rf"""\(*(?:"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*) IN \({_VALUE}(?:, {_VALUE})*\)\)*""")


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays: `words` say what it is, `object` is what a token of `kind` drops it by."""

    kind: Literal["DROP_INDEX", "DROP_CONSTRAINT", "DROP_DEFAULT", "DROP_IDENTITY"]
    object: str
    words: str

    def __str__(self) -> str:
        return f"kept: {self.words}, of which the schema says nothing (--allow {self.kind}:{self.object} drops it)"


# Whether something stays; remembers what does.
Stays = Callable[[Kept], bool]


def same_structure(one: Constraint, other: Constraint) -> bool:
    """True where two constraints say the same, whatever their names."""
    return replace(one, name=None) == replace(other, name=None)


def adopt_names(before: Catalog, after: Catalog) -> Catalog:
    """`after`, its constraints named as their equals in `before` where one side has no name: a server gives names of its own."""
    known = {table.id: table for table in before.tables}
    return _with_tables(after, lambda table: _adopt(known[table.id], table) if table.id in known else table)


def _with_tables(catalog: Catalog, change: Callable[[Table], Table]) -> Catalog:
    spaces = (replace(space, tables=tuple(change(table) for table in space.tables)) for space in catalog.namespaces)
    return replace(catalog, namespaces=tuple(spaces))


def _adopt(before: Table, after: Table) -> Table:
    pairs = dict(pair_constraints(before.constraints, after.constraints))
    return replace(after, constraints=tuple(pairs.get(number, item) for number, item in enumerate(after.constraints)))


def pair_constraints(before: Iterable[Constraint], after: tuple[Constraint, ...]) -> list[tuple[int, Constraint]]:
    """For places of `after`, the constraint of `before` that is the same: equal with its name, or by structure where one has none."""
    rest = list(before)
    pairs: list[tuple[int, Constraint]] = []
    for exact in (True, False):
        taken = {number for number, _ in pairs}
        for number, item in enumerate(after):
            hit = next((other for other in rest if _is_same(other, item, exact)), None) if number not in taken else None
            if hit is not None:
                rest.remove(hit)
                pairs.append((number, hit))
    return pairs


def _is_same(one: Constraint, other: Constraint, exact: bool) -> bool:
    if exact or (one.name and other.name):
        return one == other
    return same_structure(one, other)


def constraint_label(table: Table, constraint: Constraint) -> str:
    """A constraint's name as tokens meet it; where the server keeps none, the one that it shows."""
    if constraint.name:
        return constraint.name
    endings = {PrimaryKey: "pkey", Unique: "key", ForeignKey: "fkey", Check: "check"}
    return "_".join((table.id.name, *constraint_columns(constraint), endings[type(constraint)]))


def constraint_columns(constraint: Constraint) -> tuple[str, ...]:
    return columns_of(constraint.expr) if isinstance(constraint, Check) else constraint.columns


def is_our_check(table: Table, check: Check) -> bool:
    """Whether schemagen made a check: by the rule of its name; where the server keeps no names, by its form."""
    if check.name is None:
        match check.expr:
            case InList():
                return True
            case Native(text, (_,)):
                return _IN_LIST.fullmatch(text) is not None
            case _:
                return False
    name = check_name(table.id.name, "_".join(constraint_columns(check)))
    if len(name.encode()) > _WHOLE_NAME:
        return check.name.encode().startswith(name.encode()[:_LEFT])
    # Where the name was taken, a number follows.
    return check.name.startswith(name) and check.name[len(name) :].strip("_0123456789") == ""


def keep(before: Catalog, wanted: Catalog, allow: tuple[str, ...]) -> tuple[Catalog, tuple[Kept, ...]]:
    """`wanted` with what stays of the tables that are there, and what that is. What a token of `allow` names goes.

    A schema speaks of columns and of the constraints that it states: indexes, keys and constraints beside them are a third party's, or
    came by an option that was not given again. A check of schemagen's own goes unasked, because it would refuse valid records.
    """
    known = {table.id: table for table in before.tables}
    kept: list[Kept] = []

    def stays(found: Kept) -> bool:
        if any(token_matches(token, found.kind, found.object) for token in allow):
            return False
        kept.append(found)
        return True

    def merged(table: Table) -> Table:
        old = known.get(table.id)
        return table if old is None else _merged(old, table, stays, allow)

    return _with_tables(wanted, merged), tuple(sorted(kept, key=lambda item: (item.object, item.kind)))


def _merged(old: Table, new: Table, stays: Stays, allow: tuple[str, ...]) -> Table:
    columns = tuple(_column(old, column, stays, allow) for column in new.columns)
    new = replace(new, columns=columns, comment=_comment(new.comment, old.comment, str(new.id), allow))
    names = {column.name for column in new.columns}
    stated = {index.name for index in new.indexes}
    indexes = [
        index
        for index in old.indexes
        if index.name not in stated
        and set(index.columns) <= names
        and stays(Kept("DROP_INDEX", f"{old.id}.{index.name}", f"index {index.name} of {old.id} ({', '.join(index.columns)})"))
    ]
    constraints = [item for item in _unstated(old, new) if stays(_kept_constraint(old, item))]
    key = {name for item in constraints if isinstance(item, PrimaryKey) for name in item.columns}
    return replace(
        new,
        columns=tuple(replace(column, nullable=False) if column.name in key else column for column in new.columns),
        indexes=(*new.indexes, *indexes),
        constraints=(*new.constraints, *constraints),
    )


def _kept_constraint(table: Table, item: Constraint) -> Kept:
    name = constraint_label(table, item)
    return Kept("DROP_CONSTRAINT", f"{table.id}.{name}", f"{replace(item, name=None)} of {table.id}")


def _unstated(old: Table, new: Table) -> Iterator[Constraint]:
    """Constraints of the live table that the source neither states nor contradicts."""
    rest = list(old.constraints)
    for _, item in pair_constraints(old.constraints, new.constraints):
        rest.remove(item)
    types = {column.name: column.type for column in new.columns}
    # What a column of another type does to them nobody can say before.
    same = {column.name for column in old.columns if types.get(column.name) == column.type}
    for item in rest:
        if set(constraint_columns(item)) <= same and not _is_contradicted(item, old, new):
            yield item


def _is_contradicted(item: Constraint, old: Table, new: Table) -> bool:
    match item:
        case PrimaryKey():
            return new.primary_key is not None
        case ForeignKey(columns):
            return any(key.columns == columns for key in new.foreign_keys)
        case Check():
            return is_our_check(old, item)
        case Unique():
            return False


def _column(old: Table, column: Column, stays: Stays, allow: tuple[str, ...]) -> Column:
    """A column with the default, numbering and comment that it has and the source does not state."""
    there = next((item for item in old.columns if item.name == column.name), None)
    if there is None:
        return column
    place = f"{old.id}.{column.name}"
    column = replace(column, comment=_comment(column.comment, there.comment, place, allow))
    if there.type != column.type:
        return column
    if column.default is None and there.default is not None and stays(Kept("DROP_DEFAULT", place, f"the default of {place}")):
        column = replace(column, default=there.default)
    if column.identity is None and there.identity is not None and stays(Kept("DROP_IDENTITY", place, f"the numbering of {place}")):
        column = replace(column, identity=there.identity)
    return column


def _comment(stated: str | None, there: str | None, place: str, allow: tuple[str, ...]) -> str | None:
    drops = any(token_matches(token, "DROP_COMMENT", place) for token in allow)
    return there if stated is None and not drops else stated
