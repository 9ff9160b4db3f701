"""Entities to tables: modules of dataclasses, or a Model, as a Catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TypeVar

from schemagen import names
from schemagen.catalog import types as sql
from schemagen.catalog.columns import Rules, column_of, column_type, longest, may_not_fit
from schemagen.catalog.constraints import constraints_of
from schemagen.catalog.objects import (
    Catalog,
    Column,
    EnumType,
    ForeignKey,
    Namespace,
    PrimaryKey,
    Seed,
    StructMember,
    StructType,
    Table,
)
from schemagen.catalog.types import ObjectId, SqlType
from schemagen.errors import SchemagenError
from schemagen.model.reflect import reflect
from schemagen.options import GeneratorOptions
from schemagen.shape.facts import EntityFacts
from schemagen.shape.types import ClassShape, EnumShape, Field, Model, Nothing


def relate(module: ModuleType | Sequence[ModuleType], options: GeneratorOptions | None = None) -> Catalog:
    """The catalog of one or several modules. Raises SchemagenError NAME_CLASH, UNSUPPORTED, KEY_NOT_SCALAR, UNKNOWN_ENTITY, NO_KEY."""
    options = options or GeneratorOptions()
    modules = [module] if isinstance(module, ModuleType) else list(module)
    return join_catalogs(relate_model(reflect(item), options.namespace_of(item), options) for item in modules)


def relate_model(model: Model, namespace: str, options: GeneratorOptions) -> Catalog:
    """The catalog of one model, in one namespace. Raises SchemagenError as `relate` does."""
    rules = rules_of(model, namespace, options)
    tables: dict[str, Table] = {}
    for owner in model.entities:
        facts = owner.entity
        assert facts is not None
        known = tables.get(facts.table)
        if known is not None:
            places = f"{known.pointer or 'a class'} and {facts.pointer}"
            sentence = f"is the table of two entities, {places}; rename one: --set rename='{facts.pointer}=NAME'"
            raise SchemagenError("NAME_CLASH", facts.table, sentence)
        tables[facts.table] = _table(owner, facts, rules)
    lookups = [_lookup_table(item, rules) for item in model.enums if _is_looked_up(rules.id("table", item.name), tables.values())]
    every = sorted([*tables.values(), *lookups], key=lambda table: table.id.name)
    structs = _structs(every, rules)
    enums = _enums(every, structs, rules)
    return Catalog((Namespace(namespace, tuple(every), enums, structs),))


def join_catalogs(catalogs: Iterable[Catalog]) -> Catalog:
    """One catalog of all. Raises SchemagenError NAME_CLASH where two have different objects of one name."""
    result = Catalog()
    for catalog in catalogs:
        for right in catalog.namespaces:
            left = result.namespace(right.name)
            tables = _joined(left.tables, right.tables)
            enums = _joined(left.enums, right.enums)
            structs = _joined(left.structs, right.structs, in_order=True)
            result = result.with_namespace(Namespace(right.name, tables, enums, structs))
    return result


Item = TypeVar("Item", Table, EnumType, StructType)


def _joined(left: tuple[Item, ...], right: tuple[Item, ...], in_order: bool = False) -> tuple[Item, ...]:
    found = {item.id: item for item in left}
    for item in right:
        if found.setdefault(item.id, item) != item:
            raise SchemagenError("NAME_CLASH", str(item.id), "two modules make different objects of this name; give one another namespace")
    return tuple(found.values() if in_order else sorted(found.values(), key=lambda item: item.id.name))


def rules_of(model: Model, namespace: str, options: GeneratorOptions) -> Rules:
    """The rules of one model, with the names of its enums and composite types: no two alike, and none a table's."""
    made = any(item.schema_made for item in model.classes)
    tables = [item.entity.table for item in model.classes if item.entity is not None]
    types = [item.name for item in model.enums] + [item.name for item in model.classes if item.entity is None]
    return Rules(model, namespace, options, names.unique_names(types, names.snake_case if made else names.clean, tables))


def placed_columns(owner: ClassShape, rules: Rules) -> list[tuple[Field, Column]]:
    """The columns of an entity's fields, in the fields' order; what admits only null has none."""
    return [(item, column_of(owner, item, rules)) for item in owner.fields if not isinstance(item.shape, Nothing)]


