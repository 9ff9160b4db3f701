"""Which JSON types a schema admits, through references, branches and listed values."""

from __future__ import annotations

from typing import Any

import pytest

from schemagen.document.read import document_from_value
from schemagen.options import SchemaOptions
from schemagen.shape.admitted import admits

ALL = {"object", "array", "string", "number", "integer", "boolean", "null"}


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({}, ALL),
        ({"properties": {"a": {}}}, ALL),
        ({"type": "array"}, {"array"}),
        ({"type": ["object", "null"]}, {"object", "null"}),
        ({"type": "integer"}, {"integer"}),
        ({"type": "number"}, {"number", "integer"}),
        ({"enum": [1, "a", None]}, {"integer", "string", "null"}),
        ({"const": 1.5}, {"number", "integer"}),
        ({"const": []}, {"array"}),
        ({"$ref": "#/$defs/list", "$defs": {"list": {"type": "array"}}}, {"array"}),
        ({"oneOf": [{"type": "array"}, {"type": "object"}]}, {"array", "object"}),
        ({"anyOf": [{"type": "array"}, {}], "type": ["array", "string"]}, {"array", "string"}),
        ({"allOf": [{"type": ["array", "null"]}, {"type": ["null", "object"]}]}, {"null"}),
        ({"if": {"type": "object"}, "then": {"type": "object"}, "else": {"type": "array"}}, {"object", "array"}),
        ({"allOf": [{"type": "object"}, {"type": "array"}]}, set()),
    ],
    # A set has no order of its own, and the names of tests need one.
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set | frozenset) else str(value),
)
def test_types_admitted(schema: dict[str, Any], types: set[str]) -> None:
    assert admits(document_from_value(schema, "thing.json", SchemaOptions()).root) == types
