"""JSON as text, said once: what values there are, how large a number and how deep a value may be, pointers, and how formats are written.

Everything that reads or writes JSON asks here, so that a schema, a record and a value of Python are judged alike.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address
from json.encoder import encode_basestring as quoted
from typing import Any, Literal, TypeAlias

# What a JSON text means. Numbers are int, Decimal, or float where a double holds them exactly as written.
JsonType: TypeAlias = "bool | int | float | Decimal | str | list[JsonType] | dict[str, JsonType] | None"

MAX_DIGITS = 1_000
MAX_EXPONENT = 1_000
# Digits before and behind the point that a column of unbounded numeric type gives back on every server.
MAX_NUMERIC_DIGITS = 400
MAX_DURATION = timedelta(microseconds=(1 << 63) - 1)
# No text as short as that is beyond the limits.
_SURELY_SMALL = 5
# Integers of more bits than 10 to the 1,000th has.
_SURELY_HUGE_BITS = 3_322

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')

Format = Literal["date", "date-time", "local", "time", "duration", "uuid", "address", "base64", "decimal"]

# Patterns for the whole of a text, as Python's `re` and Arrow's RE2 both read them: no look-around, classes written out (`\d` is Unicode
# in one of them).
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
OFFSET = r"[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"
LOCAL = rf"{DATE}[Tt]{CLOCK}(?:\.[0-9]+)?"
INSTANT = rf"{LOCAL}(?:[Zz]|{OFFSET})"
# What every reader takes as it stands: letters in upper case, at most six digits.
PLAIN_INSTANT = rf"{DATE}T{CLOCK}(?:\.[0-9]{{1,6}})?(?:Z|{OFFSET})"
UUID_TEXT = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

# In JSON text: where a number may be beyond the limits; text in strings may look so too.
PERHAPS_HUGE = r"(?:^|[:,\[ \t\r\n])-?[0-9.]+[eE][+-]?0*[0-9]{4}|[0-9.]{1000}"

_DATE = re.compile(DATE)
_CLOCK = re.compile(CLOCK)
_MOMENT = re.compile(rf"({DATE})[Tt]([0-9:]{{8}})(?:\.([0-9]+))?(?:([Zz])|({OFFSET}))?")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?")
_UUID = re.compile(UUID_TEXT)
_DURATION = re.compile(r"(-)?P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,12})(?:\.([0-9]{1,6}))?S)?)?")
_DECIMAL = re.compile(rf"-?(?:0|[1-9][0-9]{{0,{MAX_NUMERIC_DIGITS}}})(?:\.[0-9]{{1,{MAX_NUMERIC_DIGITS}}})?")


class BadNumberError(ValueError):
    """A number beyond the limits, or one that JSON does not know."""


class FormatError(ValueError):
    """A text that is not of its format; it begins with FORMAT or TIMESTAMP_RANGE."""


def as_object(value: JsonType) -> dict[str, JsonType]:
    """The value where it is an object, an empty one where it is anything else."""
    return value if isinstance(value, dict) else {}


# --- numbers


def is_huge(text: str) -> bool:
    """Whether a JSON number has more than 1,000 digits or an exponent beyond 1,000, told from its text before any arithmetic."""
    if len(text) <= _SURELY_SMALL:
        return False
    mantissa, _, exponent = text.lower().partition("e")
    size = exponent.lstrip("+-").lstrip("0")
    return len(mantissa.lstrip("+-").replace(".", "")) > MAX_DIGITS or len(size) > 4 or (size != "" and int(size) > MAX_EXPONENT)


def _within_limits(text: str) -> str:
    if is_huge(text):
        digits = len(text.lower().partition("e")[0].lstrip("+-").replace(".", ""))
        much = f"{digits} digits, more than {MAX_DIGITS}" if digits > MAX_DIGITS else f"an exponent beyond {MAX_EXPONENT}"
        raise BadNumberError(f"a number has {much}")
    return text


def integer(text: str) -> int:
    """The integer of a JSON number. Raises BadNumberError beyond the limits."""
    return int(_within_limits(text))


def decimal(text: str) -> Decimal:
    """The decimal of a JSON number. Raises BadNumberError beyond the limits."""
    return Decimal(_within_limits(text))


def exact_number(text: str) -> float | Decimal:
    """The double that the text means, else the Decimal: where a double would change the number."""
    double = float(text)
    if repr(double) == text:
        return double
    if math.isinf(double) or Decimal(text) != Decimal(repr(double)):
        return Decimal(text)
    return double


def as_double(value: int | Decimal) -> float | None:
    """The double whose shortest text means the number, as which it is written again; None where there is none (2 to the 63rd, say)."""
    try:
        double = float(value)
    except OverflowError:
        return None
    return double if Decimal(repr(double)) == value else None


def number_text(value: int | float | Decimal) -> str:
    """A number as JSON: an integer in digits, a decimal with its point where the limits of numbers want it.

    Raises BadNumberError for an integer of more digits, a decimal that no text within the limits means, NaN and infinity.
    """
    if isinstance(value, int):
        if value.bit_length() > _SURELY_HUGE_BITS:
            raise BadNumberError(f"a number has more than {MAX_DIGITS} digits")
        return _within_limits(str(value))
    if not (math.isfinite(value) if isinstance(value, float) else value.is_finite()):
        raise BadNumberError(f"{value} is no JSON number")
    text = repr(value) if isinstance(value, float) else str(value)
    return text if not is_huge(text) else _within_limits(_shifted(Decimal(value)))


def _shifted(value: Decimal) -> str:
    """The number with an exponent within the limits, its digits continued by zeros where that takes some."""
    sign, places, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    digits = "".join(map(str, places))
    kept = digits.rstrip("0") or "0"
    exponent += len(digits) - len(kept)
    lead = "-" if sign else ""
    # Bounded, so that no number makes a text longer than the limits refuse anyway.
    surplus = min(max(abs(exponent) - MAX_EXPONENT, 0), MAX_DIGITS + 1)
    if exponent >= 0:
        return f"{lead}{kept}{'0' * surplus}E+{exponent - surplus}"
    body = kept.rjust(surplus + 1, "0")
    return f"{lead}{body[:-surplus]}.{body[-surplus:]}E{exponent + surplus}" if surplus else f"{lead}{body}E{exponent}"


# --- depth and pointers


def depth_over(text: str, limit: int) -> bool:
    """Whether brackets nest deeper than `limit`, counted before anything is decoded."""
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += 1 if match[1] else -1 if match[2] else 0
        if depth > limit:
            return True
    return False


def depth_of(value: JsonType, limit: int) -> int:
    """Levels of objects and lists; counting stops just above `limit`, so that no depth is dangerous."""
    level, depth = [item for item in (value,) if isinstance(item, dict | list)], 0
    while level and depth <= limit:
        inner = [item for held in level for item in (held.values() if isinstance(held, dict) else held)]
        level, depth = [item for item in inner if isinstance(item, dict | list)], depth + 1
    return depth


def escape(name: str) -> str:
    """A property name as a token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_of(*parts: str | int) -> str:
    """A JSON pointer of property names and indexes; "" of none."""
    return "".join(f"/{escape(str(part))}" for part in parts)


