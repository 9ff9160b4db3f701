"""Columns as JSON text: a whole column by Arrow where its type allows, else value by value; and columns as the members of objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring as quoted
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemagen.catalog import types as sql
from schemagen.catalog.batch import BatchColumn
from schemagen.catalog.layout import Slot
from schemagen.shape import types as shapes

# A stored value that is not NULL as JSON text.
Write = Callable[[Any], str]

# What JSON text cannot hold as it is.
_ESCAPED = r'["\\\x00-\x1f]'
# Offsets of 64 bits: the rows of a batch may be large.
_TEXT = pa.large_string()


def json_texts(column: BatchColumn, slot: Slot, write: Write) -> pa.Array:
    """The values as JSON texts, NULL as null. `write` says what Arrow does not."""
    found = _by_arrow(column, slot)
    if found is None:
        return pa.array([None if value is None else write(value) for value in column.values], _TEXT)
    return found.cast(_TEXT)


def _by_arrow(column: BatchColumn, slot: Slot) -> pa.Array | None:
    """The texts of a column that is of the type that was meant; None where values must be written one by one."""
    match slot.type, column.type:
        case sql.Boolean(), sql.Boolean():
            return pc.if_else(column.array, "true", "false")
        case sql.Integer(), sql.Integer(bits) if bits <= 64:
            return column.array.cast(pa.string())
        case sql.Numeric(), sql.Numeric(precision, scale) if precision is not None and precision <= 38 and 0 <= (scale or 0) <= 6:
            # Smaller ones Arrow writes with an exponent.
            text = column.array.cast(pa.string())
            return _in_quotes(text) if isinstance(slot.shape, shapes.Dec) and slot.shape.text else text
        case sql.Timestamp(), sql.Timestamp():
            return _instants(column.array, naive=isinstance(slot.shape, shapes.Instant) and slot.shape.naive)
        case sql.Date(), sql.Date():
            return _in_quotes(column.array.cast(pa.string()))
        case sql.Uuid(), sql.Uuid() if column.given is None:
            return pa.array([None if value is None else _uuid(value.hex()) for value in column.array.to_pylist()], _TEXT)
        case ((sql.Text() | sql.EnumRef() | sql.InlineEnum()), (sql.Text() | sql.EnumRef() | sql.InlineEnum())):
            plain = not pc.any(pc.match_substring_regex(column.array, _ESCAPED)).as_py()
            return _in_quotes(column.array) if plain else None
        case _:
            return None


def _in_quotes(texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', texts, '"', "")


def _uuid(text: str) -> str:
    return f'"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"'


def _instants(array: pa.Array, *, naive: bool) -> pa.Array:
    """`T`, seconds always, the shortest fraction, `Z` where the type has a zone."""
    local = array.cast(pa.timestamp("us")).cast(pa.string())
    text = pc.binary_replace_slice(local, 10, 11, "T")
    if not pc.all(pc.ends_with(text, ".000000")).as_py():
        text = pc.replace_substring_regex(text, r"(\.[0-9]*[1-9])0+$", r"\1")
    text = pc.replace_substring_regex(text, r"\.0+$", "")
    return pc.binary_join_element_wise('"', text, '"' if naive else 'Z"', "")


def members(texts: pa.Array, lead: str, *, fill: bool, absent: pa.Array | None) -> pa.Array:
    """The texts behind a comma and the name of their property.

    NULL: `null` with `fill`, except where `absent` (see `names_property`) is true; else nothing.
    """
    found = pc.binary_join_element_wise(pa.scalar(f",{lead}", _TEXT), texts, pa.scalar("", _TEXT))
    if not fill:
        return found
    filled = pc.fill_null(found, pa.scalar(f",{lead}null", _TEXT))
    return filled if absent is None else pc.if_else(absent, found, filled)


def names_property(absent: pa.Array, name: str) -> pa.Array:
    """For each row whether the property is in its JSON list of absent ones; false where there is no list."""
    text = quoted(name)
    if "\\" in text or not name.strip(", "):
        # Text that could stand in a list otherwise, too.
        return pa.array([item is not None and name in json.loads(item) for item in absent.to_pylist()], pa.bool_())
    return pc.fill_null(pc.match_substring(absent, text), False)


def objects(columns: Sequence[pa.Array], count: int) -> list[str]:
    """Each row's members as one JSON object."""
    if not columns:
        return ["{}"] * count
    # The end keeps rows without a member: one of nulls alone is lost by a join that skips them.
    ended = pc.binary_join_element_wise(*columns, pa.scalar("}", _TEXT), pa.scalar("", _TEXT), null_handling="skip")
    # The first comma becomes the brace; without one the brace is put before the end.
    found: list[str] = pc.if_else(pc.equal(ended, "}"), "{}", pc.binary_replace_slice(ended, 0, 1, "{")).to_pylist()
    return found
