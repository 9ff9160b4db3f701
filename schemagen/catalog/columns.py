"""A field's shape as a column: its SQL type, default and comment, and whether a valid value may not fit."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, assert_never

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import Literal
from schemagen.catalog.objects import Column, Identity
from schemagen.catalog.types import ObjectId, SqlType
from schemagen.errors import SchemagenError
from schemagen.jsontext import Format, has_format
from schemagen.options import ArrayMode, EnumMode, GeneratorOptions, StructMode
from schemagen.shape import types as shapes
from schemagen.shape.types import ClassShape, EnumShape, Field, Missing, Model, Shape

_INT64 = (-(1 << 63), (1 << 63) - 1)
_LAST_UINT64 = (1 << 64) - 1


@dataclass(frozen=True)
class Rules:
    """What decides the columns of one model. `type_names`: the stored name of each enum and each class that is no entity."""

    model: Model
    namespace: str
    options: GeneratorOptions
    type_names: Mapping[str, str]

    def id(self, kind: str, name: str) -> ObjectId:
        """What a class or enumeration is stored as: a type, or (an enumeration) a lookup table."""
        return ObjectId(kind, self.namespace, self.type_names[name])

    def enum_mode(self, shape: EnumShape, pointer: str) -> EnumMode:
        """How a column of that enumeration is stored; integers always with a CHECK."""
        mode: EnumMode = self.options.mode_at(pointer, self.options.enum_mode)
        return mode if isinstance(shape.members[0].value, str) else EnumMode.CHECK

    def array_mode(self, pointer: str) -> ArrayMode:
        mode: ArrayMode = self.options.mode_at(pointer, self.options.array_mode)
        return mode

    def is_struct(self, name: str, pointer: str) -> bool:
        """Whether an object of that class is a composite value at `pointer`: no entity, and nothing recursive, can be one."""
        if self.options.mode_at(pointer, self.options.struct_mode) is not StructMode.TYPE:
            return False
        return self.model.named_class(name).entity is None and not self._reaches(name, name, set())

    def _reaches(self, start: str, goal: str, seen: set[str]) -> bool:
        for item in self.model.named_class(start).fields:
            for name in referred_classes(item.shape):
                if name == goal:
                    return True
                if name not in seen:
                    seen.add(name)
                    if self._reaches(name, goal, seen):
                        return True
        return False

    def reference(self, shape: Shape) -> ClassShape | None:
        """The entity that a hand-written field of a class with a key refers to; None for every other shape."""
        if not isinstance(shape, shapes.ClassRef):
            return None
        target = self.model.named_class(shape.name)
        return target if target.entity is not None and not target.schema_made and target.entity.key else None

    def stored_shape(self, shape: Shape, seen: tuple[str, ...] = ()) -> Shape:
        """The shape that a column holds: the key's, for a reference to a hand-written entity. Raises SchemagenError UNSUPPORTED."""
        target = self.reference(shape)
        if target is None or target.entity is None:
            return shape
        if len(target.entity.key) != 1 or target.name in seen:
            reason = "refers to itself by its key" if target.name in seen else "has a key of several fields"
            raise SchemagenError("UNSUPPORTED", target.name, f"{reason}: refer to it by fields of your own and ForeignKey")
        (key,) = (item for item in target.fields if item.name == target.entity.key[0])
        return self.stored_shape(key.shape, (*seen, target.name))


def referred_classes(shape: Shape) -> list[str]:
    """The classes that a shape names, in order."""
    match shape:
        case shapes.ClassRef(name):
            return [name]
        case shapes.ListOf(item):
            return referred_classes(item)
        case shapes.MapOf(value):
            return referred_classes(value)
        case shapes.UnionOf(options):
            return [name for option in options for name in referred_classes(option)]
    return []


def field_pointer(owner: ClassShape, item: Field) -> str:
    """Where a property's schema stands, as `--enum PATH=MODE` names it."""
    base = owner.entity.pointer if owner.entity is not None else owner.pointer
    return f"{base}/properties/{item.json_name.replace('~', '~0').replace('/', '~1')}"


