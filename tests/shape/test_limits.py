"""Schemas made to blow up: each is compiled or refused by name, soon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemagen.errors import SchemagenError
from tests.shape.reading import compile_value


def chain(link: Callable[[int], Any], count: int, last: Any) -> dict[str, Any]:
    """A root with a property `x` of the first of `count` definitions, each made from its number."""
    definitions = {f"d{number}": link(number) for number in range(count)}
    return {"type": "object", "properties": {"x": to(0)}, "$defs": {**definitions, f"d{count}": last}}


def to(number: int) -> dict[str, str]:
    return {"$ref": f"#/$defs/d{number}"}


TEXT = {"type": "string"}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_doubling_definitions_compile(keyword: str) -> None:
    schema = chain(lambda number: {keyword: [to(number + 1), {"allOf": [to(number + 1), {"title": "b"}]}]}, 30, TEXT)
    assert len(compile_value(schema).model.classes) == 1


def test_doubling_properties_make_one_class_each() -> None:
    schema = chain(lambda number: {"type": "object", "properties": {"a": to(number + 1), "b": to(number + 1)}}, 30, TEXT)
    assert len(compile_value(schema).model.classes) == 31


@pytest.mark.parametrize("wrap", ["ref", "list", "object"])
def test_long_chains_compile(wrap: str) -> None:
    links = {
        "ref": to,
        "list": lambda number: {"type": "array", "items": to(number)},
        "object": lambda number: {"type": "object", "properties": {"next": to(number)}},
    }
    schema = chain(lambda number: links[wrap](number + 1), 1000, TEXT)
    assert compile_value(schema).model.entities


def test_endless_nesting_of_branches_is_refused() -> None:
    with pytest.raises(SchemagenError, match=r"SCHEMA_TOO_LARGE: .*more than 100 references and branches inside one another"):
        compile_value(chain(lambda number: {"allOf": [to(number + 1), {"minLength": 1}]}, 500, TEXT))


def subsets(size: int) -> dict[str, Any]:
    """Definitions whose combinations are all subsets of them."""
    definitions = {
        f"d{n}": {
            "type": "object",
            "properties": {
                "a": {"allOf": [to(n * 2 % size), to((n * 2 + 1) % size)]},
                "b": to((n * 3 + 1) % size),
                "c": {"anyOf": [to((n + 1) % size), to(n * 5 % size)]},
            },
        }
        for n in range(size)
    }
    return {"type": "object", "properties": {"x": {"allOf": [to(n) for n in range(size)]}}, "$defs": definitions}


def product(count: int) -> dict[str, Any]:
    """As many classes as properties, each with all the properties of one large definition."""
    large = {"type": "object", "properties": {f"b{n}": TEXT for n in range(count)}}
    properties = {f"p{n}": {"allOf": [{"$ref": "#/$defs/large"}, {"properties": {f"q{n}": {}}}]} for n in range(count)}
    return {"type": "object", "properties": properties, "$defs": {"large": large}}


@pytest.mark.parametrize("schema", [subsets(18), product(2000)], ids=["subsets", "product"])
def test_combinations_without_end_are_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemagenError, match=r"SCHEMA_TOO_LARGE: thing\.json#.*its combinations make more than"):
        compile_value(schema)
