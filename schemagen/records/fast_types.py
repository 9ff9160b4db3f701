"""What of a schema the fast decoder enforces: a msgspec type for each property, and whether it says all that the schema says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from schemagen.catalog import types as sql
from schemagen.catalog.layout import Slot
from schemagen.catalog.types import SqlType
from schemagen.document.node import Node
from schemagen.jsontext import JsonType
from schemagen.records.cells import integer_range

_INT64 = (-(1 << 63), (1 << 63) - 1)
# Two decimals of up to 15 digits are told apart by doubles, and ordered as they are.
_EXACT_DIGITS = 15
_SAYS_NOTHING = frozenset(
    {
        "title", "description", "$comment", "default", "examples", "example", "deprecated", "readOnly", "writeOnly",
        "$schema", "$id", "id", "$anchor", "$defs", "definitions", "xml", "externalDocs", "discriminator",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Covered:
    """A msgspec type that accepts only what the column can hold; `whole`: and only what the schema accepts.

    `whole_raw`: the same where numbers are read as their bytes.
    """

    type: Any
    whole: bool
    whole_raw: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """An object's schema as far as the fast decoder needs it. `simple`: it says nothing beyond the three.

    `open`: properties that it does not name are admitted, and `free`: whatever they are.
    """

    properties: Mapping[str, Node]
    required: frozenset[str]
    simple: bool
    open: bool
    free: bool


def says(schema: Mapping[str, JsonType], *, formats: bool) -> set[str]:
    """The keywords that can refuse a value."""
    said = {name for name in schema if name not in _SAYS_NOTHING and not name.startswith("x-")}
    return said if formats else said - {"format"}


def followed(node: Node, *, formats: bool) -> Node | None:
    """The schema behind references that stand alone; None where there is more than that."""
    for _ in range(100):
        schema = node.schema
        if isinstance(schema, bool) or "$ref" not in schema:
            return node
        if says(schema, formats=formats) != {"$ref"}:
            return None
        node = node.document.registry.follow(node)
    return None


def plain_object(node: Node, *, formats: bool) -> Plain:
    """The object's schema at `node`."""
    found = followed(node, formats=formats)
    if found is None or isinstance(found.schema, bool):
        free = found is not None and found.schema is True
        return Plain({}, frozenset(), free, True, free)
    schema = found.schema
    said = says(schema, formats=formats)
    registry = found.document.registry
    names: Any = schema.get("properties", {})
    properties = {name: registry.child(found, "properties", name) for name in names} if isinstance(names, Mapping) else {}
    additional = schema.get("additionalProperties", True)
    simple = said <= {"type", "properties", "required", "additionalProperties"} and _types(schema) >= {"object"}
    required = schema.get("required", [])
    return Plain(
        properties,
        frozenset(name for name in required if isinstance(name, str)) if isinstance(required, list) else frozenset(),
        simple,
        additional is not False,
        additional is True or additional == {},
    )


def _types(schema: Mapping[str, JsonType]) -> set[str]:
    kind = schema.get("type", ["object", "array", "string", "number", "integer", "boolean", "null"])
    return {str(name) for name in kind} if isinstance(kind, list) else {str(kind)}


def property_type(slot: Slot, node: Node | None, *, formats: bool) -> Covered:
    """The type of one property; `node` is its schema, None where the object's schema does not name it."""
    found = followed(node, formats=formats) if node is not None else None
    covered = _typed(slot.type, _text_limit(slot), found, formats=formats)
    nullable = slot.nullable and not isinstance(slot.type, sql.Json) and not slot.not_null
    if not nullable:
        return covered
    admits = found is not None and _admits_null(found)
    kind = covered.type if covered.type is msgspec.Raw else covered.type | None
    return Covered(kind, covered.whole and admits, covered.whole_raw and admits)


def _admits_null(node: Node) -> bool:
    schema = node.schema
    if isinstance(schema, bool):
        return schema
    listed = schema.get("enum", [None])
    return "null" in _types(schema) and isinstance(listed, list) and None in listed and "const" not in schema


def _text_limit(slot: Slot) -> int | None:
    limits = [kind.length for kind in (slot.type, slot.lowered) if isinstance(kind, sql.Text) and kind.length is not None]
    return min(limits, default=None)


def _typed(kind: SqlType, limit: int | None, node: Node | None, *, formats: bool) -> Covered:
    known = node is not None and node.schema is not False
    schema: Mapping[str, Any] = node.schema if node is not None and not isinstance(node.schema, bool) else {}
    said = says(schema, formats=formats)
    match kind:
        case sql.Boolean():
            whole = known and said <= {"type"} and "boolean" in _types(schema)
            return Covered(bool, whole, whole)
        case sql.Integer(bits, unsigned) if bits <= 64:
            return _integer(bits, unsigned, schema, said, known=known)
        case sql.Real(bits):
            return _real(bits, schema, said, known=known)
        case sql.ArrayType(item) if isinstance(item, sql.Boolean | sql.Text | sql.Integer | sql.Real):
            return _list(item, node, schema, said, formats=formats)
        case sql.Json():
            whole = known and not said
            return Covered(msgspec.Raw, whole, whole)
        case sql.Numeric():
            # The column takes nothing but a number in plain digits; what is more than that is judged alone.
            kinds = _types(schema)
            whole = known and said <= {"type"} and ("number" in kinds or (kind.scale == 0 and "integer" in kinds))
            return Covered(msgspec.Raw, whole, whole)
        case sql.Integer() | sql.StructRef() | sql.ArrayType():
            return Covered(msgspec.Raw, whole=False, whole_raw=False)
        case _:
            return _text(limit, schema, said, known=known)


