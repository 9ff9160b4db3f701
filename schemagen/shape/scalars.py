"""Numbers and booleans: what their keywords admit, and the shape that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from schemagen.jsontext import JsonType
from schemagen.shape.extent import Bound, Numbers, is_integral, scale_of
from schemagen.shape.types import Bool, Dec, Float, Int, Shape, Values, ordered_values

INTEGER_FORMATS = {f"{sign}int{bits}": (bits, bool(sign)) for sign in ("", "u") for bits in (8, 16, 32, 64)}
NUMBER_FORMATS = frozenset({*INTEGER_FORMATS, "float", "double", "decimal"})

# The widest exact number that every server has or imitates: DuckDB's decimal(38, s).
MAX_DIGITS = 38
# Bounds beyond this many digits say nothing about storage, and are costly as integers.
MAX_BOUND_DIGITS = 1000

_INT64 = (-(2**63), 2**63 - 1)


def decimal_of(value: JsonType) -> Decimal | None:
    """A JSON number as Decimal, by a float's shortest text; None for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number if number.is_finite() else None


def numbers_of(schema: Mapping[str, JsonType], integers: bool) -> Numbers:
    """What the numeric keywords of a schema admit; `integers`: of whole numbers only."""
    step = decimal_of(schema.get("multipleOf"))
    if step is not None and step <= 0:
        step = None
    if integers and (step is None or scale_of(step)):
        step = Decimal(1)
    form = schema.get("format")
    return Numbers(
        step=step,
        lower=_bound(schema, "minimum", "exclusiveMinimum", 1),
        upper=_bound(schema, "maximum", "exclusiveMaximum", -1),
        format=form if isinstance(form, str) and form in NUMBER_FORMATS else None,
    )


def _bound(schema: Mapping[str, JsonType], closed: str, open_: str, sign: int) -> Bound | None:
    found = [Bound(value, name == open_) for name in (closed, open_) if (value := decimal_of(schema.get(name))) is not None]
    found = [bound for bound in found if bound.value.adjusted() < MAX_BOUND_DIGITS]
    return max(found, key=lambda bound: (bound.value if sign > 0 else bound.value.copy_negate(), bound.open), default=None)


def boolean_shape(values: frozenset[bool]) -> Shape:
    return Bool() if len(values) != 1 else Values(tuple(values))


def number_shape(numbers: Numbers) -> Shape:
    """The shape of numbers: listed ones, integers, exact decimals, doubles."""
    if numbers.values is not None:
        return Values(ordered_values(int(value) for value in numbers.values)) if _can_list(numbers) else Float()
    if is_integral(numbers):
        return _integer_shape(numbers)
    if numbers.step is not None:
        return _decimal_shape(numbers, scale_of(numbers.step))
    return Dec() if numbers.format == "decimal" else Float()


def _can_list(numbers: Numbers) -> bool:
    return is_integral(numbers) and all(value.adjusted() < MAX_BOUND_DIGITS for value in numbers.values or ())


def _integer_shape(numbers: Numbers) -> Shape:
    minimum, maximum = _first_multiple(numbers.lower, Decimal(1), 1), _first_multiple(numbers.upper, Decimal(1), -1)
    low, high = None if minimum is None else int(minimum), None if maximum is None else int(maximum)
    if numbers.format in INTEGER_FORMATS:
        bits, unsigned = INTEGER_FORMATS[numbers.format]
        least, most = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if all(bound is None or least <= bound <= most for bound in (low, high)):
            return Int(bits=bits, unsigned=unsigned)
    if low is None or high is None or low > high:
        return Int()
    if low >= 0 and _INT64[1] < high < 2**64:
        return Int(bits=64, unsigned=True)
    return Int(minimum=low, maximum=high)


def _decimal_shape(numbers: Numbers, scale: int) -> Shape:
    step = numbers.step
    assert step is not None
    if scale > MAX_DIGITS:
        return Dec()
    bounds = [_first_multiple(numbers.lower, step, 1), _first_multiple(numbers.upper, step, -1)]
    known = [bound for bound in bounds if bound is not None]
    if len(known) < 2:
        return Dec(MAX_DIGITS, scale)
    digits = max(bound.adjusted() + 1 if bound and bound.adjusted() >= 0 else 0 for bound in known)
    return Dec(max(digits + scale, 1), scale) if digits + scale <= MAX_BOUND_DIGITS else Dec()


def _first_multiple(bound: Bound | None, step: Decimal, sign: int) -> Decimal | None:
    """The first multiple of `step` inside the bound: upwards of a lower one (sign 1), downwards of an upper one (-1)."""
    if bound is None:
        return None
    exact = Context(prec=2 * MAX_BOUND_DIGITS + 100, rounding=ROUND_CEILING if sign > 0 else ROUND_FLOOR)
    count = exact.to_integral_value(exact.divide(bound.value, step))
    value = exact.multiply(count, step)
    if bound.open and value == bound.value:
        value = exact.add(value, step if sign > 0 else step.copy_negate())
    return value
