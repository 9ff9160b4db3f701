"""A process that decodes and does nothing else: what it imports, and that its verdicts are those of the process that loads."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.laws.load_records import records, schemas
from tests.records.held import loaded_modules, verdicts
from tests.records.make import job_of

# Rooms that connect, plan or speak to people, and what they stand on.
FOREIGN = {f"schemagen.{room}" for room in ("model", "plan", "dialects", "load", "dump", "deploy", "engine", "cli")} | {
    "click", "rich", "duckdb", "asyncpg", "pgpq", "aiomysql", "pymysql", "sqlite3", "strong_typing", "datamodel_code_generator",
}  # fmt: skip


@pytest.fixture(scope="module")
def worker() -> Iterator[ProcessPoolExecutor]:
    """One process, started as on a system that cannot fork, for all tests of the module."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


def test_fresh_process_that_decodes_imports_nothing_that_connects_or_plans() -> None:
    code = "import sys, json, schemagen.records.compiled; print(json.dumps(sorted(sys.modules)))"
    found = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout)
    assert FOREIGN.isdisjoint(found)


def test_worker_needs_nothing_more_for_a_job(worker: ProcessPoolExecutor) -> None:
    job = pickle.dumps(job_of({"title": "t", "type": "object", "properties": {"a": {"type": "integer"}}}, ("a",)))
    (found,) = worker.submit(verdicts, job, b'{"a":1}\n{"a":"x"}\n', 1 << 30).result(60)
    assert found.rows == [{"a": 1, "_extra": None}]
    assert set(found.faults) == {1}
    assert FOREIGN.isdisjoint(worker.submit(loaded_modules).result(60))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, bytes, int]:
    schema = draw(schemas())
    return schema, b"\n".join(draw(st.lists(records(schema), max_size=12))) + b"\n", draw(st.integers(20, 2000))


@given(case=cases())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_verdict_of_a_split_is_the_same_in_a_worker(worker: ProcessPoolExecutor, case: tuple[Any, bytes, int]) -> None:
    schema, text, split = case
    job = pickle.dumps(job_of(schema))
    assert worker.submit(verdicts, job, text, split).result(60) == verdicts(job, text, split)


def test_forked_process_hashes_too() -> None:
    code = """
import os, pickle, sys
from tests.records.held import verdicts
from tests.records.make import job_of
job = pickle.dumps(job_of({"title": "t", "type": "object", "properties": {"a": {}}}))
here = verdicts(job, b'{"a":1}\\n' * 100, 300)
child = os.fork()
if child == 0:
    os._exit(0 if verdicts(job, b'{"a":1}\\n' * 100, 300) == here else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=ROOT, timeout=60)