def _integer(bits: int, unsigned: bool, schema: Mapping[str, JsonType], said: set[str], *, known: bool) -> Covered:
    low, high = integer_range(bits, unsigned)
    values = _values(schema, int)
    if values is not None:
        whole = known and said <= {"type", "enum", "const"} and bool(_types(schema) & {"integer", "number"})
        return Covered(Literal[tuple(values)], whole, whole)
    bounds = _bounds(schema)
    whole = known and said <= {"type", *bounds} and bool(_types(schema) & {"integer", "number"})
    for name, bound in bounds.items():
        number = Decimal(str(bound))
        if name in ("minimum", "exclusiveMinimum"):
            low = max(low, math.ceil(number) + (name == "exclusiveMinimum" and number == math.ceil(number)))
        else:
            high = min(high, math.floor(number) - (name == "exclusiveMaximum" and number == math.floor(number)))
    if low > high:
        (low, high), whole = integer_range(bits, unsigned), False
    meta = msgspec.Meta(ge=max(low, _INT64[0]), le=min(high, _INT64[1]))
    return Covered(Annotated[int, meta], whole, whole)


def _bounds(schema: Mapping[str, JsonType]) -> dict[str, Any]:
    names = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    found: dict[str, Any] = {name: schema[name] for name in names if name in schema}
    return {name: bound for name, bound in found.items() if isinstance(bound, int | float | Decimal) and -1e30 < bound < 1e30}


def _values(schema: Mapping[str, JsonType], kind: type) -> list[Any] | None:
    """The values of an enum or const where all (but null) are of that type and a Literal can hold them."""
    given = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(given, list) or ("const" in schema and "enum" in schema):
        return None
    values: list[Any] = [value for value in given if value is not None]
    if not values or not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
        return None
    return values if kind is str or all(_INT64[0] <= value <= _INT64[1] for value in values) else None


def _real(bits: int, schema: Mapping[str, JsonType], said: set[str], *, known: bool) -> Covered:
    bounds = _bounds(schema)
    exact = {name: float(bound) for name, bound in bounds.items() if len(Decimal(str(bound)).as_tuple().digits) <= _EXACT_DIGITS}
    whole = known and said <= {"type", *exact} and "number" in _types(schema)
    meta: dict[str, Any] = {"ge": -3.4e38, "le": 3.4e38} if bits == 32 else {}
    for name, bound in exact.items():
        meta[{"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}[name]] = bound
    if {"ge", "gt"} <= meta.keys() or {"le", "lt"} <= meta.keys():
        return Covered(float, whole=False, whole_raw=False)
    kind = Annotated[float, msgspec.Meta(**meta)] if meta else float
    return Covered(kind, whole, whole_raw=whole and not exact)


def _text(limit: int | None, schema: Mapping[str, JsonType], said: set[str], *, known: bool) -> Covered:
    values = _values(schema, str)
    texts = "string" in _types(schema)
    if values is not None:
        fits = limit is None or all(len(value) <= limit for value in values)
        whole = known and texts and fits and said <= {"type", "enum", "const"}
        return Covered(Literal[tuple(values)] if fits else str, whole, whole)
    whole = known and texts and said <= {"type", "minLength", "maxLength"}
    least, most = _length(schema.get("minLength")), _length(schema.get("maxLength"))
    longest = min((item for item in (limit, most) if item is not None), default=None)
    if least is None and longest is None:
        return Covered(str, whole, whole)
    return Covered(Annotated[str, msgspec.Meta(min_length=least, max_length=longest)], whole, whole)


def _length(value: JsonType) -> int | None:
    return int(value) if isinstance(value, int | float | Decimal) and 0 <= value < 1 << 31 else None


def _list(item: SqlType, node: Node | None, schema: Mapping[str, JsonType], said: set[str], *, formats: bool) -> Covered:
    inner = node.document.registry.child(node, "items") if node is not None and "items" in schema else None
    found = followed(inner, formats=formats) if inner is not None else None
    covered = _typed(item, item.length if isinstance(item, sql.Text) else None, found, formats=formats)
    if covered.type is msgspec.Raw:
        return Covered(msgspec.Raw, whole=False, whole_raw=False)
    known = node is not None and said <= {"type", "items", "minItems", "maxItems"} and "array" in _types(schema)
    kind: Any = list[covered.type]  # type: ignore[name-defined]
    least, most = _length(schema.get("minItems")), _length(schema.get("maxItems"))
    if least is not None or most is not None:
        kind = Annotated[kind, msgspec.Meta(min_length=least, max_length=most)]
    return Covered(kind, known and covered.whole, known and covered.whole_raw)