def tokens(pointer: str) -> list[str]:
    """The tokens of a JSON pointer, `~0` and `~1` decoded."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


# --- values as text


def json_text(value: JsonType) -> str:
    """Compact JSON, numbers as exactly as they are. Raises BadNumberError, and TypeError for what is no JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int() | float() | Decimal():
            return number_text(value)
        case list() | tuple():
            return f"[{','.join(json_text(item) for item in value)}]"
        case dict():
            return "{" + ",".join(f"{quoted(name)}:{json_text(item)}" for name, item in value.items()) + "}"
        case _:
            raise TypeError(f"no JSON value: {type(value).__name__}")


def instant_text(value: datetime | str, *, naive: bool = False) -> str:
    """`Z`, seconds always, the shortest fraction."""
    if isinstance(value, str):
        return value
    moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value
    text = moment.isoformat()
    return (text.rstrip("0") if "." in text else text) + ("" if naive else "Z")


def scalar_text(value: Any) -> str:
    """The text of a date, time, duration, uuid, address or text."""
    match value:
        case str():
            return value
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _duration_text(value)
        case _:
            return str(value)


def _duration_text(value: timedelta) -> str:
    sign, span = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = f"{span.seconds}.{span.microseconds:06d}".rstrip("0").rstrip(".") if span.microseconds else str(span.seconds)
    return f"{sign}P{span.days}DT{seconds}S"


# --- formats


