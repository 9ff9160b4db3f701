"""The Layout: for one entity, where each property of a record goes and comes back from. Made once; loading reads nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from schemagen.catalog.objects import StructType, Table
from schemagen.catalog.types import SqlType
from schemagen.shape.types import ClassShape, Missing, Model, Shape


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
