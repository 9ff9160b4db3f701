"""What must be true after a plan ran, before it is committed: the catalog read again, and the server's own text of altered tables."""

from __future__ import annotations

from schemagen.catalog.objects import Catalog, Table
from schemagen.catalog.types import ObjectId
from schemagen.errors import SchemagenError
from schemagen.plan.changes import AddRows, AlterRows, RecreateEnum, RemoveRows, table_of
from schemagen.plan.matching import adopt_names
from schemagen.plan.plan import Plan
from schemagen.plan.scope import fingerprint, normal, within
from schemagen.plan.simulate import first_difference


def altered_tables(plan: Plan) -> tuple[Table, ...]:
    """Tables that were there before and are changed, as they should be now; one that the plan made is native already."""
    kept = {table.id for table in plan.before.tables}
    ids: set[ObjectId] = set()
    for step in plan.steps:
        if isinstance(step.change, RecreateEnum):
            ids |= {id for id, _ in step.change.columns}
        elif not isinstance(step.change, AddRows | AlterRows | RemoveRows):
            ids |= {id for id in (table_of(step.change),) if id is not None}
    return tuple(table for table in plan.after.tables if table.id in ids & kept)


def check_base(plan: Plan, found: Catalog) -> None:
    """Raises SchemagenError DRIFT where the database is not the one that the plan was made for."""
    if fingerprint(found) != plan.base_fingerprint:
        where = first_difference(normal(found), normal(plan.before))
        raise SchemagenError("DRIFT", plan.dialect, f"the database was changed meanwhile: {where}; nothing was done, run it again")


def check_target(plan: Plan, found: Catalog) -> None:
    """Raises SchemagenError DRIFT where the database, read again, is not what was wanted."""
    named = adopt_names(found, plan.after)
    if normal(within(found, None)) != normal(named):
        where = first_difference(normal(found), normal(named))
        raise SchemagenError("DRIFT", plan.dialect, f"the plan ran, but the database is not as wanted: {where}; it is rolled back")


def check_text(plan: Plan, found: str, wanted: str) -> None:
    """Raises SchemagenError DRIFT where the server prints altered tables otherwise than copies made as they should be."""
    if found == wanted:
        return
    have, want = found.splitlines(), wanted.splitlines()
    lost = next((line for line in want if line not in have), "")
    extra = next((line for line in have if line not in want), "")
    sentence = f"the plan ran, but the server's own text differs: found {extra!r}, expected {lost!r}; it is rolled back"
    raise SchemagenError("DRIFT", plan.dialect, sentence)
