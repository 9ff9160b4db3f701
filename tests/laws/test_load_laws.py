"""Laws of the loader: the fast path says what the slow path says, and how the input is cut, compressed or spelled changes nothing."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.batch import Batch
from schemagen.document.validators import validator_for
from schemagen.dump.dump import RowWriter
from schemagen.errors import SchemagenError
from schemagen.options import LoadOptions
from schemagen.records.columns import Converter, Rows
from schemagen.records.exact import Exact
from schemagen.records.job import Job
from schemagen.records.validity import Judge
from schemagen.sources.block import Fault
from tests.laws.load_records import records, schemas
from tests.oracles.reference_loader import canonical, parse
from tests.records.make import Held, job_of, loaded, rows_of, worked

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def alone(job: Job, record: bytes) -> dict[str, Any] | Fault:
    """What the slow path makes of one record: its row, or why there is none."""
    judge = Judge(validator_for(job.document, job.entity_pointer), job.options)
    row = Exact(job.layout, {"": judge}, job.options, key_only=False).row(record)
    if isinstance(row, Fault):
        return row
    cells, extra = row
    rows = Rows([0], [cells], {0: extra} if extra else {}, {0})
    batch = Converter(job.layout, job.options).batch(rows)
    assert isinstance(batch, Batch)
    return rows_of(batch)[0]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, list[bytes]]:
    schema = draw(schemas())
    return schema, draw(st.lists(records(schema), min_size=1, max_size=8))


@given(cases())
@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
def test_fast_and_slow_path_agree_on_every_record(case: tuple[Any, list[bytes]]) -> None:
    schema, lines = case
    try:
        job = job_of(schema)
    except SchemagenError as error:
        pytest.fail(str(error))
    expected = [alone(job, line) for line in lines]
    # A blank line first: a byte order mark is one at the start of a file only.
    (done,) = worked(job, Held(b"\n" + b"\n".join(lines) + b"\n"))
    assert done.faults == {index: item for index, item in enumerate(expected) if isinstance(item, Fault)}
    assert rows_of(done.batch) == [item for item in expected if not isinstance(item, Fault)]


@given(cases())
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
def test_what_is_stored_comes_back_equal(case: tuple[Any, list[bytes]]) -> None:
    schema, lines = case
    job = job_of(schema)
    (done,) = worked(job, Held(b"\n" + b"\n".join(lines) + b"\n"))
    expected = [parse(line) for index, line in enumerate(lines) if index not in done.faults]
    written = RowWriter(job.layout).lines(done.batch) if done.batch is not None else []
    found = [json.loads(line, parse_int=Decimal, parse_float=Decimal) for line in written]
    source = schema.get("$defs", {}).get("It", schema)
    assert [canonical(item, source) for item in found] == [canonical(item, source) for item in expected]


def verdicts(job: Job, source: Held, **sizes: int) -> Any:
    """Rows, and refused records with their line and reason; columns of different blocks may come in pieces, rows do not."""
    rows, rejects = loaded(job, source, **sizes)
    return rows, [(item.line, item.offset, item.fault, item.record) for item in rejects]


@st.composite
def files(draw: st.DrawFn) -> tuple[Any, list[bytes]]:
    schema = draw(schemas())
    lines = draw(st.lists(st.one_of(records(schema), st.sampled_from([b"", b"  "])), max_size=25))
    return schema, lines


@given(files(), st.integers(1, 300), st.integers(1, 400))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_size_of_blocks_and_splits_changes_nothing(case: tuple[Any, list[bytes]], block: int, split: int) -> None:
    schema, lines = case
    job, text = job_of(schema), b"\n".join(lines)
    assert verdicts(job, Held(text), block=block, split=split) == verdicts(job, Held(text))


@given(files(), st.integers(1, 5))
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_compression_changes_nothing(case: tuple[Any, list[bytes]], members: int) -> None:
    schema, lines = case
    job, text = job_of(schema), b"\n".join(lines)
    size = len(text) // members + 1
    packed = b"".join(gzip.compress(text[at : at + size]) for at in range(0, len(text), size))
    assert verdicts(job, Held(packed)) == verdicts(job, Held(text))


@given(files())
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_line_ends_change_nothing_but_offsets(case: tuple[Any, list[bytes]]) -> None:
    schema, lines = case
    job = job_of(schema)
    unix, dos = verdicts(job, Held(b"\n".join(lines))), verdicts(job, Held(b"\r\n".join(lines)))
    assert unix[0] == dos[0]
    assert [(item[0], item[2], item[3]) for item in unix[1]] == [(item[0], item[2], item[3]) for item in dos[1]]


@given(files(), st.integers(1, 9))
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_lines_before_shift_every_line_number(case: tuple[Any, list[bytes]], count: int) -> None:
    schema, lines = case
    job = job_of(schema)
    before = [(item[0], item[2]) for item in verdicts(job, Held(b"\n" + b"\n".join(lines)))[1]]
    after = verdicts(job, Held(b"\n" * (count + 1) + b"\n".join(lines)))[1]
    assert [(item[0], item[2]) for item in after] == [(line + count, fault) for line, fault in before]


@given(files(), st.sampled_from([None, 1]))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_list_in_a_document_gives_the_rows_of_its_lines(case: tuple[Any, list[bytes]], indent: int | None) -> None:
    schema, lines = case
    texts = [json.dumps(value) for value in map(_value, lines) if value is not None]
    items = {name: item for name, item in schema.items() if name != "$defs"}
    job = job_of({"type": "array", "items": items, "$defs": schema.get("$defs", {})})
    assert job.entity_pointer == "#/items"
    document = json.dumps([json.loads(text) for text in texts], indent=indent).encode()
    rows, rejects = loaded(job, Held(document, "json"))
    expected, refused = loaded(job, Held("\n".join(texts).encode()))
    assert rows == expected
    assert [item.fault for item in rejects] == [item.fault for item in refused]
    for item in rejects:
        assert json.loads(item.record or "") == json.JSONDecoder().raw_decode(document.decode(), item.offset)[0]
        assert item.line == document[: item.offset].count(b"\n") + 1


def _value(line: bytes) -> Any:
    """The value of a line that is JSON text for `json`, surrogates and NaN left out."""
    try:
        value = json.loads(line.decode())
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


@given(files(), st.integers(1, 200), st.integers(1, 400))
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_hash_of_a_split_does_not_depend_on_blocks(case: tuple[Any, list[bytes]], block: int, split: int) -> None:
    schema, lines = case
    job, text = job_of(schema, load=LoadOptions(max_record_bytes=150)), b"\n".join(lines)
    for form in ("jsonl", "csv", "tsv"):
        if form != "jsonl":
            name = next(iter(schema.get("$defs", {}).get("It", schema)["properties"]))
            text = name.encode() + b"\n" + text
        one = {done.block.split: done.block.digest for done in worked(job, Held(text, form), split=split)}
        two = {done.block.split: done.block.digest for done in worked(job, Held(text, form), split=split, block=block)}
        assert one == two
