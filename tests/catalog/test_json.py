"""Saved catalogs: what was written is read back equal, and what a file may not say is refused in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.expressions import Literal, Native
from schemagen.catalog.json import CATALOG_CLASSES, value_from_json, value_to_json
from schemagen.catalog.objects import Catalog, Check, Column, Namespace, OpaqueObject, PrimaryKey, ServerInfo, Table
from schemagen.catalog.safe import unsafe_reason
from schemagen.catalog.types import InlineEnum, Integer, ObjectId, Opaque, SqlType, Text
from schemagen.errors import SchemagenError
from schemagen.sql import Scalar
from tests.conftest import ROOT
from tests.plan.catalogs import World, catalogs
from tests.plan.notation import catalog_of

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.binary() | (
    st.decimals(allow_nan=False, allow_infinity=False, places=3)
)  # fmt: skip


def one(column: Column, server: ServerInfo | None = None) -> Catalog:
    table = Table(ObjectId("table", "", "t"), (column,), (PrimaryKey((column.name,), "pk"),), pointer="#/x", unmodelled=("a trigger",))
    return Catalog((Namespace("", (table,)),), (OpaqueObject("view", ObjectId("view", "", "v"), (table.id,)),), server)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(catalogs(World()))
def test_catalog_is_read_back_equal_and_written_alike(catalog: Catalog) -> None:
    text = catalog.to_json()
    assert Catalog.from_json(text) == catalog
    assert Catalog.from_json(text).to_json() == text


@given(scalars)
def test_constant_keeps_its_type_and_value(value: Scalar) -> None:
    back = value_from_json(json.loads(json.dumps(value_to_json(Literal(value)))), Literal, CATALOG_CLASSES, "case")
    assert back.value == value
    assert type(back.value) is type(value)


def test_what_takes_no_part_in_equality_is_kept_too() -> None:
    server = ServerInfo("postgresql", (16, 4), (("TimeZone", "UTC"),))
    catalog = one(Column("a", Integer(32), False, Native("now()", ("a",)), None, "why", "urn:x"), server)
    back = Catalog.from_json(catalog.to_json())
    assert back.server == server
    assert back.opaque == catalog.opaque
    assert back.tables[0].columns[0].origin == "urn:x"
    assert back.tables[0].pointer == "#/x"
    assert Catalog.from_json(back.to_json()).to_json() == catalog.to_json()


def changed(path: str, value: Any) -> str:
    """The JSON of a small catalog with one place changed; `...` removes it."""
    data = json.loads(one(Column("a", Text(9), default=Literal("x"))).to_json())
    place = data
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(data)


COLUMN = "catalog/namespaces/0/tables/0/columns/0"
REFUSED: list[tuple[str, Any, str]] = [
    ("format", 3, "has format 3; this version reads format 2 and 1"),
    ("format", True, "has format True"),
    ("schemagen", "plan", "is no saved catalog"),
    ("sql", "DROP TABLE t", "unknown field 'sql'"),
    ("catalog", ..., "no field 'catalog'"),
    ("catalog", [], "expected Catalog, got a list"),
    ("catalog/$", "Plan", "expected Catalog, got Plan"),
    ("catalog/hazards", [], "Catalog has no field 'hazards'"),
    (f"{COLUMN}/name", ..., "Column lacks its field 'name'"),
    (f"{COLUMN}/name", 5, "expected str, got 5"),
    (f"{COLUMN}/name", "", "is no name"),
    (f"{COLUMN}/name", "a\0b", "is no name"),
    (f"{COLUMN}/comment", "\ud800", "half a character"),
    (f"{COLUMN}/nullable", 1, "expected bool, got 1"),
    (f"{COLUMN}/type", {"$": "Popen"}, "expected .*Boolean.*, got Popen"),
    (f"{COLUMN}/type", "text", "got 'text'"),
    (f"{COLUMN}/type/length", "9", "got '9'"),
    (f"{COLUMN}/type", {"$": "Integer", "bits": 7}, "no integer has 7 bits"),
    (f"{COLUMN}/type", {"$": "Real", "bits": 33}, "expected one of 32, 64, got 33"),
    (f"{COLUMN}/type", {"$": "Opaque", "text": "int); DROP TABLE t;--"}, "no single expression"),
    (f"{COLUMN}/default", {"$": "Native", "text": "1); DROP TABLE t;--"}, "closes nothing"),
    (f"{COLUMN}/default/value", {"$": "decimal", "value": "1e999999999"}, "expected decimal"),
    (f"{COLUMN}/default/value", {"$": "decimal", "value": "NaN"}, "expected decimal"),
    (f"{COLUMN}/default/value", {"$": "bytes", "value": "zz"}, "expected bytes"),
    ("catalog/namespaces/0/tables/0/constraints/0/columns", "a", "expected a list"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), REFUSED)
def test_what_a_file_may_not_say_is_refused(path: str, value: Any, sentence: str) -> None:
    with pytest.raises(SchemagenError, match=sentence) as caught:
        Catalog.from_json(changed(path, value))
    assert caught.value.kind == "BAD_FILE"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a":' * 100_000, "9" * 5000])
def test_what_is_no_saved_catalog_is_refused(text: str) -> None:
    with pytest.raises(SchemagenError, match="BAD_FILE"):
        Catalog.from_json(text)


def test_deep_type_is_refused() -> None:
    kind: Any = {"$": "Text"}
    for _ in range(900):
        kind = {"$": "ArrayType", "item": kind}
    with pytest.raises(SchemagenError, match="BAD_FILE"):
        Catalog.from_json(changed(f"{COLUMN}/type", kind))


def expression_cases() -> list[tuple[str, str, bool]]:
    """Flavour, text, whether it is one expression."""
    lines = (ROOT / "tests" / "cases" / "catalog" / "expressions.tsv").read_text().splitlines()[1:]
    return [
        (flavor, text.encode().decode("unicode_escape"), verdict == "yes") for flavor, verdict, text in (line.split("\t") for line in lines)
    ]


@pytest.mark.parametrize(("flavor", "text", "is_one"), expression_cases())
def test_sql_text_is_one_expression_or_refused(flavor: str, text: str, is_one: bool) -> None:
    assert (unsafe_reason(text, flavor) == "") == is_one
    catalog = replace(one(Column("a", Text())), server=ServerInfo(flavor))
    table = replace(catalog.tables[0], constraints=(Check(Native(text), "ch"),))
    saved = catalog.with_namespace(Namespace("", (table,))).to_json()
    if is_one:
        assert Catalog.from_json(saved).tables[0].constraints == table.constraints
    else:
        with pytest.raises(SchemagenError, match="no single expression"):
            Catalog.from_json(saved)


@pytest.mark.parametrize("kind", [InlineEnum(("a", "b")), Opaque("point"), Opaque("numeric(8,2)"), Opaque("character varying(5)[]")])
def test_type_is_read_back(kind: SqlType) -> None:
    assert Catalog.from_json(one(Column("a", kind)).to_json()).tables[0].columns[0].type == kind


def test_decimal_keeps_its_digits() -> None:
    assert value_to_json(Literal(Decimal("1.50"))) == {"$": "Literal", "value": {"$": "decimal", "value": "1.50"}}


def test_catalog_of_the_first_format_is_read_with_the_kinds_that_its_places_tell() -> None:
    """Saved by the first version, which said of no object what kind it is."""
    found = Catalog.from_json((ROOT / "tests/cases/catalog/format-1.json").read_text())
    assert found == catalog_of(FIRST)
    assert found.opaque == catalog_of(FIRST).opaque
    assert Catalog.from_json(found.to_json()) == found


FIRST = """enum mood: sad, ok
enum shop.kind: a
struct place: x int, y int
table customer
  id bigint key
table shop.order
  id bigint key
  m mood null
  p place null
  customer bigint null
  foreign customer -> customer(id)
  check id >= 0
  index ix: customer
view report: customer, shop.order
"""
