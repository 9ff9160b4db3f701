"""Each type has, in each dialect, the name of the table of types; what a dialect lacks is refused by name."""

from __future__ import annotations

import pytest

from schemagen.catalog.objects import Column, Table
from schemagen.catalog.types import ObjectId
from schemagen.dialects.base import dialect_named
from schemagen.errors import SchemagenError
from schemagen.plan.changes import CreateTable
from schemagen.plan.plan import Step
from tests.dialects.cases import sql_type, type_rows
from tests.dialects.scripts import catalog_of

CASES = [(row["type"], name, row[name]) for row in type_rows() for name in ("ansi", "mysql", "sqlite")]


@pytest.mark.parametrize(("kind", "dialect", "name"), CASES)
def test_type_has_the_name_of_the_table(kind: str, dialect: str, name: str) -> None:
    known = dialect_named(dialect)
    catalog = catalog_of(Table(ObjectId("table", "", "t"), (Column("c", sql_type(kind)),)))
    if name == "refused":
        with pytest.raises(SchemagenError, match=r"UNSUPPORTED: t.c: .*; use --"):
            known.lower(catalog, known.assumed_server)
        return
    lowered = known.lower(catalog, known.assumed_server)
    assert known.lower(lowered, known.assumed_server) == lowered
    (statement, *_) = known.render(Step(CreateTable(lowered.tables[0])))
    definition = known.text(statement).splitlines()[1].strip().rstrip(",")
    assert definition.split(" ", 1)[1] == name
