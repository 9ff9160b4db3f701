"""The constraints of an entity's table: primary key, unique, foreign keys, checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemagen import names
from schemagen.catalog import types as sql
from schemagen.catalog.columns import Rules, field_pointer
from schemagen.catalog.expressions import AtLeast, Expr, InList
from schemagen.catalog.objects import Check, Column, Constraint, ForeignKey, PrimaryKey, Unique
from schemagen.catalog.types import ObjectId
from schemagen.errors import SchemagenError
from schemagen.options import EnumMode
from schemagen.shape import types as shapes
from schemagen.shape.facts import EntityFacts, ForeignKeyFacts
from schemagen.shape.types import ClassShape, Field

# A longer list makes a check that is slower than it is useful, and that some servers refuse.
_MOST_VALUES = 256

Placed = Sequence[tuple[Field, Column]]


def constraints_of(owner: ClassShape, facts: EntityFacts, placed: Placed, rules: Rules) -> tuple[Constraint, ...]:
    """All constraints of a table, in the order of CREATE TABLE. Raises SchemagenError KEY_NOT_SCALAR, UNKNOWN_ENTITY, NO_KEY."""
    table = facts.table
    columns = {item.name: column.name for item, column in placed}
    result: list[Constraint] = []
    if facts.key:
        result.append(_primary_key(owner, facts, placed, columns))
    uniques = [(item.name,) for item, _ in placed if item.unique] + list(facts.unique)
    for fields in dict.fromkeys(uniques):
        listed = tuple(_column(owner, name, columns) for name in fields)
        result.append(Unique(listed, names.unique_name(table, listed)))
    result += _foreign_keys(owner, facts, placed, columns, rules)
    if rules.options.check_level == "domain":
        for item, column in placed:
            result += [Check(expr, names.check_name(table, column.name)) for expr in _domain(owner, item, column, rules)]
    return tuple(result)


def _primary_key(owner: ClassShape, facts: EntityFacts, placed: Placed, columns: Mapping[str, str]) -> PrimaryKey:
    listed = tuple(_column(owner, name, columns) for name in facts.key)
    for item, column in placed:
        if item.name in facts.key and isinstance(column.type, sql.Json | sql.ArrayType | sql.StructRef):
            raise SchemagenError("KEY_NOT_SCALAR", f"{owner.name}.{item.name}", "a key needs a scalar value, not a list, object or union")
    return PrimaryKey(listed, names.primary_key_name(facts.table))


def _column(owner: ClassShape, field: str, columns: Mapping[str, str]) -> str:
    if field in columns:
        return columns[field]
    raise SchemagenError("KEY_UNKNOWN", owner.name, f"has no column for {field!r}; it has: {', '.join(columns) or 'none'}")


def _foreign_keys(owner: ClassShape, facts: EntityFacts, placed: Placed, columns: Mapping[str, str], rules: Rules) -> list[ForeignKey]:
    found: dict[tuple[str, ...], ForeignKey] = {}
    for item, column in placed:
        lookup = _lookup(owner, item, rules)
        if lookup is not None:
            name = names.foreign_key_name(facts.table, (column.name,))
            found[(column.name,)] = ForeignKey((column.name,), lookup, ("value",), name)
    if rules.options.foreign_keys:
        # A class without a table (where entities were chosen by name) cannot be referred to.
        tableless = {item.name for item in rules.model.classes if item.entity is None}
        for wanted in (item for item in _wanted(facts, placed, rules) if item.entity not in tableless):
            listed = tuple(_column(owner, name, columns) for name in wanted.fields)
            target, target_columns = _target(owner, wanted, rules)
            found.setdefault(listed, ForeignKey(listed, target, target_columns, names.foreign_key_name(facts.table, listed)))
    return list(found.values())


def _wanted(facts: EntityFacts, placed: Placed, rules: Rules) -> list[ForeignKeyFacts]:
    result = []
    for item, _ in placed:
        target = rules.reference(item.shape)
        if target is not None:
            result.append(ForeignKeyFacts((item.name,), target.name))
        if item.foreign_key is not None:
            result.append(item.foreign_key)
    return [*result, *facts.foreign_keys]


def _target(owner: ClassShape, wanted: ForeignKeyFacts, rules: Rules) -> tuple[ObjectId, tuple[str, ...]]:
    """The table and columns that a foreign key refers to."""
    target = next((item for item in rules.model.entities if item.name == wanted.entity), None)
    if target is None or target.entity is None:
        known = ", ".join(item.name for item in rules.model.entities)
        raise SchemagenError("UNKNOWN_ENTITY", owner.name, f"refers to {wanted.entity!r}, which is no entity of its module; known: {known}")
    fields = wanted.target or target.entity.key
    if len(fields) != len(wanted.fields):
        raise SchemagenError(
            "NO_KEY", owner.name, f"refers by {len(wanted.fields)} fields to {target.name}, whose key has {len(fields)}; name as many"
        )
    columns = {item.name: item.column for item in target.fields}
    return ObjectId("table", rules.namespace, target.entity.table), tuple(_column(target, name, columns) for name in fields)


def _lookup(owner: ClassShape, item: Field, rules: Rules) -> ObjectId | None:
    """The lookup table of a column whose enumeration is stored as one."""
    shape = rules.stored_shape(item.shape)
    if not isinstance(shape, shapes.EnumRef) or shape.open:
        return None
    mode = rules.enum_mode(rules.model.named_enum(shape.name), field_pointer(owner, item))
    return rules.id("table", shape.name) if mode is EnumMode.RELATION else None


def _domain(owner: ClassShape, item: Field, column: Column, rules: Rules) -> list[Expr]:
    """The checks that keep a column to the values of its type."""
    match item.shape, column.type:
        case shapes.EnumRef(name, False), sql.Text() | sql.Integer() | sql.Numeric() if _lookup(owner, item, rules) is None:
            return _in_list(column, tuple(member.value for member in rules.model.named_enum(name).members))
        case shapes.Values(values), sql.Boolean() if len(set(values)) > 1:
            return []
        case shapes.Values(values), _:
            return _in_list(column, values)
        case _, sql.Integer(_, True):
            return [AtLeast(column.name, 0)]
    return []


def _in_list(column: Column, values: tuple[str | int | bool, ...]) -> list[Expr]:
    return [InList(column.name, values)] if len(values) <= _MOST_VALUES else []
