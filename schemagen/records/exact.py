"""The slow path: one record judged alone and fitted cell by cell. Its word is final."""

from __future__ import annotations

from typing import Any

import msgspec

from schemagen.catalog import types as sql
from schemagen.catalog.layout import Layout, Slot
from schemagen.jsontext import JsonType, escape, json_text
from schemagen.options import LoadOptions
from schemagen.records.cells import Fitter, Unfit
from schemagen.records.columns import UNSET
from schemagen.records.defaults import default_texts
from schemagen.records.parse import compact, may_hide_huge, parse_record, place_of_nul, without_nul
from schemagen.records.validity import Judge
from schemagen.sources.block import Fault

_RAW_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
Row = tuple[tuple[Any, ...], dict[str, str] | str | None]


class Exact:
    """Judges and fits records of one layout. `judges`: by property name, for a job that reads the key only; "" is the whole record."""

    def __init__(self, layout: Layout, judges: dict[str, Judge], options: LoadOptions, *, key_only: bool) -> None:
        self.layout = layout
        self.options = options
        self.key_only = key_only
        self._judges = judges
        self._fitter = Fitter(layout, options.assume_timezone)
        self._names = {slot.path[0] for slot in layout.properties}
        given = [(name, text, parse_record(text.encode(), options)) for name, text in default_texts(layout).items()]
        self._defaults = {name: (default, text) for name, text, default in given if not isinstance(default, Fault)}

    def row(self, record: bytes) -> Row | Fault:
        """The record's cells and extras (see `columns.Rows`), or what is wrong with it."""
        value = parse_record(record, self.options)
        if isinstance(value, Fault):
            return value
        return self._judged(value) or self._stored(value, record)

    def _judged(self, value: JsonType) -> Fault | None:
        if not self.key_only:
            return self._judges[""].fault(value)
        if not isinstance(value, dict):
            return Fault("KEY_NULL", "the record is no object, so it has no key")
        for name, judge in self._judges.items():
            fault = judge.fault(value[name]) if name in value else None
            if fault is not None:
                return Fault(fault.code, fault.message, f"/{escape(name)}{fault.pointer}", fault.keyword)
        return None

    def _stored(self, value: JsonType, record: bytes) -> Row | Fault:
        raws: dict[str, msgspec.Raw] = {}
        nul = place_of_nul(value) if b"\\u0000" in record else None
        if nul is not None:
            if self.options.nul == "reject":
                return Fault("NUL_CHAR", "U+0000 cannot be stored (nul=strip removes it)", nul)
            value = without_nul(value)
        elif isinstance(value, dict) and not may_hide_huge(record):
            raws = _RAW_MEMBERS.decode(record)
        if isinstance(value, dict):
            return self._fitted(value, raws)
        return self._whole(json_text(value) if nul is not None or may_hide_huge(record) else compact(msgspec.Raw(record.strip())))

    def _whole(self, text: str) -> Row | Fault:
        """A valid record that is no object: all of it is extra."""
        if self.layout.key:
            return Fault("KEY_NULL", "the record is no object, so it has no key")
        if self.layout.slot("extra") is None or any(slot.not_null for slot in self.layout.properties):
            return Fault("UNFIT", "TYPE: the record is no object, and its table has columns only")
        return tuple(None for _ in self.layout.properties), text

    def _fitted(self, value: dict[str, JsonType], raws: dict[str, msgspec.Raw]) -> Row | Fault:
        extras: dict[str, str] = {}
        cells: list[Any] = []
        for slot in self.layout.properties:
            name = slot.path[0]
            text = compact(raws[name]) if name in raws and isinstance(slot.type, sql.Json) else None
            cell = self._cell(slot, value, text)
            if isinstance(cell, Fault):
                return cell
            if isinstance(cell, Unfit):
                if slot.unfit == "reject" or self.layout.slot("extra") is None:
                    return Fault("UNFIT", cell.sentence(omit=self.options.reject_values == "omit"), f"/{escape(name)}")
                extras[name] = compact(raws[name]) if name in raws else json_text(value[name])
                cell = None
            cells.append(cell)
        if self.key_only:
            return tuple(cells), None
        unknown = [name for name in value if name not in self._names]
        if unknown and self.layout.slot("extra") is None:
            return Fault("UNFIT", "TYPE: no column for this property", f"/{escape(unknown[0])}")
        extras |= {name: compact(raws[name]) if name in raws else json_text(value[name]) for name in unknown}
        return tuple(cells), extras or None

    def _cell(self, slot: Slot, value: dict[str, JsonType], text: str | None) -> Any:
        name = slot.path[0]
        present = name in value
        if not present and name in self._defaults:
            given, text = self._defaults[name]
            value, present = {name: given}, True
        if not present or value[name] is None:
            if slot.in_key:
                return Fault("KEY_NULL", f"a key needs a value, and this is {'null' if present else 'absent'}", f"/{escape(name)}")
            if present and isinstance(slot.type, sql.Json):
                return text or "null"
            if slot.not_null:
                return Fault(
                    "UNFIT", f"NOT_NULL: the column needs a value, and this is {'null' if present else 'absent'}", f"/{escape(name)}"
                )
            if present and not slot.nullable:
                return Unfit("TYPE: null could not be told from absent")
            return UNSET if may_be_either(slot) and not present else None
        try:
            return self._fitter.cell(slot, value[name], text)
        except Unfit as error:
            return error


def may_be_either(slot: Slot) -> bool:
    """Whether the property may be absent and may be null, and its column has one NULL for both."""
    return slot.nullable and not slot.required and not isinstance(slot.type, sql.Json)
