"""Plans as JSON: read back equal, and refused where a file says what no plan can."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemagen.errors import SchemagenError
from schemagen.plan.json import plan_from_json, plan_to_json
from tests.plan.cases import FILES, FOLDER, read_case

CASES = [(path, flavor) for path in FILES for flavor in read_case(path).plans]


@pytest.mark.parametrize(("path", "flavor"), CASES, ids=[f"{path.stem}-{flavor}" for path, flavor in CASES])
def test_plan_read_back_is_equal(path: Any, flavor: str) -> None:
    made = read_case(path).plan(flavor)
    assert plan_from_json(plan_to_json(made)) == made


def test_plan_has_the_same_bytes_each_time() -> None:
    case = read_case(FOLDER / "types.case")
    assert plan_to_json(case.plan("native")) == plan_to_json(case.plan("native"))


def _edited(edit: str) -> str:
    """The JSON of a plan that adds a column with a default, tampered with."""
    data = json.loads(plan_to_json(read_case(FOLDER / "enum-value-added.case").plan("native")))
    plan = data["plan"]
    match edit:
        case "version":
            data["format"] = 99
        case "field":
            plan["sql"] = "DROP TABLE note"
        case "step":
            plan["steps"][0]["change"] = {"$": "Execute", "sql": "DROP TABLE note"}
        case "expression":
            plan["steps"][-1]["change"]["after"] = {"$": "Native", "text": "1); DROP TABLE note;--"}
    return json.dumps(data)


@pytest.mark.parametrize("edit", ["version", "field", "step", "expression"])
def test_plan_file_with_anything_else_is_refused(edit: str) -> None:
    with pytest.raises(SchemagenError, match=r"^BAD_FILE: "):
        plan_from_json(_edited(edit))


def test_text_that_is_no_plan_is_refused() -> None:
    with pytest.raises(SchemagenError, match="is no saved plan"):
        plan_from_json('{"schemagen": "catalog", "format": 1}')
