"""Annotations as shapes: the one reader of type hints."""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin
from uuid import UUID

from strong_typing import auxiliary as st

from schemagen.model.annotations import Format, Maximum, Minimum
from schemagen.shape.types import (
    Anything,
    Bool,
    Bytes,
    ClassRef,
    Date,
    Dec,
    Duration,
    EnumRef,
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
    ordered_options,
    ordered_values,
)

_SIMPLE: dict[Any, Shape] = {
    bool: Bool(), int: Int(), float: Float(), Decimal: Dec(), str: Str(), bytes: Bytes(), date: Date(), datetime: Instant(),
    time: TimeOfDay(), timedelta: Duration(), UUID: Uuid(), IPv4Address: Ip(4), IPv6Address: Ip(6), Any: Anything(),
    list: ListOf(Anything()), dict: MapOf(Anything()), type(None): Nothing(), None: Nothing(),
}  # fmt: skip
# The options of strong_typing's JsonType, besides None.
_ALL_OF_JSON = {Bool(), Int(), Float(), Str(), ListOf(Anything()), MapOf(Anything())}


class UnsupportedHint(Exception):
    """An annotation that has no shape; the message says which, and what would do."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What an annotation says: the shape, whether None is admitted, and what `Annotated` adds (PrimaryKeyTag, Alias...)."""

    shape: Shape
    nullable: bool
    tags: tuple[Any, ...] = ()

    def tag(self, kind: type) -> Any:
        """The first tag of that class, or None."""
        return next((item for item in self.tags if isinstance(item, kind)), None)


def read_hint(hint: Any, refer: Callable[[type], None]) -> Hint:
    """The shape of an annotation. `refer` is told of every enum and dataclass in it, in order. Raises UnsupportedHint."""
    if hasattr(hint, "__supertype__"):  # NewType
        return read_hint(hint.__supertype__, refer)
    if isinstance(hint, ForwardRef) and hint.__forward_arg__ == "JsonType":  # strong_typing's, which names itself
        return Hint(Anything(), True)
    if type(hint).__name__ == "TypeAliasType":  # `type X = ...`, from Python 3.12
        return read_hint(hint.__value__, refer)
    origin = get_origin(hint)
    if origin is Annotated:
        base = read_hint(hint.__origin__, refer)
        return Hint(_with_tags(base.shape, hint.__metadata__), base.nullable, (*base.tags, *hint.__metadata__))
    if origin is Union or origin is types.UnionType:
        return _union(get_args(hint), refer)
    if origin is Literal:
        return _literal(get_args(hint))
    if origin is list:
        return Hint(ListOf(*_inner(get_args(hint)[0], refer)), False)
    if origin is dict:
        key, value = get_args(hint)
        if key is not str:
            raise UnsupportedHint("a dict needs keys of str, as JSON objects have")
        return Hint(MapOf(*_inner(value, refer)), False)
    return _plain(hint, refer)


def _plain(hint: Any, refer: Callable[[type], None]) -> Hint:
    shape = _SIMPLE.get(hint) if hint is None or hint is Any or isinstance(hint, type) else None
    if shape is not None:
        return Hint(shape, isinstance(shape, Anything | Nothing))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        refer(hint)
        return Hint(EnumRef(hint.__name__), False)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        refer(hint)
        return Hint(ClassRef(hint.__name__), False)
    shown = hint.__qualname__ if isinstance(hint, type) else str(hint)
    raise UnsupportedHint(f"the annotation {shown} has no column type; use a simple type, list, dict, an enum, a dataclass or Any")


def _inner(hint: Any, refer: Callable[[type], None]) -> tuple[Shape, bool]:
    read = read_hint(hint, refer)
    return read.shape, read.nullable and not isinstance(read.shape, Anything)


def _union(args: Sequence[Any], refer: Callable[[type], None]) -> Hint:
    reads = [read_hint(item, refer) for item in args if item is not type(None)]
    nullable = len(reads) < len(args) or any(item.nullable for item in reads)
    if len(reads) == 1:
        return Hint(reads[0].shape, True, reads[0].tags)
    shapes: list[Shape] = []
    for item in reads:
        shapes += item.shape.options if isinstance(item.shape, UnionOf) else [item.shape]
    # An enumeration beside any other text is an open one.
    enums = [shape for shape in shapes if isinstance(shape, EnumRef)]
    if len(enums) == 1 and Str() in shapes:
        shapes = [replace(shape, open=True) if shape is enums[0] else shape for shape in shapes if shape != Str()]
    if len(shapes) == 1:
        return Hint(shapes[0], nullable)
    if nullable and set(shapes) >= _ALL_OF_JSON:
        return Hint(Anything(), True)
    return Hint(UnionOf(ordered_options(shapes)), nullable)


def _literal(values: Sequence[Any]) -> Hint:
    kinds: dict[type, list[Any]] = {}
    for value in values:
        if value is not None:
            kinds.setdefault(type(value), []).append(value)
    if not set(kinds) <= {str, int, bool}:
        raise UnsupportedHint("a Literal needs values of str, int or bool")
    shapes = [Values(ordered_values(group)) for group in kinds.values()]
    if not shapes:
        return Hint(Nothing(), True)
    return Hint(shapes[0] if len(shapes) == 1 else UnionOf(ordered_options(shapes)), None in values)


def _with_tags(shape: Shape, tags: Sequence[Any]) -> Shape:
    """The shape, with what the tags beside its type say."""
    formats = {item.name for item in tags if isinstance(item, Format)}
    match shape:
        case Int():
            return _integer(shape, tags)
        case Float():
            storage = _first(tags, st.Storage)
            return Float(32) if storage is not None and storage.bytes == 4 else shape
        case Dec():
            precision = _first(tags, st.Precision)
            text = shape.text or "decimal" in formats
            return replace(shape, text=text) if precision is None else Dec(precision.significant_digits, precision.decimal_digits, text)
        case Str():
            exact, most = _first(tags, st.Length), _first(tags, st.MaxLength)
            if exact is not None:
                return Str(exact.value, fixed=True)
            return shape if most is None else Str(most.value)
        case Instant():
            return Instant(naive=shape.naive or "date-time-local" in formats)
        case Bytes():
            return Bytes(base64=shape.base64 and "binary" not in formats)
    return shape


def _integer(shape: Int, tags: Sequence[Any]) -> Int:
    storage, signed = _first(tags, st.Storage), _first(tags, st.Signed)
    ranges = [item for item in tags if isinstance(item, st.IntegerRange)]
    # The first range of int8..uint64 is the type's own.
    ranges = ranges if storage is None else ranges[1:]
    least, most = _first(tags, Minimum), _first(tags, Maximum)
    return Int(
        bits=shape.bits if storage is None else storage.bytes * 8,
        unsigned=shape.unsigned if signed is None else not signed.is_signed,
        minimum=ranges[-1].minimum if ranges else least.value if least is not None else shape.minimum,
        maximum=ranges[-1].maximum if ranges else most.value if most is not None else shape.maximum,
    )


def _first(tags: Sequence[Any], kind: type) -> Any:
    return next((item for item in tags if isinstance(item, kind)), None)
