"""`make long-mutants`: single mistakes, each put into a copy of the tree, and the tests that must then fail.

`python -m tests.long.mutants [ROOM ...]` takes those of tests/mutants/ROOM.toml; without a room all, with one line in results.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

MUTANTS = ROOT / "tests/mutants"
TIMEOUT_S = 300


@dataclass(frozen=True)
class Mutant:
    """`old` stands once in `file` and becomes `new`; one of `tests` must fail for it."""

    room: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def read(rooms: list[str]) -> list[Mutant]:
    """The mutants of the rooms, of all where none is named. Raises KeyError, TypeError and OSError for a broken file."""
    files = [MUTANTS / f"{room}.toml" for room in rooms] if rooms else sorted(MUTANTS.glob("*.toml"))
    return [
        Mutant(file.stem, **{**entry, "tests": tuple(entry["tests"])})
        for file in files
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["mutant"]
    ]


def copied(folder: Path) -> Path:
    """A copy of what git would commit."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
    for name in filter(None, names):
        source, target = ROOT / os.fsdecode(name), folder / os.fsdecode(name)
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder


def run_tests(folder: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
    """The tests on the tree in `folder`, to the first that fails. Raises TimeoutExpired."""
    # The folder stands first on the path, before what is installed.
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder), "CI": "true"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=TIMEOUT_S)


def verdict(mutant: Mutant) -> str:
    """ "" where the mutant is killed, else what is wrong."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tree = copied(Path(folder))
        path = tree / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            return f"its text stands {text.count(mutant.old)} times in {mutant.file}"
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            done = run_tests(tree, mutant.tests)
        except subprocess.TimeoutExpired:
            return f"its tests took more than {TIMEOUT_S} s"
        if done.returncode == 1:
            return ""
        return "survives" if done.returncode == 0 else f"its tests did not run: {done.stdout[-500:].decode(errors='replace')}"


def main() -> int:
    rooms = sys.argv[1:]
    mutants = read(rooms)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        every = tuple(sorted({test for mutant in mutants for test in mutant.tests}))
        if run_tests(copied(Path(folder)), every).returncode:
            print("the tests fail on the tree as it stands; nothing can be told from mutants", file=sys.stderr)
            return 2
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for mutant, reason in zip(mutants, pool.map(verdict, mutants), strict=True):
            survivors += bool(reason)
            print(f"{mutant.room}: {mutant.name}: {reason or 'killed'}", flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} killed in {time.monotonic() - started:.0f} s")
    if not rooms:
        head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True)
        with (ROOT / "tests/long/results.md").open("a", encoding="utf-8") as results:
            results.write(f"- mutants, {head.stdout.strip()}: {len(mutants) - survivors} of {len(mutants)} killed\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
