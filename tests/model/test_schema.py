"""The JSON Schema of a model: what its dataclasses say, and nothing that a record of the first schema would fail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemagen.document.read import document_from_value
from schemagen.document.validators import validator_for
from schemagen.model.annotations import PrimaryKey
from schemagen.model.reflect import reflect_classes
from schemagen.model.schema import schema_of
from schemagen.options import SchemaOptions
from schemagen.shape import types
from schemagen.shape.compile import compile_model
from schemagen.shape.facts import EntityFacts
from schemagen.shape.types import ClassShape, EnumMember, EnumShape, Field, Int, Model

CASES = json.loads((Path(__file__).parent.parent / "cases" / "model" / "schemas.json").read_text())
SHAPES = {name: getattr(types, name) for name in dir(types)}
PART = ClassShape("Part", (Field("id", "id", "id", Int()),), open=True)
COLOR = EnumShape("Color", (EnumMember("RED", "red"), EnumMember("BLUE", "blue")))


def model_of(*fields: Field, is_open: bool = False) -> Model:
    return Model("m", (ClassShape("Thing", fields, EntityFacts("thing"), open=is_open), PART), (COLOR,))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shape_has_a_schema(case: dict[str, Any]) -> None:
    fields = [Field(name, name, name, eval(text, dict(SHAPES))) for name, (text, _) in case["fields"].items()]  # noqa: S307 (our own cases)
    schema = schema_of(model_of(*fields), "Thing")
    assert schema["properties"] == {name: expected for name, (_, expected) in case["fields"].items()}
    document_from_value(schema, "x", SchemaOptions())


def test_class_says_what_is_required_closed_and_meant() -> None:
    fields = (
        Field("id", "id", "id", Int(), identity=True),
        Field("full_name", "full-name", "full-name", types.Str(), doc="As on the door"),
        Field("note", "note", "note", types.Str(), required=False, nullable=True, default=None, deprecated=True, read_only=True),
        Field("color", "color", "color", types.EnumRef("Color"), nullable=True, write_only=True),
    )
    assert schema_of(model_of(*fields), "Thing") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Thing",
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "full-name": {"type": "string", "description": "As on the door"},
            "note": {"type": ["string", "null"], "default": None, "deprecated": True, "readOnly": True},
            "color": {"anyOf": [{"$ref": "#/$defs/Color"}, {"type": "null"}], "writeOnly": True},
        },
        "required": ["full-name", "color"],
        "additionalProperties": False,
        "$defs": {"Color": {"type": "string", "enum": ["red", "blue"]}},
    }
    assert "additionalProperties" not in schema_of(model_of(*fields, is_open=True), "Thing")


@dataclass
class Customer:
    id: PrimaryKey[int]
    name: str


@dataclass
class Order:
    id: PrimaryKey[int]
    customer: Customer
    note: str | None = None
    count: int = 1


def test_hand_written_reference_holds_the_key_and_an_option_takes_null() -> None:
    judge = validator_for(document_from_value(schema_of(reflect_classes([Order, Customer]), "Order"), "x", SchemaOptions()), "")
    assert judge.is_valid({"id": 1, "customer": 7, "note": None})
    assert judge.is_valid({"id": 1, "customer": 7, "count": 2})
    assert not judge.is_valid({"id": 1, "customer": {"id": 7, "name": "A"}})
    assert not judge.is_valid({"id": 1, "customer": 7, "count": None})
    assert not judge.is_valid({"id": 1, "customer": 7, "more": 1})


ONE_OR_MANY = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
SCHEMAS: list[tuple[dict[str, Any], list[Any]]] = [
    (
        {"properties": {"a": {"type": ["integer", "null"]}, "b": {"$ref": "#"}}, "required": ["a"], "additionalProperties": False},
        [{"a": 1}, {"a": None, "b": {"a": 2}}],
    ),
    (
        {"properties": {"k": {"enum": ["x", "y"]}, "m": {"additionalProperties": {"type": "integer"}, "type": "object"}}},
        [{"k": "x", "m": {"z": 1}}, {"extra": [1, {"y": None}]}],
    ),
    ({"properties": {"u": ONE_OR_MANY, "n": {"multipleOf": 0.01}}}, [{"u": "a", "n": 1.25}, {"u": ["a"], "n": "no number"}]),
]


@pytest.mark.parametrize(("schema", "records"), SCHEMAS)
def test_record_of_the_schema_is_one_of_its_dataclasses(schema: dict[str, Any], records: list[Any]) -> None:
    document = document_from_value(schema, "thing.json", SchemaOptions())
    model = compile_model([document], SchemaOptions()).model
    derived = validator_for(document_from_value(schema_of(model, model.entities[0].name), "x", SchemaOptions()), "")
    assert [record for record in records if not validator_for(document, "").is_valid(record)] == []
    assert [record for record in records if not derived.is_valid(record)] == []
