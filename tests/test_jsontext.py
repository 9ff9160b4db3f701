"""Formats and the limits of numbers and depth are stated once: every reader of a text gives the verdict of its row."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemagen.catalog.batch import Batch
from schemagen.catalog.columns import default_literal
from schemagen.catalog.json import CATALOG_CLASSES, value_from_json
from schemagen.catalog.layout import Layout
from schemagen.document.text import parse_json, settle
from schemagen.document.yaml import parse_yaml
from schemagen.errors import SchemagenError
from schemagen.jsontext import Format, depth_of, depth_over, has_format, in_format, is_huge, json_text, number_text, pointer_of, tokens
from schemagen.model.annotations import PrimaryKey
from schemagen.model.reflect import reflect
from schemagen.options import LoadOptions
from schemagen.records.cells import Fitter, Unfit
from schemagen.records.columns import Converter, Rows
from schemagen.records.parse import parse_record
from schemagen.records.python_values import tuple_rows
from schemagen.shape.defaults import fits
from schemagen.sources.block import Fault
from tests.conftest import ROOT
from tests.records.make import Held, entity_of, job_of, layout_of, loaded

CASES = ROOT / "tests/cases/jsontext"


def rows(name: str) -> list[list[str]]:
    lines = (CASES / name).read_text().splitlines()[1:]
    return [[_spelled(cell) for cell in line.split("\t")] for line in lines]


def _spelled(cell: str) -> str:
    """`{9*1000}` is a thousand nines, `\\n` a newline."""
    return re.sub(r"\{(.)\*(\d+)\}", lambda found: found[1] * int(found[2]), cell).replace("\\n", "\n")


# --- numbers

NUMBERS = [pytest.param(text, verdict, id=f"{text[:20]}{len(text)}") for text, verdict in rows("numbers.tsv")]
COLUMNS: dict[str, dict[str, Any]] = {
    "double": {"properties": {"a": {"type": "number"}}},
    "integer": {"properties": {"a": {"type": "integer"}}},
    "decimal": {"properties": {"a": {"type": "number", "multipleOf": 0.01}}},
    "json": {"properties": {"a": {}}},
    "list": {"properties": {"a": {"type": "array", "items": {"type": "number"}}}},
    "undeclared": {"properties": {"b": {"type": "string"}}},
    "undeclared by name": {"properties": {"b": {}}, "additionalProperties": {"type": "number"}},
    "bounded": {"properties": {"a": {"type": "number", "minimum": -(10**30), "maximum": 10**30}}},
}


def refuses(read: Callable[[], object]) -> bool:
    """Whether a reader refuses, by an error of ours or a fault."""
    try:
        return isinstance(read(), Fault)
    except SchemagenError:
        return True


@pytest.mark.parametrize(("text", "verdict"), NUMBERS)
def test_number_has_one_verdict_as_part_of_a_schema_a_record_a_saved_catalog_and_a_python_value(text: str, verdict: str) -> None:
    layout = entity_of({"title": "t", **COLUMNS["json"]})[2]
    readers: dict[str, Callable[[], object]] = {
        "schema": lambda: settle(parse_json(f'{{"default": {text}}}', "x"), "x"),
        "yaml": lambda: settle(parse_yaml(f"default: {text}", "x"), "x"),
        "record": lambda: parse_record(f'{{"a": {text}}}'.encode(), LoadOptions()),
        "saved": lambda: value_from_json({"$": "decimal", "value": text}, Decimal, CATALOG_CLASSES, "x"),
    }
    if verdict == "fits":
        # A value does not remember how it was spelled: 0e1001 is 0.
        readers["python"] = lambda: tuple_rows(layout, ["a"]).batch([(Decimal(text),)], 0)
    assert {name: refuses(read) for name, read in readers.items()} == dict.fromkeys(readers, verdict == "huge")


HUGE = [10**1000, Decimal("1e2500"), Decimal("1e-2500"), Decimal("9" * 1001), [10**5000], float("inf"), Decimal("NaN")]


@pytest.mark.parametrize("value", HUGE, ids=range(len(HUGE)))
def test_value_of_python_that_no_number_within_the_limits_means_is_refused(value: Any) -> None:
    with pytest.raises(SchemagenError, match=r"^UNFIT: row 1, field a: .*number"):
        tuple_rows(entity_of({"title": "t", **COLUMNS["json"]})[2], ["a"]).batch([(value,)], 0)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(("text", "verdict"), NUMBERS)
def test_number_in_a_column_is_stored_or_refused_alone_and_among_others(text: str, verdict: str, column: str) -> None:
    value = f"[{text}]" if column == "list" else text
    whole = Decimal(text) == Decimal(text).to_integral_value() if verdict == "fits" else True
    job = job_of({"title": "t", "type": "object", **COLUMNS[column]})
    good, record = b"{}\n", f'{{"a": {value}}}\n'.encode()
    for data, place in ((record, 1), (good * 3 + record + good * 2, 4)):
        stored, rejects = loaded(job, Held(data))
        codes = [(item.line, item.fault.code) for item in rejects]
        if verdict == "huge":
            assert codes == [(place, "UNFIT")]
        elif column != "integer" or whole:
            # Not a multiple, for one; but never NUMBER_RANGE.
            assert codes in ([], [(place, "VALIDATION")])
            assert len(stored) + len(codes) == data.count(b"\n")


def test_number_beyond_the_limits_that_a_later_property_hides_is_stored_nowhere() -> None:
    """What is stored is read by servers and by other loads."""
    job = job_of({"title": "t", "type": "object", "properties": {"any": {}}})
    record = b'{"any":{"x":1e9999,"x":1},"more":[{"y":1e-9999,"y":2}]}\n'
    for data in (record, b"{}\n" + record):
        stored, rejects = loaded(job, Held(data))
        assert (stored[-1]["any"], stored[-1]["_extra"], rejects) == ('{"x":1}', '{"more":[{"y":2}]}', [])


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(-1100, 1100))
@example(Decimal("1"), -1003)
@example(Decimal("123.4"), 1000)
@example(Decimal("1" * 30), 1000)
def test_number_written_as_json_is_the_number_and_within_the_limits(digits: Decimal, shift: int) -> None:
    value = digits.scaleb(shift) if digits.adjusted() + shift < 100_000 else digits
    try:
        text = number_text(value)
    except ValueError:
        assert value.adjusted() >= 1000 or value.adjusted() <= -1000
    else:
        assert Decimal(text) == value
        assert not is_huge(text)
        assert json.loads(text, parse_float=Decimal) == value


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_value_written_as_json_is_the_value(value: Any) -> None:
    assert json.loads(json_text(value)) == value


# --- depth


@pytest.mark.parametrize("levels", [1, 5, 199, 200, 201, 202])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_depth_has_one_verdict_in_a_schema_and_a_record(levels: int, left: str, right: str) -> None:
    each = len(right)
    pairs = levels // each
    depth = pairs * each
    text = left * pairs + "1" + right * pairs
    assert depth_over(text, 200) is (depth > 200)
    assert (depth_of(json.loads(text), 200) > 200) is (depth > 200)
    assert refuses(lambda: parse_json(text, "x")) is (depth > 200)
    assert refuses(lambda: parse_record(text.encode(), LoadOptions())) is (depth > 200)


def test_depth_is_of_the_deepest_place_however_many_brackets_there_are() -> None:
    for levels in (199, 200):
        text = "[" + ",".join(["[" * levels + "]" * levels] * 3) + "]"
        assert depth_over(text, 200) is (levels == 200)


@given(st.lists(st.text()))
def test_pointer_gives_its_tokens_back(parts: list[str]) -> None:
    assert tokens(pointer_of(*parts)) == parts


# --- formats


@dataclass
class Held3:
    """Formats that no JSON Schema keyword stands for, as a hand-written class has them."""

    id: PrimaryKey[int]
    span: timedelta
    content: bytes


FORMATS = [pytest.param(*row, id=f"{row[0]}-{row[1][:30]!a}{len(row[1])}") for row in rows("formats.tsv")]
BY_SCHEMA = {"local": "date-time-local", "time": "time-local"}
BY_CLASS = {"duration": "span", "base64": "content"}
GOOD = {
    "date": "2000-01-01", "date-time": "2000-01-01T00:00:00Z", "local": "2000-01-01T00:00:00", "time": "01:02:03",
    "uuid": "0e37df36-f698-11e6-8dd4-cb9ced3df976", "ipv4": "10.0.0.1", "ipv6": "2001:db8::5", "decimal": "3.25",
    "duration": "P3D", "base64": "AAAA",
}  # fmt: skip


def place_of(form: str) -> tuple[Layout, str]:
    """A layout with a column of the format, and the property's name."""
    if form in BY_CLASS:
        return layout_of(reflect(sys.modules[__name__]), "Held3"), BY_CLASS[form]
    schema = {"title": "t", "type": "object", "properties": {"a": {"type": "string", "format": BY_SCHEMA.get(form, form)}}}
    return entity_of(schema, dialect="postgresql")[2], "a"


