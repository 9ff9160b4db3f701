"""Python values to batches: objects of a class, tuples of named fields, and keys, each checked against its column."""

from __future__ import annotations

import dataclasses
import enum
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from schemagen.catalog import types as sql
from schemagen.catalog.batch import Batch, BatchColumn, struct_of
from schemagen.catalog.layout import Layout, Slot
from schemagen.catalog.types import SqlType
from schemagen.errors import SchemagenError
from schemagen.jsontext import BadNumberError, Format, FormatError, JsonType, as_object, in_duration_range, in_format, json_text
from schemagen.model.annotations import DefaultTag
from schemagen.names import EXTRA_FIELD
from schemagen.records.cells import Unfit, integer_range, plain_numeric
from schemagen.records.exact import may_be_either
from schemagen.shape import types as shapes

BATCH_ROWS = 10_000


class ValueRows:
    """Makes batches of records that are tuples. `slots` are their columns; `names` say in errors what stands where."""

    def __init__(self, layout: Layout, slots: Sequence[Slot], names: Sequence[str], types: Sequence[Any] = ()) -> None:
        self._values = _Values(layout)
        self._slots = slots
        self._names = names
        self._types = list(types) or [object] * len(slots)
        self._left_out: frozenset[int] | None = None

    def batch(self, records: Sequence[Sequence[Any]], first: int) -> Batch:
        """The records as rows. A column of DEFAULT only is left out. Raises SchemagenError UNFIT naming row (from 1) and field."""
        for number, record in enumerate(records, first + 1):
            if len(record) != len(self._slots):
                raise SchemagenError("UNFIT", f"row {number}", f"expected {len(self._slots)} values, got {len(record)}")
        columns: list[Sequence[Any]] = list(zip(*records, strict=True)) if records else [()] * len(self._slots)
        if self._left_out is None:
            self._left_out = frozenset(index for index, column in enumerate(columns) if column and isinstance(column[0], DefaultTag))
        made = [self._column(index, column, first) for index, column in enumerate(columns) if self._keeps(index, column, first)]
        return Batch(tuple(made), range(first, first + len(records)))

    def _keeps(self, index: int, column: Sequence[Any], first: int) -> bool:
        left_out = self._left_out is not None and index in self._left_out
        for number, value in enumerate(column, first + 1):
            if isinstance(value, DefaultTag) is not left_out:
                raise SchemagenError(
                    "UNFIT", self._place(number, index), "DEFAULT stands for the whole column: give it in every row or in none"
                )
        return not left_out

    def _column(self, index: int, column: Sequence[Any], first: int) -> BatchColumn:
        slot, kind = self._slots[index], self._types[index]
        made = []
        for number, value in enumerate(column, first + 1):
            try:
                made.append(self._values.stored(slot, _checked(value, kind)))
            except Unfit as error:
                raise SchemagenError("UNFIT", self._place(number, index), str(error)) from error
        return BatchColumn(slot.column, slot.type, made, structs=self._values.layout.structs)

    def _place(self, number: int, index: int) -> str:
        return f"row {number}, field {self._names[index]}"


def tuple_rows(layout: Layout, field_names: Sequence[str], field_types: Sequence[Any] = ()) -> ValueRows:
    """For tuples whose items are named by columns, properties or fields. Raises SchemagenError USAGE for a name that is none."""
    known: dict[str, Slot] = {}
    for slot in layout.properties:
        known |= dict.fromkeys((_field_name(layout, slot), slot.path[0], slot.column), slot)
    known |= {slot.column: slot for slot in layout.properties}
    unknown = [name for name in field_names if name not in known]
    if unknown:
        raise SchemagenError(
            "USAGE", unknown[0], f"is no column of {layout.target.id}; it has: {', '.join(slot.column for slot in layout.properties)}"
        )
    if field_types and len(field_types) != len(field_names):
        raise SchemagenError("USAGE", "field_types", f"expected {len(field_names)}, one for each name, got {len(field_types)}")
    return ValueRows(layout, [known[name] for name in field_names], field_names, field_types)


