"""Each keyword by values just inside, at and just outside: judged as `jsonschema` judges them, alone in a block and among good records."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from schemagen.dump.dump import RowWriter
from tests.conftest import ROOT
from tests.oracles.equal import normal
from tests.records.held import Held
from tests.records.make import job_of, worked

LINES = (ROOT / "tests/cases/records/keywords.tsv").read_text().splitlines()[1:]
CASES = [pytest.param(*line.split("\t"), id=line.split("\t")[0]) for line in LINES]


def exact(text: str) -> Any:
    """JSON with numbers as they are written: 1.0 is an integer, 0.1 is a tenth."""
    return json.loads(text, parse_float=_number)


def _number(text: str) -> Any:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def is_valid(schema: Any, value: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


@pytest.mark.parametrize(("schema", "values"), CASES)
def test_value_is_judged_as_the_reference_judges_it_and_comes_back(schema: str, values: str) -> None:
    whole = {"title": "t", "type": "object", "properties": {"a": exact(schema)}}
    job = job_of(whole)
    texts = [f'{{"a": {value}}}' for value in values.split(" ; ")]
    good = '{"b": "as good as any"}'
    for lines in [[text] for text in texts] + [[good, text, good, good] for text in texts] + [[good, *texts, good]]:
        expected = [is_valid(whole, exact(line)) for line in lines]
        (done,) = worked(job, Held("\n".join(lines).encode() + b"\n"))
        assert {index: fault.code for index, fault in done.faults.items()} == {
            index: "VALIDATION" for index, valid in enumerate(expected) if not valid
        }
        written = RowWriter(job.layout).lines(done.batch) if done.batch is not None else []
        assert [normal(exact(line)) for line in written] == [
            normal(exact(line)) for line, valid in zip(lines, expected, strict=True) if valid
        ]