def system_columns(owner: ClassShape, facts: EntityFacts, placed: Sequence[tuple[Field, Column]]) -> dict[str, Column]:
    """The columns that schemagen adds to a schema-made entity: "extra" and "absent", where they are needed."""
    if not owner.schema_made:
        return {}
    unfit = any(column.nullable and may_not_fit(item.shape, column.type) for item, column in placed)
    nulls = any(isinstance(item.shape, Nothing) and item.nullable for item in owner.fields)
    either = any(
        not item.required and item.nullable and column.nullable and not isinstance(column.type, sql.Json) for item, column in placed
    )
    wanted = {"extra": (names.EXTRA_COLUMN, owner.open or facts.admits_other or unfit or nulls), "absent": (names.ABSENT_COLUMN, either)}
    taken = {column.name for _, column in placed}
    return {kind: Column(_free(name, taken), sql.Json()) for kind, (name, needed) in wanted.items() if needed}


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _table(owner: ClassShape, facts: EntityFacts, rules: Rules) -> Table:
    placed = placed_columns(owner, rules)
    columns = [column for _, column in placed]
    seen: dict[str, str] = {}
    for item, column in placed:
        if column.name in seen:
            sentence = f"{seen[column.name]} and {item.name} are both stored in column {column.name!r}; rename one"
            raise SchemagenError("NAME_CLASH", owner.name, sentence)
        seen[column.name] = item.name
    columns += system_columns(owner, facts, placed).values()
    constraints = constraints_of(owner, facts, placed, rules)
    return Table(ObjectId("table", rules.namespace, facts.table), tuple(columns), constraints, comment=owner.doc, pointer=owner.pointer)


def _is_looked_up(id: ObjectId, tables: Iterable[Table]) -> bool:
    return any(isinstance(item, ForeignKey) and item.target == id for table in tables for item in table.constraints)


def _lookup_table(shape: EnumShape, rules: Rules) -> Table:
    """The table of an enumeration's values, with its rows."""
    id = rules.id("table", shape.name)
    values = [str(member.value) for member in shape.members]
    columns = [Column("value", longest(values), nullable=False)]
    rows: list[tuple[str | None, ...]] = [(value,) for value in values]
    if any(member.doc for member in shape.members):
        columns.append(Column("description", sql.Text()))
        rows = [(str(member.value), member.doc) for member in shape.members]
    seed = Seed(tuple(column.name for column in columns), tuple(rows))
    key = PrimaryKey(("value",), names.primary_key_name(id.name))
    return Table(id, tuple(columns), (key,), comment=shape.doc, seed=seed)


def _leaf(kind: SqlType) -> SqlType:
    return _leaf(kind.item) if isinstance(kind, sql.ArrayType) else kind


def _structs(tables: Iterable[Table], rules: Rules) -> tuple[StructType, ...]:
    """The composite types that columns need, each after those that it needs itself."""
    owners = {rules.id("struct", item.name): item for item in rules.model.classes if item.entity is None}
    done: dict[ObjectId, StructType] = {}

    def add(kind: SqlType) -> None:
        leaf = _leaf(kind)
        if not isinstance(leaf, sql.StructRef) or leaf.id in done:
            return
        struct = _struct(leaf.id, owners[leaf.id], rules)
        for member in struct.members:
            add(member.type)
        done[leaf.id] = struct

    used = {leaf.id: leaf for table in tables for column in table.columns if isinstance(leaf := _leaf(column.type), sql.StructRef)}
    for id in sorted(used, key=str):
        add(used[id])
    return tuple(done.values())


def _struct(id: ObjectId, owner: ClassShape, rules: Rules) -> StructType:
    items = [item for item in owner.fields if not isinstance(item.shape, Nothing)]
    members = [StructMember(item.column, column_type(item.shape, rules, f"{owner.pointer}/properties/{item.json_name}")) for item in items]
    return StructType(id, tuple(members), owner.doc)


def _enums(tables: Iterable[Table], structs: Iterable[StructType], rules: Rules) -> tuple[EnumType, ...]:
    """The enumeration types that columns and composite types need."""
    kinds = [column.type for table in tables for column in table.columns] + [item.type for struct in structs for item in struct.members]
    used = {leaf.id for kind in kinds if isinstance(leaf := _leaf(kind), sql.EnumRef)}
    found = [EnumType(rules.id("enum", item.name), tuple(str(member.value) for member in item.members)) for item in rules.model.enums]
    return tuple(sorted((item for item in found if item.id in used), key=lambda item: item.id.name))
