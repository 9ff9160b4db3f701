"""Verdicts without a database."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from schemagen.catalog.batch import Counts, Report
from schemagen.document.read import document_from_value
from schemagen.errors import SchemagenError
from schemagen.load.check import Question, check
from schemagen.load.rejects import Reject
from schemagen.options import LoadOptions, SchemaOptions
from tests.records.make import entity_of

SCHEMA = {
    "title": "thing",
    "type": "object",
    "required": ["day"],
    "properties": {"day": {"type": "string", "format": "date"}, "n": {"type": "integer"}},
}


def checked(path: Path, text: str, *, storable: bool = False, schema: Any = None, **others: Any) -> tuple[Report, list[Reject]]:
    document, pointer, layout = entity_of(schema or SCHEMA)
    path.write_text(text)
    found: list[Reject] = []
    report = check(Question(document, pointer, LoadOptions(), layout, storable), [str(path)], show=found.append, **others)
    return report, found


def test_check_gives_verdicts_only(tmp_path: Path) -> None:
    lines = '{"day": "soon"}\n{"day": "2024-05-01", "n": "x"}\n{"day": "a\\u0000", "n": 1e400}\n{\n{"n": 1}\n'
    report, found = checked(tmp_path / "in.jsonl", lines)
    assert report.counts == Counts(5, unchanged=2, rejected=3)
    assert [(item.line, item.fault.code) for item in found] == [(2, "VALIDATION"), (4, "SYNTAX"), (5, "VALIDATION")]


def test_storable_adds_what_columns_cannot_give_back(tmp_path: Path) -> None:
    lines = '{"day": "soon"}\n{"day": "2024-05-01", "n": "x"}\n{"day": "2024-05-01", "n": 99999999999999999999}\n{"day": "a\\u0000"}\n'
    _, found = checked(tmp_path / "in.jsonl", lines, storable=True)
    assert [(item.line, item.fault.code) for item in found] == [(1, "UNFIT"), (2, "VALIDATION"), (4, "NUL_CHAR")]


def test_schema_that_makes_no_table_judges_each_line_and_each_document(tmp_path: Path) -> None:
    document = document_from_value({"type": "object", "additionalProperties": {"type": "integer"}}, "map.json", SchemaOptions())
    question = Question(document, "#", LoadOptions())
    (tmp_path / "in.jsonl").write_text('{"a": 1}\n{"a": "x"}\n[]\n')
    (tmp_path / "in.json").write_text('{"a": 1,\n "b": 2}')
    report = check(question, [str(tmp_path / "in.jsonl"), str(tmp_path / "in.json")])
    assert report.counts == Counts(4, unchanged=2, rejected=2)
    (tmp_path / "in.csv").write_text("a\n1\n")
    with pytest.raises(SchemagenError, match="TSV and CSV hold records of a table"):
        check(question, [str(tmp_path / "in.csv")])


def test_cells_are_judged_by_their_columns(tmp_path: Path) -> None:
    _, found = checked(tmp_path / "in.csv", "day,n\n2024-05-01,1\nsoon,x\n,1\n")
    assert [(item.line, item.fault.pointer) for item in found] == [(3, "/n"), (4, "")]


def test_rejects_are_written_as_it_goes_and_never_through_a_link(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    checked(tmp_path / "in.jsonl", '{"day": 1}\n', rejects=str(bad))
    assert json.loads(bad.read_text())["pointer"] == "/day"
    assert bad.stat().st_mode & 0o777 == 0o600
    os.symlink(bad, tmp_path / "link")
    with pytest.raises(SchemagenError, match="symbolic link"):
        checked(tmp_path / "in.jsonl", '{"day": 1}\n', rejects=str(tmp_path / "link"))


def test_values_can_be_left_out_of_rejects(tmp_path: Path) -> None:
    document, pointer, layout = entity_of(SCHEMA)
    (tmp_path / "in.jsonl").write_text('{"day": 4711}\n')
    question = Question(document, pointer, LoadOptions(reject_values="omit"), layout)
    check(question, [str(tmp_path / "in.jsonl")], rejects=str(tmp_path / "bad.jsonl"))
    assert "4711" not in (tmp_path / "bad.jsonl").read_text()


def test_progress_tells_bytes_and_records(tmp_path: Path) -> None:
    seen: list[Any] = []
    checked(tmp_path / "in.jsonl", '{"day": 1}\n', progress=seen.append)
    assert (seen[-1].bytes_read, seen[-1].bytes_total, seen[-1].rows, seen[-1].rejected) == (11, 11, 1, 1)
