"""JSON text becomes one value, within limits that cost nothing to keep."""

from __future__ import annotations

import json
import random
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from schemagen.document.read import parse_json
from schemagen.document.text import digest_of, plain, settle
from schemagen.errors import SchemagenError
from tests.document.cases import values


@given(values)
@settings(deadline=None)
def test_settled_json_is_the_value_that_was_written(value: Any) -> None:
    settled = settle(parse_json(json.dumps(value), "x"), "x")
    assert settled == settle(value, "x")
    assert settle(settled, "x") == settled
    assert settle(plain(settled), "x") == settled


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(item, order) for item in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    order.shuffle(names)
    return {name: shuffled(value[name], order) for name in names}


@given(values)
@settings(deadline=None)
def test_order_of_keys_and_white_space_leave_the_digest(value: Any) -> None:
    other = json.dumps(shuffled(value, random.Random(1)), indent=3)
    assert digest_of(settle(parse_json(other, "x"), "x")) == digest_of(settle(value, "x"))


def test_spelling_of_a_number_leaves_the_value() -> None:
    text = "[1.0, 1e2, 0.10, 1E-2, -0.0, 12345678901234567890.5, 1e400]"
    exact = [1, 100, Decimal("0.1"), Decimal("0.01"), 0, Decimal("12345678901234567890.5"), 10**400]
    assert settle(parse_json(text, "x"), "x") == exact
    assert [type(item) for item in settle(parse_json(text, "x"), "x")] == [type(item) for item in exact]


def test_number_that_a_float_would_change_stays_exact_for_validators() -> None:
    assert plain([Decimal("0.1"), Decimal("0.12345678901234567890123")]) == [0.1, Decimal("0.12345678901234567890123")]


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "9" * 5000, "-" + "9" * 5000, "0." + "9" * 5000, "1e1001"])
@pytest.mark.parametrize("keyword", ["maximum", "multipleOf", "maxLength", "default"])
def test_number_bomb_is_refused_at_once(number: str, keyword: str) -> None:
    began = time.process_time()
    with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x: a number has "):
        parse_json(f'{{"{keyword}": {number}}}', "x")
    assert time.process_time() - began < 0.05


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**1001, Decimal("1e2500"), Decimal("NaN")])
def test_number_beyond_json_is_refused_in_values_too(number: Any) -> None:
    with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x#/a: "):
        settle({"a": number}, "x")


@pytest.mark.parametrize("depth", [1, 199, 200, 201, 1_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_has_one_limit(depth: int, opening: str, closing: str) -> None:
    text = opening * depth + "1" + closing * depth
    if depth <= 200:
        settle(parse_json(text, "x"), "x")
    else:
        with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x: is nested deeper than 200 levels"):
            parse_json(text, "x")


@pytest.mark.parametrize("depth", [200, 201])
def test_depth_of_a_value_has_the_same_limit(depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    if depth == 200:
        settle(value, "x")
    else:
        with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x: is nested deeper than 200 levels"):
            settle(value, "x")


def test_more_than_a_million_values_are_too_many() -> None:
    with pytest.raises(SchemagenError, match=r"^SCHEMA_TOO_LARGE: x: has more than 1,000,000 values"):
        settle([0] * 1_000_001, "x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_read(encoding: str) -> None:
    assert parse_json('{"title": "árvíz 水"}'.encode(encoding), "x") == {"title": "árvíz 水"}


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x: is no UTF-8 text: byte 1"):
        parse_json(b'"\xff"', "x")


def test_last_of_equal_keys_wins() -> None:
    assert parse_json('{"a": 1, "a": 2}', "x") == {"a": 2}


@pytest.mark.parametrize("value", [{1: 2}, {"a": {1, 2}}, {"a": object()}, {"a": b"x"}])
def test_value_that_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x#"):
        settle(value, "x")