@pytest.mark.parametrize(("form", "text", "verdict"), FORMATS)
def test_text_has_one_verdict_as_default_cell_column_and_literal(form: str, text: str, verdict: str) -> None:
    layout, name = place_of(form)
    slot = next(item for item in layout.properties if item.path == (name,))
    fitter, converter = Fitter(layout), Converter(layout, LoadOptions())
    of_format = cast(Format, "address" if form.startswith("ip") else form)

    def in_cell() -> bool:
        try:
            fitter.cell(slot, text)
        except Unfit:
            return False
        return True

    def in_column(others: int) -> bool:
        """Whether the column takes the text as it stands; what it asks about is judged alone."""
        cells = [GOOD[form]] * others + [text]
        column = [tuple(cell if item is slot else _filler(item.path[0]) for item in layout.properties) for cell in cells]
        found = converter.batch(Rows(list(range(len(cells))), column))
        return isinstance(found, Batch) or others not in found

    expected = verdict == "yes"
    verdicts = {
        "format": has_format(of_format, text),
        "default": fits(text, slot.shape, {}),
        "cell": in_cell(),
        "literal": default_literal(text, slot.type) is not None or form in ("duration", "ipv4", "ipv6"),
        "column": in_column(0),
        "column among others": in_column(3),
    }
    if form in ("duration", "ipv4", "ipv6"):
        # A literal of an interval is not written, one of an address is any text.
        verdicts.pop("literal")
    assert verdicts == dict.fromkeys(verdicts, expected)
    if expected:
        again = in_format(of_format, text)
        assert in_format(of_format, again) == again


