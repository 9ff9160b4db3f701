"""From two catalogs to a Plan: diff, means, order, simulation, hazards, policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from schemagen.catalog.expressions import Expr, InList, Literal, Native, columns_of
from schemagen.catalog.objects import Catalog, Check, ServerInfo, Table
from schemagen.catalog.types import ObjectId
from schemagen.options import PlanOptions
from schemagen.plan.changes import AddConstraint, AddEnumValue, AlterColumnType, RebuildTable
from schemagen.plan.diff import diff
from schemagen.plan.hazards import hazards_of
from schemagen.plan.matching import adopt_names
from schemagen.plan.order import in_order
from schemagen.plan.plan import Hazard, Plan, Probe, Step
from schemagen.plan.policy import idle_tokens, judged, refusals_of
from schemagen.plan.risks import Risks, retyped_columns
from schemagen.plan.scope import fingerprint, types_in, within
from schemagen.plan.simulate import simulate
from schemagen.plan.strategy import NOTHING, Situation, by_means, kinds_of
from schemagen.plan.traits import Traits

_NO_ANSWERS: Mapping[Probe, int] = {}


def _no_text(probe: Probe) -> str:
    """Of a plan that nobody asked a database for."""
    return ""


def build_plan(
    before: Catalog,
    after: Catalog,
    *,
    dialect: str,
    server: ServerInfo,
    traits: Traits,
    options: PlanOptions,
    assumed: bool,
    answers: Mapping[Probe, int] = _NO_ANSWERS,
    outside: Catalog = NOTHING,
    keeps: bool = False,
    notes: tuple[str, ...] = (),
    show: Callable[[Probe], str] = _no_text,
) -> Plan:
    """The plan that makes `before` into `after`, both lowered for the server, canonical where it was asked, and of one scope.

    `answers`: of probes that were asked. `outside`: what else is in the database. `keeps`: `after` is a schema's, which speaks of no more
    than it states, with what stays put in (`matching.keep`). `show`: a probe's query as text, for people.
    Raises SchemagenError REFUSED where the planner fails.
    """
    plain = within(before, None)
    wanted = adopt_names(plain, within(after, None))
    situation = Situation(plain, wanted, traits, outside, keeps)
    changes = diff(plain, wanted)
    steps = simulate(in_order(by_means(changes, situation), traits), situation)
    risks = Risks(replace(situation, before=before), options, retyped_columns(changes, plain))
    steps = tuple(_with_hazards(step, risks, answers, wanted) for step in steps)
    early = _committed_early(steps, traits)
    steps = tuple(replace(step, alone=isinstance(step.change, AddEnumValue) and step.change.enum in early) for step in steps)
    hazards = [hazard for step in steps for hazard in step.hazards]
    notes = (*notes, *(f"--allow {token} meets nothing in this plan" for token in idle_tokens(options, hazards)))
    if assumed:
        notes = (*notes, f"server: assumed {server.flavor} {'.'.join(map(str, server.version))}".rstrip(), "expressions: structural")
    base = fingerprint(plain)
    return Plan(
        dialect,
        server,
        plain,
        wanted,
        steps,
        _transactions(steps, traits),
        refusals_of(hazards, show),
        assumed,
        base,
        fingerprint(wanted) if steps else base,
        notes,
    )


def _with_hazards(step: Step, risks: Risks, answers: Mapping[Probe, int], wanted: Catalog) -> Step:
    found = (*hazards_of(step.change, risks), *_impossible(step, risks.situation.traits))
    return replace(step, hazards=tuple(judged(hazard, risks.options, answers) for hazard in found), why=_why(step, wanted))


def _impossible(step: Step, traits: Traits) -> Iterable[Hazard]:
    """What this server has no means for."""
    match step.change:
        case RebuildTable(before) if step.referencing and traits.rebuild_referenced:
            names = ", ".join(str(table.id) for table in step.referencing[:3])
            yield Hazard("IMPOSSIBLE", str(before.id), f"{traits.rebuild_referenced} (referenced by {names})", forbidden=True)
        case AddConstraint(table):
            reason = next((reason for kind in kinds_of(step.change) if (reason := traits.in_place(kind))), "")
            if reason:
                yield Hazard("IMPOSSIBLE", str(table), f"{reason}, and its foreign keys go round in a circle", forbidden=True)
        case _:
            return


def _why(step: Step, wanted: Catalog) -> str:
    """Where the schema asks for it."""
    table = wanted.table(step.after.id) if step.after is not None else None
    if table is None:
        return ""
    names = {getattr(getattr(step.change, name, None), "name", getattr(step.change, name, None)) for name in ("column", "after")}
    return next((column.origin for column in table.columns if column.name in names and column.origin), table.pointer)


def _transactions(steps: tuple[Step, ...], traits: Traits) -> tuple[tuple[int, ...], ...]:
    """What commits together: all, but for enum values that must be committed before they are used; each by itself without transactions."""
    if not traits.transactional_ddl:
        return tuple((number,) for number in range(len(steps)))
    first = tuple(number for number, step in enumerate(steps) if step.alone)
    rest = tuple(number for number, step in enumerate(steps) if not step.alone)
    return tuple(group for group in (first, rest) if group)


def _committed_early(steps: tuple[Step, ...], traits: Traits) -> set[ObjectId]:
    """Enums that columns become, or of which a default or check names a new value, in the same plan; values are placed by one another."""
    if not traits.enum_value_commits:
        return set()
    retyped = {id for step in steps if isinstance(step.change, AlterColumnType) for id in types_in(step.change.after.type)}
    tables = [step.after for step in steps if step.after is not None]
    added = [step.change for step in steps if isinstance(step.change, AddEnumValue)]
    return {change.enum for change in added if change.enum in retyped} | {
        change.enum
        for change in added
        for table in tables
        for column in table.columns
        if change.enum in types_in(column.type) and _names(table, column.name, change.value)
    }


def _names(table: Table, column: str, value: str) -> bool:
    """True where the column's default or a check over it names the value."""
    exprs: list[Expr] = [item.expr for item in table.constraints if isinstance(item, Check) and column in columns_of(item.expr)]
    exprs += [item.default for item in table.columns if item.name == column and item.default is not None]
    return any(_holds(expr, value) for expr in exprs)


def _holds(expr: Expr, value: str) -> bool:
    match expr:
        case Literal(constant):
            return constant == value
        case InList(_, values):
            return value in values
        case Native(text):
            return value.replace("'", "''") in text
        case _:
            return False
