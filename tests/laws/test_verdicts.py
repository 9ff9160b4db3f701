"""Law: records are judged as `jsonschema` judges them, by every draft, through every reference."""

from __future__ import annotations

from typing import Any

import jsonschema.validators
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemagen.document.bundle import bundle
from schemagen.document.read import document_from_value
from schemagen.document.validators import validator_for
from schemagen.options import SchemaOptions

DRAFTS = (
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
NAMES = ("a", "b c", "d/e", "f~<g>", "%25")
KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "xy", 0.5])
instances = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3), max_leaves=6
)


def pointer(name: str, *, encode: bool) -> str:
    token = name.replace("~", "~0").replace("/", "~1")
    return token.replace("%", "%25").replace("<", "%3C").replace(">", "%3E").replace(" ", "%20") if encode else token.replace("%", "%25")


@st.composite
def schemas(draw: st.DrawFn, draft: str) -> dict[str, Any]:
    container = draw(st.sampled_from(["definitions", "$defs", "x-parts"]))
    references = st.builds(lambda name, encode: f"#/{container}/{pointer(name, encode=encode)}", st.sampled_from(NAMES), st.booleans())
    level = DRAFTS.index(draft)

    def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        named = st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
        keywords: dict[str, st.SearchStrategy[Any]] = {
            "properties": named,
            "additionalProperties": inner | st.booleans(),
            "items": inner,
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "type": st.sampled_from(KINDS),
        }
        if level < 4:
            keywords["items"] = inner | st.lists(inner, min_size=1, max_size=2)
            keywords["additionalItems"] = inner
        else:
            keywords["prefixItems"] = st.lists(inner, min_size=1, max_size=2)
        if level < 3:
            keywords["dependencies"] = named
        return st.fixed_dictionaries({}, optional=keywords)

    leaves = st.one_of(
        st.just({}),
        st.builds(lambda kind: {"type": kind}, st.sampled_from(KINDS)),
        st.builds(lambda kinds: {"type": kinds}, st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True)),
        st.builds(lambda values: {"enum": values}, st.lists(scalars, min_size=1, max_size=2, unique_by=repr)),
        st.builds(lambda limit: {"minimum": limit, "maxLength": 1}, st.integers(-2, 2)),
        st.builds(lambda reference, kind: {"$ref": reference, "type": kind}, references, st.sampled_from(KINDS)),
        st.builds(lambda reference: {"$ref": reference}, references),
        st.builds(lambda name: {"required": [name]}, st.sampled_from(NAMES)),
    )
    schema = st.recursive(leaves, around, max_leaves=5)
    return {"$schema": draft, "allOf": [draw(schema)], container: {name: draw(schema) for name in NAMES}}


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_verdict_is_that_of_jsonschema(data: st.DataObject) -> None:
    draft = data.draw(st.sampled_from(DRAFTS))
    schema = data.draw(schemas(draft))
    records = data.draw(st.lists(instances, min_size=1, max_size=4))
    judge = jsonschema.validators.validator_for(schema)(schema)
    try:
        expected = [judge.is_valid(record) for record in records]
    except RecursionError:
        # A circle in one place: jsonschema goes round it for ever.
        assume(False)
    document = document_from_value(schema, "x.json", SchemaOptions())
    assert [validator_for(document, "").is_valid(record) for record in records] == expected
    if "x-parts" not in schema:
        whole = validator_for(document_from_value(bundle(document), "y.json", SchemaOptions()), "")
        assert [whole.is_valid(record) for record in records] == expected
