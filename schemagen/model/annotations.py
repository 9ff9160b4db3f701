"""What a dataclass says beyond its types: PrimaryKey, Unique, Identity, ForeignKey, and the facts classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from schemagen.shape.facts import EntityFacts, FieldFacts, ForeignKeyFacts

__all__ = [
    "DEFAULT",
    "DefaultTag",
    "EntityFacts",
    "FieldFacts",
    "ForeignKey",
    "ForeignKeyFacts",
    "Identity",
    "IdentityTag",
    "PrimaryKey",
    "PrimaryKeyTag",
    "Unique",
    "UniqueTag",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PrimaryKeyTag:
    """Marks a field of the primary key."""


@dataclass(frozen=True, slots=True)
class UniqueTag:
    """Marks a field whose values are unique."""


@dataclass(frozen=True, slots=True)
class IdentityTag:
    """Marks an integer field that the server numbers."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`Annotated[int, ForeignKey("Customer", "id")]`: refers to a field (the key, where none is named) of an entity."""

    entity: str
    field: str = ""


PrimaryKey = Annotated[T, PrimaryKeyTag()]
Unique = Annotated[T, UniqueTag()]
Identity = Annotated[T, IdentityTag()]


class DefaultTag:
    """The type of DEFAULT."""

    def __repr__(self) -> str:
        return "DEFAULT"


# In `insert_data`: stands for a whole column's default or identity.
DEFAULT: Any = DefaultTag()
