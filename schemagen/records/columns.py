"""From rows of cells to columns: whole columns at once, and the rows that must be judged one by one because a cell may not fit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from json.encoder import encode_basestring as quoted
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from schemagen.catalog import types as sql
from schemagen.catalog.batch import Batch, BatchColumn, arrow_type, to_arrow_value
from schemagen.catalog.layout import Layout, Slot
from schemagen.jsontext import DATE, INSTANT, LOCAL, PERHAPS_HUGE, PLAIN_INSTANT, UUID_TEXT, depth_over, exact_number, is_huge
from schemagen.options import LoadOptions
from schemagen.records import fixed_width
from schemagen.records.cells import Fitter, Unfit, final
from schemagen.records.parse import compact, parse_record
from schemagen.sources.block import Fault

UNSET = msgspec.UNSET
_DAYS = (-719_162, 2_932_896)
_MICROSECONDS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
_NO_UUID = "00000000000000000000000000000000"


@dataclass
class Rows:
    """Rows of cells, by `layout.properties`; UNSET is an absent property that may also be null, None is NULL.

    `extras` holds, for rows that have any, JSON texts by property name, or the whole record's JSON text where it is no object.
    `seqs` are the records' numbers. `judged` are the rows, by index, that were fitted one by one: their cells fit.
    """

    seqs: list[int] = field(default_factory=list)
    cells: list[tuple[Any, ...]] = field(default_factory=list)
    extras: dict[int, dict[str, str] | str] = field(default_factory=dict)
    judged: set[int] = field(default_factory=set)


class Converter:
    """Makes the columns of one layout."""

    def __init__(self, layout: Layout, options: LoadOptions) -> None:
        self.layout = layout
        self._options = options
        self._fitter = Fitter(layout, options.assume_timezone)

    def batch(self, rows: Rows) -> Batch | set[int]:
        """The rows as a batch, or the indexes of rows that must be judged one by one first."""
        extras, asked = self._extras(rows)
        columns: list[BatchColumn] = []
        either: list[tuple[str, Sequence[Any]]] = []
        values = list(zip(*rows.cells, strict=True)) or [()] * len(self.layout.properties)
        for slot, cells in zip(self.layout.properties, values, strict=True):
            array, bad, absent = self._column(slot, cells, rows.judged)
            if absent:
                either.append((slot.path[0], cells))
            if bad & rows.judged:
                raise AssertionError(f"a cell of {slot.column} that was fitted does not fit: {cells[min(bad & rows.judged)]!r:.200}")
            asked |= bad
            columns.append(BatchColumn(slot.column, slot.type, given_array=array, structs=self.layout.structs))
        return asked or Batch((*columns, *self._system(extras, either, len(rows.cells))), rows.seqs)

    def _column(self, slot: Slot, cells: Sequence[Any], judged: set[int]) -> tuple[pa.Array, set[int], bool]:
        """The column, the indexes of cells that must be looked at, and whether the property is absent where it could be null."""
        make = partial(self._json, judged) if isinstance(slot.type, sql.Json) else partial(self._array, slot)
        try:
            return *make(cells), False
        except (TypeError, ValueError):
            # What is absent no column takes; to look for it in every cell beforehand takes longer than to make the column.
            if slot.required or not slot.nullable or UNSET not in cells:
                raise
        return *make([None if cell is UNSET else cell for cell in cells]), True

    def _system(self, extras: pa.Array, either: list[tuple[str, Sequence[Any]]], count: int) -> Iterable[BatchColumn]:
        for slot in self.layout.slots:
            if slot.kind == "extra":
                yield BatchColumn(slot.column, slot.type, given_array=extras)
            elif slot.kind == "absent":
                absent = pa.array(_absent_texts(either, count), pa.string()) if either else pa.nulls(count, pa.string())
                yield BatchColumn(slot.column, slot.type, given_array=absent)

    def _array(self, slot: Slot, cells: Sequence[Any]) -> tuple[pa.Array, set[int]]:
        """The column, and the indexes of cells that do not fit or must be looked at (for which the array has NULL)."""
        match slot.type:
            case sql.Boolean() | sql.Text() | sql.EnumRef() | sql.InlineEnum() | sql.Opaque():
                return pa.array(cells, arrow_type(slot.type)), set()
            case sql.Integer(bits, _) if bits <= 64:
                return pa.array(cells, arrow_type(slot.type)), set()
            case sql.ArrayType(sql.Boolean() | sql.Text() | sql.Integer() | sql.Real()) if not _has_raw(cells):
                return pa.array(cells, arrow_type(slot.type)), set()
            case sql.Real():
                return self._reals(slot, cells)
            case sql.Timestamp() | sql.Date():
                return self._times(slot, cells)
            case sql.Uuid():
                return self._uuids(slot, cells)
            case sql.Numeric(precision, scale) if precision is not None and precision <= 38:
                return self._decimals(slot, cells, precision, scale or 0)
            case _:
                return self._one_by_one(slot, cells)

    def _reals(self, slot: Slot, cells: Sequence[Any]) -> tuple[pa.Array, set[int]]:
        bad: set[int] = set()
        if _has_raw(cells):
            cells = [
                _double(cell, index, bad, nullable=takes_null(slot)) if isinstance(cell, msgspec.Raw) else cell
                for index, cell in enumerate(cells)
            ]
        return pa.array(cells, arrow_type(slot.type)), bad

    def _json(self, judged: set[int], cells: Sequence[Any]) -> tuple[pa.Array, set[int]]:
        texts = [compact(cell) if isinstance(cell, msgspec.Raw) else cell for cell in cells]
        array = pa.array(texts, pa.string())
        return array, self._doubtful(texts, array, self._options.max_depth - 1) - judged

    def _extras(self, rows: Rows) -> tuple[pa.Array, set[int]]:
        count = len(rows.cells)
        if not rows.extras:
            return pa.nulls(count, pa.string()), set()
        texts = [_extra_text(rows.extras.get(index)) for index in range(count)]
        array = pa.array(texts, pa.string())
        # Its braces are the record's own.
        return array, self._doubtful(texts, array, self._options.max_depth) - rows.judged

    def _doubtful(self, texts: Sequence[str | None], array: pa.Array, depth: int) -> set[int]:
        """JSON texts that nest deeper than that, or may hold a number that nothing can store."""
        deep = {index for index, text in enumerate(texts) if text is not None and _may_be_deep(text, depth)}
        return deep | _indexes(pc.match_substring_regex(array, PERHAPS_HUGE))

    def _times(self, slot: Slot, cells: Sequence[Any]) -> tuple[pa.Array, set[int]]:
        kind, local = slot.type, getattr(slot.shape, "naive", False)
        texts = pa.array(cells, pa.string())
        bad: set[int] = set()
        if not _is_plain(texts, kind, local=local):
            texts, bad = _read_times(texts, kind, DATE if isinstance(kind, sql.Date) else LOCAL if local else INSTANT)
        try:
            array = pc.cast(texts, pa.timestamp("us", tz=None if local else "UTC") if isinstance(kind, sql.Timestamp) else pa.date32())
        except pa.ArrowInvalid:
            array = None
        if array is not None and _in_years(array):
            return pc.cast(array, arrow_type(kind)), bad
        array, more = self._one_by_one(slot, texts.to_pylist())
        return array, bad | more

    def _uuids(self, slot: Slot, cells: Sequence[Any]) -> tuple[pa.Array, set[int]]:
        texts = pa.array(cells, pa.string())
        values = fixed_width.uuid_bytes(texts)
        if values is not None:
            return pa.Array.from_buffers(pa.binary(16), len(cells), [None, pa.py_buffer(values)]), set()
        bad = _indexes(pc.invert(pc.match_substring_regex(texts, whole(UUID_TEXT))))
        plain = (
            cells
            if texts.null_count == 0 and not bad
            else [_NO_UUID if cell is None or index in bad else cell for index, cell in enumerate(cells)]
        )
        content = pa.py_buffer(bytes.fromhex("".join(plain).replace("-", "")))
        valid = None
        if texts.null_count or bad:
            valid = pa.array([cell is not None and index not in bad for index, cell in enumerate(cells)], pa.bool_()).buffers()[1]
        return pa.Array.from_buffers(pa.binary(16), len(cells), [valid, content]), bad

    def _decimals(self, slot: Slot, cells: Sequence[Any], precision: int, scale: int) -> tuple[pa.Array, set[int]]:
        texts = pa.array(
            [_number_text(cell, nullable=takes_null(slot)) if isinstance(cell, msgspec.Raw) else cell for cell in cells], pa.string()
        )
        whole = precision - scale
        pattern = rf"^-?[0-9]{{1,{max(whole, 1)}}}" + (rf"(\.[0-9]{{1,{scale}}})?$" if scale else "$")
        good = pc.match_substring_regex(texts, pattern)
        if getattr(slot.shape, "text", False) or whole < 1:
            return self._one_by_one(slot, texts.to_pylist())
        bad = _indexes(pc.invert(good))
        if bad:
            texts = pc.if_else(good, texts, None)
        return pc.cast(texts, pa.decimal128(precision, scale)), bad

    def _one_by_one(self, slot: Slot, cells: Sequence[Any]) -> tuple[pa.Array, set[int]]:
        """The column of a type that has no faster way: each cell fitted by the exact rules."""
        bad: set[int] = set()
        values: list[Any] = []
        if UNSET in cells:
            raise TypeError("an absent property has no value")
        for index, cell in enumerate(cells):
            try:
                values.append(None if cell is None else to_arrow_value(slot.type, self._value(slot, cell)))
            except Unfit:
                values.append(None)
                bad.add(index)
        return pa.array(values, arrow_type(slot.type, self.layout.structs)), bad

    def _value(self, slot: Slot, cell: Any) -> Any:
        if isinstance(cell, msgspec.Raw):
            value = parse_record(bytes(cell), self._options)
            if value is None and takes_null(slot):
                return None
            if value is None or isinstance(value, Fault):
                raise Unfit("is looked at with its record")
            cell = self._fitter.cell(slot, value)
        elif isinstance(slot.type, sql.Numeric) and isinstance(cell, str):
            text = getattr(slot.shape, "text", False)
            cell = self._fitter.cell(slot, cell if text else exact_number(cell))
        elif isinstance(cell, str | int) and not isinstance(slot.type, sql.ArrayType | sql.StructRef):
            cell = self._fitter.cell(slot, cell)
        return final(slot.type, cell)


def _is_plain(texts: pa.Array, kind: sql.SqlType, *, local: bool) -> bool:
    """True where the cast reads all the texts as they are: what most feeds write, told by one look instead of four."""
    if isinstance(kind, sql.Date):
        return fixed_width.are_dates(texts)
    return not local and (
        fixed_width.are_instants(texts) or pc.all(pc.match_substring_regex(texts, whole(PLAIN_INSTANT))).as_py() is not False
    )


def _read_times(texts: pa.Array, kind: sql.SqlType, pattern: str) -> tuple[pa.Array, set[int]]:
    """Times as the cast reads them, and the indexes of those that are none: digits beyond six cut off, letters in upper case."""
    good = pc.match_substring_regex(texts, whole(pattern))
    bad = _indexes(pc.invert(good))
    if bad:
        texts = pc.if_else(good, texts, None)
    if isinstance(kind, sql.Timestamp):
        if pc.any(pc.match_substring_regex(texts, r"\.[0-9]{7}")).as_py():
            texts = pc.replace_substring_regex(texts, r"(\.[0-9]{6})[0-9]+", r"\1")
        if pc.any(pc.match_substring_regex(texts, "[tz]")).as_py():
            texts = pc.utf8_upper(texts)
    return texts, bad


def whole(pattern: str) -> str:
    """A pattern of `jsontext` for all of a text, as Arrow's RE2 reads it."""
    return f"^(?:{pattern})$"


