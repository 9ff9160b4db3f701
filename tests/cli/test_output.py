"""What commands tell beside their result: notes where they say something new, and which output could not be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import refused, schemagen, shell

SCHEMA = {
    "title": "Thing",
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "any": {"type": ["object", "integer"]}},
}
DDL = "ddl s.json --dialect ansi"
DUMP = "dump s.json --key id --from duckdb:///a.duckdb"
LOAD = "load s.json d.jsonl --key id --to duckdb:///a.duckdb"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A schema that stores one place as JSON, records of more than a pipe holds, and a database with them."""
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "d.jsonl").write_text("".join(f'{{"id":{number},"any":{{"text":"{"x" * 100}"}}}}\n' for number in range(5000)))
    assert schemagen(*LOAD.split(), cwd=tmp_path).returncode == 0
    return tmp_path


@pytest.mark.parametrize("command", [DDL, "plan s.json --to duckdb:///a.duckdb", "apply s.json --to duckdb:///b.duckdb", "generate s.json"])
def test_command_that_shapes_tables_counts_what_is_stored_as_json(folder: Path, command: str) -> None:
    done = schemagen(*command.split(), cwd=folder)
    assert (done.returncode, done.stderr) == (0, "note: 1 place stored as JSON (--diagnostics lists it)\n")


@pytest.mark.parametrize("command", ["check s.json d.jsonl", LOAD, DUMP])
def test_command_on_records_lists_what_is_stored_as_json_when_asked(folder: Path, command: str) -> None:
    assert schemagen(*command.split(), cwd=folder).stderr == ""
    assert "AS_JSON: s.json#/properties/any: " in schemagen(*command.split(), "--diagnostics", cwd=folder).stderr


def test_command_on_records_still_counts_what_changes_their_verdict(folder: Path) -> None:
    value = {**SCHEMA, "$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {"type": "integer"}}}
    value["properties"] = {"id": {"$ref": "#/definitions/a", "minimum": 1}, "any": {"type": ["object", "integer"]}}
    (folder / "s.json").write_text(json.dumps(value))
    note = schemagen("check", "s.json", "d.jsonl", cwd=folder).stderr
    assert note == "note: 1 remark on the schema (--diagnostics lists it)\n"


def test_command_on_records_does_not_count_what_is_said_of_tables(folder: Path) -> None:
    value = {**SCHEMA, "properties": {"id": {"type": "integer", "x-foreign-key": "other.id"}, "any": {}}}
    (folder / "s.json").write_text(json.dumps(value))
    assert schemagen("check", "s.json", "d.jsonl", cwd=folder).stderr == ""
    assert "1 remark" in schemagen(*DDL.split(), cwd=folder).stderr


@pytest.mark.parametrize(
    "command", [DDL, DUMP, "generate s.json", "plan s.json --to duckdb:///a.duckdb", "inspect duckdb:///a.duckdb", "--help"]
)
def test_standard_output_that_is_full_is_named(folder: Path, command: str) -> None:
    line = refused(shell(f"schemagen {command} > /dev/full", folder), "SYSTEM")
    assert line == "SYSTEM: standard output: no space left on device"


def test_standard_output_that_is_closed_is_named(folder: Path) -> None:
    line = refused(shell(f"schemagen {DDL} >&-", folder), "SYSTEM")
    assert line == "SYSTEM: standard output: is closed; leave it open, or send it to /dev/null"


@pytest.mark.parametrize("command", [f"{DDL} -o", f"{DUMP} -o", "generate s.json -o"])
def test_output_that_is_full_is_named(folder: Path, command: str) -> None:
    line = refused(schemagen(*command.split(), "/dev/full", cwd=folder), "SYSTEM")
    assert line == "SYSTEM: /dev/full: no space left on device"


def test_dump_into_a_reader_that_goes_away_says_nothing(folder: Path) -> None:
    done = shell(f"schemagen {DUMP} | head -1", folder)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
