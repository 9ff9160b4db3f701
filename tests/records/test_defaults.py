"""A record of a hand-written class that leaves a property out has what an object of the class would have."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemagen import connect
from schemagen.model.annotations import PrimaryKey
from schemagen.model.reflect import module_from_file, reflect
from schemagen.records.defaults import default_texts
from tests.cli.run import schemagen
from tests.records.make import Held, job_of, layout_of, worked

OWN = """
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Optional
from uuid import UUID
from schemagen import PrimaryKey, Precision

class State(Enum):
    new = "new"
    old = "old"

@dataclass
class Visit:
    id: PrimaryKey[int]
    km: int = 0
    name: str = "it's \\"x\\""
    good: bool = True
    x: float = 1.5
    price: Annotated[Decimal, Precision(10, 2)] = Decimal("1.50")
    state: State = State.new
    at: datetime = datetime(2024, 5, 1, 12)
    day: date = date(2024, 5, 1)
    uuid: UUID = UUID(int=5)
    tags: list[str] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    level: Optional[int] = 7
    note: Optional[str] = None
"""
GIVEN = {
    "km": 0, "name": 'it\'s "x"', "good": True, "x": 1.5, "price": 1.5,
    "state": "new", "at": "2024-05-01T12:00:00Z", "day": "2024-05-01", "uuid": "00000000-0000-0000-0000-000000000005",
    "tags": [], "more": {}, "level": 7, "note": None,
}  # fmt: skip
OTHER = {
    "km": 1, "name": "", "good": False, "x": -2.5, "price": 0.25,
    "state": "old", "at": "2025-05-01T12:00:00Z", "day": "2025-05-01", "uuid": "00000000-0000-0000-0000-000000000006",
    "tags": ["a"], "more": {"b": 1}, "level": None, "note": "n",
}  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql"])
@pytest.mark.parametrize("mode", ["insert", "upsert"])
@pytest.mark.parametrize("slow", [False, True])
async def test_what_is_left_out_is_the_default_of_the_class(
    request: pytest.FixtureRequest, tmp_path: Path, own: Path, dialect: str, mode: str, slow: bool
) -> None:
    module = module_from_file(str(own))
    records: list[dict[str, Any]] = [
        {"id": 0},
        {"id": 1, **OTHER},
        *({"id": 2 + place, name: OTHER[name]} for place, name in enumerate(OTHER)),
    ]
    # A number that is written as no integer is sends its record the slow way.
    lines = [json.dumps({**record, "id": float(record["id"])} if slow else record) for record in records]
    data = tmp_path / "in.jsonl"
    data.write_text("".join(f"{line}\n" for line in lines))
    async with connect(request.getfixturevalue(f"{dialect}_url")) as connection:
        report = await connection.load(module.Visit, [str(data)], mode=mode)
        assert report.counts.inserted == len(records)
        found = [record async for record in connection.dump(module.Visit)]
    assert found == [{**GIVEN, **record} for record in records]


def test_check_and_load_agree_about_defaults(tmp_path: Path, own: Path, duckdb_url: str) -> None:
    data = tmp_path / "in.jsonl"
    data.write_text('{"id": 1}\n{"km": 3}\n{"id": 2, "km": null}\n')
    bad = tmp_path / "bad.jsonl"
    checked = schemagen("check", own, data, "--storable", "--rejects", bad)
    said = [(reject["line"], reject["code"]) for reject in map(json.loads, bad.read_text().splitlines())]
    loaded = schemagen("load", own, data, "--to", duckdb_url, "--rejects", bad)
    assert said == [(reject["line"], reject["code"]) for reject in map(json.loads, bad.read_text().splitlines())]
    assert [line for line, _ in said] == [2, 3]
    assert (checked.returncode, loaded.returncode) == (1, 1)


def test_cells_that_are_absent_have_the_default(tmp_path: Path, own: Path, duckdb_url: str) -> None:
    data = tmp_path / "in.csv"
    data.write_text("id,km\n1,\n2,5\n")
    assert schemagen("load", own, data, "--to", duckdb_url).returncode == 0
    found = [json.loads(line) for line in schemagen("dump", own, "--from", duckdb_url).stdout.splitlines()]
    assert found == [{"id": 1, **GIVEN}, {"id": 2, **GIVEN, "km": 5}]


MOMENTS: list[Any] = [
    ({"type": "string", "format": "date-time"}, datetime(2024, 5, 1, 12), datetime(2024, 5, 1, 12, tzinfo=UTC)),
    ({"type": "string", "format": "date"}, date(2024, 5, 1), date(2024, 5, 1)),
    ({"type": "string", "format": "uuid"}, UUID(int=5), UUID(int=5)),
    ({"type": "string"}, object(), None),
    ({"type": "string"}, "\0", None),
]


@pytest.mark.parametrize("record", ['{"id": 1}', '{"id": 1.0}'])
@pytest.mark.parametrize(("schema", "default", "stored"), MOMENTS)
def test_default_that_only_python_has_is_stored_as_its_text_reads(record: str, schema: Any, default: Any, stored: Any) -> None:
    job = job_of({"title": "t", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "a": schema}}, ("id",))
    slots = [replace(slot, default=default) if slot.path == ("a",) else slot for slot in job.layout.slots]
    (done,) = worked(replace(job, layout=replace(job.layout, slots=tuple(slots))), Held(f"{record}\n".encode()))
    assert done.batch is not None
    assert [list(column.values) for column in done.batch.columns if column.name == "a"] == [[stored]]


@pytest.mark.parametrize("record", ['{"id": 1}', '{"id": 1.0}'])
def test_default_that_is_a_list_or_an_object_is_a_new_one_each_time(record: str) -> None:
    tags = {"type": "array", "items": {"type": "string"}}
    schema = {"title": "t", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "tags": tags, "more": {}}}
    job = job_of(schema, ("id",))
    given: dict[str, Any] = {"tags": [], "more": {"a": [1]}}
    slots = [replace(slot, default=given[slot.path[0]]) if slot.path and slot.path[0] in given else slot for slot in job.layout.slots]
    job = replace(job, layout=replace(job.layout, slots=tuple(slots)))
    (done,) = worked(job, Held(f"{record}\n".encode() * 2))
    assert done.batch is not None
    columns = {column.name: list(column.values) for column in done.batch.columns}
    assert (columns["tags"], columns["more"]) == ([[], []], ['{"a":[1]}', '{"a":[1]}'])


def test_default_of_a_schema_is_not_loaded() -> None:
    schema = {"title": "t", "type": "object", "properties": {"km": {"type": "integer", "default": 5}}}
    (done,) = worked(job_of(schema), Held(b"{}\n"))
    assert done.batch is not None
    assert [list(column.values) for column in done.batch.columns if column.name == "km"] == [[None]]


@dataclass
class Priced:
    id: PrimaryKey[int]
    price: Any = Decimal("12345678901234567890.5")
    prices: Any = (Decimal("1.10"), Decimal("0.1000000000000000055511151231257827"))


def test_decimals_inside_a_default_keep_their_digits() -> None:
    assert default_texts(layout_of(reflect(sys.modules[__name__]), "Priced")) == {
        "price": "12345678901234567890.5",
        "prices": "[1.10,0.1000000000000000055511151231257827]",
    }
