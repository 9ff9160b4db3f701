"""A load killed at any moment and run again by the same command: every record once, every reject once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT
from tests.servers.postgresql import PostgresqlServer

SCHEMA = ROOT / "schemas" / "users" / "user.json"
RECORDS, EVERY = 24_000, 977
# Kills that left some splits committed and some not; the long run has more of them.
KILLS = [4, pytest.param(20, marks=pytest.mark.long)]
ATTEMPTS_A_KILL = 6
LEDGER = 'SELECT count(*) FROM "_schemagen_ledger" WHERE "split" >= 0'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of which each `EVERY`th is bad."""
    path = tmp_path_factory.mktemp("kill") / "users.jsonl"
    with path.open("w") as stream:
        for number in range(RECORDS):
            record = {
                "id": number,
                "created_at": "2024-01-01T00:00:00Z",
                "updated_at": "2024-01-01T00:00:00Z",
                "workflow_state": "active" if number % EVERY else "lost",
                "uuid": f"00000000-0000-0000-0000-{number:012}",
                "name": f"Näme {number}",
                "short_name": "n",
            }
            stream.write(json.dumps(record) + "\n")
    return path


def command(url: str, data: Path, rejects: Path) -> list[str]:
    options = ["--set", "split-bytes=65536", "--mode", "insert", "--rejects", str(rejects)]
    return [sys.executable, "-m", "schemagen.cli.main", "load", str(SCHEMA), str(data), "--to", url, *options]


def kill_and_resume(
    make: Callable[[int], str], count: Callable[[str, str], int], data: Path, folder: Path, drop: Callable[[str], None], kills: int
) -> None:
    """Kills that left some splits committed and some not, each resumed; then the rows and the rejects are looked at."""
    rejects = folder / "rejects.jsonl"
    whole = time.perf_counter()
    url = make(0)
    assert subprocess.run(command(url, data, rejects), capture_output=True).returncode == 1
    whole = time.perf_counter() - whole
    splits = count(url, LEDGER)
    assert splits > 20
    drop(url)
    early, late, done = 0.0, whole, 0
    for attempt in range(1, ATTEMPTS_A_KILL * kills):
        url = make(attempt)
        # Moments spread over the part of a run in which splits are committed, which is found as it goes.
        moment = early + (late - early) * ((attempt * 0.618) % 1.0)
        process = subprocess.Popen(command(url, data, rejects), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        committed = count(url, LEDGER)
        if committed == 0:
            early = max(early, min(moment, late * 0.95))
        elif committed >= splits:
            late = min(late, max(moment, early * 1.05))
        else:
            rejects.unlink(missing_ok=True)
            resumed = subprocess.run(command(url, data, rejects), capture_output=True, text=True)
            assert resumed.returncode == 1, resumed.stderr
            bad = [number for number in range(RECORDS) if number % EVERY == 0]
            assert count(url, 'SELECT count(*) FROM "user"') == RECORDS - len(bad)
            assert count(url, 'SELECT count(DISTINCT "id") FROM "user"') == RECORDS - len(bad)
            assert count(url, LEDGER) == splits
            found = [json.loads(json.loads(line)["record"])["id"] for line in rejects.read_text().splitlines()]
            assert found == bad
            done += 1
        drop(url)
        if done == kills:
            return
    pytest.fail(f"only {done} of {attempt} kills fell between two commits")


@pytest.mark.parametrize("kills", KILLS)
def test_on_duckdb(data: Path, tmp_path: Path, kills: int) -> None:
    def path_of(url: str) -> Path:
        return Path("/" + url.removeprefix("duckdb:////"))

    def count(url: str, query: str) -> int:
        if not path_of(url).exists():
            return 0
        with duckdb.connect(str(path_of(url))) as connection:
            tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            return int(connection.execute(query).fetchall()[0][0]) if "_schemagen_ledger" in tables else 0

    kill_and_resume(
        lambda number: f"duckdb:///{tmp_path / f'{number}.duckdb'}", count, data, tmp_path, lambda url: path_of(url).unlink(True), kills
    )


@pytest.mark.parametrize("kills", KILLS)
def test_on_postgresql(data: Path, tmp_path: Path, postgresql_server: PostgresqlServer, postgresql_database: str, kills: int) -> None:
    def make(number: int) -> str:
        postgresql_server.psql(f"CREATE DATABASE {postgresql_database}_{number}")
        return postgresql_server.url(f"{postgresql_database}_{number}")

    def name_of(url: str) -> str:
        return url.partition("@/")[2].partition("?")[0]

    def count(url: str, query: str) -> int:
        there = postgresql_server.psql("SELECT to_regclass('_schemagen_ledger') IS NOT NULL", name_of(url)).strip() == "t"
        return int(postgresql_server.psql(query, name_of(url))) if there else 0

    def drop(url: str) -> None:
        postgresql_server.psql(f"DROP DATABASE {name_of(url)} WITH (FORCE)")

    kill_and_resume(make, count, data, tmp_path, drop, kills)
