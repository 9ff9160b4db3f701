"""`make bench`: ours and the peers alternately, in one run, on the same data; prints seconds, rows a second and ratios."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.users import SCHEMA, write_users
from tests.conftest import ROOT
from tests.servers.postgresql import PostgresqlServer, running

ROWS = int(os.environ.get("BENCH_ROWS", "200000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
PEER = ROOT / ".bench" / "pysqlsync"


def main() -> None:
    python = peer_python()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "users.jsonl"
        write_users(data, ROWS)
        print(f"{ROWS} users, {data.stat().st_size / 1e6:.1f} MB of JSON lines, {ROUNDS} alternating rounds, {os.cpu_count()} cores")
        with running(Path(folder) / "pg") as server:
            postgresql(server, data, python)
        duckdb(Path(folder), data)


def peer_python() -> Path:
    """The peer lives in its own virtual environment, made on first use: its requirements contradict ours."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "pysqlsync[postgresql]==1.0.1"], check=True, stderr=subprocess.DEVNULL)
    return python


def postgresql(server: PostgresqlServer, data: Path, python: Path) -> None:
    seconds: dict[str, list[float]] = {"schemagen load": [], "pysqlsync 1.0.1": [], "COPY, ready-made": [], "schemagen, whole process": []}
    for round_ in range(ROUNDS):
        ours, theirs = f"ours_{round_}", f"theirs_{round_}"
        for name in (ours, theirs):
            server.psql(f"CREATE DATABASE {name}")
        whole, report = load(server.url(ours), data)
        seconds["schemagen load"].append(report["seconds"])
        seconds["schemagen, whole process"].append(whole)
        seconds["pysqlsync 1.0.1"].append(
            printed([python, ROOT / "tests" / "bench" / "peer_pysqlsync.py", server.socket, theirs, data])["seconds"]
        )
        seconds["COPY, ready-made"].append(
            printed([sys.executable, ROOT / "tests" / "bench" / "copy_limit.py", server.socket, ours])["seconds"]
        )
        for name in (ours, theirs):
            server.psql(f"DROP DATABASE {name} WITH (FORCE)")
    show("PostgreSQL, insert into a new table with a key", seconds, "schemagen load")


def duckdb(folder: Path, data: Path) -> None:
    seconds: dict[str, list[float]] = {"schemagen load": [], "read_json, native": []}
    for round_ in range(ROUNDS):
        _, report = load(f"duckdb:///{folder / f'{round_}.duckdb'}", data)
        seconds["schemagen load"].append(report["seconds"])
        seconds["read_json, native"].append(timed(lambda: native(folder, data)))
    show("DuckDB, insert into a new table with a key", seconds, "schemagen load")


def native(folder: Path, data: Path) -> None:
    import duckdb as library

    connection = library.connect(str(folder / "native.duckdb"))
    connection.execute(
        "CREATE OR REPLACE TABLE t (id bigint PRIMARY KEY, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,"
        " workflow_state varchar, uuid uuid, name varchar, short_name varchar, homepage_url varchar)"
    )
    connection.execute("INSERT INTO t SELECT * FROM read_json(?, format='newline_delimited')", [str(data)])
    connection.close()


def load(url: str, data: Path) -> tuple[float, dict[str, float]]:
    """Seconds of the whole process, and the report."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [sys.executable, "-m", "schemagen.cli.main", "load", str(SCHEMA), str(data), "--to", url]
        command += ["--mode", "insert", "--report", report.name]
        whole = timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        return whole, json.loads(Path(report.name).read_text())[0]


def printed(command: list[object]) -> dict[str, float]:
    text = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(text.splitlines()[-1])
    return found


def timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def show(title: str, seconds: dict[str, list[float]], ours: str) -> None:
    """Medians. The ratio is that of the rounds, each within itself: what makes the machine slow for a while is in both of its parts."""
    print(f"\n{title}")
    for name, values in seconds.items():
        middle = statistics.median(values)
        spread = f"({min(values):.2f}-{max(values):.2f} s)"
        ratio = statistics.median(value / base for value, base in zip(values, seconds[ours], strict=True))
        print(f"  {name:28} {middle:7.2f} s  {ROWS / middle:10,.0f} rows/s  {ratio:6.2f} x the time of ours  {spread}")


if __name__ == "__main__":
    main()
