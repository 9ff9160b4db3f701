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
    "Format",
    "Identity",
    "IdentityTag",
    "Maximum",
    "Minimum",
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


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least value of an integer that has no greatest one (else `IntegerRange`)."""

    value: int


@dataclass(frozen=True, slots=True)
class Maximum:
    """The greatest value of an integer that has no least one (else `IntegerRange`)."""

    value: int


@dataclass(frozen=True, slots=True)
class Format:
    """How JSON spells a value where the type allows two ways.

    "decimal": a Decimal as a string; "date-time-local": a datetime without zone; "binary": bytes that are no base64 text.
    """

    name: str


PrimaryKey = Annotated[T, PrimaryKeyTag()]
Unique = Annotated[T, UniqueTag()]
Identity = Annotated[T, IdentityTag()]


class DefaultTag:
    """The type of DEFAULT."""

    def __repr__(self) -> str:
        return "DEFAULT"


# In `insert_data`: stands for a whole column's default or identity.
DEFAULT: Any = DefaultTag()