def key_rows(layout: Layout) -> ValueRows:
    """For keys, given as tuples in the key's order. Raises SchemagenError NO_KEY."""
    if not layout.key:
        raise SchemagenError("NO_KEY", str(layout.target.id), "has no key, so no row can be named")
    return ValueRows(layout, layout.key, [slot.path[0] for slot in layout.key])


def object_rows(layout: Layout) -> ValueRows:
    """For objects of the entity's class, turned into tuples by `values_of`."""
    return ValueRows(layout, layout.slots, [_field_name(layout, slot) for slot in layout.slots])


def values_of(layout: Layout, item: Any) -> tuple[Any, ...]:
    """The values of an object, one for each slot of the layout."""
    values = []
    for slot in layout.slots:
        if slot.kind == "property":
            values.append(getattr(item, _field_name(layout, slot)))
        elif slot.kind == "extra":
            values.append(getattr(item, EXTRA_FIELD, None))
        else:
            either = (other for other in layout.properties if may_be_either(other))
            values.append([other.path[0] for other in either if getattr(item, _field_name(layout, other)) is None] or None)
    return tuple(values)


def batches(rows: ValueRows, records: Iterable[Sequence[Any]]) -> Iterator[Batch]:
    """All records, some thousands to a batch."""
    left, first = iter(records), 0
    while part := list(itertools.islice(left, BATCH_ROWS)):
        yield rows.batch(part, first)
        first += len(part)


def _field_name(layout: Layout, slot: Slot) -> str:
    return next((item.name for item in layout.entity.fields if (item.json_name,) == slot.path), slot.column)