def in_format(form: Format, text: str) -> str:
    """The text as its format has it (a date-time in UTC, fractions of six digits), which means the same. Raises FormatError."""
    match form:
        case "date":
            return _in_date(text)
        case "date-time" | "local":
            return instant_in_utc(text, naive=form == "local")
        case "time":
            return _in_time(text)
        case "duration":
            duration_of(text)
        case "uuid":
            if not _UUID.fullmatch(text):
                raise FormatError("FORMAT: expected a uuid of 8-4-4-4-12 hexadecimal digits")
            return text.lower()
        case "address":
            _check_address(text)
        case "base64":
            _check_base64(text)
        case "decimal":
            if not _DECIMAL.fullmatch(text) or (text[0] == "-" and not text.strip("-0.")):
                raise FormatError("FORMAT: expected a decimal number in plain digits, as a column of numbers gives it back")
    return text


def has_format(form: Format, text: str) -> bool:
    """Whether `in_format` takes the text."""
    try:
        in_format(form, text)
    except FormatError:
        return False
    return True


def instant_in_utc(text: str, *, naive: bool) -> str:
    """Canonical RFC 3339 in UTC (`naive`: as it stands, without zone). Raises FormatError."""
    local, offset = moment_of(text)
    if naive and offset:
        raise FormatError("FORMAT: expected a local date-time, without offset")
    if not naive and not offset:
        raise FormatError("FORMAT: expected a date-time with an offset or Z (assume-timezone names the zone of others)")
    if offset not in ("", "Z"):
        try:
            local = datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC).replace(tzinfo=None)
        except OverflowError as error:
            raise FormatError("TIMESTAMP_RANGE: the year in UTC is not between 1 and 9999") from error
    return local.isoformat() + ("" if naive else "Z")


def moment_of(text: str) -> tuple[datetime, str]:
    """A date-time, microseconds cut off, and its offset: `Z`, `+02:00`, or "" where it has none. Raises FormatError."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise FormatError("FORMAT: expected a date-time as 2024-05-01T12:00:00Z")
    day, clock, fraction, letter, offset = match.groups()
    if not _CLOCK.fullmatch(clock):
        raise FormatError("TIMESTAMP_RANGE: no such day or time")
    try:
        return datetime.fromisoformat(f"{day}T{clock}{_six_digits(fraction)}"), "Z" if letter else offset or ""
    except ValueError as error:
        raise FormatError("TIMESTAMP_RANGE: no such day or time") from error


def _in_date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise FormatError("FORMAT: expected a date as 2024-05-01")
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise FormatError("TIMESTAMP_RANGE: no such day") from error
    return text


def _in_time(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None:
        raise FormatError("FORMAT: expected a time as 12:00:00")
    if not _CLOCK.fullmatch(match[1]):
        raise FormatError("TIMESTAMP_RANGE: no such time")
    return f"{match[1]}{_six_digits(match[2])}"


def _six_digits(fraction: str | None) -> str:
    return f".{fraction[:6].ljust(6, '0')}" if fraction else ""


def duration_of(text: str) -> timedelta:
    """The duration of an ISO 8601 text of days and smaller units. Raises FormatError."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise FormatError("FORMAT: expected a duration as P1DT2H3M4.5S")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    try:
        span = timedelta(int(days or 0), int(seconds or 0), int((fraction or "0").ljust(6, "0")), 0, int(minutes or 0), int(hours or 0))
    except OverflowError as error:
        raise FormatError("TIMESTAMP_RANGE: the duration is too long") from error
    return in_duration_range(-span if sign else span)


def in_duration_range(span: timedelta) -> timedelta:
    """The span, where its microseconds have at most 64 bits, as Arrow and every server count them. Raises FormatError."""
    if abs(span) > MAX_DURATION:
        raise FormatError(f"TIMESTAMP_RANGE: the duration is longer than {MAX_DURATION.days} days")
    return span


def _check_address(text: str) -> None:
    try:
        canonical = str(ip_address(text))
    except ValueError as error:
        raise FormatError("FORMAT: expected an address") from error
    if canonical != text or "%" in text:
        raise FormatError("FORMAT: expected an address in its canonical form")


def _check_base64(text: str) -> None:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("FORMAT: expected base64") from error
    if base64.b64encode(content).decode() != text:
        raise FormatError("FORMAT: expected base64 in its canonical form")
