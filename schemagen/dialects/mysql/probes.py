"""Probes as queries of MySQL and MariaDB: which values a type change would not keep."""

from __future__ import annotations

from schemagen.catalog import types as sql
from schemagen.dialects.common import count_query, table_ident
from schemagen.dialects.conversions import integer_range
from schemagen.plan.plan import Probe
from schemagen.sql import Ident, Lit, Sql, ident, join, lit, raw

_WHOLE = r"\A[+-]?[0-9]{1,60}\z"
_DECIMAL = r"\A[+-]?[0-9]{1,30}(\.[0-9]{1,30})?\z"
_FLOATING = r"\A[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\z"
_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_INSTANT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?\z"
_TIME = r"\A[0-9]{2}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?\z"
_ANYTHING = "65,30"


def query(probe: Probe) -> Sql:
    """A query of one count; names are qualified by nothing, because a connection has one database."""
    if probe.kind not in ("TOO_LONG", "NOT_CASTABLE", "CHANGED_BY_CAST"):
        return count_query(probe)
    if probe.to is None:
        raise ValueError(f"the probe {probe.kind} names no type")
    column = ident(probe.columns[0])
    lost = _too_long(column, probe.to) if probe.kind == "TOO_LONG" else _lost(column, probe.before or sql.Text(), probe.to)
    return Sql("SELECT count(*) FROM {} WHERE {} IS NOT NULL AND ({})", table_ident(probe.table), column, lost)


def _too_long(column: Ident, to: sql.SqlType) -> Sql:
    match to:
        case sql.Binary(int(length)):
            return Sql("octet_length({}) > {}", column, lit(length))
        case sql.Text(int(length)):
            return Sql("char_length({}) > {}", column, lit(length))
        case _:
            return Sql("FALSE")


def _lost(column: Ident, before: sql.SqlType, to: sql.SqlType) -> Sql:
    """A condition that is true for values, not NULL, that the type `to` cannot hold or would change."""
    match to:
        case sql.Boolean():
            return Sql("{} NOT IN (0, 1)", column)
        case sql.Integer():
            return _no_integer(column, before, to)
        case sql.Numeric(precision, scale):
            exact = _exact(column, before)
            kept = Sql("CAST({} AS DECIMAL({})) <> {}", exact, raw(f"{precision},{scale or 0}"), exact)
            return Sql("{} OR {}", _unlike(column, _DECIMAL), kept) if isinstance(before, sql.Text) else kept
        case sql.Real() if isinstance(before, sql.Text):
            return _unlike(column, _FLOATING)
        case sql.Real(32):
            return Sql("CAST({} AS FLOAT) + 0e0 <> {}", column, column)
        case sql.Real():
            return Sql("CAST(CAST({} AS DOUBLE) AS DECIMAL({})) <> {}", column, raw(_ANYTHING), column)
        case sql.Text(length):
            changed = Sql("CAST(CAST({} AS CHAR) AS DOUBLE) <> {}", column, column)
            return changed if length is None else Sql("{} OR char_length(CAST({} AS CHAR)) > {}", changed, column, lit(length))
        case sql.InlineEnum(values):
            return Sql("{} NOT IN ({})", column, join(", ", [Lit(value) for value in values]))
        case sql.Json():
            return Sql("NOT json_valid({})", column)
        case sql.Date() | sql.Time() | sql.Timestamp():
            return _no_time(column, before, to)
        case _:
            return Sql("TRUE")


def _exact(column: Ident, before: sql.SqlType) -> Sql:
    """The value as a number. MariaDB 10.11 takes two casts of one column to DECIMALs of different precision for equal: cast the cast."""
    return Sql("CAST({} AS DECIMAL({}))", column, raw(_ANYTHING)) if isinstance(before, sql.Text) else Sql("{}", column)


def _unlike(column: Ident, pattern: str) -> Sql:
    return Sql("{} NOT REGEXP {}", column, lit(pattern))


def _no_integer(column: Ident, before: sql.SqlType, to: sql.Integer) -> Sql:
    least, greatest = integer_range(to)
    if isinstance(before, sql.Text):
        outside = Sql("CAST({} AS DECIMAL(65,0)) NOT BETWEEN {} AND {}", column, lit(least), lit(greatest))
        return Sql("{} OR {}", _unlike(column, _WHOLE), outside)
    # A double next to 2^63 compares equal to it: the greatest double below is 1024 less.
    above = Sql("{} > {}", column, lit(greatest - 1023 if isinstance(before, sql.Real) and to.bits == 64 else greatest))
    return Sql("{} <> round({}) OR {} < {} OR {}", column, column, column, lit(least), above)


def _no_time(column: Ident, before: sql.SqlType, to: sql.Date | sql.Time | sql.Timestamp) -> Sql:
    match to:
        case sql.Date():
            pattern, cast = _DATE, Sql("CAST({} AS DATE)", column)
        case sql.Timestamp(_, digits):
            pattern, cast = _INSTANT, Sql("CAST({} AS DATETIME({}))", column, raw(str(digits)))
        case sql.Time(digits):
            pattern, cast = _TIME, Sql("CAST({} AS TIME({}))", column, raw(str(digits)))
    if isinstance(before, sql.Text):
        return Sql("{} OR {} IS NULL", _unlike(column, pattern), cast)
    return Sql("{} <> {}", cast, column)
