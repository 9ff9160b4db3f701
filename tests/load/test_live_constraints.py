"""What a table that is there enforces beyond its schema refuses single records, not the load."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import schemagen
from schemagen import SchemaOptions, connect
from schemagen.model.reflect import module_from_file
from schemagen.sql import Sql, raw

NUMBER = {"type": "integer"}
SCHEMA = {
    "title": "Thing",
    "type": "object",
    "additionalProperties": False,
    "properties": {"id": NUMBER, "px": NUMBER, "py": NUMBER, "boss": NUMBER, "code": {"type": "string"}, "size": NUMBER},
    "required": ["id"],
}
PARENT = Sql("CREATE TABLE parent (x BIGINT, y BIGINT, PRIMARY KEY (x, y))")
PARENTS = Sql("INSERT INTO parent VALUES (1, 1), (1, 2)")
THING = """CREATE TABLE thing (
    id BIGINT PRIMARY KEY,
    px BIGINT,
    py BIGINT,
    boss BIGINT,
    code TEXT UNIQUE,
    size BIGINT CHECK (size > 0),
    more BIGINT UNIQUE CHECK (more > 0),
    _extra {},
    FOREIGN KEY (px, py) REFERENCES parent (x, y),
    FOREIGN KEY (boss) REFERENCES thing (id)
)"""
# Each record, and what becomes of it.
RECORDS: list[tuple[dict[str, Any], str]] = [
    ({"id": 1, "px": 1, "py": 1}, ""),
    ({"id": 2, "px": 2, "py": 1}, "FK_ORPHAN"),
    ({"id": 3, "px": 2}, ""),
    ({"id": 4, "boss": 5}, ""),  # Its parent comes later.
    ({"id": 5}, ""),
    ({"id": 6, "boss": 2}, "FK_ORPHAN"),  # Its parent is refused.
    ({"id": 7, "boss": 7}, ""),
    ({"id": 8, "boss": 99}, "FK_ORPHAN"),
    ({"id": 9, "size": 0}, "CONSTRAINT"),
    ({"id": 10, "code": "a"}, ""),
    ({"id": 11, "code": "a"}, "CONSTRAINT"),
    ({"id": 12, "px": 1, "py": 2, "boss": 1, "code": "b", "size": 1}, ""),
]


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql"])
@pytest.mark.parametrize("mode", ["insert", "upsert"])
async def test_records_that_the_live_table_refuses_are_set_aside(
    request: pytest.FixtureRequest, tmp_path: Path, dialect: str, mode: str
) -> None:
    (tmp_path / "thing.json").write_text(json.dumps(SCHEMA))
    module = schemagen.read_schema(str(tmp_path / "thing.json"), options=SchemaOptions(keys={"": ("id",)}))
    data, bad = tmp_path / "in.jsonl", tmp_path / "bad.jsonl"
    # A record that is its own parent: DuckDB stores no circle, PostgreSQL does.
    own = {"duckdb": "CONSTRAINT", "postgresql": ""}[dialect]
    records = [(record, own if record["id"] == 7 else code) for record, code in RECORDS]
    data.write_text("".join(f"{json.dumps(record)}\n" for record, _ in records))
    async with connect(request.getfixturevalue(f"{dialect}_url")) as connection:
        for statement in (PARENT, PARENTS, Sql(THING, raw("JSON" if dialect == "duckdb" else "JSONB"))):
            await connection.session.execute(statement)
        report = await connection.load(module.Thing, [str(data)], mode=mode, rejects=str(bad))
        found = {reject["line"]: reject["code"] for reject in map(json.loads, bad.read_text().splitlines())}
        assert found == {line: code for line, (_, code) in enumerate(records, 1) if code}
        good = [record for record, code in records if not code]
        assert report.counts.inserted == len(good)
        assert [record async for record in connection.dump(module.Thing)] == good
        assert Counter(found.values()).total() == report.counts.rejected


TWO = """
from dataclasses import dataclass
from schemagen import PrimaryKey

@dataclass
class Department:
    id: PrimaryKey[int]

@dataclass
class Doctor:
    id: PrimaryKey[int]
    department: Department
"""


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql"])
@pytest.mark.parametrize("mode", ["insert", "upsert"])
async def test_table_that_is_made_without_its_parent_takes_what_names_it(
    request: pytest.FixtureRequest, tmp_path: Path, dialect: str, mode: str
) -> None:
    (tmp_path / "two.py").write_text(TWO)
    doctor = module_from_file(str(tmp_path / "two.py")).Doctor
    data = tmp_path / "in.jsonl"
    data.write_text('{"id": 1, "department": 9}\n{"id": 1, "department": 9}\n')
    async with connect(request.getfixturevalue(f"{dialect}_url")) as connection:
        report = await connection.load(doctor, [str(data)], mode=mode, rejects=str(tmp_path / "bad.jsonl"))
        assert (report.counts.inserted, report.counts.rejected + report.counts.superseded) == (1, 1)
        assert [record async for record in connection.dump(doctor)] == [{"id": 1, "department": 9}]
