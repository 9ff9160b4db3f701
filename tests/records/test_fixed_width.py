"""What is looked at by position or by whole block says the same as a look at each cell or line."""

from __future__ import annotations

import re
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import example, given
from hypothesis import strategies as st

from schemagen.jsontext import DATE, PLAIN_INSTANT, UUID_TEXT
from schemagen.records.fixed_width import are_dates, are_instants, uuid_bytes
from schemagen.sources.block import object_lines

INSTANTS = ("2024-02-29T23:59:59Z", "0001-01-01T00:00:00.0Z", "9999-12-31T23:59:59.999999Z", "2024-05-01T12:30:45.678Z")
DATES = ("2024-02-29", "0001-01-01")
UUIDS = ("8698e95f-b8d0-48ea-97da-1b729ffe1d99", "8698E95F-B8D0-48EA-97DA-1B729FFE1D99")


@st.composite
def columns(draw: st.DrawFn, texts: tuple[str, ...]) -> list[str | None]:
    """Cells of one kind, some null, of which a few have a character changed, put in or left out."""
    cells: list[str | None] = draw(st.lists(st.sampled_from((*texts, None)), min_size=1, max_size=6))
    for place in draw(st.lists(st.integers(0, len(cells) - 1), max_size=2)):
        cell = cells[place]
        if cell is not None:
            at = draw(st.integers(0, len(cell)))
            cells[place] = cell[:at] + draw(st.sampled_from(("", *"0-:.TtZz+ é٣\n"))) + cell[at + draw(st.integers(0, 1)) :]
    return cells


@given(columns(INSTANTS))
@example(["2024-02-29T23:59:5٣Z"])
@example(["2024-02-29T23:59:59.12-01Z"])
def test_instants_by_position_are_those_of_the_pattern(cells: list[str | None]) -> None:
    texts = pa.array(cells, pa.string())
    if are_instants(texts) and _casts(texts, pa.timestamp("us", tz="UTC")):
        assert all(cell is None or re.fullmatch(PLAIN_INSTANT, cell) for cell in cells)


@given(columns(DATES))
def test_dates_by_position_are_those_of_the_pattern(cells: list[str | None]) -> None:
    texts = pa.array(cells, pa.string())
    if are_dates(texts) and _casts(texts, pa.date32()):
        assert all(cell is None or re.fullmatch(DATE, cell) for cell in cells)


@given(columns(UUIDS))
@example(["8698e95f-b8d0-48ea-97da-1b729ffe1d9 ", "8698e95f-b8d0-48ea-97da-1b729ffe1d99"])
def test_uuids_by_position_are_those_of_each_cell(cells: list[str | None]) -> None:
    found = uuid_bytes(pa.array(cells, pa.string()))
    if found is None:
        assert not all(cell is not None and re.fullmatch(UUID_TEXT, cell) for cell in cells)
    else:
        assert found == b"".join(UUID(cell).bytes for cell in cells if cell is not None)


def test_marks_in_their_places_are_found() -> None:
    for text in INSTANTS:
        assert are_instants(pa.array([text, None, text], pa.string()))
    assert are_dates(pa.array([*DATES, None], pa.string()))
    assert not are_instants(pa.array([None], pa.string()))
    assert not are_instants(pa.array(["2024-05-01 12:30:45.678Z"], pa.string()))


def test_cells_of_a_gibibyte_are_no_instants() -> None:
    offsets = pa.array([0, (1 << 30) - 1, (1 << 31) - 2], pa.int32()).buffers()[1]
    # The content is not there: nobody should look at it.
    cells = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.foreign_buffer(offsets.address, (1 << 31) - 2, offsets)])
    assert not are_instants(cells)


@given(st.lists(st.sampled_from((b"{", b"}", b"\n", b" ", b'"a":1', b"\r", b'{"a": 1}\n'))).map(b"".join))
def test_object_lines_are_those_with_braces_at_both_ends(text: bytes) -> None:
    lines = text.split(b"\n")
    parted = lines.pop() == b"" and bool(lines) and all(line[:1] == b"{" and line[-1:] == b"}" for line in lines)
    found = object_lines(text)
    assert (found is not None) == parted
    if found is not None:
        assert (len(found), list(found)) == (len(lines), lines)


def _casts(texts: pa.Array, kind: pa.DataType) -> bool:
    try:
        pc.cast(texts, kind)
    except pa.ArrowInvalid:
        return False
    return True
