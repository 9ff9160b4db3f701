"""Laws of shapes: any schema compiles or is refused by name, order does not count, and what is valid has a place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from schemagen.document.read import document_from_value
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from schemagen.shape.admitted import admits
from schemagen.shape.compile import Compiled
from schemagen.shape.types import Field
from tests.shape.reading import compile_value, misfits, record_misfits

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REFUSALS = {"REF_CYCLE", "NEVER", "ROOT_NOT_TABULAR", "SCHEMA_TOO_LARGE"}
NAMES = st.sampled_from(["a", "b", "c", "foo-bar", "foo_bar", "class"])
SCALARS = st.one_of(st.none(), st.booleans(), st.sampled_from([-1, 0, 1, 2, 300, 0.5, 1.25]), st.sampled_from(["", "x", "y", "2020-01-01"]))
TYPES = st.sampled_from(["object", "object", "array", "string", "integer", "number", "boolean", "null"])


def one_schema(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(children, min_size=1, max_size=3)
    keywords = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "properties": st.dictionaries(NAMES, children, max_size=3),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "additionalProperties": st.booleans() | children,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "^f"]), children, max_size=1),
        "dependentSchemas": st.dictionaries(NAMES, children, max_size=1),
        "items": children,
        "prefixItems": branches,
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "const": SCALARS,
        "minimum": st.sampled_from([0, 1]),
        "exclusiveMaximum": st.sampled_from([2, 1000]),
        "multipleOf": st.sampled_from([1, 0.25]),
        "maxLength": st.sampled_from([0, 1, 5]),
        "allOf": branches,
        "anyOf": branches,
        "oneOf": branches,
        "if": children,
        "then": children,
        "else": children,
        "not": children,
        "default": SCALARS,
    }
    return st.sets(st.sampled_from(sorted(keywords)), max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: keywords[name] for name in names})
    )


REFERENCES = st.sampled_from([{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}])
SCHEMAS: st.SearchStrategy[Any] = st.recursive(st.booleans() | st.builds(dict) | REFERENCES, one_schema, max_leaves=12)


def document(root: Any, a: Any, b: Any) -> dict[str, Any]:
    parts = root if isinstance(root, dict) else {"properties": {"a": root}}
    return {"$schema": DRAFT, **parts, "$defs": {"A": a, "B": b}}


def table(parts: Any, properties: dict[str, Any]) -> Any:
    """A schema of objects with properties, most of the time."""
    return {"type": "object", **parts, "properties": {**properties, **parts.get("properties", {})}}


DEFINITIONS = SCHEMAS | st.builds(table, st.just({}), st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=2))
ROOTS = st.builds(table, one_schema(SCHEMAS), st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=3))
DOCUMENTS = st.builds(document, ROOTS | one_schema(SCHEMAS), DEFINITIONS, DEFINITIONS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


def compile_or_refuse(schema: dict[str, Any]) -> Compiled | str:
    try:
        return compile_value(schema)
    except SchemagenError as error:
        if error.kind not in REFUSALS:
            raise
        return error.kind


def reordered(value: Any, order: Callable[[list[str]], list[str]]) -> Any:
    """A schema with the names of its objects in another order."""
    if isinstance(value, dict):
        return {name: reordered(value[name], order) for name in order(list(value))}
    return [reordered(item, order) for item in value] if isinstance(value, list) else value


def by_name(compiled: Compiled | str) -> Any:
    if isinstance(compiled, str):
        return compiled
    model = compiled.model

    def told(field: Field) -> tuple[str, str]:
        return field.json_name, repr(field)

    classes = {item.name: (item.open, repr(item.entity), sorted(map(told, item.fields))) for item in model.classes}
    return classes, {item.name: item for item in model.enums}, set(compiled.diagnostics)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_any_schema_compiles_or_is_refused_by_name(schema: dict[str, Any]) -> None:
    compiled = compile_or_refuse(schema)
    if not isinstance(compiled, str):
        names = [item.name for item in (*compiled.model.classes, *compiled.model.enums)]
        assert len(set(names)) == len(names)
        assert compile_value(schema).model == compiled.model


@given(DOCUMENTS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_order_of_names_in_a_schema_does_not_count(schema: dict[str, Any], random: Any) -> None:
    shuffled = reordered(schema, lambda names: random.sample(names, len(names)))
    assert by_name(compile_or_refuse(shuffled)) == by_name(compile_or_refuse(schema))


@given(DOCUMENTS, st.lists(VALUES, min_size=10, max_size=10))
@settings(max_examples=150, deadline=None)
def test_types_of_valid_values_are_admitted(schema: dict[str, Any], values: list[Any]) -> None:
    root = document_from_value(schema, "thing.json", SchemaOptions()).root
    if compile_or_refuse(schema) == "REF_CYCLE":
        return
    admitted = admits(root)
    for value in values:
        if jsonschema_rs.is_valid(schema, value):
            assert type_of(value) in admitted


def type_of(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    return {str: "string", list: "array", dict: "object"}[type(value)]


@given(DOCUMENTS, st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=10, max_size=10))
@settings(max_examples=150, deadline=None)
def test_valid_record_fits_the_class(schema: dict[str, Any], values: list[dict[str, Any]]) -> None:
    compiled = compile_or_refuse(schema)
    if isinstance(compiled, str):
        return
    model = compiled.model
    entity = model.entities[0]
    branching = any(f'"{word}"' in json.dumps(schema) for word in ("anyOf", "oneOf", "if", "dependentSchemas"))
    for value in values:
        if jsonschema_rs.is_valid(schema, value):
            assert list(record_misfits(value, entity, model)) == []
            known = {field.json_name: field for field in entity.fields}
            if not branching:
                found = [
                    list(misfits(each, known[name].shape, model, known[name].nullable)) for name, each in value.items() if name in known
                ]
                assert not any(found)
