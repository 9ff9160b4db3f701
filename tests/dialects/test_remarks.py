"""What a server stores less freely than the catalog says is told with the script."""

from __future__ import annotations

import pytest

from schemagen.catalog.objects import Catalog, Column, Namespace, PrimaryKey, Table
from schemagen.catalog.types import Integer, Numeric, ObjectId, Text
from schemagen.dialects.base import DIALECTS
from schemagen.engine.api import lowering_remarks

COLUMNS = (Column("id", Text(), nullable=False), Column("wide", Numeric(200, 0)), Column("number", Integer(64)), Column("name", Text()))
CATALOG = Catalog((Namespace("", tables=(Table(ObjectId("table", "", "note"), COLUMNS, (PrimaryKey(("id",)),)),)),))
EXPECTED = {"mysql": ["KEY_LENGTH: note.id", "AS_TEXT: note.wide"], "sqlite": ["AS_TEXT: note.wide"], "duckdb": ["AS_TEXT: note.wide"]}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_columns_that_hold_less_or_otherwise_are_named(dialect: str) -> None:
    found = [f"{item.code}: {item.place}" for item in lowering_remarks(CATALOG, dialect)]
    assert found == EXPECTED.get(dialect, [])
