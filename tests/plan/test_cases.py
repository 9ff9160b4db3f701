"""Each case file's plan, as text, for each kind of server that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemagen.plan.text import plan_text
from tests.plan.cases import FILES, read_case

PLANS = [(path, flavor) for path in FILES for flavor in read_case(path).plans]


def test_there_are_cases() -> None:
    assert len(PLANS) > 20


@pytest.mark.parametrize(("path", "flavor"), PLANS, ids=[f"{path.stem}-{flavor}" for path, flavor in PLANS])
def test_plan_is_what_the_case_says(path: Path, flavor: str) -> None:
    case = read_case(path)
    assert plan_text(case.plan(flavor)) == case.plans[flavor]
