"""The fast path: one msgspec Struct decodes, validates and types a whole block. Sound, not complete: what it refuses is asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from schemagen.catalog import types as sql
from schemagen.catalog.layout import Layout, Slot
from schemagen.catalog.types import SqlType
from schemagen.document.node import Node
from schemagen.options import LoadOptions
from schemagen.records import fast_doubts
from schemagen.records.columns import UNSET
from schemagen.records.defaults import default_texts
from schemagen.records.exact import may_be_either
from schemagen.records.fast_types import Covered, plain_object, property_type
from schemagen.records.parse import compact
from schemagen.records.validity import FAILURES, Records, not_valid, one_object_each

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass
class Decoded:
    """Each record's cells, None where the slow path must judge; and the JSON texts of undeclared properties, of records that have any."""

    cells: list[tuple[Any, ...] | None]
    extras: dict[int, dict[str, str] | str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True)
class _Variant:
    """One compiled Struct. `whole`: what it accepts is valid. `open`: properties that it does not name are kept apart."""

    decoder: msgspec.json.Decoder[Any]
    whole: bool
    open: bool


class Fast:
    """Decodes blocks of records of one layout."""

    def __init__(
        self, layout: Layout, node: Node, is_valid: Callable[[Any], bool], options: LoadOptions, *, key_only: bool = False
    ) -> None:
        self._layout = layout
        self._options = options
        self._is_valid = is_valid
        self._key_only = key_only
        self._plain = plain_object(node, formats=options.formats)
        self._covered = [
            property_type(slot, self._plain.properties.get(slot.path[0]), formats=options.formats) for slot in layout.properties
        ]
        self._names = frozenset(slot.path[0] for slot in layout.properties)
        self._defaults = default_texts(layout)
        self._has_real = any(_is_real(slot.type) for slot in layout.properties)
        self._can_open = not key_only and self._plain.open and layout.slot("extra") is not None
        self._closed = self._variant(raw=False, open=key_only)
        self._variants: dict[tuple[bool, bool], _Variant | None] = {(False, key_only): self._closed}
        self._use_open = key_only
        # Whether anything is kept as it was read, and whether numbers reach a column or the schema as doubles.
        self._loose = self._can_open or any(item.type is msgspec.Raw for item in self._covered)
        self._doubles = self._loose or self._has_real or (self._closed is not None and not self._closed.whole)

    @property
    def usable(self) -> bool:
        """False where no Struct can be made, or the options need every record to be scanned."""
        return self._closed is not None and self._options.duplicate_keys == "last"

    def decode(self, records: Sequence[bytes], *, trusted: bool, text: bytes | None = None) -> Decoded:
        """`trusted`: no value spans two records. `text`: the records joined by newlines, where that is at hand."""
        if not self.usable or not records:
            return Decoded([None] * len(records), complete=False)
        if text is None:
            text = b"\n".join(records)
        asked, inexact = self._asked(records, text)
        variant = self._pick(inexact=inexact, open=self._use_open)
        structs, complete = self._structs(variant, records, text, trusted=trusted)
        if not complete and not self._use_open and self._can_open:
            self._use_open = True
            variant = self._pick(inexact=inexact, open=True)
            structs, complete = self._structs(variant, records, text, trusted=trusted)
        if not variant.whole:
            known = asked | {index for index, struct in enumerate(structs) if struct is None}
            asked |= not_valid(Records(records, text, trusted, inexact), self._is_valid, known, self._options)
        for index in asked:
            structs[index] = None
        decoded = Decoded([], complete=complete and not asked)
        values = msgspec.structs.astuple
        decoded.cells = list(map(values, structs)) if decoded.complete else [None if item is None else values(item) for item in structs]
        if variant.open and not self._key_only:
            found = ((index, self._extras(record)) for index, record in enumerate(records) if structs[index] is not None)
            decoded.extras = {index: extra for index, extra in found if extra is not None}
        return decoded

    def _asked(self, records: Sequence[bytes], text: bytes) -> tuple[set[int], bool]:
        """Records that the decoder would let pass wrongly, and whether doubles may change numbers."""
        asked = fast_doubts.with_nul(records, text)
        if self._loose:
            # What the decoder reads as text it has checked; what is kept as it was read, nobody has.
            asked |= fast_doubts.not_utf8(records, text) | fast_doubts.with_lone_surrogate(records, text)
        if not self._doubles:
            return asked, False
        if self._has_real:
            asked |= fast_doubts.with_large_zero(records, text)
        return asked | fast_doubts.with_tiny_number(records, text), fast_doubts.has_long_numbers(text)

    def _pick(self, *, inexact: bool, open: bool) -> _Variant:
        key = (inexact and self._has_real, open)
        if key not in self._variants:
            self._variants[key] = self._variant(raw=key[0], open=open)
        variant = self._variants[key]
        assert variant is not None
        return variant

    def _structs(self, variant: _Variant, records: Sequence[bytes], text: bytes, *, trusted: bool) -> tuple[list[Any], bool]:
        """The Structs, None for each record that the decoder refused, and whether it refused none."""
        if trusted or one_object_each(records):
            try:
                structs = variant.decoder.decode_lines(text)
                if len(structs) == len(records):
                    return structs, True
            except FAILURES:
                pass
        structs = [_decoded(variant.decoder, record) for record in records]
        return structs, not any(struct is None for struct in structs)

    def _extras(self, record: bytes) -> dict[str, str] | None:
        members = _MEMBERS.decode(record)
        if members.keys() <= self._names:
            return None
        return {name: compact(raw) for name, raw in members.items() if name not in self._names}

    def _says_all(self, *, open: bool) -> bool:
        """Whether the types of the properties and their presence are all that the schema says of the object."""
        plain = self._plain
        if self._key_only:
            return True
        if open and not (plain.free and plain.properties.keys() <= self._names):
            return False
        return plain.simple and plain.required <= self._names

    def _variant(self, *, raw: bool, open: bool) -> _Variant | None:
        fields: list[Any] = []
        rename: dict[str, str] = {}
        whole = self._says_all(open=open)
        for number, (slot, covered) in enumerate(zip(self._layout.properties, self._covered, strict=True)):
            kind, sure = _field_type(slot, covered, raw=raw)
            whole = whole and sure
            name = f"f{number}"
            rename[name] = slot.path[0]
            default = self._defaults.get(slot.path[0])
            if slot.required or slot.path[0] in self._plain.required or (slot.not_null and default is None):
                fields.append((name, kind))
            elif default is not None:
                fields.append((name, kind, *_given(default, kind)))
            else:
                fields.append((name, kind, UNSET if may_be_either(slot) else None))
        try:
            struct = msgspec.defstruct("Record", fields, rename=rename, forbid_unknown_fields=not open, kw_only=True, gc=False)
            return _Variant(msgspec.json.Decoder(struct), whole, open)
        except (TypeError, ValueError):
            # A property name with a quote or backslash, or a value that no Literal holds.
            return None


def _given(default: str, kind: Any) -> tuple[Any, ...]:
    """A field's default as its type decodes it, () where it does not: then records without the property are looked at one by one."""
    decoder = msgspec.json.Decoder(kind)
    try:
        value = decoder.decode(default)
    except FAILURES:
        return ()
    return (value,) if not isinstance(value, list) else (msgspec.field(default_factory=partial(decoder.decode, default)),)


def _field_type(slot: Slot, covered: Covered, *, raw: bool) -> tuple[Any, bool]:
    if not raw or not _is_real(slot.type):
        return covered.type, covered.whole
    return msgspec.Raw, covered.whole_raw and isinstance(slot.type, sql.Real)


def _is_real(kind: SqlType) -> bool:
    return isinstance(kind, sql.Real) or (isinstance(kind, sql.ArrayType) and isinstance(kind.item, sql.Real))


def _decoded(decoder: msgspec.json.Decoder[Any], record: bytes) -> Any:
    try:
        return decoder.decode(record)
    except FAILURES:
        return None
