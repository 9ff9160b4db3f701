"""Tokens: what is no token is refused at once, and a printed one is safe in a shell and meets its object alone."""

from __future__ import annotations

import shlex
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemagen.engine.api import make_plan
from schemagen.errors import SchemagenError, printable
from schemagen.options import HazardKind, PlanOptions
from schemagen.plan.plan import Hazard, Refusal, token_matches
from tests.plan.notation import catalog_of

NAMES = st.text(min_size=1, max_size=8) | st.text("ab*?[]!-' $", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("DROP_COLUMNS:x", r"there is no kind 'DROP_COLUMNS'.*did you mean DROP_COLUMN:x\?$"),
        ("drop_column:x.y", r"did you mean DROP_COLUMN:x\.y\?$"),
        ("DROP_COLUMN", r"names no object .*did you mean DROP_COLUMN:TABLE\.COLUMN\?$"),
        ("DROP_COLUMN:", r"names no object"),
        ("x.y", r"names no object .*kinds are \*, DROP_TABLE,"),
        ("IMPOSSIBLE:*", r"there is no kind 'IMPOSSIBLE' to allow"),
        ("", r"names no object"),
    ],
)
def test_what_is_no_token_is_refused_with_what_was_meant(token: str, sentence: str) -> None:
    with pytest.raises(SchemagenError, match=rf"^USAGE: --allow {token.replace('*', '[*]')}: .*{sentence}" if token else sentence):
        PlanOptions(allow=("*:*", token))
    with pytest.raises(SchemagenError, match=r"^USAGE: "):
        make_plan(catalog_of(""), catalog_of(""), "duckdb", allow=[token])


def test_every_kind_that_can_be_allowed_is_a_token() -> None:
    PlanOptions(allow=("*:*", *(f"{kind}:*" for kind in get_args(HazardKind) if kind != "IMPOSSIBLE")))


@given(NAMES, NAMES)
def test_printed_token_is_one_word_of_a_shell_and_meets_its_object_alone(name: str, other: str) -> None:
    hazard = Hazard("DROP_COLUMN", f"note.{name}", "it goes")
    option = Refusal(hazard).option
    flag, token = shlex.split(option)
    assert flag == "--allow"
    assert printable(option) == option
    assert token_matches(token, "DROP_COLUMN", hazard.object)
    assume(name.isprintable() and name != other and "." not in other)
    assert not token_matches(token, "DROP_COLUMN", f"note.{other}")
