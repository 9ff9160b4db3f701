"""Dataclasses to JSON Schema: what a record of an entity looks like, as its classes say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schemagen.document.drafts import SCHEMA_2020
from schemagen.document.text import plain
from schemagen.shape import types as shapes
from schemagen.shape.types import ClassShape, Field, Model, Shape

# A schema, or a part of one; a number that a float would change is a Decimal.
JsonSchema = dict[str, Any]
_OF_JSON = (bool, int, float, Decimal, str, list, dict, type(None))


def schema_of(model: Model, entity: str) -> JsonSchema:
    """The JSON Schema (2020-12) of an entity's records: its class at the root, the classes and enumerations that it needs in `$defs`.

    A field of a hand-written class that refers to an entity with a key holds that key.
    """
    maker = _Maker(model, entity)
    schema: JsonSchema = {"$schema": SCHEMA_2020, **maker.class_schema(model.named_class(entity))}
    while maker.wanted:
        name = maker.wanted.pop(0)
        maker.definitions[name] = {}
        maker.definitions[name] = maker.named_schema(name)
    if maker.definitions:
        schema["$defs"] = maker.definitions
    return schema


class _Maker:
    """The definitions made so far, and those that are still wanted, in first use."""

    def __init__(self, model: Model, root: str) -> None:
        self.model, self.root = model, root
        self.definitions: dict[str, JsonSchema] = {}
        self.wanted: list[str] = []

    def reference(self, name: str) -> JsonSchema:
        if name == self.root:
            return {"$ref": "#"}
        if name not in self.definitions and name not in self.wanted:
            self.wanted.append(name)
        return {"$ref": f"#/$defs/{name}"}

    def named_schema(self, name: str) -> JsonSchema:
        if any(item.name == name for item in self.model.classes):
            return self.class_schema(self.model.named_class(name))
        enum = self.model.named_enum(name)
        values = [member.value for member in enum.members]
        return {**_type_of(values), "enum": values, **({"description": enum.doc} if enum.doc else {})}

    def class_schema(self, item: ClassShape) -> JsonSchema:
        schema: JsonSchema = {"title": item.name, **({"description": item.doc} if item.doc else {}), "type": "object"}
        schema["properties"] = {field.json_name: self.field_schema(field, item) for field in item.fields}
        required = [field.json_name for field in item.fields if field.required and not field.identity]
        if required:
            schema["required"] = required
        if not item.open:
            schema["additionalProperties"] = False
        return schema

    def field_schema(self, field: Field, owner: ClassShape) -> JsonSchema:
        schema = self.shape_schema(self._stored(field.shape))
        # In a hand-written class `int | None` is all that says so, whether or not the field has a default.
        if field.nullable or (not owner.schema_made and not field.required and not field.not_null):
            schema = or_null(schema)
        said = {"deprecated": field.deprecated, "readOnly": field.read_only, "writeOnly": field.write_only}
        notes: JsonSchema = {"description": field.doc} if field.doc else {}
        # A date or uuid is a default of Python's, not of JSON.
        notes |= {"default": plain(field.default)} if isinstance(field.default, _OF_JSON) else {}
        return {**schema, **notes, **{name: True for name, is_so in said.items() if is_so}}

    def shape_schema(self, shape: Shape) -> JsonSchema:
        match shape:
            case shapes.EnumRef(name, is_open):
                reference = self.reference(name)
                return {"anyOf": [reference, {"type": "string"}]} if is_open else reference
            case shapes.ClassRef(name):
                return self.reference(name)
            case shapes.ListOf(item, nullable):
                return {"type": "array", "items": self._item(item, nullable=nullable)}
            case shapes.MapOf(value, nullable):
                return {"type": "object", "additionalProperties": self._item(value, nullable=nullable)}
            case shapes.UnionOf(options):
                return {"anyOf": [self.shape_schema(option) for option in options]}
            case _:
                return scalar_schema(shape)

    def _item(self, shape: Shape, *, nullable: bool) -> JsonSchema:
        schema = self.shape_schema(shape)
        return or_null(schema) if nullable else schema

    def _stored(self, shape: Shape) -> Shape:
        """The shape itself; for a reference to a hand-written entity that of its key."""
        seen: set[str] = set()
        while isinstance(shape, shapes.ClassRef) and shape.name not in seen:
            seen.add(shape.name)
            target = self.model.named_class(shape.name)
            if target.schema_made or target.entity is None or len(target.entity.key) != 1:
                break
            shape = next(field.shape for field in target.fields if field.name == target.entity.key[0])
        return shape


def scalar_schema(shape: Shape) -> JsonSchema:
    """The schema of a shape that names no class and holds no other shape."""
    match shape:
        case shapes.Bool():
            return {"type": "boolean"}
        case shapes.Int():
            return _integer(shape)
        case shapes.Float(bits):
            return {"type": "number", **({"format": "float"} if bits == 32 else {})}
        case shapes.Dec():
            return _decimal(shape)
        case shapes.Str(max_length, fixed):
            length = {} if max_length is None else {"maxLength": max_length, **({"minLength": max_length} if fixed else {})}
            return {"type": "string", **length}
        case shapes.Date():
            return {"type": "string", "format": "date"}
        case shapes.Instant(naive):
            return {"type": "string", "format": "date-time-local" if naive else "date-time"}
        case shapes.TimeOfDay():
            return {"type": "string", "format": "time-local"}
        case shapes.Duration():
            return {"type": "string", "format": "duration"}
        case shapes.Uuid():
            return {"type": "string", "format": "uuid"}
        case shapes.Ip(version):
            return {"type": "string", "format": f"ipv{version}"}
        case shapes.Bytes():
            return {"type": "string", "format": "byte", "contentEncoding": "base64"}
        case shapes.Values(values):
            return {"const": values[0]} if len(values) == 1 else {**_type_of(values), "enum": list(values)}
        case shapes.Nothing():
            return {"type": "null"}
        case _:
            return {}


def or_null(schema: JsonSchema) -> JsonSchema:
    """The schema that admits null too."""
    kind = schema.get("type")
    if not schema or kind == "null":
        return schema
    if not isinstance(kind, str):
        return {"anyOf": [schema, {"type": "null"}]}
    nullable: JsonSchema = {**schema, "type": [kind, "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def _integer(shape: shapes.Int) -> JsonSchema:
    minimum, maximum = shape.minimum, shape.maximum
    if shape.bits is not None:
        low, high = (0, 2**shape.bits - 1) if shape.unsigned else (-(2 ** (shape.bits - 1)), 2 ** (shape.bits - 1) - 1)
        minimum, maximum = max(low, minimum if minimum is not None else low), min(high, maximum if maximum is not None else high)
    limits = {"minimum": minimum, "maximum": maximum}
    return {"type": "integer", **{name: limit for name, limit in limits.items() if limit is not None}}


def _decimal(shape: shapes.Dec) -> JsonSchema:
    if shape.text:
        return {"type": "string", "format": "decimal"}
    if shape.precision is None or shape.scale is None:
        return {"type": "number"}
    limit = 10 ** (shape.precision - shape.scale)
    step = float(f"1e-{shape.scale}") if shape.scale > 0 else 1
    return {"type": "number", "multipleOf": step, "exclusiveMinimum": -limit, "exclusiveMaximum": limit}


def _type_of(values: Any) -> JsonSchema:
    """`type` of values that are of one JSON type; empty where they are not."""
    names = {"boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "string" for value in values}
    return {"type": names.pop()} if len(names) == 1 else {}
