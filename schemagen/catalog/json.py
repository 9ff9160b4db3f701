"""Saved catalogs: frozen values to JSON and back, by a closed set of classes; what a file says is checked, never believed."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from schemagen.catalog import expressions, objects
from schemagen.catalog import types as kinds
from schemagen.catalog.expressions import Native
from schemagen.catalog.objects import Catalog, Column
from schemagen.catalog.safe import unsafe_reason
from schemagen.catalog.types import Integer, ObjectId, Opaque
from schemagen.errors import SchemagenError, printable
from schemagen.jsontext import JsonType, decimal

FORMAT = 2
_KIND = "$"
_CUT = 60
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def classes_of(*modules: types.ModuleType) -> dict[str, type]:
    """The dataclasses that the modules define, by name."""
    found = [item for module in modules for item in vars(module).values() if isinstance(item, type) and is_dataclass(item)]
    return {item.__name__: item for item in found if item.__module__ in {module.__name__ for module in modules}}


CATALOG_CLASSES: Mapping[str, type] = classes_of(kinds, expressions, objects)


def catalog_to_json(catalog: Catalog) -> str:
    """The catalog as JSON text with a format version; equal catalogs of equal order give equal text."""
    return json.dumps({"schemagen": "catalog", "format": FORMAT, "catalog": value_to_json(catalog)}, ensure_ascii=False, indent=1) + "\n"


def catalog_from_json(text: str, source: str = "catalog") -> Catalog:
    """The catalog of `catalog_to_json`. Raises SchemagenError BAD_FILE."""
    data = parse_saved(text, "catalog", (FORMAT, 1), source)
    catalog = value_from_json(data, Catalog, CATALOG_CLASSES, source)
    assert isinstance(catalog, Catalog)
    check_saved(catalog, catalog.server.flavor if catalog.server else "", source)
    return catalog


def parse_saved(text: str, what: str, versions: tuple[int, ...], source: str) -> JsonType:
    """What a saved file of this kind and one of these versions holds, in the form of the first. Raises SchemagenError BAD_FILE."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SchemagenError("BAD_FILE", source, f"is no JSON: {printable(str(error), 200)}") from error
    if not isinstance(data, dict) or data.get("schemagen") != what:
        raise SchemagenError("BAD_FILE", source, f"is no saved {what} of schemagen")
    if type(data.get("format")) is not int or data["format"] not in versions:
        known = " and ".join(map(str, versions))
        raise SchemagenError("BAD_FILE", source, f"has format {data.get('format')!r}; this version reads format {known}; write it anew")
    unknown = sorted(set(data) - {"schemagen", "format", what})
    if unknown or what not in data:
        raise SchemagenError("BAD_FILE", source, f"has the unknown field {unknown[0]!r}" if unknown else f"has no field {what!r}")
    content: JsonType = data[what]
    return _with_kinds(content) if data["format"] == 1 else content


# The first format said of no object what kind it is: its place tells.
_KINDS = {"Table": "table", "ForeignKey": "table", "EnumType": "enum", "EnumRef": "enum", "StructType": "struct", "StructRef": "struct"}


def _with_kinds(data: JsonType, kind: str = "table") -> JsonType:
    if isinstance(data, list):
        return [_with_kinds(item, kind) for item in data]
    if not isinstance(data, dict):
        return data
    owner = data.get(_KIND)
    if owner == "ObjectId":
        return {**data, "kind": kind}
    if owner == "OpaqueObject":
        return {name: _with_kinds(item, str(data.get("kind")) if name == "id" else "table") for name, item in data.items()}
    return {name: _with_kinds(item, _KINDS.get(str(owner), kind)) for name, item in data.items()}


