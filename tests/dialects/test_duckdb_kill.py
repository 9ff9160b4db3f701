"""A DuckDB file opens again, offline, after a kill right after COMMIT of any change; a new file is whole or not there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.sql import Sql
from schemagen.url import ConnectionParameters
from tests.conftest import ROOT
from tests.dialects.duckdb_kills import cases, prepare


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.dialects.duckdb_kills", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


LONG = [pytest.param(name, marks=pytest.mark.long) for name in ("indexed", "json_valid", "child", "numbered")]


@pytest.mark.parametrize("variant", ["plain", "abs", "objects", *LONG])
async def test_every_kind_of_change_survives_a_kill_after_commit(tmp_path: Path, variant: str) -> None:
    prepared: dict[str, Path] = {}
    for name, (before, _) in cases(variant).items():
        path = tmp_path / f"{name}.duckdb"
        if (text := repr(before)) in prepared:
            shutil.copyfile(prepared[text], path)
        else:
            await prepare(path, before)
            prepared[text] = path
    died = run_module("change", str(tmp_path), variant)
    assert died.returncode == -signal.SIGKILL, died.stderr
    read = run_module("read", str(tmp_path), variant)
    assert read.returncode == 0, f"after {read.stdout.splitlines()[-1:]}: {read.stderr}"
    wanted = dict(line.split() for line in died.stdout.splitlines())
    assert wanted.keys() == cases(variant).keys()
    for line in read.stdout.splitlines():
        name, found, rows = line.split(" ", 2)
        numbered = variant == "numbered" and not name.endswith("no-more")
        number = ", (1,)" if numbered else ", (10,)" if name.endswith("-number") else ""
        assert (found, rows) == (wanted.pop(name), f"[(7, 1, ['x']), (9, 2, None){number}]"), line
    assert not wanted


KILL_AT = """
import asyncio, os, signal, sys
from schemagen.dialects.duckdb import newfile
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.url import ConnectionParameters
calls = 0
def traced(frame, event, argument):
    global calls
    if frame.f_code is newfile.make_file.__code__ and event == "line":
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
    return traced
import threading
threading.settrace(traced)
async def main():
    session = await DRIVER.connect(ConnectionParameters(database=sys.argv[1]))
    await session.close()
asyncio.run(main())
"""


async def test_a_new_file_is_whole_or_not_there_after_a_kill_at_any_line(tmp_path: Path) -> None:
    """Each run dies one line later; the next one opens the file, and removes what the dead one left."""
    path = tmp_path / "it's new.duckdb"
    for line in range(1, 100):
        died = subprocess.run([sys.executable, "-c", KILL_AT, str(path), str(line)], cwd=ROOT, check=False, timeout=60)
        session = await DRIVER.connect(ConnectionParameters(database=str(path)))
        await session.execute(Sql("CREATE TABLE t (a INTEGER)"))
        await session.close()
        assert [item.name for item in tmp_path.iterdir()] == [path.name]
        path.unlink()
        if died.returncode == 0:
            break
    assert died.returncode == 0
    assert line > 4


async def test_an_unfinished_file_of_another_process_is_no_file(tmp_path: Path) -> None:
    """A file cut short by DuckDB's own first writes never has the name that people use."""
    code = "import duckdb, os, signal; duckdb.connect(os.sys.argv[1]); os.kill(os.getpid(), signal.SIGKILL)"
    spare = tmp_path / f".new.duckdb.{'0' * 16}.schemagen"
    subprocess.run([sys.executable, "-c", code, str(spare)], check=False, timeout=60)
    spare.write_bytes(spare.read_bytes()[:4096])
    other = tmp_path / ".new.duckdb.mine"
    other.touch()
    session = await DRIVER.connect(ConnectionParameters(database=str(tmp_path / "new.duckdb")))
    await session.close()
    assert {item.name for item in tmp_path.iterdir()} == {"new.duckdb", other.name}
