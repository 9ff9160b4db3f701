"""Runs plans on a live database: inspect, plan, ask, lock, ask again, execute, verify, commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemagen.catalog.objects import Catalog, Namespace, Seed, Table
from schemagen.catalog.types import ObjectId
from schemagen.deploy.probe import judge_again, query_text, questions, questions_again, touched_tables
from schemagen.deploy.verify import altered_tables, check_base, check_target, check_text
from schemagen.dialects.base import Dialect, Driver, Session
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.matching import Kept, keep
from schemagen.plan.plan import Plan, Probe
from schemagen.plan.policy import refuse
from schemagen.plan.scope import ids_of, in_scope, types_of_struct, types_of_table
from schemagen.sql import Sql, ident


async def make_live_plan(
    desired: Catalog,
    dialect: Dialect,
    driver: Driver,
    session: Session,
    options: PlanOptions,
    *,
    drop_unknown: bool = False,
    namespaces: tuple[str, ...] | None = None,
) -> Plan:
    """What would make the database as desired, with every probe answered. Changes nothing.

    Of the database only the tables and types that `desired` names are its business; with `drop_unknown` its namespaces (or those given)
    whole. Raises SchemagenError.
    """
    target = _Target(dialect, driver, session, options, drop_unknown)
    plan, _ = await target.plan(desired, namespaces)
    return plan


async def apply_live(
    desired: Catalog,
    dialect: Dialect,
    driver: Driver,
    session: Session,
    options: PlanOptions,
    *,
    drop_unknown: bool = False,
    namespaces: tuple[str, ...] | None = None,
) -> Plan:
    """Makes the database as desired and gives the plan that did it, empty where nothing was to be done.

    Raises SchemagenError REFUSED for what no token allows, DRIFT where the result is not the wanted one; then nothing was changed.
    """
    target = _Target(dialect, driver, session, options, drop_unknown)
    names = namespaces if namespaces is not None else tuple(sorted(space.name for space in desired.namespaces))
    async with session.lock(f"apply {', '.join(names)}"):
        plan, scope = await target.plan(desired, namespaces)
        refuse(plan, "nothing was changed")
        if plan.is_empty:
            return plan
        for group in plan.transactions:
            if dialect.traits(session.server).transactional_ddl:
                async with session.transaction():
                    await target.run(plan, scope, group)
            else:
                await target.run(plan, scope, group)
        await session.after_plan()
        return plan


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a plan is about: the namespaces that are read, and of them these ids, or (None) all."""

    namespaces: tuple[str, ...]
    ids: frozenset[ObjectId] | None
    seeds: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """One open database and what may be done with it."""

    dialect: Dialect
    driver: Driver
    session: Session
    options: PlanOptions
    whole: bool

    async def plan(self, desired: Catalog, namespaces: tuple[str, ...] | None) -> tuple[Plan, _Scope]:
        server = self.session.server
        wanted = await self.driver.canonical(self.session, self.dialect.lower(desired, server))
        names = namespaces if namespaces is not None else tuple(sorted({space.name for space in wanted.namespaces}))
        seeds = tuple(table for table in wanted.tables if table.seed is not None)
        found = await self._read(names, seeds)
        ids = None if self.whole else ids_of(wanted) | lonely_types(found, ids_of(wanted))
        before = in_scope(found, ids)
        kept: tuple[Kept, ...] = ()
        if not self.whole:
            wanted, kept = keep(before, _with_namespaces(wanted, before), self.options.allow)
        outside = Catalog() if ids is None else in_scope(found, ids_of(found) - ids)
        answers: dict[Probe, int] = {}
        for last in (False, True):
            plan = build_plan(
                before,
                wanted,
                dialect=self.dialect.name,
                server=server,
                traits=self.dialect.traits(server),
                options=self.options,
                assumed=False,
                answers=answers,
                outside=outside,
                keeps=not self.whole,
                notes=tuple(map(str, kept)),
                show=lambda probe: query_text(probe, self.dialect),
            )
            if last or not questions(plan):
                break
            answers = await self._ask(questions(plan))
        return plan, _Scope(names, ids, seeds)

    async def _read(self, names: tuple[str, ...], seeds: tuple[Table, ...]) -> Catalog:
        """The live catalog, with the rows of its lookup tables."""
        found = await self.driver.inspect(self.session, names)
        for table in seeds:
            live = found.table(table.id)
            if live is not None and table.seed is not None:
                found = _with_table(found, replace(live, seed=await self._rows(live, table.seed)))
        return found

    async def _rows(self, table: Table, seed: Seed) -> Seed | None:
        known = {column.name: column for column in table.columns}
        columns = tuple(known[name] for name in seed.columns if name in known)
        if not columns:
            return None
        names = tuple(column.name for column in columns)
        rows = [row async for batch in self.driver.read(self.session, replace(table, columns=columns)) for row in batch.rows()]
        return Seed(names, tuple(rows))

    async def _ask(self, probes: Iterable[Probe]) -> dict[Probe, int]:
        answers = {}
        for probe in probes:
            rows = await self.session.fetch(self.dialect.query(probe))
            answers[probe] = int(rows[0][0])
        return answers

    async def run(self, plan: Plan, scope: _Scope, group: tuple[int, ...]) -> None:
        """One transaction's steps: under its locks the base and the probes are looked at again; the last one is verified."""
        lock = self.dialect.traits(self.session.server).lock_table
        for table in touched_tables(plan, group) if lock else ():
            await self.session.execute(Sql(lock, ident(table.id.namespace, table.id.name)))
        if group == plan.transactions[0]:
            check_base(plan, in_scope(await self._read(scope.namespaces, scope.seeds), scope.ids))
        if group == plan.transactions[-1]:
            judge_again(plan, await self._ask(questions_again(plan)))
        for number in group:
            for statement in self.dialect.render(plan.steps[number]):
                await self.session.execute(statement)
        if group == plan.transactions[-1]:
            await self._verify(plan, scope)

    async def _verify(self, plan: Plan, scope: _Scope) -> None:
        check_target(plan, in_scope(await self._read(scope.namespaces, scope.seeds), scope.ids))
        tables = altered_tables(plan)
        if tables:
            found = await self.driver.oracle(self.session, tables)
            check_text(plan, found, await self.driver.oracle(self.session, tables, copy=True))


def lonely_types(found: Catalog, ids: frozenset[ObjectId]) -> frozenset[ObjectId]:
    """Types that tables of the scope use and no other table does: they were made for these tables."""
    users = {table.id: types_of_table(table) for table in found.tables} | {item.id: types_of_struct(item) for item in found.structs}
    mine = set(ids)
    while new := {id for owner in mine & users.keys() for id in users[owner]} - mine:
        mine |= new
    while others := {id for owner, used in users.items() if owner not in mine for id in used} & (mine - ids):
        mine -= others
    return frozenset(mine) - ids


def _with_namespaces(wanted: Catalog, before: Catalog) -> Catalog:
    """The namespaces of types that go stay."""
    known = {space.name for space in wanted.namespaces}
    for space in before.namespaces:
        if space.name not in known:
            wanted = wanted.with_namespace(Namespace(space.name))
    return wanted


def _with_table(catalog: Catalog, table: Table) -> Catalog:
    space = catalog.namespace(table.id.namespace)
    tables = tuple(table if item.id == table.id else item for item in space.tables)
    return catalog.with_namespace(replace(space, tables=tables))
