"""A property may be called what statements of the loader call something: every name loads, in every mode, on every server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemagen.catalog.batch import Counts, Mode
from tests.load.place import Place

# The number of a staged record, names within statements, aliases of tables, a view, and what a server has by itself.
NAMES = (
    "_seq", "_seq_2", "_SEQ", "kept", "last", "first", "fresh", "excluded", "EXCLUDED", "s", "t", "d", "e", "h", "p", "w",
    "rowid", "_schemagen_input", "_schemagen_held", "k id", "v id", "",
)  # fmt: skip


def lines(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(item)}\n" for item in records))
    return path


@pytest.mark.parametrize("key", ["_seq", "kept", "last", "first", "s", "t", "d", "rowid", "id"])
async def test_properties_called_as_the_loader_calls_things_load_in_every_mode(place: Place, tmp_path: Path, key: str) -> None:
    names = dict.fromkeys((*NAMES, key))
    schema = {"title": "thing", "type": "object", "properties": {name: {"type": "integer"} for name in names}}

    def record(number: int, value: int) -> dict[str, int]:
        return {**dict.fromkeys(names, value), key: number}

    job = await place.job(schema, (key,))
    first = await place.load(job, lines(tmp_path / "1.jsonl", [record(1, 7), record(2, 7), record(2, 8)]))
    assert first.counts == Counts(3, inserted=2, superseded=1)
    second = await place.load(job, lines(tmp_path / "2.jsonl", [record(1, 7), record(2, 9), record(3, 1), record(3, 2)]))
    assert second.counts == Counts(4, inserted=1, updated=1, unchanged=1, superseded=1)
    assert await place.dump(job) == [record(1, 7), record(2, 9), record(3, 2)]

    job = await place.job(schema, (key,), Mode.INSERT)
    bad = tmp_path / "bad.jsonl"
    third = await place.load(job, lines(tmp_path / "3.jsonl", [record(3, 5), record(4, 5), record(4, 6)]), rejects=str(bad))
    assert third.counts == Counts(3, inserted=1, rejected=2)
    assert [json.loads(line)["line"] for line in bad.read_text().splitlines()] == [1, 3]

    job = await place.job(schema, (key,), Mode.DELETE)
    fourth = await place.load(job, lines(tmp_path / "4.jsonl", [record(1, 0), record(1, 0), record(9, 0)]))
    assert fourth.counts == Counts(3, deleted=1, superseded=1, unchanged=1)
    assert await place.dump(job) == [record(2, 9), record(3, 2), record(4, 5)]


async def test_properties_called_as_the_loader_calls_things_load_without_a_key(place: Place, tmp_path: Path) -> None:
    schema = {"title": "thing", "type": "object", "properties": {name: {"type": "integer"} for name in NAMES}}
    records = [dict.fromkeys(NAMES, 3), {"_seq": 1}, {"_SEQ": 2, "_seq": 1}, {"_seq_2": 4}]
    job = await place.job(schema)
    assert (await place.load(job, lines(tmp_path / "1.jsonl", records))).counts == Counts(4, inserted=4)
    assert await place.dump(job) == records
