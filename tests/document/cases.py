"""Cases as data, and the values that they are about."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

CASES = Path(__file__).parent.parent / "cases" / "document"

# Texts without control characters and surrogates: those have cases of their own.
texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=8)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def cases(name: str, of: Callable[[dict[str, Any]], bool] = lambda case: True) -> pytest.MarkDecorator:
    """`case` is each one of `tests/cases/document/NAME.json` that `of` takes."""
    found: list[dict[str, Any]] = [item for item in json.loads((CASES / f"{name}.json").read_text()) if of(item)]
    return pytest.mark.parametrize("case", found, ids=[item["name"] for item in found])
