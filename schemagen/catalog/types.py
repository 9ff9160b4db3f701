"""SQL column types: a closed union, one class per standard type; what is unknown is Opaque and never an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemagen.sql import Lit, Sql, ident, join, raw


@dataclass(frozen=True, slots=True)
class ObjectId:
    """A named object of one kind: a table and a type of one name are two. `namespace` "" is the session's own, which DDL never names.

    `kind` is table, enum, struct, index, sequence, view or another word of the server. `name` is the exact stored text.
    """

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name

    def __repr__(self) -> str:
        # Without the kind: the fingerprints of loads are made of this text, those of earlier versions too.
        return f"ObjectId(namespace={self.namespace!r}, name={self.name!r})"


@dataclass(frozen=True, slots=True)
class Boolean:
    pass


@dataclass(frozen=True, slots=True)
class Integer:
    """8, 16, 32, 64 or (DuckDB's hugeint) 128 bits."""

    bits: int = 64
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Real:
    """Floating point of 32 or 64 bits."""

    bits: Literal[32, 64] = 64


@dataclass(frozen=True, slots=True)
class Numeric:
    """Exact decimal; both None: unbounded."""

    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Characters; `length` counts code points. `fixed`: char(n)."""

    length: int | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes. `length` with `fixed` is binary(n), as MySQL stores a uuid."""

    length: int | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    pass


@dataclass(frozen=True, slots=True)
class Time:
    digits: int = 6
    zoned: bool = False


@dataclass(frozen=True, slots=True)
class Timestamp:
    zoned: bool = True
    digits: int = 6


@dataclass(frozen=True, slots=True)
class Interval:
    pass


@dataclass(frozen=True, slots=True)
class Uuid:
    pass


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON value. `binary`: PostgreSQL's jsonb, the default; False: its json."""

    binary: bool = True


@dataclass(frozen=True, slots=True)
class Inet:
    """An address; `version` 0: either."""

    version: Literal[0, 4, 6] = 0


@dataclass(frozen=True, slots=True)
class ArrayType:
    item: SqlType


@dataclass(frozen=True, slots=True)
class EnumRef:
    """A column of a named enumeration type (`EnumType` in the catalog)."""

    id: ObjectId


@dataclass(frozen=True, slots=True)
class InlineEnum:
    """MySQL's ENUM('a', 'b')."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StructRef:
    """A column of a named composite type (`StructType` in the catalog)."""

    id: ObjectId


@dataclass(frozen=True, slots=True)
class Opaque:
    """A type that schemagen does not model, in the server's own words."""

    text: str


SqlType = (
    Boolean | Integer | Real | Numeric | Text | Binary | Date | Time | Timestamp | Interval | Uuid | Json | Inet
    | ArrayType | EnumRef | InlineEnum | StructRef | Opaque
)  # fmt: skip

_INTEGERS = {8: "smallint", 16: "smallint", 32: "integer", 64: "bigint", 128: "numeric(39,0)"}


def ansi_type(kind: SqlType) -> Sql:
    """The type in ANSI SQL; what ANSI has no word for takes the word most servers know."""
    match kind:
        case Integer(bits, unsigned):
            return raw("numeric(20,0)" if unsigned and bits == 64 else _INTEGERS[bits * 2 if unsigned and bits < 64 else bits])
        case Numeric(precision, scale):
            return raw("numeric" if precision is None else f"numeric({precision},{scale or 0})")
        case Text(length, fixed):
            return raw("text" if length is None else f"{'char' if fixed else 'varchar'}({length})")
        case Binary(length, fixed):
            return raw("blob" if length is None else f"{'binary' if fixed else 'varbinary'}({length})")
        case Timestamp(zoned, digits):
            return raw(f"timestamp{'' if digits == 6 else f'({digits})'}{' with time zone' if zoned else ''}")
        case Time(digits, zoned):
            return raw(f"time{'' if digits == 6 else f'({digits})'}{' with time zone' if zoned else ''}")
        case ArrayType(item):
            return Sql("{} array", ansi_type(item))
        case EnumRef(id) | StructRef(id):
            return Sql("{}", ident(id.namespace, id.name))
        case InlineEnum(values):
            return Sql("enum({})", join(", ", [Lit(value) for value in values]))
        case Opaque(text):
            return raw(text)
        case Real(bits):
            return raw("real" if bits == 32 else "double precision")
        case Boolean() | Date() | Interval() | Uuid() | Json() | Inet():
            return raw({"Inet": "varchar(45)"}.get(type(kind).__name__, type(kind).__name__.lower()))
