"""A load's fingerprint is of everything that decides what becomes of a record: another place in the document is another load."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog.batch import Mode
from schemagen.engine.loading import Subject, make_job
from schemagen.options import EnumMode, GeneratorOptions, LoadOptions, StructMode
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


# Of one schema, keyed and upserted, as the first version made them: what that version began, this one goes on with.
FIRST = [
    ("postgresql", "type", "type", "1e03bd9ff521d0ddfb1e283cd5e6794f758c6d17b60874ca2cca13f12a47078c"),
    ("postgresql", "type", "json", "137f365c3dd0dbac664674732b544a5839394ce289476d5eb2a65dad74fd0717"),
    ("postgresql", "check", "type", "1b041424d1372e6bfe02f2d43a48b38082ea1829780ef1409480924333dde673"),
    ("postgresql", "check", "json", "16b5d6cf72928b59b3342fcc9c19cfc9617688cc8371b1601ab5222d4c2d5660"),
    ("postgresql", "relation", "type", "1b041424d1372e6bfe02f2d43a48b38082ea1829780ef1409480924333dde673"),
    ("postgresql", "relation", "json", "16b5d6cf72928b59b3342fcc9c19cfc9617688cc8371b1601ab5222d4c2d5660"),
    ("duckdb", "type", "json", "137f365c3dd0dbac664674732b544a5839394ce289476d5eb2a65dad74fd0717"),
    ("duckdb", "inline", "json", "f77a3e901cc7a1e0792772bcfdc7b3f60f0a94c56c12fd8b0f2766d5c45bbe32"),
    ("duckdb", "check", "json", "2315c9adb4236242c036c9d40d77420d9b00cc830bd2c78573b8822c9ed1e90f"),
    ("duckdb", "relation", "json", "2315c9adb4236242c036c9d40d77420d9b00cc830bd2c78573b8822c9ed1e90f"),
]
THING = {
    "title": "thing", "type": "object", "required": ["id"], "additionalProperties": False,
    "properties": {
        "id": {"type": "integer"}, "state": {"type": "string", "enum": ["a", "b"]},
        "where": {"type": "object", "properties": {"street": {"type": "string"}}, "additionalProperties": False},
        "tags": {"type": "array", "items": {"type": "string"}}, "day": {"type": "string", "format": "date"},
    },
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "enum", "struct", "fingerprint"), FIRST)
def test_fingerprint_is_that_of_the_first_version(dialect: str, enum: str, struct: str, fingerprint: str) -> None:
    options = GeneratorOptions(enum_mode=EnumMode(enum), struct_mode=StructMode(struct))
    document, pointer, layout = entity_of(THING, ("id",), dialect=dialect, generator=options)
    subject = Subject(layout.model, layout.entity, document, pointer)
    assert make_job(subject, layout, Mode.UPSERT, LoadOptions()).fingerprint == fingerprint
