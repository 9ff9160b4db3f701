"""Debian's ISO tables, where they lie beside the project: all records in, all back equal, and nothing changes the second time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import schemagen
from tests.conftest import ROOT
from tests.oracles.equal import normal, parse

CODES = ROOT.parent / "shared" / "corpus" / "iso-codes"
KEYS = {
    "639-2": "alpha_3", "639-3": "alpha_3", "639-5": "alpha_3", "3166-1": "alpha_3",
    "3166-2": "code", "3166-3": "alpha_4", "4217": "alpha_3", "15924": "alpha_4",
}  # fmt: skip


@pytest.mark.skipif(not CODES.is_dir(), reason="the ISO tables are data of the workplace, not of the project: there are none here")
@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("dialect", ["duckdb", "postgresql"])
def test_every_table_comes_back_equal(request: pytest.FixtureRequest, dialect: str, name: str, tmp_path: Path) -> None:
    url = request.getfixturevalue(f"{dialect}_url")
    schema, data = CODES / f"schema-{name}.json", CODES / f"iso_{name}.json"
    records = parse(data.read_text())[name]
    options = ["--entity", f"#/properties/{name}/items", "--key", KEYS[name]]
    report = tmp_path / "report.json"
    done = schemagen("load", schema, data, *options, "--to", url, "--report", report)
    assert done.returncode == 0, done.stderr
    assert json.loads(report.read_text())[0]["inserted"] == len(records)
    dumped = schemagen("dump", schema, *options, "--from", url)
    assert sorted(map(repr, map(normal, map(parse, dumped.stdout.splitlines())))) == sorted(map(repr, map(normal, records)))
    assert schemagen("load", schema, data, *options, "--to", url, "--report", report).returncode == 0
    assert json.loads(report.read_text())[0]["unchanged"] == len(records)
