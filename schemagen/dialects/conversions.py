"""Which type changes keep values, by standard SQL: the rows that dialects start from and override where their server differs."""

from __future__ import annotations

from schemagen.catalog.types import (
    ArrayType,
    Binary,
    Boolean,
    Date,
    InlineEnum,
    Integer,
    Json,
    Numeric,
    Real,
    SqlType,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.plan.traits import Conversion, Safety

SAME = Conversion(Safety.METADATA)
EXACT = Conversion(Safety.REWRITE_EXACT)
TOO_LONG = Conversion(Safety.REWRITE_CHECKED, "TOO_LONG")
NOT_CASTABLE = Conversion(Safety.REWRITE_CHECKED, "NOT_CASTABLE")
CHANGED_BY_CAST = Conversion(Safety.REWRITE_CHECKED, "CHANGED_BY_CAST")
OWN_WORDS = "the server's text of such a value is not the text that a record holds"
NO_CAST = "no conversion between these types keeps what the values mean"


def integer_range(kind: Integer) -> tuple[int, int]:
    """The least and the greatest value."""
    return (0, 2**kind.bits - 1) if kind.unsigned else (-(2 ** (kind.bits - 1)), 2 ** (kind.bits - 1) - 1)


def integer_digits(kind: Integer) -> int:
    return len(str(integer_range(kind)[1]))


def whole_digits(kind: Numeric) -> int | None:
    """Digits before the point; None: unbounded."""
    return None if kind.precision is None else kind.precision - (kind.scale or 0)


def _fits(inner: int | None, outer: int | None) -> bool:
    """A limit within another, None being none."""
    return outer is None or (inner is not None and inner <= outer)


def standard_conversion(before: SqlType, after: SqlType) -> Conversion:
    """How values of `before` become `after`."""
    if before == after:
        return SAME
    match after:
        case Text():
            return _to_text(before, after)
        case Integer() | Numeric() | Real() | Boolean():
            return _to_number(before, after)
        case Date() | Time() | Timestamp():
            return _to_time(before, after)
        case Json():
            return _to_json(before)
        case Uuid() if isinstance(before, Text):
            return NOT_CASTABLE
        case InlineEnum(values):
            return _to_enum(before, values)
        case Binary(length) if isinstance(before, Binary) and not after.fixed and not before.fixed:
            return SAME if _fits(before.length, length) else TOO_LONG
        case ArrayType(item) if isinstance(before, ArrayType) and standard_conversion(before.item, item).probe is None:
            return standard_conversion(before.item, item)
        case _:
            return _refused(before, after)


def _refused(before: SqlType, after: SqlType) -> Conversion:
    return Conversion(Safety.REFUSE, reason=f"{NO_CAST} ({type(before).__name__.lower()} to {type(after).__name__.lower()})")


def _to_text(before: SqlType, after: Text) -> Conversion:
    match before:
        case Text(length, fixed):
            return (SAME if fixed == after.fixed else EXACT) if _fits(length, after.length) else TOO_LONG
        case Integer():
            return EXACT if _fits(integer_digits(before) + 1, after.length) else TOO_LONG
        case Numeric(precision):
            return EXACT if _fits(None if precision is None else precision + 2, after.length) else TOO_LONG
        case Uuid():
            return EXACT if _fits(36, after.length) else TOO_LONG
        case InlineEnum(values):
            return EXACT if _fits(max((len(value) for value in values), default=0), after.length) else TOO_LONG
        case Date():
            return EXACT if _fits(10, after.length) else TOO_LONG
        case Real():
            return CHANGED_BY_CAST
        case Json():
            return Conversion(Safety.LOSSY, reason="JSON text stays JSON text, with quotes around its strings")
        case Boolean() | Time() | Timestamp():
            return Conversion(Safety.LOSSY, reason=OWN_WORDS)
        case _:
            return _refused(before, after)


def _to_number(before: SqlType, after: Integer | Numeric | Real | Boolean) -> Conversion:
    match before, after:
        case Text(), Integer() | Numeric() | Real():
            return NOT_CASTABLE
        case Integer(), Integer():
            (low, high), (least, greatest) = integer_range(before), integer_range(after)
            return EXACT if least <= low and high <= greatest else CHANGED_BY_CAST
        case Integer(), Numeric():
            return EXACT if _fits(integer_digits(before), whole_digits(after)) else CHANGED_BY_CAST
        case Integer(bits), Real(width):
            return EXACT if bits < (53 if width == 64 else 24) else CHANGED_BY_CAST
        case Numeric(), Numeric():
            whole, part = _fits(whole_digits(before), whole_digits(after)), _fits(_scale(before), _scale(after))
            return (SAME if _scale(before) == _scale(after) else EXACT) if whole and part else CHANGED_BY_CAST
        case Real(bits), Real(width) if bits < width:
            return EXACT
        case ((Numeric() | Real() | Integer()), (Integer() | Numeric() | Real())):
            return CHANGED_BY_CAST
        case Boolean(), Integer():
            return EXACT
        case Integer(), Boolean():
            return CHANGED_BY_CAST
        case _:
            return _refused(before, after)


def _scale(kind: Numeric) -> int | None:
    return None if kind.precision is None and kind.scale is None else kind.scale or 0


def _to_time(before: SqlType, after: SqlType) -> Conversion:
    match before, after:
        case Text(), _:
            return NOT_CASTABLE
        case Date(), Timestamp(zoned=False):
            return EXACT
        case Timestamp(zoned, digits), Timestamp(zone, places) if zoned == zone:
            return EXACT if digits <= places else CHANGED_BY_CAST
        case Time(digits, zoned), Time(places, zone) if zoned == zone:
            return EXACT if digits <= places else CHANGED_BY_CAST
        case Timestamp(zoned=False), Date():
            return Conversion(Safety.LOSSY, "CHANGED_BY_CAST", "the time of day is lost")
        case Timestamp(), (Timestamp() | Date()):
            return Conversion(Safety.LOSSY, reason="the result depends on a time zone")
        case _:
            return _refused(before, after)


def _to_json(before: SqlType) -> Conversion:
    match before:
        case Json() | Integer() | Numeric() | Boolean():
            return EXACT
        case Text():
            return NOT_CASTABLE
        case Real():
            return CHANGED_BY_CAST
        case _:
            return _refused(before, Json())


def _to_enum(before: SqlType, values: tuple[str, ...]) -> Conversion:
    match before:
        case InlineEnum(old) if values[: len(old)] == old:
            return SAME
        case InlineEnum(old) if set(old) <= set(values):
            return EXACT
        case InlineEnum() | Text():
            return NOT_CASTABLE
        case _:
            return _refused(before, InlineEnum(values))
