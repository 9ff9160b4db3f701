"""The type changes that PostgreSQL can make: how safe each is, the USING that it needs, and which values it would not keep.

Templates have places: {0} the column, {1} the new type, {2} the old type, {3} the new type's name as a literal, {4}... the route's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemagen.catalog import types as sql
from schemagen.dialects.postgresql.quote import text as quoted
from schemagen.dialects.postgresql.types import type_sql
from schemagen.plan.traits import Conversion, Safety
from schemagen.sql import Ident, Lit, Sql, lit


@dataclass(frozen=True, slots=True)
class Route:
    """One way from a type to another. `using` "": the assignment cast, which raises where an explicit one would cut.

    `lost`: a condition that is true for a value (not NULL) that would fail or change; `places`: its further literals.
    """

    safety: Safety
    probe: str | None = None
    reason: str = ""
    using: str = ""
    lost: str = ""
    places: tuple[Lit, ...] = ()

    @property
    def conversion(self) -> Conversion:
        return Conversion(self.safety, self.probe, self.reason)


Judge = Callable[[sql.SqlType, sql.SqlType], Route]

METADATA = Route(Safety.METADATA)
EXACT = Route(Safety.REWRITE_EXACT)
REFUSED = Route(Safety.REFUSE, reason="PostgreSQL has no conversion between these types that keeps values; add a new column instead")

# Assignment and explicit casts round numbers and cut fractions alike, silently; only a comparison finds it.
_ROUND_TRIP = """CASE WHEN pg_catalog.pg_input_is_valid({0}::text, {3})
    THEN ({0}::text::{1})::text::{2} IS DISTINCT FROM {0} ELSE TRUE END"""
_INVALID = "NOT pg_catalog.pg_input_is_valid({0}::text, {3})"
_NO_SUCH_FORM = "NOT ({0}::text ~ {4} AND pg_catalog.pg_input_is_valid({0}::text, {3}))"
_NO_SUCH_LABEL = "CASE WHEN pg_catalog.to_regtype({3}) IS NULL THEN TRUE ELSE NOT pg_catalog.pg_input_is_valid({0}::text, {3}) END"
# The one text of an instant that schemagen writes: Z, shortest fraction. Years before 1 and infinity keep PostgreSQL's words.
_INSTANT_TEXT = """CASE WHEN {0} >= '0001-01-01' AND {0} < 'infinity' THEN pg_catalog.rtrim(pg_catalog.rtrim(
    pg_catalog.to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z' ELSE {0}::text END"""
_LOCAL_TEXT = """CASE WHEN {0} >= '0001-01-01' AND {0} < 'infinity' THEN pg_catalog.rtrim(pg_catalog.rtrim(
    pg_catalog.to_char({0}, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') ELSE {0}::text END"""


def checked(probe: str, lost: str, using: str = "", *places: Lit) -> Route:
    return Route(Safety.REWRITE_CHECKED, probe, "", using, lost, places)


def lossy(reason: str, using: str = "") -> Route:
    return Route(Safety.LOSSY, None, reason, using)


def route(before: sql.SqlType, after: sql.SqlType) -> Route:
    """How a column goes from one lowered type to another."""
    before, after = _plain(before), _plain(after)
    if before == after:
        return METADATA
    found = ROUTES.get((type(before), type(after)), REFUSED)
    return found if isinstance(found, Route) else found(before, after)


def convert(before: sql.SqlType, after: sql.SqlType) -> Conversion:
    return route(before, after).conversion


def using(before: sql.SqlType, after: sql.SqlType, column: Ident) -> Sql | None:
    """The USING expression; None where the assignment cast does it."""
    found = route(before, after)
    return _filled(found.using, found, column, before, after) if found.using else None


def lost(before: sql.SqlType, after: sql.SqlType, column: Ident) -> Sql:
    """A condition, true for values of the column that the change would refuse or alter."""
    found = route(before, after)
    return _filled(found.lost or "FALSE", found, column, before, after)


def _filled(template: str, found: Route, column: Ident, before: sql.SqlType, after: sql.SqlType) -> Sql:
    target = type_sql(after)
    return Sql(template, column, target, type_sql(before), lit(quoted(target)), *found.places)


def _plain(kind: sql.SqlType) -> sql.SqlType:
    """`character varying` without length holds what text does."""
    return sql.Text() if kind == sql.Opaque("character varying") else kind


def _limits(bits: int) -> tuple[Lit, Lit]:
    return lit(-(2 ** (bits - 1))), lit(2 ** (bits - 1) - 1)


def _integers(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Integer)
    assert isinstance(after, sql.Integer)
    if after.bits >= before.bits:
        return EXACT
    return checked("NOT_CASTABLE", "{0} NOT BETWEEN {4} AND {5}", "", *_limits(after.bits))


def _integer_to_numeric(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Integer)
    assert isinstance(after, sql.Numeric)
    digits = {16: 5, 32: 10, 64: 19}[before.bits]
    if after.precision is None or after.precision - (after.scale or 0) >= digits:
        return EXACT
    return checked("NOT_CASTABLE", "{0} NOT BETWEEN -{4} AND {4}", "", lit(_largest(after)))


def _largest(kind: sql.Numeric) -> Decimal:
    """The greatest number of numeric(p,s): p nines."""
    assert kind.precision is not None
    return Decimal((0, (9,) * kind.precision, -(kind.scale or 0)))


def _numeric_to_integer(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Numeric)
    assert isinstance(after, sql.Integer)
    if before.precision is not None and before.scale == 0 and before.precision <= {16: 4, 32: 9, 64: 18}[after.bits]:
        return EXACT
    return checked("CHANGED_BY_CAST", "{0} <> pg_catalog.trunc({0}) OR {0} NOT BETWEEN {4} AND {5}", "", *_limits(after.bits))


def _numerics(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Numeric)
    assert isinstance(after, sql.Numeric)
    if after.precision is None:
        return METADATA
    scale, whole = after.scale or 0, after.precision - (after.scale or 0)
    if before.precision is not None:
        had_scale, had_whole = before.scale or 0, before.precision - (before.scale or 0)
        if scale >= had_scale and whole >= had_whole:
            return METADATA if scale == had_scale else EXACT
    condition = "pg_catalog.round({0}, {5}) <> {0} OR {0} NOT BETWEEN -{4} AND {4}"
    return checked("CHANGED_BY_CAST", condition, "", lit(_largest(after)), lit(scale))


def _integer_to_real(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Integer)
    assert isinstance(after, sql.Real)
    exact = 24 if after.bits == 32 else 53
    if before.bits <= exact:
        return EXACT
    return checked("CHANGED_BY_CAST", "{0} NOT BETWEEN -{4} AND {4}", "", lit(2**exact))


def _real_to_integer(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(after, sql.Integer)
    inside = "CASE WHEN {0} >= {4} AND {0} < {5} THEN {0} <> pg_catalog.trunc({0}::double precision) ELSE TRUE END"
    return checked("CHANGED_BY_CAST", inside, "", lit(-(2 ** (after.bits - 1))), lit(2 ** (after.bits - 1)))


def _reals(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(after, sql.Real)
    return EXACT if after.bits == 64 else checked("CHANGED_BY_CAST", _ROUND_TRIP)


def _texts(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Text)
    assert isinstance(after, sql.Text)
    if after.length is None:
        return EXACT if before.fixed else METADATA
    fits = before.length is not None and after.length >= before.length
    if fits and before.fixed:
        return EXACT
    if fits and not after.fixed:
        return METADATA
    if after.fixed and not before.fixed:
        condition = "pg_catalog.length({0}::text) > {4} OR {0}::text LIKE '% '"
        return checked("CHANGED_BY_CAST", condition, "", lit(after.length))
    return checked("TOO_LONG", "pg_catalog.length({0}::text) > {4}", "", lit(after.length))


def _to_text(expression: str = "") -> Judge:
    """Any value as text; into a length it must fit."""

    def judge(before: sql.SqlType, after: sql.SqlType) -> Route:
        assert isinstance(after, sql.Text)
        if after.length is None:
            return Route(Safety.REWRITE_EXACT, using=expression)
        condition = "pg_catalog.length(" + (expression or "{0}::text") + ") > {4}"
        return checked("TOO_LONG", condition, expression, lit(after.length))

    return judge


def _instant_to_text(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Timestamp)
    return _to_text(_INSTANT_TEXT if before.zoned else _LOCAL_TEXT)(before, after)


def _json_to_text(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(after, sql.Text)
    value = "({0}::jsonb #>> '{{}}')"
    condition = "pg_catalog.jsonb_typeof({0}::jsonb) <> 'string'"
    if after.length is None:
        return checked("NOT_CASTABLE", condition, value)
    return checked("NOT_CASTABLE", condition + " OR pg_catalog.length(" + value + ") > {4}", value, lit(after.length))


def _text_form(pattern: str) -> Route:
    """Text of that form only, so that the value printed again is the same."""
    return checked("NOT_CASTABLE", _NO_SUCH_FORM, "{0}::{1}", lit(pattern))


def _text_to_clock(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(after, sql.Time | sql.Timestamp)
    fraction = r"(\.\d{1," + str(max(after.digits, 1)) + "})?" if after.digits else ""
    clock = r"\d\d:\d\d:\d\d" + fraction + (r"([Zz]|[+-]\d\d:\d\d)" if after.zoned else "")
    return _text_form("^" + (clock if isinstance(after, sql.Time) else r"\d{4}-\d\d-\d\d[Tt ]" + clock) + "$")


def _to_json(expression: str = "{0}") -> Judge:
    def judge(before: sql.SqlType, after: sql.SqlType) -> Route:
        assert isinstance(after, sql.Json)
        function = "pg_catalog.to_jsonb(" if after.binary else "pg_catalog.to_json("
        return Route(Safety.REWRITE_EXACT, using=function + expression + ")")

    return judge


def _instant_to_json(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Timestamp)
    return _to_json(_INSTANT_TEXT if before.zoned else _LOCAL_TEXT)(before, after)


def _jsons(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(after, sql.Json)
    return checked("NOT_CASTABLE", _INVALID) if after.binary else EXACT


def _timestamps(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Timestamp)
    assert isinstance(after, sql.Timestamp)
    if before.zoned != after.zoned:
        return lossy("the zone is taken to be UTC", "{0} AT TIME ZONE 'UTC'")
    return METADATA if after.digits >= before.digits else checked("CHANGED_BY_CAST", "{0}::{1} IS DISTINCT FROM {0}")


def _times(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Time)
    assert isinstance(after, sql.Time)
    if before.zoned != after.zoned:
        return REFUSED
    return METADATA if after.digits >= before.digits else checked("CHANGED_BY_CAST", "{0}::{1} IS DISTINCT FROM {0}")


def _date_to_timestamp(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(after, sql.Timestamp)
    return lossy("a date becomes midnight in UTC", "{0}::timestamp AT TIME ZONE 'UTC'") if after.zoned else EXACT


def _timestamp_to_date(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.Timestamp)
    if before.zoned:
        return lossy("the time of day is lost, the date is that of UTC", "({0} AT TIME ZONE 'UTC')::date")
    return checked("CHANGED_BY_CAST", "{0}::date::timestamp IS DISTINCT FROM {0}")


def _arrays(before: sql.SqlType, after: sql.SqlType) -> Route:
    assert isinstance(before, sql.ArrayType)
    assert isinstance(after, sql.ArrayType)
    item = route(before.item, after.item)
    return EXACT if item.safety in (Safety.METADATA, Safety.REWRITE_EXACT) and not item.using else REFUSED


def _text_to_numeric(before: sql.SqlType, after: sql.SqlType) -> Route:
    condition = "CASE WHEN pg_catalog.pg_input_is_valid({0}::text, {3}) THEN {0}::numeric <> {0}::{1} ELSE TRUE END"
    return checked("CHANGED_BY_CAST", condition, "{0}::{1}")


def _text_to_real(before: sql.SqlType, after: sql.SqlType) -> Route:
    valid = "pg_catalog.pg_input_is_valid({0}::text, 'numeric') AND pg_catalog.pg_input_is_valid({0}::text, {3})"
    return checked("CHANGED_BY_CAST", "CASE WHEN " + valid + " THEN {0}::numeric <> ({0}::{1})::text::numeric ELSE TRUE END", "{0}::{1}")


ROUTES: Mapping[tuple[type, type], Route | Judge] = {
    (sql.Integer, sql.Integer): _integers,
    (sql.Integer, sql.Numeric): _integer_to_numeric,
    (sql.Integer, sql.Real): _integer_to_real,
    (sql.Numeric, sql.Integer): _numeric_to_integer,
    (sql.Numeric, sql.Numeric): _numerics,
    (sql.Numeric, sql.Real): checked("CHANGED_BY_CAST", _ROUND_TRIP),
    # The cast from double precision to numeric keeps 15 digits, the text all that count.
    (sql.Real, sql.Numeric): checked("CHANGED_BY_CAST", _ROUND_TRIP, "{0}::text::{1}"),
    (sql.Real, sql.Integer): _real_to_integer,
    (sql.Real, sql.Real): _reals,
    (sql.Boolean, sql.Integer): Route(Safety.REWRITE_EXACT, using="{0}::integer"),
    (sql.Date, sql.Timestamp): _date_to_timestamp,
    (sql.Timestamp, sql.Date): _timestamp_to_date,
    (sql.Timestamp, sql.Timestamp): _timestamps,
    (sql.Time, sql.Time): _times,
    (sql.EnumRef, sql.EnumRef): checked("NOT_CASTABLE", _NO_SUCH_LABEL, "{0}::text::{1}"),
    (sql.ArrayType, sql.ArrayType): _arrays,
    (sql.Text, sql.Text): _texts,
    **{
        (kind, sql.Text): _to_text()
        for kind in (sql.Boolean, sql.Integer, sql.Numeric, sql.Real, sql.Date, sql.Time, sql.Interval, sql.Uuid, sql.EnumRef)
    },
    (sql.Timestamp, sql.Text): _instant_to_text,
    (sql.Inet, sql.Text): checked("CHANGED_BY_CAST", "pg_catalog.host({0})::inet <> {0}", "pg_catalog.host({0})"),
    (sql.Json, sql.Text): _json_to_text,
    (sql.Text, sql.Boolean): _text_form("^(true|false)$"),
    (sql.Text, sql.Integer): _text_form("^(0|-?[1-9][0-9]*)$"),
    (sql.Text, sql.Numeric): _text_to_numeric,
    (sql.Text, sql.Real): _text_to_real,
    (sql.Text, sql.Date): _text_form(r"^\d{4}-\d\d-\d\d$"),
    (sql.Text, sql.Time): _text_to_clock,
    (sql.Text, sql.Timestamp): _text_to_clock,
    (sql.Text, sql.Interval): checked("NOT_CASTABLE", _INVALID, "{0}::{1}"),
    (sql.Text, sql.Uuid): checked("NOT_CASTABLE", _INVALID, "{0}::{1}"),
    (sql.Text, sql.Inet): checked("NOT_CASTABLE", _INVALID, "{0}::{1}"),
    (sql.Text, sql.EnumRef): checked("NOT_CASTABLE", _NO_SUCH_LABEL, "{0}::{1}"),
    # A column of text holds JSON strings, so it becomes JSON strings: a cast would make a number of "7".
    **{
        (kind, sql.Json): _to_json()
        for kind in (sql.Boolean, sql.Integer, sql.Numeric, sql.Real, sql.Text, sql.Date, sql.Time, sql.Uuid, sql.EnumRef, sql.ArrayType)
    },
    (sql.Timestamp, sql.Json): _instant_to_json,
    (sql.Json, sql.Json): _jsons,
}
