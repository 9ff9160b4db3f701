"""Where each property of an entity is placed: its Layout, made once from the entity, its table and the lowered table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from schemagen.catalog.layout import Layout, Slot
from schemagen.catalog.objects import Catalog, Column
from schemagen.catalog.relate import placed_columns, relate_model, rules_of, system_columns
from schemagen.catalog.types import Json
from schemagen.errors import SchemagenError
from schemagen.options import GeneratorOptions
from schemagen.shape.types import Anything, ClassShape, Field, Model, Shape


def make_layout(model: Model, entity: ClassShape, namespace: str, options: GeneratorOptions, lower: Callable[[Catalog], Catalog]) -> Layout:
    """The Layout of one entity of `model`. `lower`: a dialect's, for one server; it keeps the order of tables and columns.

    Raises SchemagenError as `relate` and `lower` do, and UNKNOWN_ENTITY where the class is no entity.
    """
    if entity.entity is None:
        raise SchemagenError("UNKNOWN_ENTITY", entity.name, "is no entity: it has no table")
    catalog = relate_model(model, namespace, options)
    lowered = lower(catalog)
    position = next(index for index, item in enumerate(catalog.tables) if item.id.name == entity.entity.table)
    table, target = catalog.tables[position], lowered.tables[position]
    rules = rules_of(model, namespace, options)
    placed = placed_columns(entity, rules)
    system = system_columns(entity, entity.entity, placed)
    stored = iter(target.columns)
    slots = [
        _property(item, rules.stored_shape(item.shape), column, next(stored), column.name in table.key, "extra" in system)
        for item, column in placed
    ]
    if not entity.schema_made:
        slots = [replace(slot, default=item.given) for slot, (item, _) in zip(slots, placed, strict=True)]
    if "extra" in system:
        slots.append(_system("extra", next(stored)))
    if "absent" in system:
        slots.append(_system("absent", next(stored)))
    return Layout(entity, model, table, target, tuple(slots), lowered.structs)


def _property(item: Field, shape: Shape, column: Column, lowered: Column, in_key: bool, has_extra: bool) -> Slot:
    return Slot(
        kind="property",
        path=(item.json_name,),
        column=lowered.name,
        type=column.type,
        lowered=lowered.type,
        shape=shape,
        required=item.required,
        nullable=item.nullable,
        not_null=not column.nullable,
        in_key=in_key,
        unfit="reject" if in_key or not column.nullable or not has_extra else "move",
    )


def _system(kind: Literal["extra", "absent"], lowered: Column) -> Slot:
    return Slot(kind, (), lowered.name, Json(), lowered.type, Anything(), False, True, False, False, "reject")
