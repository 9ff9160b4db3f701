"""Whole documents: entities, classes, keys and names, and the one line where there is no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemagen.errors import SchemagenError
from tests.conftest import ROOT
from tests.shape.reading import compile_value, schema_options, show_diagnostics, show_model

MODELS = sorted((ROOT / "tests/cases/shape/models").glob("*.json"))
ERRORS: list[dict[str, Any]] = json.loads((ROOT / "tests/cases/shape/errors.json").read_text())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_document_becomes_model(path: Path) -> None:
    case = json.loads(path.read_text())
    compiled = compile_value(case["schema"], schema_options(case.get("options", {})))
    assert show_model(compiled.model) == case["model"]
    assert show_diagnostics(compiled) == case.get("notes", [])


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["rule"])
def test_document_without_model_says_why(case: dict[str, Any]) -> None:
    with pytest.raises(SchemagenError) as raised:
        compile_value(case["schema"], schema_options(case.get("options", {})))
    assert str(raised.value) == case["error"]
