"""Each row of the keyword table: a property's schema, the field it becomes, and what is noted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.shape.reading import compile_value, show_diagnostics, show_field, show_model

CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/cases/shape/properties.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_property_becomes_field(case: dict[str, Any]) -> None:
    compiled = compile_value({"type": "object", "properties": {"x": case["schema"]}, **case.get("beside", {})})
    entity = compiled.model.entities[0]
    assert show_field(entity.fields[0]) == case["field"]
    rest = show_model(compiled.model)[1 + len(entity.fields) :]
    assert rest == case.get("classes", [])
    assert show_diagnostics(compiled) == case.get("notes", [])