def column_type(shape: Shape, rules: Rules, pointer: str) -> SqlType:
    """The column type in ANSI terms; a dialect's `lower` maps it to what its server has."""
    shape = rules.stored_shape(shape)
    match shape:
        case shapes.EnumRef(name, open):
            return sql.Text() if open else _enum_type(rules.model.named_enum(name), rules, pointer)
        case shapes.Values(values):
            return _values_type(values)
        case shapes.ClassRef(name):
            return sql.StructRef(rules.id("struct", name)) if rules.is_struct(name, pointer) else sql.Json()
        case shapes.ListOf(item):
            return _array_type(item, rules, pointer)
        case shapes.MapOf() | shapes.UnionOf() | shapes.Anything() | shapes.Nothing():
            return sql.Json()
        case _:
            return scalar_type(shape, rules.options)


Scalar = (
    shapes.Bool | shapes.Int | shapes.Float | shapes.Dec | shapes.Str | shapes.Date | shapes.Instant
    | shapes.TimeOfDay | shapes.Duration | shapes.Uuid | shapes.Ip | shapes.Bytes
)  # fmt: skip


def scalar_type(shape: Scalar, options: GeneratorOptions) -> SqlType:
    match shape:
        case shapes.Bool():
            return sql.Boolean()
        case shapes.Int(bits, unsigned, minimum, maximum):
            return integer_type(minimum, maximum) if bits is None and not unsigned else sql.Integer(bits or 64, unsigned)
        case shapes.Float(bits):
            return sql.Real(32 if bits == 32 else 64)
        case shapes.Dec(precision, scale):
            return sql.Numeric(precision, scale)
        case shapes.Str(length, fixed):
            return sql.Text(length, fixed)
        case shapes.Date():
            return sql.Date()
        case shapes.Instant(naive):
            return sql.Timestamp(zoned=not naive and options.timestamp == "zoned")
        case shapes.TimeOfDay():
            return sql.Time()
        case shapes.Duration():
            return sql.Interval()
        case shapes.Uuid():
            return sql.Uuid()
        case shapes.Ip(version):
            return sql.Inet(version)
        case shapes.Bytes():
            return sql.Binary()
        case _:
            assert_never(shape)


def integer_type(minimum: int | None, maximum: int | None) -> SqlType:
    """64 bits, unless both bounds are known and need more."""
    if minimum is None or maximum is None or (minimum >= _INT64[0] and maximum <= _INT64[1]):
        return sql.Integer(64)
    if minimum >= 0 and maximum <= _LAST_UINT64:
        return sql.Integer(64, unsigned=True)
    return sql.Numeric(len(str(max(abs(minimum), abs(maximum)))), 0)


def _enum_type(shape: EnumShape, rules: Rules, pointer: str) -> SqlType:
    values = tuple(member.value for member in shape.members)
    match rules.enum_mode(shape, pointer):
        case EnumMode.TYPE:
            return sql.EnumRef(rules.id("enum", shape.name))
        case EnumMode.INLINE:
            return sql.InlineEnum(tuple(str(value) for value in values))
        case EnumMode.CHECK | EnumMode.RELATION:
            return _values_type(values)


def _values_type(values: tuple[str | int | bool, ...]) -> SqlType:
    if all(isinstance(value, bool) for value in values):
        return sql.Boolean()
    if all(isinstance(value, int) for value in values):
        numbers = [int(value) for value in values]
        return integer_type(min(numbers), max(numbers))
    return longest([str(value) for value in values])


def longest(texts: list[str]) -> sql.Text:
    """A text type that holds all of them."""
    return sql.Text(max(1, *(len(text) for text in texts)))


def _array_type(item: Shape, rules: Rules, pointer: str) -> SqlType:
    """A native array of scalars; of texts always of unbounded ones, because servers do not check lengths inside arrays alike."""
    if rules.array_mode(pointer) is not ArrayMode.ARRAY:
        return sql.Json()
    match item:
        case shapes.EnumRef(name) if isinstance(rules.model.named_enum(name).members[0].value, str):
            return sql.ArrayType(sql.Text())
        case shapes.Anything() | shapes.Nothing() | shapes.UnionOf() | shapes.MapOf() | shapes.ListOf():
            return sql.Json()
        case shapes.ClassRef(name):
            written = not rules.model.named_class(name).schema_made
            return sql.ArrayType(sql.StructRef(rules.id("struct", name))) if written and rules.is_struct(name, pointer) else sql.Json()
    kind = column_type(item, rules, pointer)
    return sql.ArrayType(sql.Text() if isinstance(kind, sql.Text) else kind)


