"""A load's fingerprint is of everything that decides what becomes of a record: another place in the document is another load."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog.batch import Mode
from schemagen.engine.loading import Subject, make_job
from schemagen.options import LoadOptions
from schemagen.records.job import Job
from tests.records.make import entity_of

SCHEMA = {"title": "t", "type": "object", "properties": {"a": {"type": "integer"}}, "$defs": {"other": {"type": "object"}}}


def job(
    mode: Mode = Mode.UPSERT, pointer: str = "", load: LoadOptions | None = None, key: tuple[str, ...] = ("a",), **schema: object
) -> Job:
    document, found, layout = entity_of({**SCHEMA, **schema}, key)
    return make_job(Subject(layout.model, layout.entity, document, pointer or found), layout, mode, load or LoadOptions())


def test_equal_jobs_have_one_fingerprint() -> None:
    assert job().fingerprint == job().fingerprint
    assert job(load=LoadOptions(block_bytes=1, split_bytes=7, reject_values="omit")).fingerprint == job().fingerprint


OTHERS = {
    "mode": lambda: job(Mode.INSERT),
    "pointer": lambda: job(pointer="#/$defs/other"),
    "key": lambda: job(keyed=False),
    "schema": lambda: job(minProperties=1),
    **{
        name: lambda name=name, value=value: job(load=replace(LoadOptions(), **{name: value}))  # type: ignore[misc]  # bound at once
        for name, value in {
            "formats": True, "nul": "strip", "assume_timezone": "UTC", "encoding": "latin-1", "null_values": ("x",),
            "duplicate_keys": "error", "max_record_bytes": 7, "max_depth": 9,
        }.items()
    },
}  # fmt: skip


@pytest.mark.parametrize("what", OTHERS)
def test_what_decides_about_a_record_is_in_the_fingerprint(what: str) -> None:
    assert OTHERS[what]().fingerprint != job().fingerprint
