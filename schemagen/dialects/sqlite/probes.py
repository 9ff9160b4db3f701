"""Probes as queries of SQLite: which values a type change would not keep."""

from __future__ import annotations

from schemagen.catalog.types import Integer, Real, SqlType, Text
from schemagen.dialects.common import count_query, table_ident
from schemagen.plan.plan import Probe
from schemagen.sql import Ident, Sql, ident


def query(probe: Probe) -> Sql:
    """A query of one count."""
    if probe.kind not in ("TOO_LONG", "NOT_CASTABLE", "CHANGED_BY_CAST"):
        return count_query(probe)
    if probe.to is None:
        raise ValueError(f"the probe {probe.kind} names no type")
    column = ident(probe.columns[0])
    lost = _lost(column, probe.before or Text(), probe.to)
    return Sql("SELECT count(*) FROM {} WHERE {} IS NOT NULL AND ({})", table_ident(probe.table), column, lost)


def _lost(column: Ident, before: SqlType, to: SqlType) -> Sql:
    """A condition that is true for values, not NULL, that the type `to` cannot hold or would change."""
    match before, to:
        case Text(), Integer():
            return Sql("CAST(CAST({} AS INTEGER) AS TEXT) <> {}", column, column)
        case Text(), Real():
            # The grammar of JSON is that of numbers; over 15 digits a double may change them.
            number = Sql("json_type({}) IN ('integer', 'real') AND length({}) <= 16", column, column)
            return Sql("CASE WHEN json_valid({}) THEN NOT ({}) ELSE 1 END", column, number)
        case Integer(), Real():
            return Sql("CAST(CAST({} AS REAL) AS INTEGER) <> {}", column, column)
        case Real(), Integer():
            return Sql("CAST({} AS INTEGER) <> {}", column, column)
        case Real(), Text():
            return Sql("CAST(CAST({} AS TEXT) AS REAL) <> {}", column, column)
        case _:
            # Text has no length here; all else is no conversion that SQLite makes.
            return Sql("0") if before == to or isinstance(to, Text) else Sql("1")
