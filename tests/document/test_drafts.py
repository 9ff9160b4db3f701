"""Every draft is read in the words of 2020-12, and means the same in them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from schemagen.document.bundle import bundle
from schemagen.document.node import Node
from schemagen.document.read import document_from_value
from schemagen.document.validators import validator_for
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from tests.document.cases import cases


@cases("canonical")
def test_schema_has_a_canonical_form(case: dict[str, Any]) -> None:
    document = document_from_value(case["schema"], "x.json", SchemaOptions())
    assert document.registry.node(document, case.get("at", "#")).schema == case["canonical"]
    assert [item.code for item in document.diagnostics] == case.get("diagnostics", [])


@cases("canonical")
def test_schema_of_the_caller_stays_as_it_is(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["schema"])
    document = document_from_value(case["schema"], "x.json", SchemaOptions())
    assert document.registry.node(document, case.get("at", "#")).document is document
    assert case["schema"] == before


def is_whole(case: dict[str, Any]) -> bool:
    """A bundle holds a whole document, its unused definitions too."""
    return "at" not in case and "dead" not in case["name"]


@cases("verdicts", is_whole)
def test_bundle_in_the_words_of_2020_12_judges_alike(case: dict[str, Any]) -> None:
    document = document_from_value(case["schema"], "x.json", SchemaOptions())
    whole = document_from_value(bundle(document), "y.json", SchemaOptions())
    judge = validator_for(whole, "#", formats=case.get("formats", False))
    assert [item for item in case["valid"] if not judge.is_valid(item)] == []
    assert [item for item in case["invalid"] if judge.is_valid(item)] == []


CHILDREN = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "properties": {
        "a/b": {"items": [{"title": "first"}, {"title": "second"}], "additionalItems": {"title": "rest"}},
        "items": {"title": "named"},
    },
    "dependencies": {"x": {"title": "dependent"}},
    "definitions": {"d": {"title": "defined"}},
    "allOf": [{"then": {"title": "then"}}],
    "additionalProperties": {"title": "more"},
}


@pytest.mark.parametrize(
    ("path", "pointer", "title"),
    [
        (("properties", "a/b", "prefixItems", "1"), "/properties/a~1b/items/1", "second"),
        (("properties", "a/b", "items"), "/properties/a~1b/additionalItems", "rest"),
        (("properties", "items"), "/properties/items", "named"),
        (("dependentSchemas", "x"), "/dependencies/x", "dependent"),
        (("$defs", "d"), "/definitions/d", "defined"),
        (("allOf", "0", "then"), "/allOf/0/then", "then"),
        (("additionalProperties",), "/additionalProperties", "more"),
    ],
)
def test_child_keeps_the_pointer_of_the_document(path: tuple[str, ...], pointer: str, title: str) -> None:
    document = document_from_value(CHILDREN, "x.json", SchemaOptions())
    child = document.registry.child(document.root, *path)
    assert isinstance(child, Node)
    assert (child.pointer, child.schema) == (pointer, {"title": title})
    assert document.registry.child(document.root, *path) is child


def test_child_that_is_not_there_is_named() -> None:
    document = document_from_value(CHILDREN, "x.json", SchemaOptions())
    with pytest.raises(SchemagenError) as raised:
        document.registry.child(document.root, "$defs", "dd")
    assert str(raised.value) == 'BAD_REF: x.json#/definitions/dd: there is nothing at this pointer; did you mean "#/definitions/d"?'
