"""Columns written whole say what their values say one by one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemagen.catalog.batch import Batch, BatchColumn, arrow_type, to_arrow_value
from schemagen.dump.dump import RowWriter, Writers
from schemagen.dump.texts import names_property
from tests.records.make import entity_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)])
WHOLE: dict[str, tuple[dict[str, Any], st.SearchStrategy[Any]]] = {
    "truths": ({"type": "boolean"}, st.booleans()),
    "integers": ({"type": "integer"}, st.integers(-(2**63), 2**63 - 1)),
    "decimals": ({"type": "number", "multipleOf": 0.000001, "minimum": -1e9, "maximum": 1e9}, st.decimals(-(10**9), 10**9, places=6)),
    "moments": ({"type": "string", "format": "date-time"}, MOMENTS),
    "days": ({"type": "string", "format": "date"}, st.dates() | st.just(date.min)),
    "uuids": ({"type": "string", "format": "uuid"}, st.uuids()),
    "texts": ({"type": "string"}, TEXT),
    "plain": ({"type": "string"}, st.sampled_from(["é", "\x7f", " ", ""])),
}


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
def test_column_is_written_as_its_values_are(name: str, data: st.DataObject) -> None:
    schema, values = WHOLE[name]
    _, _, layout = entity_of({"type": "object", "properties": {"v": schema}, "additionalProperties": False})
    (slot,) = layout.properties
    cells = data.draw(st.lists(st.none() | values, min_size=1, max_size=5))
    if name == "decimals":
        cells = [None if cell is None else Decimal(cell) for cell in cells]
    array = pa.array([to_arrow_value(slot.lowered, cell) for cell in cells], arrow_type(slot.lowered))
    writer, write = RowWriter(layout), Writers(layout).of(slot.type, slot.shape)
    expected = ["{}" if cell is None else f'{{"v":{write(cell)}}}' for cell in cells]
    system = [BatchColumn(other.column, other.lowered, [None] * len(cells)) for other in layout.slots if other is not slot]
    for column in (BatchColumn(slot.column, slot.lowered, given_array=array), BatchColumn(slot.column, slot.lowered, cells)):
        assert writer.lines(Batch((column, *system))) == expected
    assert all(isinstance(json.loads(line), dict) for line in expected)


@given(
    st.lists(st.none() | st.lists(TEXT | st.sampled_from([",", ", ", 'a","b', "\\", "ab", "a"]), max_size=3), min_size=1, max_size=4), TEXT
)
def test_absent_properties_are_found_by_their_whole_name(lists: list[list[str] | None], name: str) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        texts = [None if item is None else json.dumps(item, ensure_ascii=False, separators=separators) for item in lists]
        for wanted in (name, ",", ", ", "a", 'a","b', "\\"):
            found = names_property(pa.array(texts, pa.string()), wanted).to_pylist()
            assert found == [item is not None and wanted in item for item in lists]