def may_not_fit(shape: Shape, kind: SqlType) -> bool:
    """Whether a value that the schema admits may not come back equal from a column of that type."""
    match shape:
        case _ if isinstance(kind, sql.Json | sql.Boolean):
            return False
        case shapes.Str() | shapes.EnumRef() | shapes.Values():
            return False
        case shapes.Int(bits, _, minimum, maximum):
            return bits is not None or minimum is None or maximum is None
        case shapes.ListOf(item):
            return not isinstance(kind, sql.ArrayType) or may_not_fit(item, kind.item)
    return True


def column_of(owner: ClassShape, item: Field, rules: Rules) -> Column:
    """The column of a field."""
    pointer = field_pointer(owner, item)
    kind = column_type(item.shape, rules, pointer)
    return Column(
        name=item.column,
        type=kind,
        nullable=not item.not_null,
        default=_default(owner, item, kind, rules.options),
        identity=Identity() if item.identity else None,
        comment=_comment(owner, item),
    )


def _comment(owner: ClassShape, item: Field) -> str | None:
    said = (("[deprecated]", item.deprecated), ("[read-only]", item.read_only), ("[write-only]", item.write_only))
    words = [word for word, wanted in said if wanted]
    words += [item.doc] if item.doc else []
    words += [f"[json: {item.json_name}]"] if owner.schema_made and item.column != item.json_name else []
    return " ".join(words) or None


def _default(owner: ClassShape, item: Field, kind: SqlType, options: GeneratorOptions) -> Literal | None:
    """The column's DEFAULT: a hand-written field's own; a schema's only with `sql-defaults`, because loading applies none."""
    if isinstance(item.default, Missing) or item.identity or (owner.schema_made and not options.sql_defaults):
        return None
    return default_literal(item.default, kind)


def default_literal(value: Any, kind: SqlType) -> Literal | None:
    """A default as a constant of the column's type; None where it is no value of that type, or the type has no constants."""
    match kind, value:
        case sql.Json(), _:
            return _json_literal(value)
        case sql.Boolean(), bool():
            return Literal(value)
        case _, bool():
            return None
        case sql.Integer(), int():
            return Literal(value)
        case sql.Real() | sql.Numeric(), int() | float() | Decimal():
            return Literal(value)
        case sql.Numeric(), str():
            return Literal(Decimal(value)) if has_format("decimal", value) else None
        case sql.Binary(), bytes():
            return Literal(value)
        case sql.Binary(), str():
            return Literal(base64.b64decode(value)) if has_format("base64", value) else None
        case sql.Text() | sql.EnumRef() | sql.InlineEnum() | sql.Inet(), _:
            return Literal(str(value))
        case sql.Uuid(), _:
            return Literal(str(value).lower()) if has_format("uuid", str(value)) else None
        case sql.Date(), date() | str():
            return _iso(value, "date")
        case sql.Time(), time() | str():
            return _iso(value, "time")
        case sql.Timestamp(zoned), datetime() | str():
            return _iso(value, "date-time" if zoned else "local")
    return None


def _iso(value: Any, form: Format) -> Literal | None:
    if not isinstance(value, str):
        return Literal(value.isoformat())
    return Literal(value) if has_format(form, value) else None


def _json_literal(value: Any) -> Literal | None:
    try:
        return Literal(json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")))
    except TypeError:
        return None


def _plain(value: Any) -> Any:
    """JSON with floats where a Decimal is one exactly. Raises TypeError for other Decimals and for what is no JSON."""
    match value:
        case Decimal():
            number = int(value) if value == value.to_integral_value() and abs(value) < 1 << 53 else float(value)
            if Decimal(repr(number)) != value:
                raise TypeError
            return number
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
    return value
