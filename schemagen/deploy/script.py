"""A plan as an SQL script: settings, transactions, one statement after another, and no text of a schema in its comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemagen.catalog.objects import Catalog
from schemagen.dialects.base import Dialect
from schemagen.options import PlanOptions
from schemagen.plan.changes import CreateTable, RebuildTable
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan
from schemagen.plan.policy import refuse
from schemagen.sql import Sql

NOTHING_TO_DO = "-- nothing to do\n"


def create_script(catalog: Catalog, dialect: Dialect) -> str:
    """The script that makes the catalog in an empty database of the server that the dialect assumes. Raises SchemagenError."""
    server = dialect.assumed_server
    plan = build_plan(
        Catalog(server=server),
        dialect.lower(catalog, server),
        dialect=dialect.name,
        server=server,
        traits=dialect.traits(server),
        options=PlanOptions(),
        assumed=True,
    )
    return plan_script(plan, dialect)


def plan_script(plan: Plan, dialect: Dialect) -> str:
    """The plan's statements, each ended by a semicolon; a comment where there is nothing to do. Raises SchemagenError REFUSED."""
    refuse(plan, "no script is written")
    if plan.is_empty:
        return NOTHING_TO_DO
    blocks = ["\n".join(_ended(dialect, dialect.settings(plan.server))), *_questions(plan, dialect)]
    transactional = dialect.traits(plan.server).transactional_ddl
    for group in plan.transactions:
        statements = [block for number in group for block in _step(plan, number, dialect)]
        blocks += ["BEGIN;", *statements, "COMMIT;"] if transactional else statements
    return "\n".join(block for block in blocks if block) + "\n"


def _ended(dialect: Dialect, statements: list[Sql]) -> Iterator[str]:
    return (f"{dialect.text(statement)};" for statement in statements)


def _questions(plan: Plan, dialect: Dialect) -> Iterator[str]:
    """What the data must answer, where no database was asked."""
    open_hazards = [hazard for hazard in plan.hazards if hazard.status == "open" and hazard.limit == 0]
    probes = dict.fromkeys(replace(hazard.cleared_by, answer=None) for hazard in open_hazards if hazard.cleared_by is not None)
    if probes:
        yield "\n-- Each of these counts must be 0."
        yield from _ended(dialect, [dialect.query(probe) for probe in probes])
        yield ""


def _step(plan: Plan, number: int, dialect: Dialect) -> Iterator[str]:
    """A table's statements stand apart."""
    step = plan.steps[number]
    text = "\n".join(_ended(dialect, dialect.render(step)))
    yield f"\n{text}" if isinstance(step.change, CreateTable | RebuildTable) else text
