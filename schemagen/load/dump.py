"""Rows back to records: one JSON object a line, with the property names of the schema, and what had no column folded in again."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import Any

import msgspec

from schemagen.catalog import types as sql
from schemagen.catalog.batch import Batch, struct_of
from schemagen.catalog.layout import Layout, Slot
from schemagen.catalog.types import SqlType
from schemagen.dialects.base import Driver, Session
from schemagen.load.convert import compact
from schemagen.shape import types as shapes

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAMES = msgspec.json.Decoder(list[str])

# A stored value that is not NULL as JSON text.
Write = Callable[[Any], str]


async def dump(layout: Layout, *, driver: Driver, session: Session) -> AsyncIterator[str]:
    """The rows as JSON text, without line ends: by key where there is one, else as they are stored."""
    writer = RowWriter(layout)
    async for batch in driver.read(session, layout.target):
        for line in writer.lines(batch):
            yield line


@dataclass(frozen=True, slots=True)
class _Column:
    slot: Slot
    lead: str
    write: Write


class RowWriter:
    """Writes the rows of one layout."""

    def __init__(self, layout: Layout) -> None:
        writers = _Writers(layout)
        self._layout = layout
        self._columns = [_Column(slot, f"{quoted(slot.path[0])}:", writers.of(slot.type, slot.shape)) for slot in layout.properties]

    def lines(self, batch: Batch) -> list[str]:
        columns = {column.name: column.values for column in batch.columns}
        values = [columns[column.slot.column] for column in self._columns]
        extras, absents = self._system("extra", columns, len(batch)), self._system("absent", columns, len(batch))
        rows = zip(*values, strict=True) if values else iter([()] * len(batch))
        return [self._line(row, extra, absent) for row, extra, absent in zip(rows, extras, absents, strict=True)]

    def _system(self, kind: Any, columns: dict[str, Sequence[Any]], length: int) -> Sequence[str | None]:
        slot = self._layout.slot(kind)
        return columns[slot.column] if slot is not None else [None] * length

    def _line(self, row: tuple[Any, ...], extra: str | None, absent: str | None) -> str:
        if extra is not None and not extra.lstrip().startswith("{"):
            return compact(msgspec.Raw(extra.encode()))
        members = _MEMBERS.decode(extra) if extra is not None else {}
        missing = set(_NAMES.decode(absent)) if absent is not None else ()
        parts = []
        for value, column in zip(row, self._columns, strict=True):
            name = column.slot.path[0]
            if value is not None:
                parts.append(column.lead + column.write(value))
            elif name in members:
                parts.append(f"{column.lead}{compact(members.pop(name))}")
            elif name not in missing and _null_is_null(column.slot):
                parts.append(f"{column.lead}null")
        parts += [f"{quoted(name)}:{compact(raw)}" for name, raw in members.items()]
        return "{" + ",".join(parts) + "}"


def _null_is_null(slot: Slot) -> bool:
    """Whether NULL stands for null, where the property is not named as absent."""
    return slot.nullable and not isinstance(slot.type, sql.Json)


@dataclass(frozen=True)
class _Writers:
    """How stored values become JSON. They come as their lowered column's values, which may be the text of what was meant."""

    layout: Layout

    def of(self, kind: SqlType, shape: shapes.Shape) -> Write:
        match kind:
            case sql.Json():
                return lambda text: compact(msgspec.Raw(text.encode()))
            case sql.Boolean():
                return lambda value: "true" if value else "false"
            case sql.Integer():
                return lambda value: str(int(value))
            case sql.Real():
                return lambda value: _number(value)
            case sql.Numeric() if isinstance(shape, shapes.Dec) and shape.text:
                return lambda value: quoted(_number(value))
            case sql.Numeric():
                return lambda value: _number(value)
            case sql.Timestamp():
                naive = isinstance(shape, shapes.Instant) and shape.naive
                return lambda value: quoted(instant_text(value, naive=naive))
            case sql.ArrayType(item):
                inner = self.of(item, shape.item if isinstance(shape, shapes.ListOf) else shapes.Anything())
                return lambda values: f"[{','.join('null' if value is None else inner(value) for value in values)}]"
            case sql.StructRef():
                return self._struct(kind, shape)
            case sql.Binary():
                return lambda value: quoted(base64.b64encode(value).decode())
            case _:
                return lambda value: quoted(scalar_text(value))

    def _struct(self, kind: sql.StructRef, shape: shapes.Shape) -> Write:
        assert isinstance(shape, shapes.ClassRef)
        fields = [item for item in self.layout.model.named_class(shape.name).fields if not isinstance(item.shape, shapes.Nothing)]
        members = struct_of(kind.id, self.layout.structs).members
        writers = [(item, member.name, self.of(member.type, item.shape)) for item, member in zip(fields, members, strict=True)]

        def write(value: dict[str, Any]) -> str:
            parts = []
            for item, name, inner in writers:
                element = value.get(name)
                if element is not None:
                    parts.append(f"{quoted(item.json_name)}:{inner(element)}")
                elif item.required:
                    parts.append(f"{quoted(item.json_name)}:null")
            return "{" + ",".join(parts) + "}"

        return write


def _number(value: Any) -> str:
    match value:
        case float():
            return repr(value)
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


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
