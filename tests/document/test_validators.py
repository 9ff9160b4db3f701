"""Records are judged by the schema's own draft, and no schema makes that cost more than it should."""

from __future__ import annotations

import time
from typing import Any

import pytest

from schemagen.document.read import document_from_value
from schemagen.document.validators import validator_for
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from tests.document.cases import cases


@cases("verdicts")
def test_verdict_is_that_of_the_draft(case: dict[str, Any]) -> None:
    document = document_from_value(case["schema"], "x.json", SchemaOptions())
    judge = validator_for(document, case.get("at", "#"), formats=case.get("formats", False))
    assert [item for item in case["valid"] if not judge.is_valid(item)] == []
    assert [item for item in case["invalid"] if judge.is_valid(item)] == []


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+(?!b)$", "^((a{1,30}){1,30}){1,30}(?=c)$"])
def test_pattern_that_backtracks_ends_at_its_limit(pattern: str) -> None:
    judge = validator_for(document_from_value({"pattern": pattern}, "x.json", SchemaOptions()), "")
    began = time.process_time()
    kinds = {type(error.kind).__name__ for error in judge.iter_errors("a" * 40 + "!")}
    assert kinds <= {"BacktrackLimitExceeded", "Pattern"}
    assert kinds
    assert time.process_time() - began < 0.5


def test_pattern_that_is_none_is_named() -> None:
    document = document_from_value({"properties": {"a": {"pattern": "("}}}, "x.json", SchemaOptions())
    with pytest.raises(SchemagenError, match=r'^BAD_DOCUMENT: x.json#: cannot judge records: "\(" is not a "regex"'):
        validator_for(document, "")


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_definitions_that_double_are_too_large_at_once(keyword: str) -> None:
    levels = {f"d{i}": {keyword: [{"$ref": f"#/$defs/d{i + 1}"}, {"$ref": f"#/$defs/d{i + 1}"}]} for i in range(30)}
    document = document_from_value({"$ref": "#/$defs/d0", "$defs": {**levels, "d30": {"type": "string"}}}, "x.json", SchemaOptions())
    began = time.process_time()
    with pytest.raises(SchemagenError, match=r"^SCHEMA_TOO_LARGE: x.json#/.defs/d1.: judges each value by more than 1,000,000 schemas"):
        validator_for(document, "")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}, {"anyOf": [{"$ref": "#"}, {"type": "integer"}]}])
def test_circle_in_one_place_ends(schema: dict[str, Any]) -> None:
    assert validator_for(document_from_value(schema, "x.json", SchemaOptions()), "").is_valid(1)


def test_long_chain_of_references_is_judged() -> None:
    levels = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(2_000)}
    document = document_from_value({"$ref": "#/$defs/d0", "$defs": {**levels, "d2000": {"type": "string"}}}, "x.json", SchemaOptions())
    judge = validator_for(document, "")
    assert (judge.is_valid("a"), judge.is_valid(1)) == (True, False)


@pytest.mark.parametrize(
    "draft",
    ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"],
)
def test_meta_schemas_are_at_hand(draft: str) -> None:
    judge = validator_for(document_from_value({"$schema": draft, "properties": {"schema": {"$ref": draft}}}, "x.json", SchemaOptions()), "")
    assert judge.is_valid({"schema": {"type": "string"}})
    assert not judge.is_valid({"schema": {"type": "strin"}})


def test_numbers_beyond_a_double_are_judged_exactly() -> None:
    judge = validator_for(
        document_from_value({"maximum": 9007199254740993, "not": {"const": 9007199254740992}}, "x.json", SchemaOptions()), ""
    )
    assert [judge.is_valid(item) for item in (9007199254740993, 9007199254740994, 9007199254740992)] == [True, False, False]
