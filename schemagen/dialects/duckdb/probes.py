"""Probes as DuckDB queries: how many rows a change would lose, refuse or alter."""

from __future__ import annotations

from schemagen.catalog.types import ArrayType, EnumRef, Integer, Numeric, SqlType, Text
from schemagen.dialects.common import count_query, table_ident
from schemagen.dialects.duckdb.types import type_sql
from schemagen.plan.plan import Probe
from schemagen.sql import Sql, ident, join, lit


def query(probe: Probe) -> Sql:
    """A query of one row and one column."""
    match probe.kind:
        case "ROWS" | "NULLS" | "NOT_EMPTY" | "DUPLICATES" | "ORPHANS" | "VIOLATIONS":
            return count_query(probe)
        case "VALUES_USED":
            return _count(probe, _uses_values(probe))
        case "TOO_LONG":
            limit = probe.to.length if isinstance(probe.to, Text) else None
            return _count(probe, Sql("length({}) > {}", ident(probe.columns[0]), lit(limit)))
        case "NOT_CASTABLE":
            return _count(probe, Sql("{} IS NOT NULL AND NOT coalesce({}, false)", ident(probe.columns[0]), _fits(probe)))
        case "CHANGED_BY_CAST":
            return _count(probe, Sql("{} IS NOT NULL AND {} IS DISTINCT FROM {}", ident(probe.columns[0]), *_there_and_back(probe)))


def _count(probe: Probe, condition: Sql) -> Sql:
    return Sql("SELECT count(*) FROM {} WHERE {}", table_ident(probe.table), condition)


def _uses_values(probe: Probe) -> Sql:
    name, values = ident(probe.columns[0]), join(", ", [lit(value) for value in probe.values])
    if isinstance(probe.before, ArrayType):
        return Sql("list_has_any(CAST({} AS VARCHAR[]), [{}])", name, values)
    return Sql("CAST({} AS VARCHAR) IN ({})", name, values)


def _fits(probe: Probe) -> Sql:
    """True where a value becomes the other type; a cast alone would round '1.5' to a whole number."""
    name, kind = ident(probe.columns[0]), _target(probe)
    if isinstance(kind, EnumRef) and probe.values:
        return Sql("CAST({} AS VARCHAR) IN ({})", name, join(", ", [lit(value) for value in probe.values]))
    if isinstance(kind, EnumRef):
        return Sql("list_contains({}, CAST({} AS VARCHAR))", _labels(kind), name)
    castable = Sql("TRY_CAST(CAST({} AS VARCHAR) AS {}) IS NOT NULL", name, type_sql(kind))
    if not isinstance(probe.before, Text | None):
        return castable
    match kind:
        case Integer():
            return Sql("{} AND regexp_full_match({}, {})", castable, name, lit(r"[+-]?\d+"))
        case Numeric(_, scale):
            pattern = rf"[+-]?\d*(\.\d{{0,{scale or 0}}}0*)?"
            return Sql("{} AND regexp_full_match({}, {})", castable, name, lit(pattern))
        case _:
            return castable


def _labels(kind: EnumRef) -> Sql:
    """The labels of a type as the database has it; none where it is still to be made, so that no row passes unseen."""
    known = Sql(
        "SELECT labels FROM duckdb_types() WHERE type_name = {} AND schema_name = {} AND database_name = current_database()",
        lit(kind.id.name),
        lit(kind.id.namespace or "main"),
    )
    return Sql("coalesce(({}), [])", known)


def _there_and_back(probe: Probe) -> tuple[Sql, Sql]:
    name = Sql("{}", ident(probe.columns[0]))
    there = Sql("TRY_CAST({} AS {})", name, type_sql(_target(probe)))
    return (there if probe.before is None else Sql("TRY_CAST({} AS {})", there, type_sql(probe.before))), name


def _target(probe: Probe) -> SqlType:
    if probe.to is None:
        raise ValueError(f"the probe {probe.kind} has no type")
    return probe.to
