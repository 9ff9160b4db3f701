"""The shapes: what a schema node needs to be stored. A closed union; dataclass annotations say the same, and are read back to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from schemagen.shape.facts import EntityFacts, ForeignKeyFacts
from schemagen.shape.facts import Missing as Missing


@dataclass(frozen=True, slots=True)
class Bool:
    """bool"""


@dataclass(frozen=True, slots=True)
class Int:
    """int. `bits` 8..64 from a format or a hand-written intN; without it bounds choose only between bigint and wider."""

    bits: int | None = None
    unsigned: bool = False
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Float:
    """float: a double; 32 bits only for a hand-written float32."""

    bits: int = 64


@dataclass(frozen=True, slots=True)
class Dec:
    """Decimal with precision and scale, both or none. `text`: the JSON value is a string (format decimal)."""

    precision: int | None = None
    scale: int | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Str:
    """str. `fixed` is a hand-written Length(n)."""

    max_length: int | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """date"""


@dataclass(frozen=True, slots=True)
class Instant:
    """datetime, an instant with zone; `naive` is a local timestamp without one (format date-time-local)."""

    naive: bool = False


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """datetime.time without zone: hand-written, or format time-local"""


@dataclass(frozen=True, slots=True)
class Duration:
    """timedelta, hand-written only: JSON durations stay text"""


@dataclass(frozen=True, slots=True)
class Uuid:
    """UUID"""


@dataclass(frozen=True, slots=True)
class Ip:
    """IPv4Address or IPv6Address"""

    version: Literal[4, 6]


@dataclass(frozen=True, slots=True)
class Bytes:
    """bytes. `base64`: the JSON value is a base64 string (OpenAPI's formats byte and binary)."""

    base64: bool = True


@dataclass(frozen=True, slots=True)
class EnumRef:
    """A class of enum.Enum in the same module. `open`: other strings are admitted too (E | str)."""

    name: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """Literal[...] of scalars of one JSON type: const, and enums of numbers or booleans."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A dataclass of the same module: a nested object, or (hand-written) an entity with a key, then a foreign key."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """list[item]; `nullable`: list[item | None]"""

    item: Shape
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class MapOf:
    """dict[str, value]"""

    value: Shape
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class UnionOf:
    """A | B: of several storage types, hence stored as JSON; two or more options, none of them null or a union"""

    options: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Any: arbitrary JSON"""


@dataclass(frozen=True, slots=True)
class Nothing:
    """None: admits null only, or nothing; no column"""


Shape = (
    Bool | Int | Float | Dec | Str | Date | Instant | TimeOfDay | Duration | Uuid | Ip | Bytes
    | EnumRef | Values | ClassRef | ListOf | MapOf | UnionOf | Anything | Nothing
)  # fmt: skip


_RANKS = (
    Bool, Int, Float, Dec, Str, Date, Instant, TimeOfDay, Duration, Uuid, Ip, Bytes,
    Values, EnumRef, ClassRef, ListOf, MapOf, UnionOf, Anything, Nothing,
)  # fmt: skip


def ordered_options(options: Iterable[Shape]) -> tuple[Shape, ...]:
    """A union's options in one order. `typing` takes unions of other orders for equal, and gives back whichever it has cached."""
    return tuple(sorted(options, key=lambda option: (_RANKS.index(type(option)), repr(option))))


def ordered_values(values: Iterable[str | int | bool]) -> tuple[str | int | bool, ...]:
    """A Literal's values in one order, for the same reason."""
    return tuple(sorted(values, key=lambda value: (type(value).__name__, value)))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class.

    `name` is Python's, `json_name` the property's, `column` the stored one before a server's limits.
    `required`: a record must have the property. `nullable`: null is admitted. A column is NOT NULL where `not_null`.
    `given`: what objects of a hand-written class have where nothing was given; a factory's empty value too, which is no DEFAULT.
    """

    name: str
    json_name: str
    column: str
    shape: Shape
    required: bool = True
    nullable: bool = False
    not_null: bool = True
    identity: bool = False
    unique: bool = False
    foreign_key: ForeignKeyFacts | None = None
    default: Any = field(default=Missing(), hash=False)
    doc: str | None = None
    deprecated: bool = False
    read_only: bool = False
    write_only: bool = False
    given: Any = field(default=Missing(), hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class ClassShape:
    """A dataclass: an entity where `entity` is there, else a nested object. `open`: has `extra_` for undeclared properties.

    `schema_made` entities get the system columns `_extra` and `_absent`; hand-written ones have exactly their fields.
    `pointer` is where the schema stands ("#/..."; "" where hand-written).
    """

    name: str
    fields: tuple[Field, ...]
    entity: EntityFacts | None = None
    open: bool = False
    schema_made: bool = True
    doc: str | None = None
    pointer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class EnumMember:
    name: str
    value: str | int
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class EnumShape:
    """A class of enum.Enum with string (or, hand-written, integer) values."""

    name: str
    members: tuple[EnumMember, ...]
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """All classes of one module, entities first in the order they were asked for, then what they need, in first use.

    `source` is the schema's file name without folders, `digest` the hash of its canonical JSON; both "" where hand-written.
    """

    name: str
    classes: tuple[ClassShape, ...]
    enums: tuple[EnumShape, ...]
    source: str = field(default="", compare=False)
    digest: str = field(default="", compare=False)

    @property
    def entities(self) -> tuple[ClassShape, ...]:
        return tuple(item for item in self.classes if item.entity is not None)

    def named_class(self, name: str) -> ClassShape:
        return next(item for item in self.classes if item.name == name)

    def named_enum(self, name: str) -> EnumShape:
        return next(item for item in self.enums if item.name == name)