def takes_null(slot: Slot) -> bool:
    """Whether null is a value of the property that its column keeps as NULL."""
    return slot.nullable and not slot.not_null


def _double(raw: msgspec.Raw, index: int, bad: set[int], *, nullable: bool) -> float | None:
    text = bytes(raw).decode()
    if text == "null" and nullable:
        return None
    try:
        double = float(text)
        if repr(double) == text or (not is_huge(text) and isinstance(exact_number(text), float)):
            return double
    except ValueError:
        pass
    bad.add(index)
    return None


def _number_text(raw: msgspec.Raw, *, nullable: bool) -> str | None:
    text = bytes(raw).decode()
    return None if nullable and text == "null" else text


def _has_raw(cells: Sequence[Any]) -> bool:
    return msgspec.Raw in set(map(type, cells))


def _in_years(array: pa.Array) -> bool:
    """Whether all times are within the years 1 to 9999."""
    days = array.type == pa.date32()
    found = pc.min_max(pc.cast(array, pa.int32() if days else pa.int64())).as_py()
    low, high = _DAYS if days else _MICROSECONDS
    return found["min"] is None or bool(low <= found["min"] and found["max"] <= high)


def _indexes(mask: pa.Array) -> set[int]:
    """Where a boolean array is true."""
    return set(pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()) if pc.any(mask).as_py() else set()


def _may_be_deep(text: str, limit: int) -> bool:
    return text.count("[") + text.count("{") > limit and depth_over(text, limit)


def _extra_text(extra: dict[str, str] | str | None) -> str | None:
    if isinstance(extra, dict):
        return "{" + ",".join([_lead(name) + text for name, text in extra.items()]) + "}"
    return extra


@lru_cache(maxsize=4096)
def _lead(name: str) -> str:
    return f"{quoted(name)}:"


def _absent_texts(either: list[tuple[str, Sequence[Any]]], count: int) -> list[str | None]:
    """For each row the JSON list of the properties that are absent, None where none is."""
    names: list[list[str]] = [[] for _ in range(count)]
    for name, cells in either:
        for index, cell in enumerate(cells):
            if cell is UNSET:
                names[index].append(name)
    return [_names_text(tuple(item)) if item else None for item in names]


@lru_cache(maxsize=4096)
def _names_text(names: tuple[str, ...]) -> str:
    return json.dumps(names, ensure_ascii=False, separators=(",", ":"))
