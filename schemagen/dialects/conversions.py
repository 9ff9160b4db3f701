"""Which type changes keep values, by standard SQL: the rows that dialects start from and override where their server differs."""

from __future__ import annotations

from schemagen.catalog import types as sql
from schemagen.plan.traits import Conversion, Safety

SAME = Conversion(Safety.METADATA)
EXACT = Conversion(Safety.REWRITE_EXACT)
TOO_LONG = Conversion(Safety.REWRITE_CHECKED, "TOO_LONG")
NOT_CASTABLE = Conversion(Safety.REWRITE_CHECKED, "NOT_CASTABLE")
CHANGED_BY_CAST = Conversion(Safety.REWRITE_CHECKED, "CHANGED_BY_CAST")
OWN_WORDS = "the server's text of such a value is not the text that a record holds"
NO_CAST = "no conversion between these types keeps what the values mean"


def integer_range(kind: sql.Integer) -> tuple[int, int]:
    """The least and the greatest value."""
    return (0, 2**kind.bits - 1) if kind.unsigned else (-(2 ** (kind.bits - 1)), 2 ** (kind.bits - 1) - 1)


def integer_digits(kind: sql.Integer) -> int:
    return len(str(integer_range(kind)[1]))


def whole_digits(kind: sql.Numeric) -> int | None:
    """Digits before the point; None: unbounded."""
    return None if kind.precision is None else kind.precision - (kind.scale or 0)


def _fits(inner: int | None, outer: int | None) -> bool:
    """A limit within another, None being none."""
    return outer is None or (inner is not None and inner <= outer)


def standard_conversion(before: sql.SqlType, after: sql.SqlType) -> Conversion:
    """How values of `before` become `after`."""
    if before == after:
        return SAME
    match after:
        case sql.Text():
            return _to_text(before, after)
        case sql.Integer() | sql.Numeric() | sql.Real() | sql.Boolean():
            return _to_number(before, after)
        case sql.Date() | sql.Time() | sql.Timestamp():
            return _to_time(before, after)
        case sql.Json():
            return _to_json(before)
        case sql.Uuid() if isinstance(before, sql.Text):
            return NOT_CASTABLE
        case sql.InlineEnum(values):
            return _to_enum(before, values)
        case sql.Binary(length) if isinstance(before, sql.Binary) and not after.fixed and not before.fixed:
            return SAME if _fits(before.length, length) else TOO_LONG
        case sql.ArrayType(item) if isinstance(before, sql.ArrayType) and standard_conversion(before.item, item).probe is None:
            return standard_conversion(before.item, item)
        case _:
            return _refused(before, after)


def _refused(before: sql.SqlType, after: sql.SqlType) -> Conversion:
    return Conversion(Safety.REFUSE, reason=f"{NO_CAST} ({type(before).__name__.lower()} to {type(after).__name__.lower()})")


def _to_text(before: sql.SqlType, after: sql.Text) -> Conversion:
    match before:
        case sql.Text(length, fixed):
            return (SAME if fixed == after.fixed else EXACT) if _fits(length, after.length) else TOO_LONG
        case sql.Integer():
            return EXACT if _fits(integer_digits(before) + 1, after.length) else TOO_LONG
        case sql.Numeric(precision):
            return EXACT if _fits(None if precision is None else precision + 2, after.length) else TOO_LONG
        case sql.Uuid():
            return EXACT if _fits(36, after.length) else TOO_LONG
        case sql.InlineEnum(values):
            return EXACT if _fits(max((len(value) for value in values), default=0), after.length) else TOO_LONG
        case sql.Date():
            return EXACT if _fits(10, after.length) else TOO_LONG
        case sql.Real():
            return CHANGED_BY_CAST
        case sql.Json():
            return Conversion(Safety.LOSSY, reason="JSON text stays JSON text, with quotes around its strings")
        case sql.Boolean() | sql.Time() | sql.Timestamp():
            return Conversion(Safety.LOSSY, reason=OWN_WORDS)
        case _:
            return _refused(before, after)


def _to_number(before: sql.SqlType, after: sql.Integer | sql.Numeric | sql.Real | sql.Boolean) -> Conversion:
    match before, after:
        case sql.Text(), sql.Integer() | sql.Numeric() | sql.Real():
            return NOT_CASTABLE
        case sql.Integer(), sql.Integer():
            (low, high), (least, greatest) = integer_range(before), integer_range(after)
            return EXACT if least <= low and high <= greatest else CHANGED_BY_CAST
        case sql.Integer(), sql.Numeric():
            return EXACT if _fits(integer_digits(before), whole_digits(after)) else CHANGED_BY_CAST
        case sql.Integer(bits), sql.Real(width):
            return EXACT if bits < (53 if width == 64 else 24) else CHANGED_BY_CAST
        case sql.Numeric(), sql.Numeric():
            whole, part = _fits(whole_digits(before), whole_digits(after)), _fits(_scale(before), _scale(after))
            return (SAME if _scale(before) == _scale(after) else EXACT) if whole and part else CHANGED_BY_CAST
        case sql.Real(bits), sql.Real(width) if bits < width:
            return EXACT
        case ((sql.Numeric() | sql.Real() | sql.Integer()), (sql.Integer() | sql.Numeric() | sql.Real())):
            return CHANGED_BY_CAST
        case sql.Boolean(), sql.Integer():
            return EXACT
        case sql.Integer(), sql.Boolean():
            return CHANGED_BY_CAST
        case _:
            return _refused(before, after)


def _scale(kind: sql.Numeric) -> int | None:
    return None if kind.precision is None and kind.scale is None else kind.scale or 0


def _to_time(before: sql.SqlType, after: sql.SqlType) -> Conversion:
    match before, after:
        case sql.Text(), _:
            return NOT_CASTABLE
        case sql.Date(), sql.Timestamp(zoned=False):
            return EXACT
        case sql.Timestamp(zoned, digits), sql.Timestamp(zone, places) if zoned == zone:
            return EXACT if digits <= places else CHANGED_BY_CAST
        case sql.Time(digits, zoned), sql.Time(places, zone) if zoned == zone:
            return EXACT if digits <= places else CHANGED_BY_CAST
        case sql.Timestamp(zoned=False), sql.Date():
            return Conversion(Safety.LOSSY, "CHANGED_BY_CAST", "the time of day is lost")
        case sql.Timestamp(), (sql.Timestamp() | sql.Date()):
            return Conversion(Safety.LOSSY, reason="the result depends on a time zone")
        case _:
            return _refused(before, after)


def _to_json(before: sql.SqlType) -> Conversion:
    match before:
        case sql.Json() | sql.Integer() | sql.Numeric() | sql.Boolean():
            return EXACT
        case sql.Text():
            return NOT_CASTABLE
        case sql.Real():
            return CHANGED_BY_CAST
        case _:
            return _refused(before, sql.Json())


def _to_enum(before: sql.SqlType, values: tuple[str, ...]) -> Conversion:
    match before:
        case sql.InlineEnum(old) if values[: len(old)] == old:
            return SAME
        case sql.InlineEnum(old) if set(old) <= set(values):
            return EXACT
        case sql.InlineEnum() | sql.Text():
            return NOT_CASTABLE
        case _:
            return _refused(before, sql.InlineEnum(values))
