"""Rows back to records: one JSON object a line, with the property names of the schema, and what had no column folded in again."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import Any, cast

import msgspec
import pyarrow as pa

from schemagen.catalog import types as sql
from schemagen.catalog.batch import Batch, BatchColumn, struct_of
from schemagen.catalog.layout import Layout, Slot
from schemagen.catalog.types import SqlType
from schemagen.dialects.base import Driver, Session
from schemagen.dump.readable import unreadable
from schemagen.dump.texts import Write, json_texts, members, names_property, objects
from schemagen.errors import SchemagenError
from schemagen.jsontext import instant_text, scalar_text
from schemagen.records.parse import compact
from schemagen.shape import types as shapes

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAMES = msgspec.json.Decoder(list[str])


async def dump(layout: Layout, *, driver: Driver, session: Session) -> AsyncGenerator[str, None]:
    """The rows as JSON text, without line ends: by key where there is one, else as they are stored.

    Raises SchemagenError UNKNOWN_ENTITY where there is no such table, DRIFT where it is not as the layout says.
    """
    target = layout.target.id
    there = await driver.inspect(session, (target.namespace,))
    if there.table(target) is None:
        raise SchemagenError("UNKNOWN_ENTITY", str(target), "there is no such table in the database; `schemagen load` makes it")
    reason = unreadable(layout, there)
    if reason is not None:
        raise SchemagenError("DRIFT", str(target), reason)
    writer = RowWriter(layout)
    # Closed before what is around it: whoever stops early leaves no cursor or transaction open.
    async with aclosing(cast(AsyncGenerator[Batch, None], driver.read(session, layout.target))) as batches:
        async for batch in batches:
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
        writers = Writers(layout)
        self._layout = layout
        self._columns = [_Column(slot, f"{quoted(slot.path[0])}:", writers.of(slot.type, slot.shape)) for slot in layout.properties]

    def lines(self, batch: Batch) -> list[str]:
        """A JSON object for each row, made column by column; rows with values in `_extra` one by one."""
        columns = {column.name: column for column in batch.columns}
        texts = [json_texts(columns[column.slot.column], column.slot, column.write) for column in self._columns]
        extras, absents = self._system("extra", columns), self._system("absent", columns)
        given = [self._members(column, text, absents) for column, text in zip(self._columns, texts, strict=True)]
        lines = objects(given, len(batch))
        if extras is not None and extras.null_count < len(extras):
            rows = list(zip(*(text.to_pylist() for text in texts), strict=True)) or [()] * len(batch)
            missing = absents.to_pylist() if absents is not None else [None] * len(batch)
            for index, extra in enumerate(extras.to_pylist()):
                if extra is not None:
                    lines[index] = self._line(rows[index], extra, missing[index])
        return lines

    def _system(self, kind: Any, columns: dict[str, BatchColumn]) -> pa.Array | None:
        slot = self._layout.slot(kind)
        return columns[slot.column].array if slot is not None else None

    def _members(self, column: _Column, texts: pa.Array, absents: pa.Array | None) -> pa.Array:
        fill = _null_is_null(column.slot)
        absent = None
        if fill and absents is not None and absents.null_count < len(absents) and texts.null_count:
            absent = names_property(absents, column.slot.path[0])
        return members(texts, column.lead, fill=fill, absent=absent)

    def _line(self, row: tuple[str | None, ...], extra: str, absent: str | None) -> str:
        if not extra.lstrip().startswith("{"):
            return compact(msgspec.Raw(extra.encode()))
        kept = _MEMBERS.decode(extra)
        missing = set(_NAMES.decode(absent)) if absent is not None else ()
        parts = []
        for text, column in zip(row, self._columns, strict=True):
            name = column.slot.path[0]
            if text is not None:
                parts.append(column.lead + text)
            elif name in kept:
                parts.append(f"{column.lead}{compact(kept.pop(name))}")
            elif name not in missing and _null_is_null(column.slot):
                parts.append(f"{column.lead}null")
        parts += [f"{quoted(name)}:{compact(raw)}" for name, raw in kept.items()]
        return "{" + ",".join(parts) + "}"


def _null_is_null(slot: Slot) -> bool:
    """Whether NULL stands for null, where the property is not named as absent."""
    return slot.nullable and not isinstance(slot.type, sql.Json)


@dataclass(frozen=True)
class Writers:
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
