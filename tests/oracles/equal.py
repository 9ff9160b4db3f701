"""When two records are equal: numbers by value, date-times by instant, uuids without letter case, objects without order."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

# More digits than any number within the limits has.
_EXACT = Context(prec=5_000)
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$")
_UUID = re.compile(r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")


def parse(text: str | bytes) -> Any:
    """JSON with every number as Decimal."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def normal(value: Any) -> Any:
    """A hashable form, equal for equal values."""
    if isinstance(value, dict):
        return ("object", tuple(sorted((key, normal(item)) for key, item in value.items())))
    if isinstance(value, list):
        return ("array", tuple(normal(item) for item in value))
    if isinstance(value, bool) or value is None:
        return ("constant", str(value))
    if isinstance(value, int | float | Decimal):
        return ("number", str(Decimal(str(value)).normalize(_EXACT)))
    return ("string", _text(value))


def _text(value: str) -> str:
    if _UUID.match(value):
        return value.lower()
    found = _MOMENT.match(value)
    if found is None:
        return value
    date, clock, fraction, zone = found.groups()
    digits = ((fraction or ".")[1:] + "000000")[:6]
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}.{digits}{'+00:00' if zone in 'Zz' else zone}")
        return moment.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return value


def equal(left: Any, right: Any) -> bool:
    return bool(normal(left) == normal(right))
