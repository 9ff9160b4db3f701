"""The Layout: for one entity, where each property of a record goes and comes back from. Made once; loading reads nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from schemagen.catalog.objects import Catalog, Column, StructType, Table
from schemagen.catalog.relate import placed_columns, relate_model, rules_of, system_columns
from schemagen.catalog.types import Json, SqlType
from schemagen.errors import SchemagenError
from schemagen.options import GeneratorOptions
from schemagen.shape.types import Anything, ClassShape, Field, Missing, Model, Shape


@dataclass(frozen=True, slots=True)
class Slot:
    """One column. `path` holds JSON property names from the record's root; () for a system column.

    `type` is the column's type before `lower`, which says what a value means; `lowered` what this server stores.
    `column` is the server's name, after shortening. `nullable` and `required` are the record's: may the property be null, must it be there.
    `not_null`: the column admits no NULL. `unfit`: where a value that the column cannot give back goes, to `_extra` or to the rejects.
    `default`: what an object of a hand-written class has where nothing was given, as Python has it.
    """

    kind: Literal["property", "extra", "absent"]
    path: tuple[str, ...]
    column: str
    type: SqlType
    lowered: SqlType
    shape: Shape
    required: bool
    nullable: bool
    not_null: bool
    in_key: bool
    unfit: Literal["move", "reject"]
    default: Any = field(default=Missing(), hash=False)


@dataclass(frozen=True, slots=True)
class Layout:
    """All columns of one entity's table, in its order. `target` is the lowered table, `structs` the lowered composite types.

    `entity` is the entity's class and `model` its module, whose classes nested shapes refer to.
    """

    entity: ClassShape
    model: Model
    table: Table
    target: Table
    slots: tuple[Slot, ...]
    structs: tuple[StructType, ...] = ()

    @property
    def key(self) -> tuple[Slot, ...]:
        """The key's slots in the key's order."""
        by_column = {slot.column: slot for slot in self.slots}
        return tuple(by_column[name] for name in self.target.key)

    def slot(self, kind: Literal["extra", "absent"]) -> Slot | None:
        return next((item for item in self.slots if item.kind == kind), None)

    @property
    def properties(self) -> tuple[Slot, ...]:
        return tuple(item for item in self.slots if item.kind == "property")


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
