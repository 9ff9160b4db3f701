"""Laws of plans: applied to values, or to servers with rows in the tables, they make one catalog into the other and are then done."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.objects import Catalog, Column, Table
from schemagen.catalog.types import ArrayType, Integer, Numeric, StructRef
from schemagen.deploy.run import apply_live, make_live_plan
from schemagen.dialects.base import Session, dialect_named, driver_named
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.apply import apply_change
from schemagen.plan.diff import diff
from schemagen.plan.json import plan_from_json, plan_to_json
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan
from schemagen.plan.scope import normal
from schemagen.plan.text import plan_text
from schemagen.sql import Lit, Sql, ident, join
from schemagen.url import parse_url
from tests.plan.catalogs import World, catalogs
from tests.plan.servers import NATIVE, ONE_ALTER, REBUILDS, server

ALL = PlanOptions(allow=("*:*",))
WORLD = World()
WORLDS = {
    "native": (NATIVE, WORLD),
    "rebuilds": (REBUILDS, World(structs=False, circles=False)),
    "one-alter": (ONE_ALTER, World(enums=False, structs=False, arrays=False, namespaces=("",))),
}
NAMESPACES = ("", "shop")
# What empties the database between two examples; DuckDB has a new one in memory each time.
EMPTY = {
    "duckdb": (),
    "postgresql": (
        Sql("DROP SCHEMA IF EXISTS public CASCADE"),
        Sql("DROP SCHEMA IF EXISTS shop CASCADE"),
        Sql("CREATE SCHEMA public"),
    ),
}
QUICK = settings(max_examples=100, deadline=None)
LIVE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@QUICK
@given(catalogs(WORLD), catalogs(WORLD))
def test_changes_applied_to_the_one_give_the_other(before: Catalog, after: Catalog) -> None:
    reached = before
    for change in diff(before, after):
        reached = apply_change(change, reached)
    assert normal(reached) == normal(after)


@QUICK
@given(catalogs(WORLD), catalogs(WORLD))
def test_there_are_changes_if_and_only_if_the_catalogs_differ(before: Catalog, after: Catalog) -> None:
    assert (not diff(before, after)) == (normal(before) == normal(after))


@QUICK
@given(catalogs(WORLD), st.randoms(use_true_random=False))
def test_order_of_columns_is_no_difference(catalog: Catalog, random: st.DataObject) -> None:
    spaces = tuple(replace(space, tables=tuple(_shuffled(table, random) for table in space.tables)) for space in catalog.namespaces)
    assert not diff(catalog, replace(catalog, namespaces=spaces))


def _shuffled(table: Table, random: st.DataObject) -> Table:
    columns, constraints = list(table.columns), list(table.constraints)
    random.shuffle(columns)  # type: ignore[attr-defined]  # a Random
    random.shuffle(constraints)  # type: ignore[attr-defined]
    return replace(table, columns=tuple(columns), constraints=tuple(constraints))


@pytest.mark.parametrize("name", WORLDS)
def test_plan_leads_from_the_one_to_the_other_and_is_the_same_each_time(name: str) -> None:
    traits, world = WORLDS[name]

    def plan(before: Catalog, after: Catalog) -> Plan:
        return build_plan(before, after, dialect=name, server=server(name), traits=traits, options=ALL, assumed=True)

    @QUICK
    @given(catalogs(world), catalogs(world))
    def law(before: Catalog, after: Catalog) -> None:
        made = plan(before, after)  # it is simulated: every catalog between is valid, the last one is `after`
        assert made == plan(before, after)
        assert plan_text(made) == plan_text(plan(before, after))
        assert plan(after, after).is_empty
        assert plan_from_json(plan_to_json(made)) == made

    law()


def _value(name: str, catalog: Catalog, column: Column, number: int) -> Lit:
    """A value that most types and checks of the small world admit."""
    match column.type:
        case Integer() | Numeric():
            return Lit(number)
        case ArrayType():
            return Lit("[1]" if name == "duckdb" else "{1}")
        case StructRef(id):
            struct = catalog.struct(id)
            return Lit(f"({','.join('1' for _ in struct.members)})" if struct else None)
        case _:
            return Lit("1")


async def _fill(name: str, session: Session, catalog: Catalog) -> None:
    """Two rows in each table, where it admits them."""
    for table in catalog.tables:
        if table.seed is not None:
            continue
        references = {name for key in table.foreign_keys for name in key.columns}
        for number in (1, 2):
            columns = [column for column in table.columns if column.name not in references]
            values = join(", ", [_value(name, catalog, column, number) for column in columns])
            names = join(", ", [ident(column.name) for column in columns])
            try:
                await session.execute(Sql("INSERT INTO {} ({}) VALUES ({})", ident(table.id.namespace, table.id.name), names, values))
            except SchemagenError:
                continue  # an enum that has no such label


def _without_labels(catalog: Catalog) -> Catalog:
    """Values of enums may have been committed before the rest failed."""
    spaces = (replace(space, enums=tuple(replace(enum, values=()) for enum in space.enums)) for space in catalog.namespaces)
    return normal(replace(catalog, namespaces=tuple(spaces)))


async def _attempt(target: Catalog, name: str, session: Session) -> SchemagenError | None:
    """Applies with all allowed; what the planner or the server refused."""
    dialect, driver = dialect_named(name), driver_named(name)
    try:
        await apply_live(target, dialect, driver, session, ALL, drop_unknown=True, namespaces=NAMESPACES)
    except SchemagenError as error:
        return error
    return None


async def _law(name: str, url: str, before: Catalog, after: Catalog) -> None:
    """Applied it converges, or, where the planner refuses, leaves all as it was; the server itself refuses nothing."""
    dialect, driver = dialect_named(name), driver_named(name)
    session = await driver.connect(parse_url(url)[1])
    try:
        for statement in EMPTY[name]:
            await session.execute(statement)
        refused = await _attempt(before, name, session)
        assert refused is None or refused.kind == "UNSUPPORTED", refused
        await _fill(name, session, before)
        base = await driver.inspect(session, NAMESPACES)
        refused = await _attempt(after, name, session)
        if refused is not None:
            assert refused.kind in ("REFUSED", "UNSUPPORTED"), refused
            assert _without_labels(await driver.inspect(session, NAMESPACES)) == _without_labels(base), refused
            return
        again = await make_live_plan(after, dialect, driver, session, ALL, drop_unknown=True, namespaces=NAMESPACES)
        assert again.is_empty, str(again)
    finally:
        await session.close()


DUCKDB_WORLD = World(structs=False, circles=False)


@LIVE
@given(catalogs(DUCKDB_WORLD), catalogs(DUCKDB_WORLD))
def test_plan_applied_to_duckdb_converges(before: Catalog, after: Catalog) -> None:
    asyncio.run(_law("duckdb", "duckdb://", before, after))


@LIVE
@given(before=catalogs(WORLD), after=catalogs(WORLD))
def test_plan_applied_to_postgresql_converges(postgresql_url: str, before: Catalog, after: Catalog) -> None:
    asyncio.run(_law("postgresql", postgresql_url, before, after))
