"""Each case file: records in one format, and what becomes of them: the rows as they are dumped, the places and codes of the others."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemagen.dump.dump import RowWriter
from schemagen.load.rejects import rejects_of
from schemagen.options import LoadOptions, SchemaOptions
from tests.conftest import ROOT
from tests.records.make import Held, job_of, worked

CASES = [
    pytest.param(case, id=f"{path.stem}-{case['rule'].replace(' ', '_')}")
    for path in sorted((ROOT / "tests/cases/records").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
]


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    options = SchemaOptions(keys={"": tuple(case.get("key", ()))} if "key" in case else {}, entities=tuple(case.get("entity", ())))
    load = LoadOptions(**{name: tuple(value) if isinstance(value, list) else value for name, value in case.get("options", {}).items()})
    job = job_of(plain(case["schema"]), load=load, options=options)
    data = case["data"] if isinstance(case["data"], str) else "\n".join(case["data"]) + "\n"
    writer, rows, rejects = RowWriter(job.layout), [], []
    for done in worked(job, Held(data.encode("utf-8", "surrogateescape"), case.get("format", "jsonl")), block=case.get("block", 1 << 20)):
        rows += writer.lines(done.batch) if done.batch is not None else []
        rejects += rejects_of(done.block, done.faults, "data", omit=False)
    assert [json.loads(row, parse_float=Decimal) for row in rows] == case["dump"]
    assert [[item.line, item.fault.code, item.fault.pointer] for item in rejects] == case.get("rejects", [])
    for item, words in zip(rejects, case.get("messages", []), strict=False):
        assert words in item.fault.message
    assert not any(case["unsaid"] in item.fault.message for item in rejects if "unsaid" in case)


def plain(value: Any) -> Any:
    """A schema as documents give it: numbers that are doubles as such."""
    match value:
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case Decimal():
            return float(value)
        case _:
            return value


def test_case_files_are_there() -> None:
    assert len(CASES) > 40
    assert all(Path(ROOT / "tests/cases/records" / f"{name}.json").exists() for name in ("unfit", "csv", "tsv", "documents", "syntax"))
