"""A load that is killed, again and again, at moments when some of its splits are in and some are not; the same command ends it."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from schemagen.catalog.objects import Table
from schemagen.dialects.base import driver_named
from schemagen.errors import SchemagenError
from schemagen.load.ledger import ledger_table, rejects_table
from schemagen.url import parse_url

KILLS = 10
RECORDS = 12_000
SCHEMA = {
    "title": "thing",
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


async def rows(url: str, table: Table) -> list[dict[str, Any]]:
    """All rows of a table; none where it is not there yet."""
    name, parameters = parse_url(url)
    driver = driver_named(name)
    session = await driver.connect(parameters, read_only=True)
    try:
        found: list[dict[str, Any]] = []
        async for batch in driver.read(session, table):
            found += [dict(zip(batch.names, row, strict=True)) for row in batch.rows()]
        return found
    except SchemagenError as error:
        if "does not exist" not in str(error):
            raise
        return []
    finally:
        await session.close()


async def splits(url: str) -> int:
    return sum(row["split"] >= 0 for row in await rows(url, ledger_table("")))


async def run_killed(command: list[str], moment: Callable[[], Awaitable[bool]]) -> bool:
    """Starts a load and kills it when the moment has come; whether it was killed before its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while process.poll() is None:
            if await moment():
                time.sleep(random.random() * 0.05)
                process.kill()
                break
            time.sleep(0.005)
    finally:
        _, error = process.communicate()
    assert process.returncode in (-9, 1), error.decode()
    return process.returncode == -9


@pytest.mark.parametrize(
    ("server", "key"),
    [
        ("duckdb", "id"),
        ("postgresql", None),
        pytest.param("duckdb", None, marks=pytest.mark.long),
        pytest.param("postgresql", "id", marks=pytest.mark.long),
    ],
)
async def test_killed_load_is_ended_by_the_same_command(
    server: str, key: str | None, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(f"{server}_url")
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    data, bad = tmp_path / "in.jsonl", tmp_path / "bad.jsonl"
    lines = [json.dumps({"id": number, "name": f"name {number}"} if number % 100 else {"id": str(number)}) for number in range(RECORDS)]
    data.write_text("\n".join(lines) + "\n")
    options = ["--rejects", str(bad), "--set", "split-bytes=4096", "--set", "block-bytes=2048", *(["--key", key] if key else [])]
    command = ["schemagen", "load", str(tmp_path / "schema.json"), str(data), "--to", url, *options]
    total = data.stat().st_size // 4096 + 1
    kills, done = 0, 0
    log = Path(f"{tmp_path / 'test.duckdb'}.wal")

    async def moment() -> bool:
        if server == "postgresql":
            return await splits(url) > done
        # A split is more than its part of the catalogue.
        return log.exists() and log.stat().st_size not in range(5000) and log.stat().st_size != before

    while kills < KILLS // 2:
        before = log.stat().st_size if log.exists() else 0
        assert await run_killed(command, moment), "the load ended before it was killed often enough"
        now = await splits(url)
        assert done <= now < total
        kills += now > done
        done = now
    assert 0 < done < total
    final = subprocess.run(command, capture_output=True, text=True)
    assert final.returncode == 1, final.stderr
    assert f"{RECORDS:,} read" in final.stdout
    table = next(item for item in await catalog_of(url) if item.id.name == "thing")
    assert sorted(row["id"] for row in await rows(url, table)) == [number for number in range(RECORDS) if number % 100]
    assert [json.loads(line)["line"] for line in bad.read_text().splitlines()] == [
        number + 1 for number in range(RECORDS) if not number % 100
    ]
    assert len(await rows(url, rejects_table(""))) == RECORDS // 100
    assert not list(tmp_path.glob(".bad*"))


async def catalog_of(url: str) -> tuple[Table, ...]:
    name, parameters = parse_url(url)
    driver = driver_named(name)
    session = await driver.connect(parameters, read_only=True)
    try:
        return (await driver.inspect(session)).tables
    finally:
        await session.close()
