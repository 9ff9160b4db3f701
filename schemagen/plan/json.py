"""A plan as JSON text and back: values and a format version, no SQL to execute; whoever runs it makes hazards and probes again."""

from __future__ import annotations

import json

from schemagen.catalog.json import CATALOG_CLASSES, check_saved, classes_of, parse_saved, value_from_json, value_to_json
from schemagen.plan import changes, plan
from schemagen.plan.plan import Plan

FORMAT = 2
PLAN_CLASSES = {**CATALOG_CLASSES, **classes_of(changes, plan)}


def plan_to_json(made: Plan) -> str:
    """JSON text with a format version: equal plans give equal bytes."""
    data = {"schemagen": "plan", "format": FORMAT, "plan": value_to_json(made)}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def plan_from_json(text: str, source: str = "plan") -> Plan:
    """The plan of `plan_to_json`. Raises SchemagenError BAD_FILE for an unknown format or field, or SQL that is no single expression."""
    made = value_from_json(parse_saved(text, "plan", (FORMAT,), source), Plan, PLAN_CLASSES, source)
    assert isinstance(made, Plan)
    check_saved(made, made.server.flavor, source)
    return made
