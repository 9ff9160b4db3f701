"""YAML is read by the core schema of YAML 1.2, and no alias makes it large."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pytest
from hypothesis import given, settings

from schemagen.document.text import settle
from schemagen.document.yaml import parse_yaml
from schemagen.errors import SchemagenError
from tests.document.cases import values

CORE = """
words: [yes, on, NO, true, False, null, ~, ""]
empty:
numbers: [0o17, 0x1F, 012, 1_000, +5, 1e3, .5, 1., -2]
times: [2001-01-01, 12:30]
texts: ['1', "true", !!str 12]
200: ok
merged: {<<: [{a: 1, b: 1}, {b: 2, c: 2}], c: 3}
block: |
  one
  two
"""


def test_scalars_are_those_of_yaml_1_2() -> None:
    assert settle(parse_yaml(CORE, "x"), "x") == {
        "words": ["yes", "on", "NO", True, False, None, None, ""],
        "empty": None,
        "numbers": [15, 31, 12, "1_000", 5, 1000, settle(0.5, "x"), 1, -2],
        "times": ["2001-01-01", "12:30"],
        "texts": ["1", "true", "12"],
        "200": "ok",
        "merged": {"a": 1, "b": 1, "c": 3},
        "block": "one\ntwo\n",
    }


@given(values)
@settings(max_examples=60, deadline=None)
def test_json_is_yaml(value: Any) -> None:
    # A key of more than 1,024 characters, or one behind a line break, is no simple key; json.dumps writes neither here.
    assert settle(parse_yaml(json.dumps(value), "x"), "x") == settle(value, "x")


def lists(levels: int) -> str:
    rows = ["a0: &a0 [" + ",".join("x" * 9) + "]"]
    rows += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "\n".join(rows)


def merges(levels: int) -> str:
    rows = ["a0: &a0 {k: 1}"]
    rows += [f"a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * 9)}], k{i}: 1}}" for i in range(1, levels)]
    return "\n".join(rows)


@pytest.mark.parametrize("text", [lists(7), merges(30)], ids=["lists", "merge keys"])
def test_alias_bomb_is_too_large_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(SchemagenError, match=r"^SCHEMA_TOO_LARGE: x: its aliases make more than ten values"):
        parse_yaml(text, "x")
    assert time.process_time() - began < 2


def test_aliased_values_are_copies() -> None:
    value = parse_yaml("a: &x {p: 1}\nb: *x", "x")
    assert value == {"a": {"p": 1}, "b": {"p": 1}}
    assert value["a"] is not value["b"]


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 201 + "]" * 201, "a:\n" + "".join(" " * i + "a:\n" for i in range(1, 300))])
def test_depth_is_refused(text: str) -> None:
    with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x: is nested deeper than 200 levels"):
        parse_yaml(text, "x")


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    with pytest.raises(SchemagenError, match=r"^MISSING_EXTRA: ruamel.yaml: is not installed; run: pip install 'schemagen\[yaml\]'"):
        parse_yaml("a: 1", "x")
