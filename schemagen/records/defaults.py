"""What a record of a hand-written class has where it leaves a property out: the value that an object of the class would have."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from schemagen.catalog import types as sql
from schemagen.catalog.layout import Layout, Slot
from schemagen.jsontext import instant_text, json_text, scalar_text
from schemagen.shape import types as shapes


def default_texts(layout: Layout) -> dict[str, str]:
    """The defaults of properties as JSON text. A key has none: what names a row is not made up."""
    found = {slot.path[0]: _text(slot) for slot in layout.properties if not slot.in_key}
    return {name: text for name, text in found.items() if text is not None}


def _text(slot: Slot) -> str | None:
    if slot.default is None or isinstance(slot.default, shapes.Missing):
        return None
    if isinstance(slot.default, Decimal) and isinstance(slot.type, sql.Numeric) and not getattr(slot.shape, "text", False):
        return format(slot.default, "f")
    try:
        text = json_text(_plain(slot.default, slot.shape))
        text.encode()
    except (TypeError, ValueError):
        return None  # No value of JSON: as if there were no default, so that a record must bring one.
    return text if "\\u0000" not in text else None


def _plain(value: Any, shape: shapes.Shape) -> Any:
    """A value as JSON has it. Raises TypeError for what it has not."""
    match value:
        case datetime():
            naive = isinstance(shape, shapes.Instant) and shape.naive
            return instant_text(value if naive or value.tzinfo is not None else value.replace(tzinfo=UTC), naive=naive)
        case date() | time() | timedelta() | UUID() | IPv4Address() | IPv6Address():
            return scalar_text(value)
        case bytes():
            return base64.b64encode(value).decode()
        case Decimal():
            return str(value) if getattr(shape, "text", False) else value
        case list() | tuple():
            item = shape.item if isinstance(shape, shapes.ListOf) else shapes.Anything()
            return [_plain(element, item) for element in value]
        case dict():
            inner = shape.value if isinstance(shape, shapes.MapOf) else shapes.Anything()
            return {key: _plain(element, inner) for key, element in value.items()}
        case _:
            return value
