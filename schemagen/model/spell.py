"""Shapes and plain values as Python source: names with their imports, annotations, literals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_never

from schemagen.model.fields import admits_none
from schemagen.model.lines import Choice, Group, Labelled, Piece, Word, call, subscript, tuple_of
from schemagen.shape.types import (
    Anything,
    Bool,
    Bytes,
    ClassRef,
    Date,
    Dec,
    Duration,
    EnumRef,
    Field,
    Float,
    Instant,
    Int,
    Ip,
    ListOf,
    MapOf,
    Nothing,
    Shape,
    Str,
    TimeOfDay,
    UnionOf,
    Uuid,
    Values,
)

# Where each name that source may use comes from, and the module's name where the name itself is taken by a field or class.
SOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "builtins": ("_b", ("bool", "bytes", "dict", "float", "int", "list", "str")),
    "dataclasses": ("_dc", ("dataclass", "field")),
    "datetime": ("_dt", ("date", "datetime", "time", "timedelta")),
    "decimal": ("_decimal", ("Decimal",)),
    "enum": ("_enum", ("Enum",)),
    "ipaddress": ("_ip", ("IPv4Address", "IPv6Address")),
    "typing": ("_t", ("Annotated", "Any", "ClassVar", "Literal")),
    "uuid": ("_uuid", ("UUID",)),
    "schemagen": (
        "_sg",
        (
            "Alias", "EntityFacts", "FieldFacts", "ForeignKey", "ForeignKeyFacts", "Format", "Identity", "IntegerRange", "Length",
            "MaxLength", "Maximum", "Minimum", "Precision", "PrimaryKey", "Signed", "Unique", "float32",
            "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        ),
    ),
}  # fmt: skip
HOMES = {name: module for module, (_, names) in SOURCES.items() for name in names}
CALLED = frozenset(
    {"dataclass", "field", "Decimal", "EntityFacts", "FieldFacts", "ForeignKey", "ForeignKeyFacts", "Format", "Maximum", "Minimum"}
    | {"Alias", "IntegerRange", "Length", "MaxLength", "Precision", "Signed"}
)


class Speller:
    """Spells what one module needs; `taken` are the names of its fields and classes. Notes every import and every string it wrote."""

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = taken
        self.plain: dict[str, set[str]] = {}
        self.aliases: dict[str, str] = {}
        self.strings: set[str] = set()

    def name(self, symbol: str) -> str:
        """The name as this module can use it; its import is noted."""
        module = HOMES[symbol]
        if symbol not in self._taken:
            if module != "builtins":
                self.plain.setdefault(module, set()).add(symbol)
            return symbol
        alias = SOURCES[module][0]
        # No field ends in an underscore that begins with one (`names.identifier`).
        self.aliases[module] = f"{alias}_" if alias in self._taken else alias
        return f"{self.aliases[module]}.{symbol}"

    def word(self, symbol: str) -> Word:
        return Word(self.name(symbol))

    def call(self, symbol: str, *items: Piece) -> Group:
        return call(self.name(symbol), *items)

    def text(self, value: str) -> Word:
        self.strings.add(value)
        return Word(quoted(value))

    def literal(self, value: Any) -> Piece:
        """A plain value: JSON, or a tuple of such."""
        match value:
            case str():
                return self.text(value)
            case Decimal():
                return self.call("Decimal", self.text(str(value)))
            case None | bool() | int() | float():
                return Word(repr(value))
            case list():
                return Group("[", tuple(self.literal(item) for item in value), "]")
            case tuple():
                return tuple_of(tuple(self.literal(item) for item in value))
            case dict():
                items = [Labelled(f"{self.text(key).text}: ", self.literal(item)) for key, item in value.items()]
                return Group("{", tuple(items), "}")
        raise TypeError(f"no literal: {value!r}")

    def annotation(self, item: Field, in_key: bool) -> Piece:
        """The annotation of a field, with everything that it says besides the type."""
        core, notes = self._core(item.shape)
        if item.json_name != item.name:
            notes.append(self.call("Alias", self.text(item.json_name)))
        if item.foreign_key is not None:
            target = [self.text(name) for name in (item.foreign_key.entity, *item.foreign_key.target)]
            notes.append(self.call("ForeignKey", *target))
        piece: Piece = subscript(self.name("Annotated"), core, *notes) if notes else core
        for wanted, symbol in ((item.identity, "Identity"), (item.unique, "Unique"), (in_key, "PrimaryKey")):
            if wanted:
                piece = subscript(self.name(symbol), piece)
        return _or_none(piece) if admits_none(item) else piece

    def type(self, shape: Shape, nullable: bool = False) -> Piece:
        """A type inside another one."""
        core, notes = self._core(shape)
        piece: Piece = subscript(self.name("Annotated"), core, *notes) if notes else core
        return _or_none(piece) if nullable and not isinstance(shape, Anything | Nothing) else piece

    def _core(self, shape: Shape) -> tuple[Piece, list[Piece]]:
        """The bare type, and what `Annotated` says of it."""
        match shape:
            case Bool():
                return self.word("bool"), []
            case Int():
                return self._integer(shape)
            case Float(bits):
                return self.word("float32" if bits == 32 else "float"), []
            case Dec(precision, scale, text):
                notes: list[Piece] = []
                if precision is not None:
                    notes.append(self.call("Precision", self.literal(precision), self.literal(scale or 0)))
                return self.word("Decimal"), [*notes, *([self.call("Format", self.text("decimal"))] if text else [])]
            case Str(length, fixed):
                kind = "Length" if fixed else "MaxLength"
                return self.word("str"), [] if length is None else [self.call(kind, self.literal(length))]
            case Date():
                return self.word("date"), []
            case Instant(naive):
                return self.word("datetime"), [self.call("Format", self.text("date-time-local"))] if naive else []
            case TimeOfDay():
                return self.word("time"), []
            case Duration():
                return self.word("timedelta"), []
            case Uuid():
                return self.word("UUID"), []
            case Ip(version):
                return self.word(f"IPv{version}Address"), []
            case Bytes(base64):
                return self.word("bytes"), [] if base64 else [self.call("Format", self.text("binary"))]
            case _:
                return self._compound(shape), []

    def _integer(self, shape: Int) -> tuple[Piece, list[Piece]]:
        notes: list[Piece] = []
        core = self.word("int" if shape.bits is None else f"{'u' if shape.unsigned else ''}int{shape.bits}")
        if shape.bits is None and shape.unsigned:
            notes.append(self.call("Signed", Word("False")))
        if shape.minimum is not None and shape.maximum is not None:
            notes.append(self.call("IntegerRange", self.literal(shape.minimum), self.literal(shape.maximum)))
        elif shape.minimum is not None:
            notes.append(self.call("Minimum", self.literal(shape.minimum)))
        elif shape.maximum is not None:
            notes.append(self.call("Maximum", self.literal(shape.maximum)))
        return core, notes

    def _compound(self, shape: EnumRef | Values | ClassRef | ListOf | MapOf | UnionOf | Anything | Nothing) -> Piece:
        match shape:
            case EnumRef(name, open):
                return Choice((Word(name), self.word("str"))) if open else Word(name)
            case Values(values):
                return subscript(self.name("Literal"), *(self.literal(value) for value in values))
            case ClassRef(name):
                return Word(name)
            case ListOf(item, nullable):
                return subscript(self.name("list"), self.type(item, nullable))
            case MapOf(value, nullable):
                return subscript(self.name("dict"), self.word("str"), self.type(value, nullable))
            case UnionOf(options):
                return Choice(tuple(self.type(option) for option in options))
            case Anything():
                return self.word("Any")
            case Nothing():
                return Word("None")
            case _:
                assert_never(shape)


def _or_none(piece: Piece) -> Choice:
    return Choice((*(piece.items if isinstance(piece, Choice) else (piece,)), Word("None")))


def quoted(text: str) -> str:
    """A string literal of printable characters, in the quotes that need fewer backslashes, double ones if both do."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join("\\" + c if c == quote else escaped(c) for c in text) + quote


def escaped(c: str) -> str:
    """One character as it may stand in a string literal: backslash, control, format and surrogate characters escaped."""
    return c if c.isprintable() and c != "\\" else repr(c)[1:-1]
