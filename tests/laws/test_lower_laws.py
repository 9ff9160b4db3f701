"""What `lower` promises, for every dialect: a second call changes nothing, tables and columns keep their places, names fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schemagen.catalog.expressions import AtLeast, InList, JsonValid, Literal, columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, ForeignKey, Index, Namespace, PrimaryKey, Seed, Table, Unique
from schemagen.catalog.types import Boolean, Integer, Numeric, ObjectId, Text
from schemagen.dialects.base import DIALECTS, dialect_named
from schemagen.errors import SchemagenError
from tests.dialects.cases import sql_type, type_rows
from tests.dialects.payloads import names
from tests.plan.catalogs import World, catalogs

KINDS = [sql_type(row["type"]) for row in type_rows() if row["sqlite"] != "refused"]
# Twins after folding, and names that servers cut at the same place.
twins = st.sampled_from(
    ("noSymlinks", "noSymLinks", "ß", "ss", "İ", "i", "a", "A", "x" * 63, "x" * 64 + "a", "x" * 64 + "b", "é" * 40, "日" * 64)
)
hostile = names | twins


@st.composite
def constraints(draw: st.DrawFn, table: Table, others: list[Table]) -> tuple[Constraint, ...]:
    column = draw(st.sampled_from(table.columns))
    name = draw(st.none() | hostile)
    found: list[Constraint] = [PrimaryKey((column.name,), draw(st.none() | hostile))] if draw(st.booleans()) else []
    target = draw(st.sampled_from([*others, table]))
    match column.type:
        case Text():
            found.append(Check(InList(column.name, ("a", "b")), name))
        case Integer() | Numeric():
            found.append(Check(AtLeast(column.name, 0), name))
        case Boolean():
            found.append(Check(InList(column.name, (True,)), name))
        case _:
            found.append(Unique((column.name,), name))
    if draw(st.booleans()):
        found.append(ForeignKey((column.name,), target.id, (target.columns[0].name,), draw(st.none() | hostile)))
    return tuple(found)


@st.composite
def hostile_catalogs(draw: st.DrawFn) -> Catalog:
    """Tables of all types, with names that break out, clash and are too long."""
    spaces: list[Namespace] = []
    others: list[Table] = []
    for space in draw(st.lists(st.just("") | hostile, unique=True, min_size=1, max_size=2)):
        tables: list[Table] = []
        for name in draw(st.lists(hostile, unique=True, max_size=3)):
            columns = tuple(
                Column(text, draw(st.sampled_from(KINDS))) for text in draw(st.lists(hostile, unique=True, min_size=1, max_size=5))
            )
            comment = draw(st.none() | hostile)
            table = Table(ObjectId("table", space, name), columns, (), (), comment)
            indexes = tuple(Index(text, (columns[0].name,)) for text in draw(st.lists(hostile, unique=True, max_size=1)))
            table = replace(table, constraints=draw(constraints(table, others)), indexes=indexes, seed=Seed((columns[0].name,), ()))
            tables.append(table)
            others.append(table)
        spaces.append(Namespace(space, tuple(tables)))
    return Catalog(tuple(sorted(spaces, key=lambda space: space.name)))


def lowered(catalog: Catalog, dialect: str) -> Catalog:
    """Lowered for the assumed server; what a dialect refuses by name is no case."""
    known = dialect_named(dialect)
    try:
        return known.lower(catalog, known.assumed_server)
    except SchemagenError as error:
        assume(error.kind not in ("UNSUPPORTED", "NAME_CLASH"))
        raise


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(hostile_catalogs() | catalogs(World(enums=False, structs=False)))
def test_lowering_twice_is_lowering_once(dialect: str, catalog: Catalog) -> None:
    once = lowered(catalog, dialect)
    known = dialect_named(dialect)
    twice = known.lower(once, known.assumed_server)
    assert twice == once
    assert [table.columns for table in twice.tables] == [table.columns for table in once.tables]


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(hostile_catalogs())
def test_lowered_names_fit_differ_and_are_used_everywhere(dialect: str, catalog: Catalog) -> None:
    known = dialect_named(dialect)
    traits = known.traits(known.assumed_server)
    after = lowered(catalog, dialect)
    assert [len(table.columns) for table in after.tables] == [len(table.columns) for table in catalog.tables]
    limit = traits.identifier_limit or 10**9
    for table in after.tables:
        columns = [column.name for column in table.columns]
        assert len({name.casefold() if traits.folds_case and name.isascii() else name for name in columns}) == len(columns)
        for item in (*table.constraints, *table.indexes):
            used = columns_of(item.expr) if isinstance(item, Check) else item.columns
            assert set(used) <= set(columns)
            if isinstance(item, ForeignKey):
                target = after.table(item.target)
                assert target is not None
                assert set(item.target_columns) <= {column.name for column in target.columns}
        for name in (table.id.name, *columns, *(item.name for item in (*table.constraints, *table.indexes) if item.name)):
            size = len(name.encode()) if traits.identifier_unit == "bytes" else len(name)
            assert 0 < size <= limit
    ids = [table.id for table in after.tables]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_check_that_text_is_json_stays_only_where_json_is_text(dialect: str) -> None:
    columns = (Column("id", Integer(64), False, default=Literal(1)), Column("j", sql_type('{"$": "Json"}')))
    table = Table(ObjectId("table", "", "t"), columns, (PrimaryKey(("id",), "pk_t"), Check(JsonValid("j"), "ch_t_j")))
    (after,) = lowered(Catalog((Namespace("", (table,)),)), dialect).tables
    checks = [item.expr for item in after.constraints if isinstance(item, Check)]
    assert checks == ([JsonValid("j")] if dialect in ("sqlite", "ansi") else [])