def value_to_json(value: object) -> JsonType:
    """A frozen value as JSON: an object with its class under `$`; fields that have their default are left out."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return {_KIND: "decimal", "value": str(value)}
        case bytes():
            return {_KIND: "bytes", "value": value.hex()}
        case tuple():
            return [value_to_json(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            kept = {item.name: getattr(value, item.name) for item in fields(value) if item.init}
            defaults = {item.name: _default(item) for item in fields(value)}
            return {_KIND: type(value).__name__} | {
                name: value_to_json(content) for name, content in kept.items() if not _is(content, defaults[name])
            }
        case _:
            raise TypeError(f"no saved value: {type(value).__name__}")


def _default(item: Field[Any]) -> object:
    return item.default_factory() if item.default_factory is not MISSING else item.default


def _is(value: object, default: object) -> bool:
    """The same value of the same type: False is not 0."""
    return type(value) is type(default) and value == default


def value_from_json(data: JsonType, expected: Any, classes: Mapping[str, type], place: str) -> Any:
    """The value of `value_to_json`, which must have the type `expected`: a class, union, tuple or Literal.

    Raises SchemagenError BAD_FILE.
    """
    try:
        return _read(data, expected, classes, place)
    except RecursionError as error:
        raise SchemagenError("BAD_FILE", place, "is nested too deeply") from error


def _read(data: JsonType, expected: Any, classes: Mapping[str, type], place: str) -> Any:
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        return _read_union(data, get_args(expected), classes, place)
    if origin is Literal:
        if not any(type(data) is type(choice) and data == choice for choice in get_args(expected)):
            raise _bad(place, data, f"one of {', '.join(map(str, get_args(expected)))}")
        return data
    if origin is tuple:
        return _read_tuple(data, get_args(expected), classes, place)
    if expected is Decimal or expected is bytes:
        return _read_scalar(data, expected, place)
    if is_dataclass(expected) and isinstance(expected, type):
        return _read_object(data, expected, classes, place)
    if type(data) is not expected:
        raise _bad(place, data, expected.__name__)
    return data


def _read_union(data: JsonType, choices: tuple[Any, ...], classes: Mapping[str, type], place: str) -> Any:
    """By the class that the value names, or by the type of JSON it has."""
    flat = [item for choice in choices for item in (get_args(choice) if get_origin(choice) in (Union, types.UnionType) else (choice,))]
    for choice in flat:
        if _names(data, choice):
            return _read(data, choice, classes, place)
    raise _bad(place, data, " or ".join(sorted(getattr(choice, "__name__", str(choice)) for choice in flat)))


def _names(data: JsonType, choice: Any) -> bool:
    match data:
        case {"$": "decimal"}:
            return choice is Decimal
        case {"$": "bytes"}:
            return choice is bytes
        case {"$": str(name)}:
            return isinstance(choice, type) and is_dataclass(choice) and choice.__name__ == name
        case list():
            return get_origin(choice) is tuple
        case _ if get_origin(choice) is Literal:
            return data in get_args(choice)
        case _:
            return bool(choice is type(data))


def _read_tuple(data: JsonType, items: tuple[Any, ...], classes: Mapping[str, type], place: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _bad(place, data, "a list")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_read(item, items[0], classes, f"{place}/{number}") for number, item in enumerate(data))
    if len(items) != len(data):
        raise _bad(place, data, f"a list of {len(items)}")
    return tuple(_read(item, kind, classes, f"{place}/{number}") for number, (item, kind) in enumerate(zip(data, items, strict=True)))


def _read_scalar(data: JsonType, expected: type, place: str) -> Decimal | bytes:
    name = "decimal" if expected is Decimal else "bytes"
    match data:
        case {"$": str(kind), "value": str(text), **rest} if kind == name and not rest and len(text) < 100_000:
            try:
                return bytes.fromhex(text) if expected is bytes else _decimal(text)
            except (ValueError, InvalidOperation) as error:
                raise _bad(place, text, name) from error
        case _:
            raise _bad(place, data, name)


def _decimal(text: str) -> Decimal:
    """A finite number of which no text costs more than its length."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return decimal(text)


def _read_object(data: JsonType, expected: type, classes: Mapping[str, type], place: str) -> Any:
    if not isinstance(data, dict) or data.get(_KIND) != expected.__name__ or classes.get(expected.__name__) is not expected:
        raise _bad(place, data, expected.__name__)
    hints = _hints(expected)
    known = {item.name: item for item in fields(expected)}
    for name in data:
        if name != _KIND and name not in known:
            raise SchemagenError("BAD_FILE", place, f"{expected.__name__} has no field {printable(name, _CUT)!r}")
    values = {name: _read(data[name], hints[name], classes, f"{place}/{name}") for name in known if name in data}
    for name, item in known.items():
        if name not in values and item.default is MISSING and item.default_factory is MISSING:
            raise SchemagenError("BAD_FILE", place, f"{expected.__name__} lacks its field {name!r}")
    return expected(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _bad(place: str, data: JsonType, expected: str) -> SchemagenError:
    shown = data.get(_KIND, "an object") if isinstance(data, dict) else "a list" if isinstance(data, list) else repr(data)
    return SchemagenError("BAD_FILE", place, f"expected {expected}, got {printable(str(shown), _CUT)}")


def check_saved(value: object, flavor: str, place: str) -> None:
    """Raises SchemagenError BAD_FILE where a value from a file holds SQL that is more than one expression, or what is no name or type."""
    match value:
        case Native(text) | Opaque(text):
            reason = unsafe_reason(text, flavor)
            if reason:
                raise SchemagenError("BAD_FILE", place, f"the SQL text {printable(text, _CUT)} is no single expression: {reason}")
        case Integer(bits) if bits not in (8, 16, 32, 64, 128):
            raise SchemagenError("BAD_FILE", place, f"no integer has {bits} bits")
        case ObjectId(_, _, name) | Column(name) if not name or "\0" in name:
            raise SchemagenError("BAD_FILE", place, f"{name!r} is no name")
        case str() if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise SchemagenError("BAD_FILE", place, "a text holds half a character")
        case _:
            pass
    if isinstance(value, tuple):
        for item in value:
            check_saved(item, flavor, place)
    elif is_dataclass(value):
        for item in fields(value):
            check_saved(getattr(value, item.name), flavor, f"{place}/{item.name}")