def _filler(name: str) -> Any:
    return {"id": 1, "span": "P1D", "content": "AAAA"}[name]


@pytest.mark.parametrize(("form", "text", "verdict"), [row for row in FORMATS if row.values[0] not in BY_CLASS])
def test_text_in_a_record_is_stored_or_refused_alone_and_among_others(form: str, text: str, verdict: str) -> None:
    schema = {"title": "t", "type": "object", "properties": {"a": {"type": "string", "format": BY_SCHEMA.get(form, form)}}}
    job = job_of(schema, key=("a",), dialect="postgresql")
    record, good = json.dumps({"a": text}), json.dumps({"a": GOOD[form]})
    for lines, place in (([record], 1), ([good, good, record, good], 3)):
        stored, rejects = loaded(job, Held("\n".join(lines).encode() + b"\n"))
        assert [(item.line, item.fault.code, item.fault.pointer) for item in rejects] == (
            [] if verdict == "yes" else [(place, "UNFIT", "/a")]
        )
        assert len(stored) == len(lines) - len(rejects)


@pytest.mark.parametrize(("form", "text", "verdict"), [row for row in FORMATS if row.values[0] in ("uuid", "ipv4", "ipv6")])
def test_text_given_in_python_where_a_uuid_or_address_is_meant_has_the_same_verdict(form: str, text: str, verdict: str) -> None:
    layout, name = place_of(form)
    assert refuses(lambda: tuple_rows(layout, [name]).batch([(text,)], 0)) is (verdict == "no")
