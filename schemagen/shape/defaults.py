"""Defaults: whether a schema's default is a value of its own shape."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from schemagen.document.node import JsonType
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

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_DECIMAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?")


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
    if number is None or number.adjusted() > 400:
        return False
    if isinstance(shape, Int):
        inside = (shape.minimum is None or number >= shape.minimum) and (shape.maximum is None or number <= shape.maximum)
        return is_whole(number) and inside
    return True


def _text_fits(value: str, shape: Str | Date | Instant | TimeOfDay | Duration | Uuid | Ip | Bytes | Dec) -> bool:
    try:
        match shape:
            case Str(max_length):
                return max_length is None or len(value) <= max_length
            case Date():
                return _DATE.fullmatch(value) is not None and date.fromisoformat(value) is not None
            case Instant(naive):
                found = _INSTANT.fullmatch(value)
                return found is not None and (found["zone"] is None) == naive and datetime.fromisoformat(value[:19]) is not None
            case TimeOfDay():
                return _TIME.fullmatch(value) is not None
            case Uuid():
                return str(UUID(value)) == value.lower()
            case Ip(version):
                return str(ipaddress.ip_address(value)) == value and ipaddress.ip_address(value).version == version
            case Bytes():
                return _BASE64.fullmatch(value) is not None
            case Dec():
                return _DECIMAL.fullmatch(value) is not None
            case Duration():
                return True
    except ValueError:
        return False
