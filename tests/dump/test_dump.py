"""A dump may be left in the middle, and says in one line why a table is not what it was asked for."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

import schemagen
from schemagen import GeneratorOptions, SchemaOptions, connect
from schemagen.dump.dump import dump
from schemagen.engine.connection import Connection
from schemagen.errors import SchemagenError
from schemagen.options import ArrayMode, EnumMode, StructMode
from tests.load.place import Place

THING = {"title": "Thing", "type": "object", "properties": {"id": {"type": "integer"}, "n": {"type": "string"}}, "required": ["id"]}


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    found = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(found, str)
    return found


@pytest.fixture
async def filled(url: str, tmp_path: Path) -> AsyncIterator[tuple[Connection, type]]:
    """A connection to 20,000 rows of the class."""
    schema = tmp_path / "thing.json"
    schema.write_text(json.dumps(THING))
    module = schemagen.read_schema(str(schema), options=SchemaOptions(keys={"": ("id",)}))
    data = tmp_path / "things.jsonl"
    data.write_text("".join(f'{{"id": {number}, "n": "x"}}\n' for number in range(20_000)))
    async with connect(url) as connection:
        await connection.load(module.Thing, [str(data)])
    async with connect(url) as connection:
        yield connection, module.Thing


async def first_of(connection: Connection, entity: type) -> Any:
    async for record in connection.dump(entity):
        return record
    return None


async def test_dump_that_is_left_in_the_middle_leaves_the_connection_usable(filled: tuple[Connection, type]) -> None:
    connection, thing = filled
    for number in range(3):
        assert (await first_of(connection, thing))["id"] == 0
        await connection.upsert_data(thing, [thing(id=50_000 + number, n="new")])
    assert len([record async for record in connection.dump(thing)]) == 20_003


async def test_connection_closes_with_a_dump_in_the_middle(url: str, filled: tuple[Connection, type], recwarn: Any) -> None:
    connection, thing = filled
    records = connection.dump(thing)
    assert (await anext(records))["id"] == 0
    await connection.session.close()
    if url.startswith("duckdb"):
        async with connect(url) as other:  # The file is free.
            assert await first_of(other, thing) is not None
        with pytest.raises(SchemagenError, match="USAGE: connection: is closed"):
            [record async for record in records]
    del records
    assert not recwarn.list


async def test_lines_of_a_dump_that_is_closed_early_end_their_read(place: Place, tmp_path: Path) -> None:
    job = await place.job(THING, ("id",))
    data = tmp_path / "in.jsonl"
    data.write_text('{"id": 1}\n{"id": 2}\n')
    await place.load(job, data)
    async with aclosing(dump(job.layout, driver=place.driver, session=place.session)) as lines:
        assert json.loads(await anext(lines)) == {"id": 1}
    async with place.session.transaction():
        assert len(await place.dump(job)) == 2


def test_reader_of_the_command_may_go_early(tmp_path: Path, url: str) -> None:
    (tmp_path / "thing.json").write_text(json.dumps(THING))
    (tmp_path / "in.jsonl").write_text("".join(f'{{"id": {number}, "n": "{"x" * 50}"}}\n' for number in range(20_000)))
    run = [shutil.which("schemagen") or "schemagen"]
    subprocess.run([*run, "load", "thing.json", "in.jsonl", "--key", "id", "--to", url], cwd=tmp_path, check=True, timeout=60)
    for _ in range(3):
        with subprocess.Popen(
            [*run, "dump", "thing.json", "--from", url], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert json.loads(process.stdout.readline())["id"] == 0
            process.stdout.close()
            assert process.stderr.read() == ""


SHAPED = {
    "title": "Thing",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "state": {"enum": ["a", "b"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"type": "object", "additionalProperties": False, "properties": {"street": {"type": "string"}}},
    },
}
RECORD = {"id": 1, "state": "a", "tags": ["x"], "address": {"street": "s"}}
CHANGES: list[Any] = [
    pytest.param(GeneratorOptions(), GeneratorOptions(struct_mode=StructMode.TYPE), "address", "--struct json", id="json-as-struct"),
    pytest.param(GeneratorOptions(struct_mode=StructMode.TYPE), GeneratorOptions(), "address", "--struct type", id="struct-as-json"),
    pytest.param(GeneratorOptions(array_mode=ArrayMode.JSON), GeneratorOptions(), "tags", "--array json", id="json-as-array"),
    pytest.param(GeneratorOptions(), GeneratorOptions(array_mode=ArrayMode.JSON), "tags", "--array array", id="array-as-json"),
]


# Inline enums are MySQL's.
LIVE_ENUMS = [mode for mode in EnumMode if mode is not EnumMode.INLINE]


@pytest.mark.parametrize(("made", "asked", "column", "option"), CHANGES)
async def test_dump_of_another_shape_names_column_and_option(
    place: Place, tmp_path: Path, made: GeneratorOptions, asked: GeneratorOptions, column: str, option: str
) -> None:
    if place.name == "duckdb" and StructMode.TYPE in (made.struct_mode, asked.struct_mode):
        pytest.skip("composite types are PostgreSQL's")
    await load_one(place, tmp_path, SHAPED, RECORD, made)
    with pytest.raises(SchemagenError, match=rf"^DRIFT: thing: column {column} .*{option}\b[^\n]*$"):
        await lines_of(place, SHAPED, asked)


@pytest.mark.parametrize("made", LIVE_ENUMS)
@pytest.mark.parametrize("asked", LIVE_ENUMS)
async def test_labels_are_read_however_they_are_stored_or_refused_in_one_line(
    place: Place, tmp_path: Path, made: EnumMode, asked: EnumMode
) -> None:
    await load_one(place, tmp_path, SHAPED, RECORD, GeneratorOptions(enum_mode=made))
    found = await lines_of(place, SHAPED, GeneratorOptions(enum_mode=asked))
    assert [json.loads(line) for line in found] == [RECORD]


async def test_dump_by_a_newer_schema_names_the_column_that_is_missing(place: Place, tmp_path: Path) -> None:
    await load_one(place, tmp_path, SHAPED, RECORD, GeneratorOptions())
    newer = {**SHAPED, "properties": {**SHAPED["properties"], "room": {"type": "string"}}}
    with pytest.raises(SchemagenError, match=r"^DRIFT: thing: column room is missing; [^\n]*schemagen apply[^\n]*$"):
        await lines_of(place, newer, GeneratorOptions())


async def test_dump_reads_wider_and_narrower_columns(place: Place, tmp_path: Path) -> None:
    narrow = {"title": "Thing", "type": "object", "required": ["id"], "properties": {
        "id": {"type": "integer", "format": "int32"}, "a": {"type": "string", "maxLength": 5}, "x": {"type": "integer"}}}  # fmt: skip
    wide = {"title": "Thing", "type": "object", "required": ["id"], "properties": {
        "id": {"type": "integer"}, "a": {"type": "string"}, "x": {"type": "number"}}}  # fmt: skip
    record = {"id": 1, "a": "abc", "x": 3}
    await load_one(place, tmp_path, narrow, record, GeneratorOptions())
    assert [json.loads(line) for line in await lines_of(place, wide, GeneratorOptions())] == [record]


async def test_dump_of_no_table_says_so(place: Place) -> None:
    with pytest.raises(SchemagenError, match="UNKNOWN_ENTITY: thing: there is no such table"):
        await lines_of(place, SHAPED, GeneratorOptions())


async def load_one(place: Place, folder: Path, schema: Any, record: Any, options: GeneratorOptions) -> None:
    data = folder / "in.jsonl"
    data.write_text(f"{json.dumps(record)}\n")
    await place.load(await place.job(schema, ("id",), generator=options), data)


async def lines_of(place: Place, schema: Any, options: GeneratorOptions) -> list[str]:
    from tests.records.make import entity_of

    _, _, layout = entity_of(schema, ("id",), dialect=place.name, generator=options)
    return [line async for line in dump(layout, driver=place.driver, session=place.session)]
