"""Defaults: whether a schema's default is a value of its own shape."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from schemagen.jsontext import MAX_NUMERIC_DIGITS, JsonType, has_format
from schemagen.shape.extent import Texts, is_whole
from schemagen.shape.scalars import decimal_of
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
)


def fits(value: JsonType, shape: Shape, enums: Mapping[str, Texts]) -> bool:
    """True where a JSON value is one of the shape. `enums` has the texts of enumerations by the name that `EnumRef` has."""
    match shape:
        case Anything():
            return True
        case Nothing():
            return value is None
        case Bool():
            return isinstance(value, bool)
        case Int() | Float() | Dec(text=False):
            return _number_fits(value, shape)
        case Values(values):
            return any(item == value and isinstance(item, bool) == isinstance(value, bool) for item in values)
        case EnumRef(name, is_open):
            return isinstance(value, str) and (is_open or any(word.value == value for word in enums[name].words))
        case ListOf(item, nullable):
            return isinstance(value, list) and all(_item_fits(each, item, nullable, enums) for each in value)
        case MapOf(item, nullable):
            return isinstance(value, Mapping) and all(_item_fits(each, item, nullable, enums) for each in value.values())
        case ClassRef():
            return isinstance(value, Mapping)
        case UnionOf(options):
            return any(fits(value, option, enums) for option in options)
        case _:
            return isinstance(value, str) and _text_fits(value, shape)


def _item_fits(value: JsonType, shape: Shape, nullable: bool, enums: Mapping[str, Texts]) -> bool:
    return nullable if value is None and not isinstance(shape, Anything) else fits(value, shape, enums)


def _number_fits(value: JsonType, shape: Int | Float | Dec) -> bool:
    number = decimal_of(value)
    if number is None or number.adjusted() > MAX_NUMERIC_DIGITS:
        return False
    if isinstance(shape, Int):
        inside = (shape.minimum is None or number >= shape.minimum) and (shape.maximum is None or number <= shape.maximum)
        return is_whole(number) and inside
    return True


def _text_fits(value: str, shape: Str | Date | Instant | TimeOfDay | Duration | Uuid | Ip | Bytes | Dec) -> bool:
    match shape:
        case Str(max_length):
            return max_length is None or len(value) <= max_length
        case Date():
            return has_format("date", value)
        case Instant(naive):
            return has_format("local" if naive else "date-time", value)
        case TimeOfDay():
            return has_format("time", value)
        case Duration():
            return has_format("duration", value)
        case Uuid():
            return has_format("uuid", value)
        case Ip(version):
            return has_format("address", value) and ip_address(value).version == version
        case Bytes():
            return has_format("base64", value)
        case Dec():
            return has_format("decimal", value)
