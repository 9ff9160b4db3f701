"""The case files of dialects, read."""

from __future__ import annotations

import json
from typing import Any, cast

from schemagen.catalog.json import CATALOG_CLASSES, value_from_json
from schemagen.catalog.objects import Column, PrimaryKey, Table
from schemagen.catalog.types import Integer, ObjectId, SqlType
from schemagen.plan.plan import Plan, Probe, ProbeKind
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "cases" / "dialects"


def type_rows() -> list[dict[str, str]]:
    """One row per type: its JSON, and its name in each dialect (`refused` where there is none)."""
    head, *lines = (line.split("\t") for line in (FOLDER / "types.tsv").read_text().splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


def sql_type(text: str) -> SqlType:
    """The type of its JSON."""
    return cast(SqlType, value_from_json(json.loads(text), SqlType, CATALOG_CLASSES, "case"))


def read(name: str) -> list[dict[str, Any]]:
    """A case file that is a list of objects."""
    return cast(list[dict[str, Any]], json.loads((FOLDER / name).read_text()))


def cast_name(case: dict[str, Any]) -> str:
    """A case of casts.json as the test run shows it."""
    return " to ".join("-".join(str(value) for value in case[side].values()) for side in ("before", "after"))


def cast_tables(case: dict[str, Any]) -> tuple[Table, Table]:
    """The table `t` of a case, its column `c` of the type before and after."""
    return _cast_table(case["before"]), _cast_table(case["after"])


def _cast_table(kind: dict[str, Any]) -> Table:
    columns = (Column("id", Integer(32), nullable=False), Column("c", sql_type(json.dumps(kind))))
    return Table(ObjectId("table", "", "t"), columns, (PrimaryKey(("id",), "pk_t"),))


def types_of(plan: Plan) -> tuple[SqlType, SqlType]:
    """The lowered types of column `c` before and after."""
    before, after = (catalog.tables[0].column("c").type for catalog in (plan.before, plan.after))
    return before, after


def cast_probe(case: dict[str, Any], plan: Plan) -> Probe:
    before, after = types_of(plan)
    return Probe(cast(ProbeKind, case["probe"]), ObjectId("table", "", "t"), ("c",), before=before, to=after)
