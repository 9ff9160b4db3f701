"""What a plan asks of the data, before it runs and again under its locks, and what the answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from schemagen.catalog.objects import Table
from schemagen.catalog.types import ObjectId
from schemagen.dialects.base import Dialect
from schemagen.errors import SchemagenError
from schemagen.plan.changes import RecreateEnum, SetComment, table_of
from schemagen.plan.plan import Plan, Probe
from schemagen.sql import Sql


def questions(plan: Plan) -> tuple[Probe, ...]:
    """The plan's probes, unanswered, each once."""
    return tuple(dict.fromkeys(replace(probe, answer=None) for probe in plan.probes))


def questions_again(plan: Plan) -> tuple[Probe, ...]:
    """The probes whose answers let a hazard pass: what must still be so when the tables are locked."""
    cleared = (hazard.cleared_by for hazard in plan.hazards if hazard.status == "cleared" and hazard.limit == 0)
    return tuple(dict.fromkeys(replace(probe, answer=None) for probe in cleared if probe is not None))


def query_text(probe: Probe, dialect: Dialect) -> str:
    """The probe's query on one line, as a person may run it."""
    return dialect.text(_one_line(dialect.query(replace(probe, answer=None))))


def _one_line(sql: Sql) -> Sql:
    return Sql(re.sub(r"\n\s*", " ", sql.text), *(_one_line(part) if isinstance(part, Sql) else part for part in sql.parts))


def judge_again(plan: Plan, answers: Mapping[Probe, int]) -> None:
    """Raises SchemagenError REFUSED where data that came meanwhile no longer lets a hazard pass."""
    for hazard in plan.hazards:
        probe = hazard.cleared_by
        if hazard.status == "cleared" and probe is not None and answers.get(replace(probe, answer=None), 0) > hazard.limit:
            sentence = f"{hazard.reason}, which rows that came meanwhile do not admit; nothing was changed"
            raise SchemagenError("REFUSED", hazard.object, sentence)


def touched_tables(plan: Plan, group: tuple[int, ...]) -> tuple[Table, ...]:
    """The tables there were before, which these steps alter or drop; by name, so that all who lock them do it in one order."""
    found: dict[ObjectId, Table] = {}
    for number in group:
        step = plan.steps[number]
        id = table_of(step.change)
        if isinstance(step.change, SetComment):
            continue
        ids = [table.id for table in step.referencing] if isinstance(step.change, RecreateEnum) else [id] if id is not None else []
        found |= {table.id: table for table in plan.before.tables if table.id in ids}
    return tuple(sorted(found.values(), key=lambda table: (table.id.namespace, table.id.name)))