def _checked(value: Any, kind: Any) -> Any:
    """The value, where it is of the type that the caller names for it."""
    if value is None or isinstance(value, DefaultTag) or not isinstance(kind, type):
        return value
    if not isinstance(value, (float, int) if kind is float else kind):
        raise Unfit(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


@dataclass(frozen=True)
class _Values:
    """Python values of one layout as drivers take them (see BatchColumn)."""

    layout: Layout

    def stored(self, slot: Slot, value: Any) -> Any:
        if value is None:
            if slot.not_null:
                raise Unfit("the column needs a value, and this is None")
            return None
        return self._value(slot.type, slot.shape, value, slot)

    def _value(self, kind: SqlType, shape: shapes.Shape, value: Any, slot: Slot | None = None) -> Any:
        value = value.value if isinstance(value, enum.Enum) else value
        if dataclasses.is_dataclass(value) and not isinstance(kind, sql.Json | sql.StructRef):
            value = self._key_of(value)
        match kind:
            case sql.Integer(bits, unsigned):
                low, high = integer_range(bits, unsigned)
                if not low <= _of(value, int) <= high:
                    raise Unfit(f"expected an integer from {low} to {high}, got {value}")
                return value
            case sql.Text(length):
                stored = slot.lowered.length if slot is not None and isinstance(slot.lowered, sql.Text) else None
                return _text(value, length, stored)
            case sql.Json():
                return _json_text(self._json(value))
            case sql.ArrayType(item):
                inner = shape.item if isinstance(shape, shapes.ListOf) else shapes.Anything()
                return [None if element is None else self._value(item, inner, element) for element in _of(value, list, tuple)]
            case sql.StructRef():
                return self._struct(kind, shape, value)
            case sql.Numeric(precision, scale):
                return _numeric(value, precision, scale)
            case sql.Timestamp(zoned):
                return _instant(_of(value, datetime), zoned)
            case _:
                return _scalar(kind, value)

    def _key_of(self, value: Any) -> Any:
        """The key of an object of another entity, which the column refers to."""
        target = self.layout.model.named_class(type(value).__name__)
        if target.entity is None or len(target.entity.key) != 1:
            raise Unfit(f"expected a scalar, got an object of {type(value).__name__}")
        key = getattr(value, target.entity.key[0])
        return self._key_of(key) if dataclasses.is_dataclass(key) else key

    def _struct(self, kind: sql.StructRef, shape: shapes.Shape, value: Any) -> dict[str, Any]:
        assert isinstance(shape, shapes.ClassRef)
        fields = [item for item in self.layout.model.named_class(shape.name).fields if not isinstance(item.shape, shapes.Nothing)]
        found = {}
        for item, member in zip(fields, struct_of(kind.id, self.layout.structs).members, strict=True):
            element = value.get(item.name) if isinstance(value, dict) else getattr(value, item.name)
            found[member.name] = None if element is None else self._value(member.type, item.shape, element)
        return found

    def _json(self, value: Any) -> JsonType:
        match value:
            case enum.Enum():
                return self._json(value.value)
            case str():
                return _text(value)
            case None | bool() | int() | Decimal():
                return value
            case float():
                return _finite(value)
            case dict():
                return {_text(name): self._json(item) for name, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._json(item) for item in value]
            case datetime():
                return _instant(value, zoned=True).isoformat().replace("+00:00", "Z")
            case date() | time():
                return value.isoformat()
            case UUID() | IPv4Address() | IPv6Address():
                return str(value)
            case _ if dataclasses.is_dataclass(value):
                return self._members(value)
            case _:
                raise Unfit(f"expected a JSON value, got {type(value).__name__}")

    def _members(self, value: Any) -> dict[str, JsonType]:
        """An object as its JSON; an optional field that is None is absent."""
        known = next((item for item in self.layout.model.classes if item.name == type(value).__name__), None)
        if known is None:
            return {item.name: self._json(getattr(value, item.name)) for item in dataclasses.fields(value)}
        found = {item.json_name: getattr(value, item.name) for item in known.fields}
        optional = {item.json_name for item in known.fields if not item.required}
        made = {name: self._json(element) for name, element in found.items() if element is not None or name not in optional}
        return made | as_object(self._json(getattr(value, EXTRA_FIELD, None) or {}))


def _of(value: Any, *kinds: type) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise Unfit(f"expected {kinds[0].__name__}, got {type(value).__name__}")
    return value


def _text(value: Any, *limits: int | None) -> str:
    text: str = _of(value, str)
    if "\0" in text:
        raise Unfit("U+0000 cannot be stored")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise Unfit("an unpaired surrogate is no text")
    for limit in limits:
        if limit is not None and len(text) > limit:
            raise Unfit(f"expected at most {limit} characters, got {len(text)}")
    return text


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise Unfit(f"{value} is no number that can be stored")
    return value


def _numeric(value: Any, precision: int | None, scale: int | None) -> Decimal:
    number = _of(value, Decimal, int, float)
    number = Decimal(repr(_finite(number))) if isinstance(number, float) else Decimal(number)
    if not number.is_finite():
        raise Unfit(f"{number} is no number that can be stored")
    return Decimal(plain_numeric(number, precision, scale))


def _instant(value: datetime, zoned: bool) -> datetime:
    """In UTC; a naive value is UTC already."""
    try:
        instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise Unfit("the year in UTC is not between 1 and 9999") from error
    return instant if zoned else instant.replace(tzinfo=None)


def _scalar(kind: SqlType, value: Any) -> Any:
    match kind:
        case sql.Boolean():
            return _of(value, bool)
        case sql.Real():
            return _finite(float(_of(value, float, int)))
        case sql.Date():
            if isinstance(value, datetime):
                raise Unfit("expected a date, got a datetime")
            return _of(value, date)
        case sql.Time():
            return _of(value, time)
        case sql.Interval():
            return _in_range(_of(value, timedelta))
        case sql.Binary():
            return bytes(_of(value, bytes, bytearray, memoryview))
        case sql.Uuid():
            return value if isinstance(value, UUID) else UUID(_formatted("uuid", _of(value, UUID, str)))
        case sql.Inet():
            return _formatted("address", str(_of(value, IPv4Address, IPv6Address, str)))
        case _:
            return _text(value)


def _in_range(span: timedelta) -> timedelta:
    try:
        return in_duration_range(span)
    except FormatError as error:
        raise Unfit(str(error)) from error


def _json_text(value: JsonType) -> str:
    try:
        return json_text(value)
    except BadNumberError as error:
        raise Unfit(f"NUMBER_RANGE: {error}") from error


def _formatted(form: Format, text: str) -> str:
    try:
        return in_format(form, text)
    except FormatError as error:
        raise Unfit(str(error), text) from error
