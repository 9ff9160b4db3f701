"""Plans as text: foreign text cannot play with the terminal, and refusals name the exact option."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog.expressions import Literal
from schemagen.catalog.objects import Catalog, Column, Namespace, Table
from schemagen.catalog.types import ObjectId, Text
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan
from schemagen.plan.policy import refuse
from schemagen.plan.text import plan_text
from tests.plan.cases import FOLDER, read_case
from tests.plan.servers import NATIVE, server

HOSTILE = "\x1b[2K\r0 hazards\n[/bold]\x1b]52;c;x\u202e"


def _plan(before: Catalog, after: Catalog) -> Plan:
    return build_plan(before, after, dialect="native", server=server("native"), traits=NATIVE, options=PlanOptions(), assumed=True)


def test_hostile_names_comments_and_defaults_stay_on_their_line() -> None:
    column = Column(HOSTILE, Text(), default=Literal(HOSTILE), comment=HOSTILE)
    table = Table(ObjectId("table", HOSTILE, HOSTILE), (column,), comment=HOSTILE)
    made = Catalog((Namespace(HOSTILE, (table,)),))
    changed = Catalog((Namespace(HOSTILE, (replace(table, columns=(replace(column, comment="x", default=None),), comment=None),)),))
    for text in (plan_text(_plan(Catalog(), made)), plan_text(_plan(made, changed)), plan_text(_plan(made, Catalog()))):
        assert text.replace("\n", "").isprintable()
        assert not any(line.startswith("0 hazards") for line in text.splitlines())


def test_first_refusal_is_raised_with_its_option_and_the_number_of_others() -> None:
    plan = read_case(FOLDER / "drops-refused.case").plan("native")
    with pytest.raises(
        SchemagenError, match=r"^REFUSED: note\.text: .* \(--allow DROP_COLUMN:note\.text\); nothing was changed; and 1 more$"
    ):
        refuse(plan, "nothing was changed")


def test_str_of_a_plan_is_its_text() -> None:
    plan = read_case(FOLDER / "create.case").plan("native")
    assert str(plan) == plan_text(plan)
