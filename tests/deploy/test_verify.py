"""What is asked again under the locks, and what is found wrong after a plan ran."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.deploy.probe import judge_again, questions, questions_again, touched_tables
from schemagen.deploy.run import lonely_types
from schemagen.deploy.verify import altered_tables, check_base, check_target, check_text
from schemagen.errors import SchemagenError
from schemagen.plan.scope import ids_of
from tests.plan.cases import FOLDER, Case, read_case
from tests.plan.notation import catalog_of

REQUIRED = Case("table note\n  id bigint key\n  text text null", "table note\n  id bigint key\n  text text", answers={})


def test_a_probe_that_let_a_hazard_pass_is_asked_again_and_believed_then() -> None:
    plan = REQUIRED.plan("native")
    [probe] = questions_again(plan)
    assert questions(plan) == (probe,)
    judge_again(plan, {probe: 0})
    with pytest.raises(SchemagenError, match=r"^REFUSED: note\.text: .*rows that came meanwhile"):
        judge_again(plan, {probe: 1})


def test_what_was_allowed_is_not_asked_again() -> None:
    allowed = replace(REQUIRED, options=replace(REQUIRED.options, allow=("*:*",)), answers={"NULLS note.text": 3})
    assert questions_again(allowed.plan("native")) == ()


def test_tables_are_locked_in_one_order() -> None:
    plan = read_case(FOLDER / "types.case").plan("native")
    assert [str(table.id) for table in touched_tables(plan, plan.transactions[0])] == ["line", "note"]


def test_a_table_that_the_plan_made_is_not_compared_with_a_copy() -> None:
    plan = read_case(FOLDER / "lookup-made.case").plan("native")
    assert [str(table.id) for table in altered_tables(plan)] == ["note"]


def test_a_database_that_moved_is_drift() -> None:
    plan = REQUIRED.plan("native")
    check_base(plan, catalog_of(REQUIRED.before))
    with pytest.raises(SchemagenError, match=r"^DRIFT: native: .*note\.more.*nothing was done"):
        check_base(plan, catalog_of(REQUIRED.before + "\n  more text"))


def test_a_database_that_is_not_as_wanted_after_the_plan_is_an_error() -> None:
    plan = REQUIRED.plan("native")
    check_target(plan, catalog_of(REQUIRED.after))
    with pytest.raises(SchemagenError, match=r"^DRIFT: native: the plan ran, but .*note\.text.*rolled back"):
        check_target(plan, catalog_of(REQUIRED.before))


def test_text_of_the_server_that_differs_is_an_error() -> None:
    plan = REQUIRED.plan("native")
    check_text(plan, "a\nb", "a\nb")
    with pytest.raises(SchemagenError, match="found 'b', expected 'c'"):
        check_text(plan, "a\nb", "a\nc")


def test_types_of_the_tables_in_scope_alone_are_in_scope() -> None:
    found = catalog_of(
        "enum mine: a\nenum ours: a\nenum idle: a\nstruct place: kind mine\ntable one\n  a place\n  b ours\ntable two\n  b ours"
    )
    scope = ids_of(catalog_of("table one\n  a text"))
    assert {id.name for id in lonely_types(found, scope)} == {"mine", "place"}
