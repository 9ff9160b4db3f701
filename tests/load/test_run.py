"""Whole loads: modes, rejects, again, resumed, refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from schemagen.catalog.batch import Counts, Mode
from schemagen.errors import SchemagenError
from schemagen.load.ledger import ledger_table
from schemagen.load.run import LoadStoppedError
from schemagen.options import LoadOptions
from tests.load.place import Place

SCHEMA = {
    "title": "thing",
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "at": {"type": ["string", "null"], "format": "date-time"}},
    "additionalProperties": False,
}
SMALL = LoadOptions(split_bytes=200, block_bytes=64)


def lines(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(f"{item if isinstance(item, str) else json.dumps(item)}\n" for item in records))
    return path


def things(*ids: int, name: str = "a") -> list[Any]:
    return [{"id": number, "name": f"{name}{number}"} for number in ids]


async def test_upsert_inserts_updates_and_counts_what_is_unchanged(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    first = await place.load(job, lines(tmp_path / "1.jsonl", things(1, 2, 3)))
    second = await place.load(job, lines(tmp_path / "2.jsonl", [*things(2), *things(3, name="b"), *things(4), *things(4, name="c")]))
    assert first.counts == Counts(3, inserted=3)
    assert second.counts == Counts(4, inserted=1, updated=1, unchanged=1, superseded=1)
    assert await place.dump(job) == [*things(1, 2), *things(3, name="b"), *things(4, name="c")]


async def test_upsert_makes_an_absent_property_absent(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    records = [{"id": 1, "name": "a", "at": "2024-05-01T12:00:00Z"}, {"id": 2, "name": "a", "at": None}, {"id": 3, "name": "a"}]
    await place.load(job, lines(tmp_path / "1.jsonl", records))
    assert await place.dump(job) == records
    report = await place.load(job, lines(tmp_path / "2.jsonl", [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}, {"id": 3, "name": "a"}]))
    assert report.counts == Counts(3, updated=2, unchanged=1)
    assert await place.dump(job) == [{"id": number, "name": "a"} for number in (1, 2, 3)]


async def test_insert_never_changes_a_row(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",), Mode.INSERT)
    await place.load(job, lines(tmp_path / "1.jsonl", things(1, 2)))
    bad = tmp_path / "bad.jsonl"
    report = await place.load(job, lines(tmp_path / "2.jsonl", [*things(3), *things(2, name="b"), *things(4, 4)]), rejects=str(bad))
    assert report.counts == Counts(4, inserted=2, rejected=2)
    assert await place.dump(job) == things(1, 2, 3, 4)
    rejects = [json.loads(line) for line in bad.read_text().splitlines()]
    assert [(item["line"], item["stage"], item["code"]) for item in rejects] == [
        (2, "constraint", "DUPLICATE_KEY"),
        (4, "constraint", "DUPLICATE_KEY"),
    ]
    assert json.loads(rejects[0]["record"]) == {"id": 2, "name": "b2"}


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
async def test_split_is_written_again_when_its_last_record_is_there_already(place: Place, tmp_path: Path, ending: str) -> None:
    job = await place.job(SCHEMA, ("id",), Mode.INSERT, LoadOptions(block_bytes=64))
    await place.load(job, lines(tmp_path / "1.jsonl", things(40)))
    many, bad = tmp_path / f"many.{ending}", tmp_path / "bad.jsonl"
    given = [*things(*range(1, 20)), {"id": "?", "name": "no number"}, *things(*range(21, 40)), *things(40, name="late")]
    if ending == "json":
        many.write_text(json.dumps(given))
    else:
        rows = ["id,name", *(f"{item['id']},{item['name']}" for item in given)]
        many.write_text("\n".join(rows if ending == "csv" else map(json.dumps, given)) + "\n")
    report = await place.load(job, many, rejects=str(bad))
    assert report.counts == Counts(40, inserted=38, rejected=2)
    assert await place.dump(job) == things(*range(1, 20), *range(21, 41))
    assert [json.loads(line)["code"] for line in bad.read_text().splitlines()] == ["VALIDATION", "DUPLICATE_KEY"]


async def test_delete_reads_the_key_only(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    await place.load(job, lines(tmp_path / "1.jsonl", things(1, 2, 3)))
    gone = await place.job(SCHEMA, ("id",), Mode.DELETE)
    bad = tmp_path / "bad.jsonl"
    report = await place.load(gone, lines(tmp_path / "2.jsonl", [{"id": 2}, {"id": 9, "name": 7}, {"id": "x"}, {}, 7]), rejects=str(bad))
    assert report.counts == Counts(5, unchanged=1, deleted=1, rejected=3)
    assert [json.loads(line)["code"] for line in bad.read_text().splitlines()] == ["VALIDATION", "KEY_NULL", "KEY_NULL"]
    assert await place.dump(job) == things(1, 3)


async def test_rejects_have_file_line_pointer_and_reason(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    data = lines(
        tmp_path / "in.jsonl",
        [*things(1), "", {"id": "x", "name": "a"}, "{", *things(2), {"id": 3, "name": "\0"}, {"id": 4, "name": "a", "q": 1}],
    )
    bad = tmp_path / "bad.jsonl"
    report = await place.load(job, data, rejects=str(bad))
    assert report.counts == Counts(6, inserted=2, rejected=4)
    rejects = [json.loads(line) for line in bad.read_text().splitlines()]
    assert [(item["line"], item["offset"], item["stage"], item["code"], item["pointer"], item["keyword"]) for item in rejects] == [
        (3, 25, "schema", "VALIDATION", "/id", "type"),
        (4, 50, "decode", "SYNTAX", "", ""),
        (6, 76, "convert", "NUL_CHAR", "/name", ""),
        (7, 104, "schema", "VALIDATION", "", "additionalProperties"),
    ]
    assert {item["file"] for item in rejects} == {str(data)}
    assert list(rejects[0]) == ["file", "line", "offset", "stage", "code", "pointer", "keyword", "message", "record"]
    assert rejects[1]["record"] == "{"
    assert bad.stat().st_mode & 0o777 == 0o600
    assert len(await place.rejects()) == 4


async def test_without_rejects_the_first_one_stops_and_the_same_command_with_rejects_goes_on(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, (), load=SMALL)
    data = lines(tmp_path / "in.jsonl", [*things(*range(20)), "{", *things(*range(20, 40))])
    with pytest.raises(LoadStoppedError, match=r"^SYNTAX: .*in\.jsonl:21: no JSON: .*; 17 good records before it are committed") as stopped:
        await place.load(job, data)
    assert stopped.value.report.counts == Counts(17, inserted=17)
    with pytest.raises(SchemagenError, match="not finished"):
        await place.load(job, lines(tmp_path / "mended.jsonl", things(*range(40))))
    report = await place.load(job, data, rejects=str(tmp_path / "bad.jsonl"))
    assert report.counts == Counts(41, inserted=40, rejected=1)
    assert sorted(item["id"] for item in await place.dump(job)) == list(range(40))
    assert len((tmp_path / "bad.jsonl").read_text().splitlines()) == 1


async def test_stopped_before_its_first_commit_a_load_says_that_no_record_is_in(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    with pytest.raises(LoadStoppedError, match=r"in\.jsonl:2: no JSON: .*; no record is committed; ") as stopped:
        await place.load(job, lines(tmp_path / "in.jsonl", [*things(1), "{"]))
    assert stopped.value.report.counts == Counts()
    assert await place.dump(job) == []


async def test_max_errors_stops_beyond_that_many(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",), load=SMALL)
    data = lines(tmp_path / "in.jsonl", [*things(*range(20)), "{", *things(*range(20, 40)), "[", "{"])
    bad = tmp_path / "bad.jsonl"
    with pytest.raises(LoadStoppedError, match=r"in\.jsonl:42: .*more than 2 records are bad"):
        await place.load(job, data, rejects=str(bad), max_errors=2)
    assert [json.loads(line)["line"] for line in bad.read_text().splitlines()] == [21]
    assert (await place.load(job, data, rejects=str(bad), max_errors=3)).counts.rejected == 3
    assert [json.loads(line)["line"] for line in bad.read_text().splitlines()] == [21, 42, 43]


async def test_finished_load_without_key_is_not_repeated_unless_asked(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA)
    data = lines(tmp_path / "in.jsonl", things(1, 2))
    await place.load(job, data)
    os.symlink(data, tmp_path / "other.jsonl")
    report = await place.load(job, tmp_path / "other.jsonl")
    assert "already loaded at" in report.skipped
    assert "--again loads it once more" in report.skipped
    assert report.counts == Counts(2, inserted=2)
    assert len(await place.dump(job)) == 2
    assert (await place.load(job, data, again=True)).load_id.endswith(".2")
    assert len(await place.dump(job)) == 4


async def test_load_id_is_done_once(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    data, bad = lines(tmp_path / "in.jsonl", [*things(1, 2), "{"]), tmp_path / "bad.jsonl"
    first = await place.load(job, data, load_id="monday", rejects=str(bad))
    text = bad.read_text()
    bad.unlink()
    again = await place.load(job, data, load_id="monday", rejects=str(bad))
    assert again.counts == first.counts == Counts(3, inserted=2, rejected=1)
    assert again.skipped
    assert bad.read_text() == text
    with pytest.raises(SchemagenError, match="other files"):
        await place.load(job, lines(tmp_path / "other.jsonl", things(3)), load_id="monday")
    assert (await place.load(job, data, load_id="tuesday", rejects=str(bad))).counts == Counts(3, unchanged=2, rejected=1)
    assert {item["load_id"] for item in await place.rejects()} == {"tuesday"}


async def test_changed_middle_of_a_file_is_seen_on_resume(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, load=LoadOptions(split_bytes=1 << 20))
    padding = [{"id": number, "name": "x" * 5000} for number in range(1000)]
    data = lines(tmp_path / "in.jsonl", [*padding, "{"])
    with pytest.raises(LoadStoppedError):
        await place.load(job, data)
    text = data.read_bytes()
    data.write_bytes(text[: 1 << 20] + text[1 << 20 :].replace(b'"id": 300,', b'"id": 999,', 1))
    assert data.stat().st_size == len(text)
    with pytest.raises(SchemagenError, match=r"are not those that were loaded; the file has changed"):
        await place.load(job, data, rejects=str(tmp_path / "bad.jsonl"))


async def test_forged_ledger_row_is_refused(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, load=SMALL)
    data = lines(tmp_path / "in.jsonl", [*things(*range(20)), "{"])
    with pytest.raises(LoadStoppedError):
        await place.load(job, data)
    row = next(item for item in await place.ledger() if item["split"] == 0)
    key = {name: row[name] for name in ("load_id", "file", "rank", "split")}
    await place.session.amend(ledger_table(""), key, {"read": row["read"] + 1, "inserted": row["inserted"] + 1})
    with pytest.raises(SchemagenError, match="not one that a load wrote"):
        await place.load(job, data, rejects=str(tmp_path / "bad.jsonl"))


async def test_unfinished_load_is_refused_with_other_options(place: Place, tmp_path: Path) -> None:
    from dataclasses import replace

    job = await place.job(SCHEMA, load=SMALL)
    data = lines(tmp_path / "in.jsonl", [*things(*range(20)), "{"])
    with pytest.raises(LoadStoppedError):
        await place.load(job, data)
    with pytest.raises(SchemagenError, match="another schema, key, mode or other options"):
        await place.load(replace(job, fingerprint="other"), data, rejects=str(tmp_path / "bad.jsonl"))


async def test_stored_split_size_is_taken_on_resume(place: Place, tmp_path: Path) -> None:
    from dataclasses import replace

    job = await place.job(SCHEMA, load=SMALL)
    data = lines(tmp_path / "in.jsonl", [*things(*range(20)), "{", *things(*range(20, 40))])
    with pytest.raises(LoadStoppedError):
        await place.load(job, data)
    other = replace(job, options=replace(SMALL, split_bytes=70, block_bytes=7))
    assert (await place.load(other, data, rejects=str(tmp_path / "bad.jsonl"))).counts == Counts(41, inserted=40, rejected=1)
    assert {item["split_bytes"] for item in await place.ledger()} == {200}
    assert len(await place.dump(job)) == 40


async def test_equal_files_are_two_ranks(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA)
    one, two = lines(tmp_path / "1.jsonl", things(1)), lines(tmp_path / "2.jsonl", things(1))
    assert (await place.load(job, one, two)).counts == Counts(2, inserted=2)
    assert sorted(item["rank"] for item in await place.ledger() if item["split"] == 0) == [0, 1]
    assert (await place.load(job, one, two)).skipped


async def test_ledger_adds_up_and_ends_complete(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",), load=SMALL)
    report = await place.load(job, lines(tmp_path / "in.jsonl", [*things(*range(30)), "x"]), rejects=str(tmp_path / "bad.jsonl"))
    rows = await place.ledger()
    (head,) = (item for item in rows if item["split"] == -1)
    assert head["state"] == "complete"
    for name in ("read", "inserted", "rejected", "bytes"):
        assert sum(item[name] for item in rows if item["split"] >= 0) == head[name]
    assert report.bytes == head["bytes"] == (tmp_path / "in.jsonl").stat().st_size
    assert len([item for item in rows if item["split"] >= 0]) > 3


async def test_rejects_file_behind_a_symbolic_link_is_refused(memory: Place, tmp_path: Path) -> None:
    job = await memory.job(SCHEMA, ("id",))
    victim = tmp_path / "victim"
    victim.write_text("mine")
    os.symlink(victim, tmp_path / "bad.jsonl")
    with pytest.raises(SchemagenError, match="symbolic link"):
        await memory.load(job, lines(tmp_path / "in.jsonl", ["{"]), rejects=str(tmp_path / "bad.jsonl"))
    assert victim.read_text() == "mine"
    assert not await memory.ledger()


async def test_rejects_file_that_is_an_input_is_refused(memory: Place, tmp_path: Path) -> None:
    job = await memory.job(SCHEMA, ("id",))
    data = lines(tmp_path / "in.jsonl", ["{"])
    text = data.read_text()
    os.link(data, tmp_path / "same.jsonl")
    for name in ("in.jsonl", "./in.jsonl", "same.jsonl"):
        with pytest.raises(SchemagenError, match=r"USAGE: .*is one of the inputs"):
            await memory.load(job, data, rejects=f"{tmp_path}/{name}")
    assert data.read_text() == text
    assert not await memory.ledger()


async def test_full_disk_for_the_rejects_file_leaves_a_load_that_the_same_command_completes(memory: Place, tmp_path: Path) -> None:
    job = await memory.job(SCHEMA, ("id",))
    data = lines(tmp_path / "in.jsonl", ["{", *things(1)])
    with pytest.raises(SchemagenError, match="no space left"):
        await memory.load(job, data, rejects="/dev/full")
    assert len(await memory.rejects()) == 1
    assert (await memory.load(job, data, rejects=str(tmp_path / "bad.jsonl"))).counts == Counts(2, inserted=1, rejected=1)
    assert len((tmp_path / "bad.jsonl").read_text().splitlines()) == 1


async def test_file_that_changes_while_it_is_read_is_named(memory: Place, tmp_path: Path) -> None:
    job = await memory.job(SCHEMA, ("id",))
    data = lines(tmp_path / "in.jsonl", things(1, 2))

    def touch(_: object) -> None:
        lines(data, things(1, 2, 3))

    with pytest.raises(SchemagenError, match=r"in\.jsonl: has changed while it was read"):
        await memory.load(job, data, progress=touch)


async def test_empty_file_is_a_finished_load(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    for name in ("a.jsonl", "b.json", "c.tsv", "d.csv"):
        (tmp_path / name).touch()
        assert (await place.load(job, tmp_path / name)).counts == Counts()


@pytest.mark.parametrize("load_id", ["", "x" * 201, "a\x1b[2K", "\0", "\ud800"])
async def test_load_id_that_nobody_could_read_back_is_refused(memory: Place, load_id: str, tmp_path: Path) -> None:
    job = await memory.job(SCHEMA, ("id",))
    with pytest.raises(SchemagenError, match="USAGE: load id: expected 1 to 200 printable characters"):
        await memory.load(job, lines(tmp_path / "in.jsonl", things(1)), load_id=load_id)


async def test_load_id_and_file_name_are_data(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",))
    name = "'; DROP TABLE thing; -- \" {} %s $1.jsonl"
    data = lines(tmp_path / name, [*things(1), "{"])
    bad = tmp_path / "b'ad.jsonl"
    report = await place.load(job, data, load_id="'; DROP TABLE thing; --", rejects=str(bad))
    assert report.counts == Counts(2, inserted=1, rejected=1)
    assert json.loads(bad.read_text())["file"] == str(data)
    assert await place.dump(job) == things(1)
