"""Facts about entities and fields that a type cannot say: plain literals, kept in the dataclasses themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Missing:
    """No default."""


@dataclass(frozen=True, slots=True)
class ForeignKeyFacts:
    """Fields of this entity that refer to fields (its key, where none are named) of another entity, by Python field names."""

    fields: tuple[str, ...]
    entity: str
    target: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """What makes a dataclass an entity: its table, its key and constraints by Python field names, and where it came from.

    `table` is the stored name before a server's limits. `pointer` is the entity's JSON pointer in its document, with `#`.
    `origin` is a stated identity (`$id`, `$anchor`), if any. Origin and pointer take no part in equality of catalogs.
    `admits_other` is True where the schema admits records that are no objects: then no property column is NOT NULL.
    """

    table: str
    key: tuple[str, ...] = ()
    pointer: str = "#"
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKeyFacts, ...] = ()
    origin: str | None = None
    admits_other: bool = False


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What name, alias and annotation of a field do not say; absent where they say it all.

    `column`: a stored name other than the alias. `nullable`: True for an optional property that also admits null.
    `not_null`: whether the column is NOT NULL where the annotation says the opposite. `default`: the schema's default, as JSON.
    """

    column: str | None = None
    nullable: bool | None = None
    not_null: bool | None = None
    deprecated: bool = False
    read_only: bool = False
    write_only: bool = False
    default: Any = field(default=Missing(), hash=False)
