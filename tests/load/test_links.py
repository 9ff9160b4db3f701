"""Links that break, and two loaders beside each other, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from schemagen.catalog.batch import Counts, Mode
from schemagen.dialects.base import Session, dialect_named, driver_named
from schemagen.errors import SchemagenError
from schemagen.load.run import load
from schemagen.options import LoadOptions
from schemagen.url import parse_url
from tests.load.place import Place
from tests.servers.postgresql import PostgresqlServer

SCHEMA = {"title": "thing", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
SMALL = LoadOptions(split_bytes=2000, block_bytes=500)


def opened(url: str) -> Place:
    name, parameters = parse_url(url)
    return Place(name, dialect_named(name), driver_named(name), parameters)


def data(path: Path, count: int) -> Path:
    path.write_text("".join(f"{json.dumps({'id': number, 'name': 'x'} if number % 50 else {'id': 'bad'})}\n" for number in range(count)))
    return path


@pytest.mark.parametrize("mode", [Mode.INSERT, Mode.UPSERT])
async def test_load_goes_on_after_its_back_end_was_ended(
    mode: Mode, postgresql_server: PostgresqlServer, postgresql_database: str, tmp_path: Path
) -> None:
    calls = 0

    def end_it(_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls in (3, 9):
            found = f"FROM pg_stat_activity WHERE datname = '{postgresql_database}' AND pid <> pg_backend_pid()"
            postgresql_server.psql(f"SELECT pg_terminate_backend(pid) {found}")

    async with opened(postgresql_server.url(postgresql_database)) as place:
        job = await place.job(SCHEMA, ("id",) if mode is Mode.UPSERT else (), mode, SMALL)

        async def again() -> Session:
            place.opened.append(await place.driver.connect(place.parameters))
            return place.session

        bad = tmp_path / "bad.jsonl"
        report = await place.load(job, data(tmp_path / "in.jsonl", 600), rejects=str(bad), progress=end_it, reconnect=again)
        assert report.counts == Counts(600, inserted=588, rejected=12)
        assert len(bad.read_text().splitlines()) == 12
    assert calls > 9
    assert postgresql_server.psql("SELECT count(*), count(DISTINCT id) FROM thing", postgresql_database) == "588|588\n"


async def test_two_loaders_of_one_file_load_it_once(postgresql_url: str, tmp_path: Path) -> None:
    source = data(tmp_path / "in.jsonl", 2000)
    async with opened(postgresql_url) as first, opened(postgresql_url) as second:
        job = await first.job(SCHEMA, load=SMALL)

        async def run(place: Place, bad: str) -> Counts:
            return (await load(job, [str(source)], driver=place.driver, session=place.session, rejects=str(tmp_path / bad))).counts

        reports = await asyncio.gather(run(first, "1.jsonl"), run(second, "2.jsonl"))
        assert reports == [Counts(2000, inserted=1960, rejected=40)] * 2
        assert len(await first.dump(job)) == 1960
        assert (tmp_path / "1.jsonl").read_text() == (tmp_path / "2.jsonl").read_text()
        assert len(await first.rejects()) == 40


async def test_table_that_is_gone_stops_the_load_in_one_line(
    postgresql_server: PostgresqlServer, postgresql_database: str, tmp_path: Path
) -> None:
    async with opened(postgresql_server.url(postgresql_database)) as place:
        job = await place.job(SCHEMA, load=SMALL)
        postgresql_server.psql("DROP TABLE thing", postgresql_database)
        with pytest.raises(SchemagenError, match="thing"):
            await place.load(job, data(tmp_path / "in.jsonl", 10), rejects=str(tmp_path / "bad.jsonl"))
