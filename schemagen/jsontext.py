"""JSON as text, said once: how values stand in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any


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
            return _duration(value)
        case _:
            return str(value)


def _duration(value: timedelta) -> str:
    sign, span = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = f"{span.seconds}.{span.microseconds:06d}".rstrip("0").rstrip(".") if span.microseconds else str(span.seconds)
    return f"{sign}P{span.days}DT{seconds}S"
